"""Where affected goods were, and who sent or received them: an answer by place and party. 汇总"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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
from suyuan.trace._reach import Reach
from suyuan.trace._stays import FOREVER
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

_PLACES = sql.SQL("""
    SELECT unnest(sequences), object_id, role FROM journal.posting
    WHERE tenant_id = {tenant} AND first_sequence <= {position}
      AND role IN ({read_point}, {business_location})
""")
_PARTIES = sql.SQL("""
    SELECT unnest(sequences), object_id, role FROM journal.posting
    WHERE tenant_id = {tenant} AND first_sequence <= {position}
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
    event_of = np.repeat(np.arange(facts.events), np.diff(facts.starts))
    is_thing = facts.roles <= Role.OUTPUT_QUANTITY
    events, objects = event_of[is_thing], facts.objects[is_thing]
    times = facts.times[events]
    bound = np.full(len(facts.classes), FOREVER)
    sign = 1 if reach.direction == "forward" else -1
    np.minimum.at(bound, reach.objects, sign * reach.moments)
    np.minimum.at(bound, reach.seeds, sign * reach.seed_moments)
    is_here = sign * times >= bound[objects]
    is_here &= bound[objects] != FOREVER
    is_here |= _carried(objects, times, carriers, len(facts.classes))
    return Sightings(events[is_here], objects[is_here])


def _carried(objects: Small, times: Ints, carriers: Carriers, count: int) -> npt.NDArray[np.bool_]:
    """Tell which rows speak of a container while it carried something reached."""
    held = carriers.held
    order = np.lexsort((held.firsts, held.things))
    things, firsts, lasts = held.things[order], held.firsts[order], held.lasts[order]
    starts = np.searchsorted(things, np.arange(count + 1))
    result = np.zeros(len(objects), bool)
    _inside(objects, times, starts, firsts, lasts, result)
    return result


@compiled
def _inside(
    objects: Small,
    times: Ints,
    starts: Ints,
    firsts: Ints,
    lasts: Ints,
    result: npt.NDArray[np.bool_],
) -> None:
    for row in range(len(objects)):
        for at in range(starts[objects[row]], starts[objects[row] + 1]):
            if firsts[at] > times[row]:
                break
            if times[row] <= lasts[at]:
                result[row] = True
                break


def count_places(
    connection: Connection, tenant_id: int, facts: Facts, seen: Sightings
) -> list[tuple[int, Ints]]:
    """Give by place: its number, and the rows of the sightings there."""
    said = _said(connection, tenant_id, facts, _PLACES)
    # The business location says where it is afterwards; the read point only where it was seen.
    order = np.argsort(said["role"], kind="stable")
    place_of = np.zeros(facts.events, np.int64)
    rows, events = _rows_in(facts, said["sequence"][order])
    place_of[events] = said["object"][order][rows]
    return _grouped(place_of[seen.events])


def place_counts(
    facts: Facts,
    seen: Sightings,
    groups: list[tuple[int, Ints]],
    names: dict[int, str],
    titles: Mapping[str, Title],
) -> list[PlaceCount]:
    """Say what was at each place, those with the most first."""
    is_received = facts.steps == Step.RECEIVING
    found = []
    for place, rows in groups:
        events, objects = seen.events[rows], seen.objects[rows]
        first, last = _period(facts, events)
        got = np.unique(objects[is_received[events]])
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
    said = _said(connection, tenant_id, facts, _PARTIES)
    found: dict[int, tuple[Ints, Ints]] = {}
    nothing = np.zeros(0, np.int64)
    for at, role in enumerate((Role.SOURCE, Role.DESTINATION)):
        is_role = said["role"] == role
        rows, events = _rows_in(facts, said["sequence"][is_role])
        parties = said["object"][is_role][rows]
        for party in np.unique(parties).tolist():
            is_its = np.zeros(facts.events, bool)
            is_its[events[parties == party]] = True
            sighted = np.flatnonzero(is_its[seen.events])
            if len(sighted):
                pair = list(found.get(party, (nothing, nothing)))
                pair[at] = sighted
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
    connection: Connection, tenant_id: int, facts: Facts, question: sql.SQL
) -> npt.NDArray[np.void]:
    spelled = SOURCE_DESTINATION_TYPE.spellings
    values = {
        "tenant": tenant_id,
        "position": facts.position,
        "read_point": int(Role.READ_POINT),
        "business_location": int(Role.BUSINESS_LOCATION),
        "source": int(Role.SOURCE),
        "destination": int(Role.DESTINATION),
        "possessing": spelled["possessing_party"],
        "owning": spelled["owning_party"],
    }
    literals = {name: sql.Literal(value) for name, value in values.items()}
    return read_columns(connection, question.format(**literals), _COLUMNS)


def _rows_in(facts: Facts, sequences: Ints) -> tuple[Ints, Ints]:
    """Give the rows whose events are among the facts, and the places of those events."""
    order = np.argsort(facts.sequences)
    in_order = facts.sequences[order]
    place = np.searchsorted(in_order, sequences)
    place[place == len(in_order)] = 0
    rows = np.flatnonzero(in_order[place] == sequences) if len(in_order) else place[:0]
    return rows, order[place[rows]]


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
