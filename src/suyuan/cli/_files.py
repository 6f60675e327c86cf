"""Answers written into files, whole or not at all, or to standard output. 写入文件"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from suyuan.cli._terminal import hint
from suyuan.errors import InvalidInput, Language, Problem

__all__ = ["write_pieces"]


def write_pieces(
    pieces: Iterable[bytes],
    out: Path | None,
    language: Language,
    *,
    english: str,
    chinese: str,
    option: str = "",
) -> None:
    """Write pieces into a file and say so on standard error, or to standard output.

    `english` and `chinese` say how much it is. `option` is the format asked for, where that is
    no text: it is not written to a terminal. Raises InvalidInput `cli.file_unwritable` and
    `cli.out_missing`.
    """
    if out is None:
        if option and sys.stdout.isatty():
            raise InvalidInput(Problem(code="cli.out_missing", found=option))
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        part.replace(out)
    except OSError as error:
        found = error.strerror or str(error)
        problem = Problem(code="cli.file_unwritable", where=str(out), found=found)
        raise InvalidInput(problem) from error
    finally:
        part.unlink(missing_ok=True)
    hint(f"wrote {out} ({english})", f"已写入 {out}（{chinese}）", language)
