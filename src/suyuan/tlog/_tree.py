"""The tree over its tiles: growing it, its root, and its proofs.

A tree grows only at its right edge: the unfinished tile of each level. `TreeFrontier` holds
that edge (at most 255 hashes a level), so growing by n leaves costs n hashes, whatever the
size of the tree. Roots and proofs are computed from stored tiles, without recursion, from at
most two tiles a level.

Pure: tiles come in by a `TileReader` and go out as values; storing them is the caller's work.
Sources: RFC 6962 section 2.1, C2SP tlog-tiles.
"""

from __future__ import annotations

from collections.abc import Sequence

from suyuan.errors import IntegrityBroken, InvalidInput, Problem
from suyuan.tlog._merkle import (
    HASH_BYTES,
    check_index,
    check_order,
    check_sizes,
    empty_root,
    hash_pairs,
    node_hash,
)
from suyuan.tlog._tile import TILE_HEIGHT, TILE_WIDTH, Tile, TileAddress, TileReader

__all__ = ["TreeFrontier", "consistency_proof", "inclusion_proof", "root_from_tiles"]

_TILE_BYTES = TILE_WIDTH * HASH_BYTES


class TreeFrontier:
    """The right edge of a growing tree: everything needed to append and to know the root.

    Not safe for use by two threads. When what `append` returned could not be stored, throw
    the frontier away and `restore` it, or append to a `copy` in the first place.
    """

    __slots__ = ("_edges", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._edges: list[bytes] = []  # The unfinished tile of each level, lowest first.

    @classmethod
    def restore(cls, size: int, reader: TileReader) -> TreeFrontier:
        """Read the frontier of a stored tree: one tile a level.

        Compare its `root` with the signed checkpoint before building on it. Raises
        InvalidInput `tlog.size_out_of_range`, IntegrityBroken `tlog.tile_length_wrong`, and
        what the reader raises.
        """
        check_sizes(("size", size))
        frontier = cls()
        frontier._size = size
        level = 0
        while count := size >> (TILE_HEIGHT * level):
            index, width = divmod(count, TILE_WIDTH)
            frontier._edges.append(_read_tile(reader, level, index, width) if width else b"")
            level += 1
        return frontier

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    def copy(self) -> TreeFrontier:
        """Give an independent frontier of the same tree."""
        twin = TreeFrontier()
        twin._size = self._size
        twin._edges = list(self._edges)
        return twin

    def append(self, leaf_hashes: bytes | Sequence[bytes]) -> list[Tile]:
        """Append leaves by their hashes, packed in one bytes object or one by one.

        Answers with every tile that was finished or changed, lowest level first, in the order
        of their index: each full tile once and the unfinished tile of each changed level.
        Raises InvalidInput `tlog.hash_length_wrong`, `tlog.size_out_of_range`; then nothing
        has changed.
        """
        packed = _pack(leaf_hashes)
        count = len(packed) // HASH_BYTES
        check_sizes(("size", self._size + count))
        old_size = self._size
        self._size += count
        changed: list[Tile] = []
        level = 0
        while packed:
            if level == len(self._edges):
                self._edges.append(b"")
            row = self._edges[level] + packed
            index = (old_size >> (TILE_HEIGHT * level)) // TILE_WIDTH
            full_bytes = len(row) - len(row) % _TILE_BYTES
            for start in range(0, full_bytes, _TILE_BYTES):
                changed.append(Tile(level, index, TILE_WIDTH, row[start : start + _TILE_BYTES]))
                index += 1
            rest = row[full_bytes:]
            if rest:
                changed.append(Tile(level, index, len(rest) // HASH_BYTES, rest))
            self._edges[level] = rest
            packed = row[:full_bytes]
            for _ in range(TILE_HEIGHT if packed else 0):
                packed = hash_pairs(packed)
            level += 1
        return changed

    def root(self) -> bytes:
        """Compute the root hash from the edge."""
        if self._size == 0:
            return empty_root()
        tail = b""  # The root of what lies right of the complete subtrees of this height.
        for row in self._edges:
            for _ in range(TILE_HEIGHT):
                even = len(row) & ~(2 * HASH_BYTES - 1)
                last = row[even:]
                if last:
                    tail = node_hash(last, tail) if tail else last
                row = hash_pairs(row[:even])
        return tail

    def edge_tiles(self) -> list[Tile]:
        """Give the unfinished tiles, lowest level first; `restore` needs no others."""
        return [
            Tile(
                level,
                (self._size >> (TILE_HEIGHT * level)) // TILE_WIDTH,
                len(row) // HASH_BYTES,
                row,
            )
            for level, row in enumerate(self._edges)
            if row
        ]


def root_from_tiles(reader: TileReader, size: int) -> bytes:
    """Compute the root of the tree of that size from its stored tiles.

    Any size up to that of the stored tree will do. Raises InvalidInput
    `tlog.size_out_of_range`, IntegrityBroken `tlog.tile_length_wrong`.
    """
    check_sizes(("size", size))
    return _StoredTree(reader, size).range_hash(0, size) if size else empty_root()


def inclusion_proof(reader: TileReader, index: int, size: int) -> list[bytes]:
    """Give the hashes that prove leaf `index` in the tree of that size, lowest first.

    RFC 6962 section 2.1.1. Raises InvalidInput `tlog.tree_empty`,
    `tlog.index_out_of_range`, `tlog.size_out_of_range`, IntegrityBroken `tlog.tile_length_wrong`.
    """
    check_index(index, size)
    tree = _StoredTree(reader, size)
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            proof.append(tree.range_hash(split, end))
            end = split
        else:
            proof.append(tree.range_hash(start, split))
            start = split
    return proof[::-1]


def consistency_proof(reader: TileReader, old_size: int, new_size: int) -> list[bytes]:
    """Give the hashes that prove that the new tree begins with the old one, lowest first.

    RFC 6962 section 2.1.2; empty when either tree is all of the other or has no leaves.
    Raises InvalidInput `tlog.size_out_of_range`, IntegrityBroken `tlog.tile_length_wrong`.
    """
    check_order(old_size, new_size)
    if old_size in (0, new_size):
        return []
    tree = _StoredTree(reader, new_size)
    proof: list[bytes] = []
    start, end = 0, new_size
    while old_size != end:
        split = start + _split(end - start)
        if old_size <= split:
            proof.append(tree.range_hash(split, end))
            end = split
        else:
            proof.append(tree.range_hash(start, split))
            start = split
    if start:  # Else the old tree is one complete subtree, whose root the verifier has.
        proof.append(tree.range_hash(start, end))
    return proof[::-1]


class _StoredTree:
    """A stored tree of one size, with the tiles that were read for one question."""

    def __init__(self, reader: TileReader, size: int) -> None:
        self._reader = reader
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}

    def range_hash(self, start: int, end: int) -> bytes:
        """Hash the subtree over leaves start … end - 1; `start` must be where one begins."""
        complete: list[bytes] = []
        while start < end:
            height = (end - start).bit_length() - 1
            complete.append(self._complete_hash(height, start >> height))
            start += 1 << height
        result = complete.pop()
        while complete:
            result = node_hash(complete.pop(), result)
        return result

    def _complete_hash(self, height: int, index: int) -> bytes:
        """Hash the complete subtree that is number `index` of those of that height."""
        level, above = divmod(height, TILE_HEIGHT)
        tile_index, offset = divmod(index << above, TILE_WIDTH)
        row = self._tile(level, tile_index)[offset * HASH_BYTES :][: HASH_BYTES << above]
        for _ in range(above):
            row = hash_pairs(row)
        return row

    def _tile(self, level: int, index: int) -> bytes:
        tile = self._tiles.get((level, index))
        if tile is None:
            width = min(TILE_WIDTH, (self._size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
            tile = _read_tile(self._reader, level, index, width)
            self._tiles[level, index] = tile
        return tile


def _split(size: int) -> int:
    """Give the largest power of two below `size`: where a tree of two or more leaves splits."""
    return 1 << ((size - 1).bit_length() - 1)


def _read_tile(reader: TileReader, level: int, index: int, width: int) -> bytes:
    data = reader.read_tile(level, index, width)
    if len(data) != width * HASH_BYTES:
        raise IntegrityBroken(
            Problem(
                code="tlog.tile_length_wrong",
                where=TileAddress(level, index, width).path,
                rule="C2SP tlog-tiles",
                expected=str(width * HASH_BYTES),
                found=str(len(data)),
            )
        )
    return data


def _pack(leaf_hashes: bytes | Sequence[bytes]) -> bytes:
    if isinstance(leaf_hashes, bytes):
        packed = leaf_hashes
        wrong = {} if len(packed) % HASH_BYTES == 0 else {"leaf_hashes": len(packed)}
    else:
        packed = b"".join(leaf_hashes)
        wrong = {
            f"leaf_hashes[{i}]": len(leaf)
            for i, leaf in enumerate(leaf_hashes)
            if len(leaf) != HASH_BYTES
        }
    if wrong:
        raise InvalidInput(
            Problem(
                code="tlog.hash_length_wrong",
                where=where,
                expected=str(HASH_BYTES),
                found=str(length),
            )
            for where, length in wrong.items()
        )
    return packed
