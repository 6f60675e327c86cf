"""The standards' own documents in a real journal, and answers in a form to compare."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from suyuan.event import Event, read, read_json
from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Genealogy, Trace, contents, history

__all__ = [
    "at",
    "carried",
    "events_of",
    "inside",
    "reached",
    "record_documents",
    "record_events",
    "steps",
]

_COMMENT = "/_comment_gs1us_mapping"  # Beside what EPCIS has; the documents' only fault.


def at(text: str) -> datetime:
    """Give a moment as a document writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def events_of(file: Path) -> list[Event]:
    """Read a document that stands where its authors put it."""
    document = read(file.read_bytes())
    assert {problem.where for problem in document.problems} <= {_COMMENT}, document.problems
    return document.events


def record_documents(database: Database, *files: Path) -> Genealogy:
    """Capture documents one after the other into a new journal."""
    journal = Journal(database, database.make_tenant("default"))
    for file in files:
        result = journal.capture(events_of(file))
        assert not result.problems, (file.name, result.problems)
    return Genealogy(database, journal.tenant_id)


def record_events(database: Database, bodies: list[dict[str, Any]]) -> Genealogy:
    """Capture events that were drawn rather than written."""
    journal = Journal(database, database.make_tenant("default"))
    document = read_json(msgspec.json.encode(bodies))
    assert not document.problems, document.problems
    assert not journal.capture(document.events).problems
    return Genealogy(database, journal.tenant_id)


def reached(trace: Trace) -> dict[str, tuple[str, datetime | None]]:
    """Give grade and moment of each object in an answer."""
    return {one.uri: (one.grade, one.moment) for one in trace.objects()}


def carried(trace: Trace) -> dict[str, int]:
    """Give the carriers in an answer, each with how many affected things it carried."""
    return {one.uri: one.carried for one in trace.carrier_list()}


def inside(genealogy: Genealogy, code: str, moment: str) -> dict[str, tuple[str, float | None]]:
    """Give what is inside something: in which container, and how much."""
    found = contents(genealogy, code, at=at(moment))
    return {one.uri: (one.inside, one.quantity) for one in found}


def steps(genealogy: Genealogy, code: str) -> list[tuple[datetime, str]]:
    """Give the business steps of a history with their times."""
    return [
        (one.event_time, (one.business_step or "").rpartition("BizStep-")[2])
        for one in history(genealogy, code)
    ]
