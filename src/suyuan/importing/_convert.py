"""A whole table into events: every row read, rows of one event put together, faults taken down.

Works through the table once, or twice where rows are grouped, in flat memory: eight bytes a
row for the order of the groups, sixteen an event to tell equal ones. Writes `events` (one JSON
a line), `events.rows` and `events.starts` (which rows each is made of), and the faults. 转换
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from suyuan.errors import Problem
from suyuan.event import DOCUMENT_POSITION, Event, Rejected, read_json_stream
from suyuan.importing._cells import Cell, is_blank
from suyuan.importing._events import EventMaker, RepeatedEvents, encode_line
from suyuan.importing._faults import FaultWriter
from suyuan.importing._mapping import Bound
from suyuan.importing._resolve import Names
from suyuan.importing._rows import NO_COLUMN, Fault, Row, RowReader
from suyuan.importing._spool import SpooledRows
from suyuan.journal import prepare

__all__ = ["Converted", "Edits", "convert", "event_rows", "grouped", "made_events"]

GROUP_ROWS_MAX = 20_000
_TOLD_ROWS = 5_000
_PREPARED_EVENTS = 500
Edits = Mapping[int, Mapping[int, str]]
"""Cells that somebody has typed anew: by row, by column from 0."""
Told = Callable[[str, int, int], None]
"""Is told a phase, how much of it is done, and how much there is."""


class Converted(msgspec.Struct):
    """What a table came to."""

    rows: int = 0
    """Rows that are not blank."""
    failed: int = 0
    """Rows that can't be imported as they are."""
    events: int = 0
    elements: int = 0
    """Elements of master data."""
    counts: dict[str, int] = {}
    """How often each code stands among the faults."""
    amounts_unknown: int = 0
    """Rows that can be imported and do not say how much of a lot it was."""


def edited(cells: list[Cell], edits: Mapping[int, str] | None) -> list[Cell]:
    """Give the cells of a row with those that were typed anew."""
    if not edits:
        return cells
    for column, text in edits.items():
        while len(cells) <= column:
            cells.append("")
        cells[column] = text.strip()
    return cells


class _Tables:
    """The rows of a table as they are to be imported."""

    def __init__(self, spooled: SpooledRows, first: int, edits: Edits) -> None:
        self.spooled = spooled
        self.first = first
        self._edits = edits

    def row(self, number: int) -> list[Cell]:
        return edited(self.spooled.row(number), self._edits.get(number))

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        for number in range(self.first, len(self.spooled) + 1):
            cells = self.row(number)
            if not is_blank(cells):
                yield number, cells


def convert(
    folder: Path,
    bound: Bound,
    names: Names,
    edits: Edits,
    *,
    first: int,
    is_check: bool,
    told: Told,
) -> Converted:
    """Turn a spooled table into events; `is_check` also has each looked at as the journal would.

    `first` is the number of the first row below the header.
    """
    done = Converted()
    writer = FaultWriter(folder)
    with SpooledRows(folder) as spooled:
        table = _Tables(spooled, first, edits)
        reader, maker = RowReader(bound, names), EventMaker(bound)
        repeated = RepeatedEvents(max(len(spooled), 1))
        is_element = bound.template.event == "master_data"
        with (folder / "events").open("wb") as out, _RowsOfEvents(folder) as made:
            for rows in _groups(table, reader, bound.mapping.group, done, told):
                event, faults = _event_of(rows, maker)
                for number, some in faults:
                    writer.write(number, some)
                done.failed += len(faults)
                if event is None:
                    continue
                if not is_element:
                    repeated.name(event)
                done.amounts_unknown += sum(bool(row.notes) for row in rows)
                out.write(encode_line(event) + b"\n")
                made.add(row.number for row in rows)
    total = len(made)
    done.elements, done.events = (total, 0) if is_element else (0, total)
    if is_check and not is_element:
        done.failed += _look_at_events(folder, writer, total, told)
    done.counts = dict(writer.counts)
    writer.close()
    return done


def _event_of(
    rows: Sequence[Row], maker: EventMaker
) -> tuple[dict[str, object] | None, list[tuple[int, list[Fault]]]]:
    """Make the event of a group; else give the faults of each of its rows."""
    bad = [row for row in rows if row.faults]
    if not bad:
        if len(rows) > GROUP_ROWS_MAX:
            problem = Problem(
                code="importing.group_too_large",
                expected=str(GROUP_ROWS_MAX),
                found=str(len(rows)),
            )
            return None, [(row.number, [Fault(row.number, NO_COLUMN, problem)]) for row in rows]
        made = maker.make(rows)
        if isinstance(made, dict):
            return made, []
        by_row: dict[int, list[Fault]] = {}
        for fault in made:
            by_row.setdefault(fault.row, []).append(fault)
    else:
        by_row = {row.number: row.faults for row in bad}
    first = next(iter(by_row))
    told = []
    for row in rows:
        own = by_row.get(row.number)
        if own is None:  # An event is recorded whole or not at all.
            problem = Problem(code="importing.other_row_failed", values={"first": first})
            own = [Fault(row.number, NO_COLUMN, problem)]
        told.append((row.number, own))
    return None, told


def _groups(
    table: _Tables, reader: RowReader, group: Sequence[str], done: Converted, told: Told
) -> Iterator[list[Row]]:
    """Give the rows of each event to be, in the order of their first rows."""
    total = len(table.spooled)
    if not group:
        for number, cells in table.rows():
            done.rows += 1
            if done.rows % _TOLD_ROWS == 0:
                told("rows", number, total)
            yield [reader.read(number, cells)]
        return
    keys, numbers = array("Q"), array("Q")
    for number, cells in table.rows():
        key = reader.key(cells, group)
        # A row that says nothing of what groups it stands for itself.
        said = key if any(key) else (*key, str(number))
        keys.append(int.from_bytes(blake2b(repr(said).encode(), digest_size=8).digest(), "big"))
        numbers.append(number)
        if len(keys) % _TOLD_ROWS == 0:
            told("groups", number, total)
    done.rows = len(keys)
    for some in grouped(np.frombuffer(keys, np.uint64) if keys else np.zeros(0, np.uint64)):
        yield [reader.read(numbers[at], table.row(numbers[at])) for at in some]
        if int(some[0]) % _TOLD_ROWS < len(some):
            told("rows", int(some[0]), len(keys))


def grouped(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Give the places of equal keys together, in the order in which each key first stands."""
    if not len(keys):
        return
    _, firsts, inverse = np.unique(keys, return_index=True, return_inverse=True)
    first_of_each = firsts[inverse]
    order = np.lexsort((np.arange(len(keys)), first_of_each))
    cuts = np.flatnonzero(np.diff(first_of_each[order])) + 1
    start = 0
    for end in (*cuts.tolist(), len(order)):
        yield order[start:end]
        start = end


class _RowsOfEvents:
    """Takes down which rows each event is made of."""

    def __init__(self, folder: Path) -> None:
        self._rows = (folder / "events.rows").open("wb")
        self._starts = (folder / "events.starts").open("wb")
        self._count = 0
        self._end = 0

    def __len__(self) -> int:
        return self._count

    def add(self, numbers: Iterator[int]) -> None:
        rows = array("I", numbers)
        array("Q", [self._end]).tofile(self._starts)
        rows.tofile(self._rows)
        self._end += len(rows)
        self._count += 1

    def __enter__(self) -> _RowsOfEvents:
        return self

    def __exit__(self, *_: object) -> None:
        array("Q", [self._end]).tofile(self._starts)
        self._rows.close()
        self._starts.close()


def event_rows(folder: Path, position: int) -> list[int]:
    """Give the numbers of the rows that an event is made of."""
    with (folder / "events.starts").open("rb") as file:
        file.seek(position * 8)
        starts = array("Q")
        starts.fromfile(file, 2)
    with (folder / "events.rows").open("rb") as file:
        file.seek(starts[0] * 4)
        rows = array("I")
        rows.fromfile(file, starts[1] - starts[0])
    return rows.tolist()


def _look_at_events(folder: Path, writer: FaultWriter, total: int, told: Told) -> int:
    """Have the events read as the journal reads them, and take down their keys; count bad rows."""
    failed, position = 0, 0
    waiting: list[Event] = []
    with (folder / "events").open("rb") as file, (folder / "events.keys").open("wb") as keys:
        for item in read_json_stream(file):
            if isinstance(item, Rejected):
                if item.position == DOCUMENT_POSITION:
                    continue
                rows = event_rows(folder, item.position)
                for number in rows:
                    faults = [Fault(number, NO_COLUMN, problem) for problem in item.problems]
                    writer.write(number, faults)
                failed += len(rows)
            else:
                waiting.append(item)
            position += 1
            if len(waiting) >= _PREPARED_EVENTS:
                keys.write(b"".join(prepare(waiting).event_keys))
                waiting = []
                told("events", position, total)
        keys.write(b"".join(prepare(waiting).event_keys))
    return failed


def made_events(
    bound: Bound, names: Names, rows: Sequence[tuple[int, list[Cell]]]
) -> tuple[list[tuple[list[int], dict[str, object]]], list[Fault], list[Fault]]:
    """Make events of a few rows at once: for a preview. Gives them with their rows, and faults.

    Last come the notes: what stops nothing and should be known.
    """
    reader, maker = RowReader(bound, names), EventMaker(bound)
    read = [reader.read(number, cells) for number, cells in rows if not is_blank(cells)]
    groups: dict[object, list[Row]] = {}
    cells_of = dict(rows)
    for row in read:
        key = reader.key(cells_of[row.number], bound.mapping.group)
        groups.setdefault(key if any(key) else row.number, []).append(row)
    events: list[tuple[list[int], dict[str, object]]] = []
    faults: list[Fault] = []
    notes: list[Fault] = []
    for some in groups.values():
        event, bad = _event_of(some, maker)
        if event is not None:
            events.append(([row.number for row in some], event))
            notes += [note for row in some for note in row.notes]
        for _, own in bad:
            faults += [one for one in own if one.problem.code != "importing.other_row_failed"]
    return events, faults, notes
