"""Faults on disk, by row: written in any order, read in the order of the rows. 错误清单"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from suyuan.importing._rows import Fault

__all__ = ["FaultFile", "FaultWriter"]

_ROW_FAULTS_MAX = 20
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Fault]).decode


class FaultWriter:
    """Takes down what is wrong with rows."""

    def __init__(self, folder: Path) -> None:
        """Begin with none; a list that was there before goes."""
        self._folder = folder
        self._file = (folder / "faults").open("wb")
        self._places = array("Q")
        self.counts: Counter[str] = Counter()

    def write(self, row: int, faults: Iterable[Fault]) -> None:
        """Take down the faults of one row; a row that was written before gets more."""
        some = list(faults)[:_ROW_FAULTS_MAX]
        self.counts.update(fault.problem.code for fault in some)
        self._places.extend((row, self._file.tell()))
        data = _encode(some)
        self._file.write(len(data).to_bytes(4, "big") + data)

    def close(self) -> int:
        """Put the list in the order of its rows; give how many rows have faults."""
        self._file.close()
        places = np.frombuffer(self._places.tobytes(), np.uint64).reshape(-1, 2)
        order = np.lexsort((places[:, 1], places[:, 0]))
        places = places[order]
        places.tofile(self._folder / "faults.index")
        return int(np.unique(places[:, 0]).size)


class FaultFile:
    """The faults of a table that was looked at."""

    def __init__(self, folder: Path) -> None:
        """Open them; where there is no list there are no faults."""
        self._folder = folder
        path = folder / "faults.index"
        places = np.fromfile(path, np.uint64) if path.exists() else np.zeros(0, np.uint64)
        self._places = places.reshape(-1, 2)
        self.rows = np.unique(self._places[:, 0])

    def after(self, row: int, rows_max: int) -> Iterator[tuple[int, list[Fault]]]:
        """Give rows behind one, with their faults, in their order."""
        wanted = self.rows[np.searchsorted(self.rows, row, side="right") :][:rows_max]
        if not len(wanted):
            return
        with (self._folder / "faults").open("rb") as file:
            for number in wanted:
                yield int(number), self._of_row(file, int(number))

    def _of_row(self, file: BinaryIO, number: int) -> list[Fault]:
        start, end = np.searchsorted(self._places[:, 0], [number, number + 1])
        faults: list[Fault] = []
        for place in self._places[start:end, 1]:
            file.seek(int(place))
            size = int.from_bytes(file.read(4), "big")
            faults += _decode(file.read(size))
        return faults
