"""An import from end to end: the table into events, the events into the journal. 导入执行

A check does all but the last. Doing an import twice is harmless, because capture is
idempotent: what is there already counts as known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from suyuan.errors import Problem
from suyuan.importing._convert import event_rows
from suyuan.importing._elsewhere import Told, convert_elsewhere
from suyuan.importing._faults import FaultFile, FaultWriter
from suyuan.importing._known import count_known
from suyuan.importing._mapping import Mapping as ColumnMapping
from suyuan.importing._mapping import bind
from suyuan.importing._reading import Found
from suyuan.importing._resolve import Names
from suyuan.importing._rows import NO_COLUMN, Fault
from suyuan.importing._synonyms import templates
from suyuan.journal import Journal, capture_master_data, capture_stream

__all__ = ["Result", "run_import"]

_ELEMENTS_AT_ONCE = 1_000
_THINGS = (
    ("outputQuantityList", "outputEPCList", "quantityList", "epcList"),
    ("childQuantityList", "childEPCs", "inputQuantityList", "inputEPCList"),
)


class Result(msgspec.Struct):
    """What a check or an import came to."""

    rows: int = 0
    failed: int = 0
    """Rows that were not imported, or would not be."""
    events: int = 0
    captured: int = 0
    known: int = 0
    """Events that the record had already."""
    elements: int = 0
    """Elements of master data; those that say something new count as captured."""
    counts: dict[str, int] = {}
    """How often each code stands among the faults."""
    sequence: int | None = None
    example: str | None = None
    """Something that the table speaks of, to look at afterwards."""
    seconds: float = 0.0
    amounts_unknown: int = 0
    """Rows without faults that do not say how much of a lot it was."""


def run_import(
    journal: Journal,
    folder: Path,
    found: Found,
    mapping: ColumnMapping,
    names: Names,
    edits: Mapping[int, Mapping[int, str]],
    *,
    is_check: bool,
    told: Told,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Result:
    """Check a table, or import it.

    Raises InvalidInput for a mapping that does not fit, Unavailable for what may be tried again.
    """
    started = now()
    bind(mapping, found.columns)
    converted = convert_elsewhere(
        folder, mapping, found, names, edits, is_check=is_check, told=told
    )
    result = Result(
        rows=converted.rows,
        failed=converted.failed,
        events=converted.events,
        elements=converted.elements,
        counts=converted.counts,
        amounts_unknown=converted.amounts_unknown,
        example=_example(folder),
    )
    if is_check:
        if result.events:
            result.known = count_known(journal.database, journal.tenant_id, folder)
    elif result.elements:
        _keep_elements(journal, folder, mapping, result, told, now)
    elif result.events:
        _capture(journal, folder, result, told)
    result.seconds = round((now() - started).total_seconds(), 3)
    return result


def _capture(journal: Journal, folder: Path, result: Result, told: Told) -> None:
    refused: list[tuple[int, tuple[Problem, ...]]] = []
    read = 0
    with (folder / "events").open("rb") as file:
        for chunk in capture_stream(journal, file):
            read += chunk.read
            result.captured += chunk.captured
            result.known += chunk.duplicates
            result.sequence = chunk.sequence
            refused += [one for one in chunk.rejected if one[0] >= 0]
            told("capture", read, result.events)
    if refused:
        _take_refused(folder, result, refused)


def _take_refused(
    folder: Path, result: Result, refused: list[tuple[int, tuple[Problem, ...]]]
) -> None:
    """Add to the faults what the journal would not have."""
    before = FaultFile(folder)
    kept = list(before.after(0, len(before.rows)))
    writer = FaultWriter(folder)
    for row, faults in kept:
        writer.write(row, faults)
    for position, problems in refused:
        for row in event_rows(folder, position):
            writer.write(row, [Fault(row, NO_COLUMN, problem) for problem in problems])
            result.failed += 1
    result.counts = dict(writer.counts)
    writer.close()


def _keep_elements(
    journal: Journal,
    folder: Path,
    mapping: ColumnMapping,
    result: Result,
    told: Told,
    now: Callable[[], datetime],
) -> None:
    """Take elements into the master data; the last of those with one name in the table wins."""
    vocabulary = templates()[mapping.template].vocabulary
    done = 0
    lines = _lines(folder)
    while some := list(islice(lines, _ELEMENTS_AT_ONCE)):
        latest = {element["id"]: element for element in some}
        page = {"type": vocabulary, "vocabularyElementList": list(latest.values())}
        result.captured += capture_master_data(
            journal.database, journal.tenant_id, [page], record_time=now()
        )
        done += len(some)
        told("capture", done, result.elements)
    result.known = result.elements - result.captured


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / "events").open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line)


def _example(folder: Path) -> str | None:
    """Give something that the first event speaks of: an output before an input."""
    for event in _lines(folder):
        if "id" in event:
            return str(event["id"])
        for name in (*_THINGS[0], *_THINGS[1]):
            for one in event.get(name, ()):
                return str(one["epcClass"] if isinstance(one, dict) else one)
        return str(event.get("parentID", "")) or None
    return None
