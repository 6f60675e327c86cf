"""Where affected goods were, and who sent or received them: an answer by place and party. 汇总"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.event import SOURCE_DESTINATION_TYPE, Role
from suyuan.store import Connection
from suyuan.trace._carriers import Carriers
from suyuan.trace._columns import Ints, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Facts, Step
from suyuan.trace._load import read_columns
from suyuan.trace._reach import Reach, least
from suyuan.trace._said import in_events, of_events
from suyuan.trace._times import moment_of
from suyuan.trace._titles import Title, title_in

__all__ = [
    "PartyCount",
    "PlaceCount",
    "Sightings",
    "count_parties",
    "count_places",
    "party_counts",
    "place_counts",
    "sightings",
]

_LAST_ROLE = int(Role.OUTPUT_QUANTITY)
_PLACES = sql.SQL("""
    SELECT said.sequence, object_id, role FROM journal.posting, unnest(sequences) AS said (sequence)
    WHERE tenant_id = {tenant} AND {among}
      AND role IN ({read_point}, {business_location})
""")
_PARTIES = sql.SQL("""
    SELECT said.sequence, object_id, role FROM journal.posting, unnest(sequences) AS said (sequence)
    WHERE tenant_id = {tenant} AND {among}
      AND role IN ({source}, {destination}) AND word IN ({possessing}, {owning})
""")
_COLUMNS = (("sequence", ">i8"), ("object", ">i8"), ("role", ">i2"))


class PlaceCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place at which something reached was, by itself or inside a carrier.

    `objects` counts what was seen there, objects and carriers; `received` what came in there.
    """

    place: str
    first: datetime
    last: datetime
    objects: int
    received: int
    name: str | None = None
    name_zh: str | None = None


class PartyCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One party that sent something reached, or that it was sent to, and how many things."""

    party: str
    sent: int
    got: int
    first: datetime
    last: datetime
    name: str | None = None
    name_zh: str | None = None


@dataclass(frozen=True)
class Sightings:
    """What was seen in which event, once it was reached: places in the facts."""

    events: Ints
    objects: Small


def sightings(facts: Facts, reach: Reach, carriers: Carriers) -> Sightings:
    """Find the events that show where reached objects and their carriers were."""
    sign = 1 if reach.direction == "forward" else -1
    objects, bounds = least(
        np.concatenate((reach.objects, reach.seeds)),
        sign * np.concatenate((reach.moments, reach.seed_moments)),
    )
    held = carriers.held
    order = np.lexsort((held.firsts, held.things))
    things = held.things[order]
    is_asked = np.zeros(len(facts.classes), bool)
    is_asked[objects] = is_asked[things] = True
    periods = _Periods(objects, bounds, sign, things, held.firsts[order], held.lasts[order])
    return Sightings(
        *_sighted(facts.times, facts.starts, facts.roles, facts.objects, is_asked, periods)
    )


class _Periods(NamedTuple):
    """From when on each object counts, times `sign`; and when each carrier carried something."""

    objects: Ints
    bounds: Ints
    sign: int
    things: Ints
    firsts: Ints
    lasts: Ints


@compiled
def _sighted(
    times: Ints,
    starts: Ints,
    roles: npt.NDArray[np.int8],
    objects: Small,
    is_asked: npt.NDArray[np.bool_],
    periods: _Periods,
) -> tuple[Ints, Small]:
    events = [np.int64(0) for _ in range(0)]
    found = [np.int32(0) for _ in range(0)]
    for event in range(len(times)):
        for row in range(starts[event], starts[event + 1]):
            thing = objects[row]
            if not is_asked[thing] or roles[row] > _LAST_ROLE:
                continue
            if _counts(periods, thing, times[event]):
                events.append(np.int64(event))
                found.append(np.int32(thing))
    return np.array(events), np.array(found)


@compiled
def _counts(periods: _Periods, thing: int, moment: int) -> bool:
    """Tell whether something counts at a moment: reached by then, or carrying what is."""
    at = np.searchsorted(periods.objects, thing)
    is_reached = at < len(periods.objects) and periods.objects[at] == thing
    if is_reached and periods.sign * moment >= periods.bounds[at]:
        return True
    at = np.searchsorted(periods.things, thing)
    while at < len(periods.things) and periods.things[at] == thing:
        if periods.firsts[at] > moment:
            return False
        if moment <= periods.lasts[at]:
            return True
        at += 1
    return False


def count_places(
    connection: Connection, tenant_id: int, facts: Facts, seen: Sightings
) -> list[tuple[int, Ints]]:
    """Give by place: its number, and the rows of the sightings there."""
    sequences, event_of = np.unique(facts.sequences[seen.events], return_inverse=True)
    said = _said(connection, tenant_id, facts.position, sequences, _PLACES)
    # The business location says where it is afterwards; the read point only where it was seen.
    said = said[np.argsort(said["role"], kind="stable")]
    place_of = np.zeros(len(sequences), np.int64)
    place_of[np.searchsorted(sequences, said["sequence"])] = said["object"]
    return _grouped(place_of[event_of])


def place_counts(
    facts: Facts,
    seen: Sightings,
    groups: list[tuple[int, Ints]],
    names: dict[int, str],
    titles: Mapping[str, Title],
) -> list[PlaceCount]:
    """Say what was at each place, those with the most first."""
    found = []
    for place, rows in groups:
        events, objects = seen.events[rows], seen.objects[rows]
        first, last = _period(facts, events)
        got = np.unique(objects[facts.steps[events] == Step.RECEIVING])
        found.append(
            PlaceCount(
                place=names[place],
                first=first,
                last=last,
                objects=len(np.unique(objects)),
                received=len(got),
                **title_in(titles, names[place]),
            )
        )
    return sorted(found, key=lambda one: (-one.objects, one.place))


def count_parties(
    connection: Connection, tenant_id: int, facts: Facts, seen: Sightings
) -> dict[int, tuple[Ints, Ints]]:
    """Give by party the rows of what it sent, and of what was sent to it."""
    sequences, event_of = np.unique(facts.sequences[seen.events], return_inverse=True)
    said = _said(connection, tenant_id, facts.position, sequences, _PARTIES)
    found: dict[int, tuple[Ints, Ints]] = {}
    nothing = np.zeros(0, np.int64)
    for at, role in enumerate((Role.SOURCE, Role.DESTINATION)):
        with_role = said[said["role"] == role]
        events = np.searchsorted(sequences, with_role["sequence"])
        for party in np.unique(with_role["object"]).tolist():
            is_its = np.zeros(len(sequences), bool)
            is_its[events[with_role["object"] == party]] = True
            pair = list(found.get(party, (nothing, nothing)))
            pair[at] = np.flatnonzero(is_its[event_of])
            found[party] = (pair[0], pair[1])
    return found


def party_counts(
    facts: Facts,
    seen: Sightings,
    groups: dict[int, tuple[Ints, Ints]],
    names: dict[int, str],
    titles: Mapping[str, Title],
) -> list[PartyCount]:
    """Say what each party sent and got, those that got the most first."""
    found = []
    for party, (sent, got) in groups.items():
        first, last = _period(facts, seen.events[np.concatenate((sent, got))])
        found.append(
            PartyCount(
                party=names[party],
                sent=len(np.unique(seen.objects[sent])),
                got=len(np.unique(seen.objects[got])),
                first=first,
                last=last,
                **title_in(titles, names[party]),
            )
        )
    return sorted(found, key=lambda one: (-one.got, one.party))


def _said(
    connection: Connection, tenant_id: int, position: int, sequences: Ints, question: sql.SQL
) -> npt.NDArray[np.void]:
    """Give what stands beside some events, in their order."""
    spelled = SOURCE_DESTINATION_TYPE.spellings
    values = {
        "tenant": tenant_id,
        "read_point": int(Role.READ_POINT),
        "business_location": int(Role.BUSINESS_LOCATION),
        "source": int(Role.SOURCE),
        "destination": int(Role.DESTINATION),
        "possessing": spelled["possessing_party"],
        "owning": spelled["owning_party"],
    }
    literals = {name: sql.Literal(value) for name, value in values.items()}
    among = in_events(tenant_id, position, sequences)
    rows = read_columns(connection, question.format(among=among, **literals), _COLUMNS)
    return of_events(rows, sequences)


def _grouped(keys: Ints) -> list[tuple[int, Ints]]:
    """Give each key but 0 with the rows that have it."""
    order = np.argsort(keys, kind="stable")
    found, first = np.unique(keys[order], return_index=True)
    rows = np.split(order, first[1:])
    return [(int(key), some) for key, some in zip(found, rows, strict=True) if key]


def _period(facts: Facts, events: Ints) -> tuple[datetime, datetime]:
    first, last = moment_of(int(facts.times[events].min())), moment_of(facts.times[events].max())
    assert first is not None
    assert last is not None
    return first, last
