"""The names of objects beside a snapshot of the index: read from the disk, not asked for. 名册

A number never gets another name, so a book is right as long as it is of the same journal, which
its snapshot vouches for. What is not in it, because it came later, is asked for.
Durability: as the snapshot's: none, and none is needed. A book is mapped: processes share it.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from pathlib import Path

import numpy as np

from suyuan.store import Connection
from suyuan.trace._columns import Ints

__all__ = ["NameBook", "book_in"]

_TEXT, _ENDS = "names", "name_ends"
_AT_ONCE = 50_000
_END_BYTES = 8

_SOME = """
    SELECT string_agg(int8send(object_id), ''::bytea ORDER BY object_id),
           string_agg(int4send(octet_length(uri)), ''::bytea ORDER BY object_id),
           string_agg(convert_to(uri, 'UTF8'), ''::bytea ORDER BY object_id)
    FROM journal.object WHERE tenant_id = %s AND object_id >= %s AND object_id < %s
"""


class NameBook:
    """The names of the objects below some number."""

    def __init__(self, folder: Path) -> None:
        """Map a book. Raises OSError or ValueError where there is none that can be read."""
        self._text = _mapped(folder / _TEXT)
        self._ends = memoryview(_mapped(folder / _ENDS)).cast("q")
        if self._ends[-1] != len(self._text):
            raise ValueError(folder)
        self.objects = len(self._ends)
        """One more than the greatest number that can be in it."""

    def get(self, number: int) -> str | None:
        """Give the name of an object, None where the book does not have it."""
        if not 0 < number < self.objects:
            return None
        first, end = self._ends[number - 1], self._ends[number]
        return self._text[first:end].decode() if first < end else None

    @classmethod
    def write(
        cls,
        connection: Connection,
        tenant_id: int,
        folder: Path,
        objects: int,
        before: NameBook | None = None,
    ) -> None:
        """Write a book of the objects below a number; what an earlier one has is taken from it."""
        done = 0 if before is None else min(before.objects, objects)
        with (folder / _TEXT).open("wb") as text, (folder / _ENDS).open("wb") as ends:
            if before is not None and done:
                text.write(memoryview(before._text)[: before._ends[done - 1]])
                ends.write(before._ends[:done])
            for first in range(done, objects, _AT_ONCE):
                end = min(first + _AT_ONCE, objects)
                numbers, lengths, names = _read(connection, tenant_id, first, end)
                of_all = np.zeros(end - first, np.int64)
                of_all[numbers - first] = lengths
                ends.write((text.tell() + np.cumsum(of_all)).tobytes())
                text.write(names)
            for file in (text, ends):
                file.flush()
                os.fsync(file.fileno())


def _read(connection: Connection, tenant_id: int, first: int, end: int) -> tuple[Ints, Ints, bytes]:
    row = connection.execute(_SOME, (tenant_id, first, end), binary=True).fetchone()
    numbers, lengths, names = row or (None, None, None)
    return (
        np.frombuffer(numbers or b"", ">i8").astype(np.int64),
        np.frombuffer(lengths or b"", ">i4").astype(np.int64),
        names or b"",
    )


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def book_in(folder: Path | None) -> NameBook | None:
    """Give the book in the folder of a snapshot, None where there is none."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return None if folder is None else NameBook(folder)
    return None
