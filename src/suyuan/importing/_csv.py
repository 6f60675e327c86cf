"""Reading CSV of any origin: which letters, which delimiter, which quotes; then row by row. 读取

What a file does not say is found out: first by marks at its beginning, then by what can be
read without an error, then by likelihood. Whoever knows better says so in the reading.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from suyuan.errors import InvalidInput, Problem
from suyuan.importing._cells import Cell, unguarded

__all__ = ["DELIMITERS", "ENCODINGS", "find_delimiter", "find_encoding", "read_csv"]

ENCODINGS = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 18
_SAMPLE_LINES = 200
_CELL_CHARACTERS_MAX = 100_000


def find_encoding(path: Path) -> str:
    """Find out how the letters of a file are written.

    Raises InvalidInput `importing.not_a_table` for what is no text at all.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        if b"\0" in start:
            return _with_zeros(start)
        for encoding in ("utf-8", "gb18030"):
            file.seek(0)
            if _can_be_read(file, encoding) and (
                encoding == "utf-8" or _is_likely_chinese(start, encoding)
            ):
                return "utf-8-sig" if encoding == "utf-8" else encoding
    best = from_bytes(start, cp_isolation=["big5", "cp1252", "cp1250", "latin_1"]).best()
    return "big5" if best is not None and best.encoding == "big5" else "cp1252"


def _with_zeros(start: bytes) -> str:
    """Find the order of bytes in a text of two bytes a letter that lacks its mark."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) // 8 or min(even, odd) > max(even, odd) // 4:
        raise InvalidInput(Problem(code="importing.not_a_table"))
    return "utf-16-le" if odd > even else "utf-16-be"


def _can_be_read(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        while piece := file.read(_PIECE_BYTES):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_likely_chinese(start: bytes, encoding: str) -> bool:
    """Tell common Chinese characters from accents that happen to make rare ones in pairs."""
    text = start.decode(encoding, "ignore")
    wide = [letter for letter in text if ord(letter) > 0x7F]
    # GB 2312, the common characters, begins with B0 to F7 in the first byte.
    common = sum(0xB0 <= _first_byte(letter) <= 0xF7 for letter in wide)
    runs = sum(ord(one) > 0x7F and ord(other) > 0x7F for one, other in pairwise(text))
    return not wide or (common >= 0.7 * len(wide) and 2 * runs >= len(wide) // 2)


def _first_byte(letter: str) -> int:
    try:
        return letter.encode("gb2312")[0]
    except UnicodeEncodeError:
        # Full-width signs and letters are as good as characters.
        return 0xB0 if "\u3000" <= letter <= "\u303f" or "\uff00" <= letter <= "\uffef" else 0


def find_delimiter(path: Path, encoding: str) -> str:
    """Find what stands between the cells: what cuts most rows into one same number of them."""
    with path.open("rb") as file:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(file.read(_SAMPLE_BYTES))
    best, most = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(_widths(text, delimiter))
        if not widths:
            continue
        width, often = max(widths.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]))
        score = often / widths.total() * min(width - 1, 5)
        if score > most:
            best, most = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> Iterator[int]:
    """Give how many cells the first rows have."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with contextlib.suppress(csv.Error):  # A cell that never ends; reading will say so.
        yield from (len(row) for row in islice(rows, _SAMPLE_LINES) if row)


def read_csv(
    path: Path, *, encoding: str, delimiter: str, quote: str = '"'
) -> Iterator[list[Cell]]:
    """Give the rows of a file, cells as texts.

    Raises InvalidInput `importing.letters_wrong` with the row, `importing.cell_too_long`.
    """
    csv.field_size_limit(_CELL_CHARACTERS_MAX)
    count = 0
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        lines = _without_zeros(file)
        rows = (
            csv.reader(lines, delimiter=delimiter, quotechar=quote)
            if quote
            else csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        )
        try:
            for row in rows:
                count += 1
                yield [unguarded(cell.strip()) for cell in row]
        except UnicodeError as error:
            raise InvalidInput(
                Problem(
                    code="importing.letters_wrong",
                    where=f"row {count + 1}",
                    expected=encoding,
                    found=str(error)[:200],
                )
            ) from None
        except csv.Error as error:
            raise InvalidInput(
                Problem(
                    code="importing.cell_too_long",
                    where=f"row {count + 1}",
                    expected=str(_CELL_CHARACTERS_MAX),
                    found=str(error)[:200],
                )
            ) from None


def _without_zeros(lines: io.TextIOWrapper) -> Iterator[str]:
    """Leave out zero bytes, which no cell can hold and some writers fill up with."""
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line
