"""Correcting an event: declare it in error, and record what is right instead. 更正

An event is never changed. A correction is an error declaration (the same event again, with
`errorDeclaration`: EPCIS 2.0, 7.4.1.2) and, where the data were wrong, the events that are
right. All of it goes in at once or not at all. See docs/adr/0018.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from suyuan.errors import InvalidInput, NotFound, Problem, Refused
from suyuan.event import ERROR_REASON as REASONS
from suyuan.event import Event, decode_body, event_hash
from suyuan.journal._append import Outcome
from suyuan.journal._found import FoundEvent, StoredDeclaration, find_event
from suyuan.journal._journal import Beside, Journal
from suyuan.journal._origin import Origin
from suyuan.journal._prepare import hash_digest
from suyuan.journal._query import timestamp
from suyuan.store import Connection

__all__ = ["NAMESPACE", "Corrected", "Correction", "Planned", "correct", "plan_correction"]

NAMESPACE = "https://ns.suyuan.dev/plant/"
_PREFIX = "suyuan"
_IDS = UUID("8f0a3f9e-5f57-5c0e-9d8d-2d9f3c1c0b6a")  # Set in stone: IDs of replacements.
_encode = msgspec.json.Encoder(decimal_format="number").encode

Reason = Literal["did_not_occur", "incorrect_data"]


class Correction(msgspec.Struct, frozen=True):
    """What somebody wants to be said of an event, and the events that are right instead."""

    event_id: str
    reason: Reason
    why: str
    replacements: list[Event] = []


class Planned(msgspec.Struct, frozen=True):
    """A correction that can be made: the event, and what would be recorded."""

    found: FoundEvent
    declaration: Event
    replacements: list[Event]


class Corrected(msgspec.Struct, frozen=True):
    """A correction that stands in the journal, by this call (`is_new`) or by one before."""

    event_id: str
    is_new: bool
    declaration_sequence: int
    replacement_ids: tuple[str, ...]


def plan_correction(
    journal: Journal,
    wanted: Correction,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Planned | Corrected:
    """Find out what a correction would record; or what stands already, if it is the same.

    Raises NotFound `journal.event_unknown`, Refused `journal.event_corrected` when another
    correction stands, InvalidInput for what can't be a correction of this event.
    """
    found = find_event(journal.database, journal.tenant_id, wanted.event_id)
    if found is None:
        raise NotFound(Problem(code="journal.event_unknown", found=wanted.event_id[:200]))
    if found.declaration is not None:
        return _standing(journal, wanted, found.declaration)
    _check(wanted, found)
    replacements = [_named(one, found.event_id) for one in wanted.replacements]
    ids = [str(one.event_id) for one in replacements]
    return Planned(found, _declare(found, wanted, ids, now()), replacements)


def correct(
    journal: Journal,
    wanted: Correction,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    origin: Origin | None = None,
    beside: Beside | None = None,
) -> Corrected:
    """Record a correction, whole or not at all; the same one again changes nothing.

    `beside` writes in the same transaction. Raises as `plan_correction` does, and Refused
    for a replacement whose ID is taken.
    """
    planned = plan_correction(journal, wanted, now=now)
    if isinstance(planned, Corrected):
        return planned

    def also(connection: Connection, outcomes: Sequence[Outcome]) -> None:
        if any(one.problem for one in outcomes) or not outcomes[0].is_new:
            return  # Refused, or recorded by somebody who was quicker.
        taken = [(at, one) for at, one in enumerate(outcomes[1:]) if not one.is_new]
        if taken:
            raise Refused(_taken(at, one) for at, one in taken)
        if beside is not None:
            beside(connection, outcomes)

    events = [planned.declaration, *planned.replacements]
    result = journal.capture(events, origin=origin, beside=also)
    first = result.outcomes[0]
    if first.problem is not None or not first.is_new:
        found = find_event(journal.database, journal.tenant_id, wanted.event_id)
        if found is not None and found.declaration is not None:
            return _standing(journal, wanted, found.declaration)
    if result.problems:
        raise Refused(_placed(result.outcomes))
    assert first.sequence is not None
    ids = tuple(one.event_id for one in result.outcomes[1:])
    return Corrected(wanted.event_id, True, first.sequence, ids)


def _check(wanted: Correction, found: FoundEvent) -> None:
    problems = []
    if not wanted.why.strip():
        problems.append(Problem(code="journal.why_missing", where="/why"))
    if wanted.replacements and wanted.reason == "did_not_occur":
        count = str(len(wanted.replacements))
        problems.append(
            Problem(code="journal.replacement_needless", where="/replacements", found=count)
        )
    seen: set[str] = set()
    for at, one in enumerate(wanted.replacements):
        where = f"/replacements/{at}"
        said = event_hash(one)
        if one.is_error_declaration:
            problems.append(Problem(code="journal.replacement_declares", where=where))
        elif hash_digest(said) == found.event_hash:
            problems.append(Problem(code="journal.replacement_unchanged", where=where))
        elif said in seen:
            problems.append(Problem(code="journal.replacement_repeated", where=where))
        seen.add(said)
    if problems:
        raise InvalidInput(problems)


def _standing(journal: Journal, wanted: Correction, stands: StoredDeclaration) -> Corrected:
    """Give the correction that stands, if it says what is wanted."""
    found = [
        find_event(journal.database, journal.tenant_id, one) for one in stands.corrective_event_ids
    ]
    said = sorted(one.event_hash for one in found if one is not None)
    asked = sorted(hash_digest(event_hash(one)) for one in wanted.replacements)
    reason = None if stands.reason is None else _bare(stands.reason)
    if (reason, stands.why, said) != (wanted.reason, wanted.why.strip(), asked):
        raise Refused(
            Problem(code="journal.event_corrected", where="/event_id", found=str(stands.sequence))
        )
    return Corrected(wanted.event_id, False, stands.sequence, stands.corrective_event_ids)


def _bare(reason: str) -> str:
    uri = REASONS.spellings.get(reason, reason)
    return REASONS.bare.get(uri, reason)


def _named(event: Event, corrected_id: str) -> Event:
    """Give a replacement an ID of its own.

    Not its hash, as other events get: what is right now may have been recorded and declared
    in error before, and would count for nothing under the same ID. The same replacement of
    the same event has the same ID again.
    """
    if event.event_id not in (None, corrected_id):
        return event
    name = f"urn:uuid:{uuid5(_IDS, f'{corrected_id} {event_hash(event)}')}"
    body = {key: value for key, value in event.body.items() if key not in ("eventID", "recordTime")}
    return decode_body(_encode(body | {"eventID": name}))


def _declare(
    found: FoundEvent, wanted: Correction, corrective_ids: list[str], moment: datetime
) -> Event:
    """Make the error declaration: the event itself, and what is said of it."""
    body = {key: value for key, value in found.body.items() if key != "recordTime"}
    prefix, context = _with_prefix(body.get("@context"))
    said: dict[str, Any] = {
        "declarationTime": timestamp(moment.replace(microsecond=moment.microsecond // 1000 * 1000)),
        "reason": wanted.reason,
    }
    if corrective_ids:
        said["correctiveEventIDs"] = corrective_ids
    said[f"{prefix}:why"] = wanted.why.strip()
    body |= {"@context": context, "eventID": found.event_id, "errorDeclaration": said}
    return decode_body(_encode(body))


def _with_prefix(context: Any) -> tuple[str, list[Any]]:
    """Give a prefix for our name space, and the context that declares it."""
    parts = context if isinstance(context, list) else [] if context is None else [context]
    declared = {key: value for one in parts if isinstance(one, dict) for key, value in one.items()}
    known = next((key for key, value in declared.items() if value == NAMESPACE), None)
    if known is not None:
        return known, parts
    prefix, number = _PREFIX, 1
    while prefix in declared:
        number += 1
        prefix = f"{_PREFIX}{number}"
    return prefix, [*parts, {prefix: NAMESPACE}]


def _taken(at: int, outcome: Outcome) -> Problem:
    return Problem(
        code="journal.replacement_recorded",
        where=f"/replacements/{at}/eventID",
        found=str(outcome.sequence),
        values={"event_id": outcome.event_id},
    )


def _placed(outcomes: Sequence[Outcome]) -> list[Problem]:
    """Say of each refusal which part of the correction it is about."""
    places = ["/event_id", *(f"/replacements/{at}" for at in range(len(outcomes) - 1))]
    return [
        replace(one.problem, where=where)
        for where, one in zip(places, outcomes, strict=True)
        if one.problem is not None
    ]
