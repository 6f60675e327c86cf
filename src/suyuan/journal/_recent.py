"""What the latest commits said, a row each, for those who follow the journal closely. 最近入账

An index that is kept up to date would gather the news out of five tables, at each question
that comes after a capture. Here they lie in columns as they will be used. Durability: none;
the rows go as newer ones come, a crash empties the table, and what is large, or has to do with
events declared in error, is not written at all. Whoever finds no unbroken chain of rows reads
the tables of the journal, which say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.event import GENEALOGY_ROLES, Role
from suyuan.journal._objects import NewObject
from suyuan.journal._posting_rows import PlacedDetail
from suyuan.journal._prepare import EVENT_HEAD, Prepared, event_key
from suyuan.store import Connection

__all__ = ["Mentioned", "RecentCommit", "Said", "keep_recent", "read_recent"]

_EVENTS_MAX = 2_000  # More at once take longer to take in than to gather.
_KEPT_EVENTS = 20_000
_ROWS_MAX = 8  # Who is further behind gathers all of it at once.
_GENEALOGY = frozenset(map(int, GENEALOGY_ROLES))  # Plain numbers are compared sooner.
_IS_GENEALOGY = np.isin(np.arange(max(Role) + 1), sorted(_GENEALOGY))  # By role.
_LOT = int(Role.LOT)
_UOM_LETTERS = 3  # UN/ECE Recommendation 20

Numbers = npt.NDArray[np.int64]


class Said(msgspec.Struct, frozen=True):
    """What the new events of one unit mention, in columns."""

    sequences: Numbers
    objects: Numbers
    roles: npt.NDArray[np.int16]
    details: Sequence[PlacedDetail]


class Mentioned(msgspec.Struct, frozen=True):
    """What a commit mentions: unit by unit, the numbers of all URIs, and the objects new in it."""

    said: list[Said]
    found: dict[str, int]
    new: list[NewObject]


class RecentCommit(msgspec.Struct, frozen=True, array_like=True):
    """What one commit said of where things come from. Columns are little-endian arrays.

    Events stand in the order of time and event ID, mentions in that of events, roles and
    objects. Places, parties and documents are left out.
    """

    sequences: bytes
    """int64"""
    heads: bytes
    """`EVENT_HEAD`"""
    steps: list[str]
    mention_events: bytes
    """int32: the place of the event"""
    mention_roles: bytes
    """int8"""
    mention_objects: bytes
    """int64"""
    quantities: bytes
    """float64, as told; not-a-number where none is"""
    units: bytes
    """int16: the place in `uoms`"""
    uoms: list[str]
    belonging: bytes
    """int64, pairs: an instance and the lot that its key names"""
    classes: bytes
    """int64, pairs: an object that is new, and its class or 0"""


def keep_recent(
    connection: Connection,
    tenant_id: int,
    first: int,
    units: Sequence[tuple[Prepared, npt.NDArray[np.bool_]]],
    mentioned: Mentioned,
) -> None:
    """Write what a commit says whose events are numbered from `first` on.

    `units` are its events with which of them are new.
    """
    count = sum(int(is_new.sum()) for _, is_new in units)
    commit = _in_columns(first, units, mentioned) if count <= _EVENTS_MAX else None
    if commit is None or _is_any_declared(connection, tenant_id, units):
        return
    connection.execute(
        "WITH gone AS (DELETE FROM journal.recent_commit "
        "WHERE tenant_id = %(tenant)s AND last_sequence < %(oldest)s) "
        "INSERT INTO journal.recent_commit "
        "(tenant_id, first_sequence, last_sequence, first_object, content) "
        "VALUES (%(tenant)s, %(first)s, %(last)s, %(object)s, %(content)s)",
        {
            "tenant": tenant_id,
            "oldest": first - _KEPT_EVENTS,
            "first": first,
            "last": first + count - 1,
            "object": mentioned.new[0][0] if mentioned.new else None,
            "content": msgspec.msgpack.encode(commit),
        },
    )


def read_recent(
    connection: Connection, tenant_id: int, position: int, before: int, objects_before: int
) -> list[RecentCommit] | None:
    """Give what was committed up to a position, after another; None where that is not all here.

    `objects_before` is the greatest number of an object that is known already.
    """
    rows = connection.execute(
        "SELECT first_sequence, last_sequence, first_object, content FROM journal.recent_commit "
        "WHERE tenant_id = %s AND first_sequence > %s AND first_sequence <= %s "
        "ORDER BY first_sequence LIMIT %s",
        (tenant_id, before, position, _ROWS_MAX),
        binary=True,
    ).fetchall()
    commits = []
    for first, last, first_object, content in rows:
        commit = _decoder.decode(content)
        if first != before + 1 or first_object not in (None, objects_before + 1):
            return None
        before, objects_before = last, objects_before + len(commit.classes) // 16
        commits.append(commit)
    return commits if before == position else None


_decoder = msgspec.msgpack.Decoder(RecentCommit)


def _in_columns(
    first: int,
    units: Sequence[tuple[Prepared, npt.NDArray[np.bool_]]],
    mentioned: Mentioned,
) -> RecentCommit | None:
    """Give what a commit says; None where an event declares an error, or a name has no number."""
    heads, steps = _heads(units)
    if heads["is_wrong"].any():
        return None
    ids = [
        event_id
        for unit, is_new in units
        for event_id, counts in zip(unit.event_ids, is_new.tolist(), strict=True)
        if counts
    ]
    order = _in_order(heads["time"], ids)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    mentions, uoms = _mentions(mentioned.said)
    belonging = _belonging(mentioned)
    if belonging is None:
        return None
    events = place[mentions.sequences - first]
    rows = np.lexsort((mentions.objects, mentions.roles, events))
    return RecentCommit(
        sequences=(order + first).tobytes(),
        heads=heads[order].tobytes(),
        steps=steps,
        mention_events=events[rows].tobytes(),
        mention_roles=mentions.roles[rows].astype(np.int8).tobytes(),
        mention_objects=mentions.objects[rows].tobytes(),
        quantities=mentions.quantities[rows].tobytes(),
        units=mentions.units[rows].tobytes(),
        uoms=uoms,
        belonging=belonging.tobytes(),
        classes=np.array([(one[0], one[2] or 0) for one in mentioned.new], np.int64).tobytes(),
    )


def _in_order(times: npt.NDArray[np.int64], ids: Sequence[str]) -> Numbers:
    """Give the places of events in the order of time and event ID, as text is sorted."""
    order = np.argsort(times, kind="stable")
    gone_by = np.diff(times[order])
    if not gone_by.all():  # The ID decides only among those of one moment.
        rows = sorted(zip(times.tolist(), ids, range(len(ids)), strict=True))
        order = np.array([row[2] for row in rows], np.int64)
    return order.astype(np.int64, copy=False)


def _heads(
    units: Sequence[tuple[Prepared, npt.NDArray[np.bool_]]],
) -> tuple[npt.NDArray[np.void], list[str]]:
    """Give the heads of all new events, and the business steps that they name."""
    steps: dict[str, int] = {}
    heads = []
    for unit, is_new in units:
        here = np.frombuffer(unit.heads, EVENT_HEAD)[is_new]  # A copy.
        places = np.array([steps.setdefault(step, len(steps)) for step in unit.steps], np.int32)
        here["step"] = places[here["step"]]
        heads.append(here)
    return np.concatenate(heads), list(steps)


class _Columns(NamedTuple):
    """Mentions, a column for each thing they say."""

    sequences: Numbers
    objects: Numbers
    roles: npt.NDArray[np.int16]
    quantities: npt.NDArray[np.float64]
    units: npt.NDArray[np.int16]


def _mentions(said: Sequence[Said]) -> tuple[_Columns, list[str]]:
    """Give every mention that makes genealogy, in no order, and the units that they name."""
    found: list[_Columns] = []
    uoms = {"": 0}
    for one in said:
        is_wanted = _IS_GENEALOGY[one.roles]
        count = int(is_wanted.sum())
        found.append(
            _Columns(
                *(one.sequences[is_wanted], one.objects[is_wanted], one.roles[is_wanted]),
                *(np.full(count, np.nan), np.zeros(count, np.int16)),
            )
        )
        detailed = [
            detail
            for detail in one.details
            if detail[2] in _GENEALOGY and (detail[2] != _LOT or detail[5] is None)
        ]
        if detailed:
            found.append(_detailed(detailed, uoms))
    return _Columns(*map(np.concatenate, zip(*found, strict=True))), list(uoms)


def _detailed(details: Sequence[PlacedDetail], uoms: dict[str, int]) -> _Columns:
    sequences, objects, roles, quantities, units, _ = zip(*details, strict=True)
    return _Columns(
        np.array(sequences, np.int64),
        np.array(objects, np.int64),
        np.array(roles, np.int16),
        np.array([float("nan" if one is None else one) for one in quantities]),
        np.array([uoms.setdefault((one or "")[:_UOM_LETTERS], len(uoms)) for one in units], "<i2"),
    )


def _belonging(mentioned: Mentioned) -> Numbers | None:
    """Give the pairs of instance and lot that keys tell; None where one has no number here."""
    pairs = {
        (mentioned.found.get(word, 0), thing)
        for one in mentioned.said
        for _, thing, role, _, _, word in one.details
        if role == _LOT and word is not None
    }
    if any(instance == 0 for instance, _ in pairs):
        return None
    return np.array(sorted(pairs), np.int64).reshape(-1, 2)


def _is_any_declared(
    connection: Connection,
    tenant_id: int,
    units: Sequence[tuple[Prepared, npt.NDArray[np.bool_]]],
) -> bool:
    """Tell whether any of these events was declared in error before it came."""
    declared = connection.execute(
        "SELECT FROM journal.event WHERE tenant_id = %s AND is_error_declaration LIMIT 1",
        (tenant_id,),
    ).fetchone()
    if declared is None:
        return False
    keys = [
        event_key(event_id, is_error_declaration=True).hex()
        for unit, _ in units
        for event_id in unit.event_ids
    ]
    row = connection.execute(
        "SELECT FROM journal.event_key WHERE tenant_id = %s AND event_key = ANY(%s::uuid[]) "
        "LIMIT 1",
        (tenant_id, f"{{{','.join(keys)}}}"),
    ).fetchone()
    return row is not None
