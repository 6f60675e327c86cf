"""Tiles and entry bundles: how the tree and its leaves are stored and served.

A tile holds up to 256 hashes of one level, the hash of a full tile stands in the tile above.
An entry bundle holds the leaves of one tile of level 0.

Set in stone: width 256, packed hashes, `tile/<level>/<index>[.p/<width>]` with the index in
groups of three digits, bundles with a big-endian uint16 length before each entry. Source:
C2SP tlog-tiles, c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from suyuan.errors import InvalidInput, Problem
from suyuan.tlog._merkle import SIZE_MAX

__all__ = [
    "ENTRY_BYTES_MAX",
    "LEVEL_MAX",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tile",
    "TileAddress",
    "TileReader",
    "decode_entry_bundle",
    "encode_entry_bundle",
    "parse_tile_path",
]

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
LEVEL_MAX = 63
ENTRY_BYTES_MAX = 2**16 - 1  # What the length before each entry can say.

_PATH = re.compile(
    r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)
_RULE = "C2SP tlog-tiles"


@dataclass(frozen=True, slots=True)
class TileAddress:
    """Which tile: its level (None: the entry bundle), its index in the level, its width."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Give the path under the log's prefix: index 1234067 is `x001/x234/067`."""
        last = f"{self.index % 1000:03d}"
        rest = self.index // 1000
        while rest:
            last = f"x{rest % 1000:03d}/{last}"
            rest //= 1000
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{last}{partial}"

    def is_in_tree(self, size: int) -> bool:
        """Say whether the tree of that size, or one it grew from, has this tile."""
        hashes = size >> (TILE_HEIGHT * (self.level or 0))
        return self.index * TILE_WIDTH + self.width <= hashes


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of hashes; 32 bytes for each unit of width."""

    level: int
    index: int
    width: int
    data: bytes

    @property
    def address(self) -> TileAddress:
        """Say which tile this is."""
        return TileAddress(self.level, self.index, self.width)


class TileReader(Protocol):
    """Where stored tiles are read from.

    Answers with the first `width` hashes of the tile at that level and index: exactly
    32 x width bytes. A store that keeps only the newest width may cut a wider tile, since a
    partial tile is always the beginning of the wider one. A tile that is not stored is
    NotFound. Called from one thread, any tile at most once for one proof. Nothing is
    trusted: a wrong length is refused as IntegrityBroken, wrong hashes lead to a root or a
    proof that does not hold against a signed checkpoint.
    """

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Give the first `width` hashes of one tile."""
        ...


def parse_tile_path(path: str) -> TileAddress:
    """Read a tile's path, the exact inverse of `TileAddress.path`.

    Raises InvalidInput `tlog.tile_path_invalid`: other spellings of the same tile are refused,
    so that each tile has one name.
    """
    match = _PATH.fullmatch(path)
    if match:
        level, index, width = match.groups()
        address = TileAddress(
            None if level == "entries" else int(level),
            int(index.replace("x", "").replace("/", "")),
            int(width or TILE_WIDTH),
        )
        is_in_range = (
            (address.level or 0) <= LEVEL_MAX
            and address.index <= SIZE_MAX
            and address.width <= TILE_WIDTH
        )
        if is_in_range and address.path == path:
            return address
    raise InvalidInput(
        Problem(
            code="tlog.tile_path_invalid",
            where="path",
            rule=_RULE,
            expected="tile/<level>/<index>[.p/<width>]",
            found=path[:200],
        )
    )


def encode_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Pack up to 256 entries, each behind its length.

    Raises InvalidInput `tlog.bundle_width_wrong`, `tlog.entry_too_long`.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise InvalidInput(_bundle_width(len(entries), f"1 … {TILE_WIDTH}"))
    problems = [
        Problem(
            code="tlog.entry_too_long",
            where=f"entry[{i}]",
            rule=_RULE,
            expected=str(ENTRY_BYTES_MAX),
            found=str(len(entry)),
        )
        for i, entry in enumerate(entries)
        if len(entry) > ENTRY_BYTES_MAX
    ]
    if problems:
        raise InvalidInput(problems)
    return b"".join([struct.pack(">H", len(entry)) + entry for entry in entries])


def decode_entry_bundle(data: bytes, *, width: int = TILE_WIDTH) -> list[bytes]:
    """Unpack a bundle of exactly `width` entries.

    Raises InvalidInput `tlog.bundle_truncated`, `tlog.bundle_width_wrong`.
    """
    if not 1 <= width <= TILE_WIDTH:
        raise InvalidInput(_bundle_width(width, f"1 … {TILE_WIDTH}"))
    entries: list[bytes] = []
    position = 0
    while position < len(data) and len(entries) <= width:
        end = position + 2
        if end <= len(data):
            end += int.from_bytes(data[position:end], "big")
        if end > len(data):
            raise InvalidInput(
                Problem(
                    code="tlog.bundle_truncated",
                    where=f"byte {position}",
                    rule=_RULE,
                    expected=str(end),
                    found=str(len(data)),
                    values={"position": position},
                )
            )
        entries.append(data[position + 2 : end])
        position = end
    if len(entries) != width:
        found = f"> {width}" if len(entries) > width else str(len(entries))
        raise InvalidInput(_bundle_width(found, str(width)))
    return entries


def _bundle_width(found: object, expected: str) -> Problem:
    return Problem(
        code="tlog.bundle_width_wrong",
        where="bundle",
        rule=_RULE,
        expected=expected,
        found=str(found),
    )
