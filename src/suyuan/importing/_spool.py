"""A table on disk, row by row, with a way to each row: what CSV and workbooks are read into.

Both files are written once and then only read. Memory does not grow with the number of rows:
the index is eight bytes a row on disk, and is mapped, not loaded. 暂存表
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import msgspec

from suyuan.importing._cells import Cell

__all__ = ["SpooledRows", "write_rows"]

_FLUSH_ROWS = 10_000
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Cell]).decode


def write_rows(folder: Path, rows: Iterable[Sequence[Cell]]) -> Iterator[int]:
    """Write rows; give from time to time, and at the end, how many there are."""
    offset, count = 0, 0
    offsets = array("Q")
    with (folder / "rows").open("wb") as body, (folder / "rows.index").open("wb") as index:
        for cells in rows:
            data = _encode(cells)
            offsets.append(offset)
            offset += body.write(data)
            count += 1
            if len(offsets) >= _FLUSH_ROWS:
                offsets.tofile(index)
                del offsets[:]
                yield count
        offsets.append(offset)
        offsets.tofile(index)
    yield count


class SpooledRows:
    """The rows of a table that was written; numbers of rows begin at 1, as in a spreadsheet."""

    def __init__(self, folder: Path) -> None:
        """Open what `write_rows` wrote. Raises FileNotFoundError."""
        with (folder / "rows.index").open("rb") as file:
            self._index_map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._offsets = memoryview(self._index_map).cast("Q")
        self._rows: mmap.mmap | None = None
        with (folder / "rows").open("rb") as file:
            if self._offsets[-1]:
                self._rows = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        """Count the rows, blank ones and the header among them."""
        return len(self._offsets) - 1

    def __enter__(self) -> SpooledRows:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the files."""
        self._offsets.release()
        self._index_map.close()
        if self._rows is not None:
            self._rows.close()

    def row(self, number: int) -> list[Cell]:
        """Give one row."""
        assert self._rows is not None
        return _decode(self._rows[self._offsets[number - 1] : self._offsets[number]])

    def rows(self, start: int = 1, count: int | None = None) -> Iterator[tuple[int, list[Cell]]]:
        """Give rows with their numbers."""
        end = len(self) if count is None else min(len(self), start + count - 1)
        for number in range(start, end + 1):
            yield number, self.row(number)
