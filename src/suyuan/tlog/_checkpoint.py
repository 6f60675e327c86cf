"""Checkpoints: the signed statement that a log has so many entries and this root. 检查点

Set in stone: the three lines origin, size, root in base64, as the text of a signed note.
Source: C2SP tlog-checkpoint, c2sp.org/tlog-checkpoint. The key that signs bears the name
of the origin, so that a key of one log says nothing about another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from suyuan.errors import InvalidInput, Problem
from suyuan.tlog._merkle import check_hash_lengths, check_sizes, empty_root
from suyuan.tlog._note import (
    SigningKey,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_note,
    sign_note,
    split_note,
)

__all__ = ["Checkpoint", "open_checkpoint", "read_unsigned", "sign_checkpoint"]

_RULE = "C2SP tlog-checkpoint"
_SIZE = re.compile("0|[1-9][0-9]{0,18}", re.ASCII)
_LINE = re.compile("[^\x00-\x1f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, how many entries it has, the root over all of them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_sizes(("size", self.size))
        check_hash_lengths(("root", self.root))
        problems = _line_problems(self)
        if self.size == 0 and self.root != empty_root():
            problems.append(
                Problem(
                    code="tlog.checkpoint_root_wrong",
                    where="root",
                    rule="RFC 6962 section 2.1",
                    expected=empty_root().hex(),
                    found=self.root.hex(),
                )
            )
        if problems:
            raise InvalidInput(problems)

    @property
    def text(self) -> str:
        """Give the text that is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Sign a checkpoint with the log's own key and give the note.

    Never sign two checkpoints that do not extend each other: a log that does has lied, and
    the two notes prove it. Raises InvalidInput `tlog.origin_wrong`.
    """
    if key.name != checkpoint.origin:
        raise InvalidInput(_wrong_origin(key.name, checkpoint.origin))
    return sign_note(checkpoint.text, key)


def open_checkpoint(note: str, verifiers: Iterable[VerifierKey]) -> Checkpoint:
    """Check the signature of a checkpoint and read it.

    More than one verifier may be given: old and new keys of the log, and witnesses. A key
    named as the origin must have signed. Raises InvalidInput `tlog.checkpoint_malformed`,
    `tlog.checkpoint_line_invalid`, `tlog.checkpoint_root_wrong`, `tlog.hash_length_wrong`,
    `tlog.size_out_of_range`, `tlog.origin_wrong`, and as `open_note` does.
    """
    opened = open_note(note, verifiers)
    checkpoint = _parse(opened.text)
    names = [key.name for key in opened.verified_by]
    if checkpoint.origin not in names:
        raise InvalidInput(_wrong_origin(", ".join(names), checkpoint.origin))
    return checkpoint


def read_unsigned(note: str) -> Checkpoint:
    """Read what a checkpoint says without believing it: no signature is checked."""
    return _parse(split_note(note)[0])


def _parse(text: str) -> Checkpoint:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) >= 3 and _SIZE.fullmatch(lines[1]):
        root = decode_base64(lines[2])
        if root is not None:
            return Checkpoint(lines[0], int(lines[1]), root, tuple(lines[3:]))
    raise InvalidInput(
        Problem(
            code="tlog.checkpoint_malformed",
            where="checkpoint",
            rule=_RULE,
            expected="<origin> <size> <base64(32)>",
            found=repr(text[:200]),
        )
    )


def _line_problems(checkpoint: Checkpoint) -> list[Problem]:
    lines = {"origin": checkpoint.origin}
    lines |= {f"extension[{i}]": line for i, line in enumerate(checkpoint.extensions, start=1)}
    return [
        Problem(
            code="tlog.checkpoint_line_invalid",
            where=where,
            rule=_RULE,
            found=ascii(line[:200]),
        )
        for where, line in lines.items()
        if not _LINE.fullmatch(line)
    ]


def _wrong_origin(found: str, expected: str) -> Problem:
    return Problem(
        code="tlog.origin_wrong", where="origin", rule=_RULE, expected=expected, found=found
    )
