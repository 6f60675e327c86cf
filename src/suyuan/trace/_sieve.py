"""A part of an answer: of some products or lots, at a place, with a party, on a day, on hold. 筛选

What is left is an answer of its own: it counts, lists and exports like any other. The starts
are not in it, since they were asked for and not found; but where portions are told they stay,
because portions are of them.
"""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta, tzinfo

import msgspec
import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.errors import InvalidInput, Problem
from suyuan.event import Role
from suyuan.identifier import parse
from suyuan.store import Connection
from suyuan.trace._answer import Grade, Trace, TracedObject
from suyuan.trace._columns import Ints
from suyuan.trace._compiled import compiled
from suyuan.trace._details import Details
from suyuan.trace._happened import canonical
from suyuan.trace._holds import HOLD_WORDS, HOLDING
from suyuan.trace._load import read_columns
from suyuan.trace._names import numbers_of_uris, plant_bases
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._summary import count_parties, count_places
from suyuan.trace._times import moment_of

__all__ = ["Sieve", "any_within", "days_of", "page_of", "sift"]

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_EPOCH = date(1970, 1, 1)

Mask = npt.NDArray[np.bool_]

# Whoever stands in one of these may be on hold now; the others can't be.
_SPEAKING = sql.SQL("""
    SELECT object_id FROM journal.posting
    WHERE tenant_id = {tenant} AND object_id = ANY({objects}::bigint[]) AND role <= {last_role}
      AND first_sequence <= {position} AND EXISTS (
          SELECT FROM journal.event AS event, unnest(sequences) AS said (sequence)
          WHERE event.tenant_id = {tenant} AND event.sequence = said.sequence
            AND (disposition = ANY({words}) OR business_step = {holding}
                 OR strpos(body, {persistent}) > 0))
""")
_AT_ONCE = 50_000


class Sieve(msgspec.Struct, frozen=True, kw_only=True):
    """What of an answer is wanted; codes in any spelling. An object has to pass all of it."""

    products: list[str] = []
    lots: list[str] = []
    place: str | None = None
    party: str | None = None
    day: date | None = None
    """The day, in the time zone, of the moment at which it was reached."""
    grade: Grade | None = None
    is_held: bool = False

    def __bool__(self) -> bool:
        """Tell whether anything is left out."""
        return self != Sieve()


def sift(trace: Trace, sieve: Sieve, zone: tzinfo) -> Trace:
    """Give the part of an answer that a sieve lets through. Raises InvalidInput for no codes."""
    if not sieve:
        return trace
    reach = trace.reach
    passes = np.ones(len(reach.objects), bool)
    if sieve.grade is not None:
        passes &= reach.is_certain == (sieve.grade == "certain")
    if sieve.day is not None:
        passes &= days_of(reach.moments, zone) == (sieve.day - _EPOCH).days
    with trace.opened() as connection:
        tenant_id = trace.genealogy.tenant_id
        if sieve.products:
            wanted = _numbers(connection, tenant_id, sieve.products)
            passes &= np.isin(trace.known.facts.classes[reach.objects], wanted)
        if sieve.lots:
            wanted = _numbers(connection, tenant_id, sieve.lots)
            passes &= np.isin(trace.lots, wanted) | np.isin(reach.objects, wanted)
        if sieve.place is not None:
            passes &= _was_at(trace, connection, _numbers(connection, tenant_id, [sieve.place]))
        if sieve.party is not None:
            passes &= _was_with(trace, connection, _numbers(connection, tenant_id, [sieve.party]))
        if sieve.is_held:
            passes[passes] = _on_hold(trace, connection, passes)
    nobody = reach.seeds if trace.is_weighed else reach.seeds[:0]
    part = dataclasses.replace(
        reach,
        objects=reach.objects[passes],
        moments=reach.moments[passes],
        sure=reach.sure[passes],
        seeds=nobody,
        seed_moments=reach.seed_moments[: len(nobody)],
    )
    return dataclasses.replace(trace, reach=part)


def page_of(trace: Trace, offset: int, limit: int) -> list[TracedObject]:
    """Give a page of the objects with their details, in the order in which they were reached.

    On the way back what went on its way last comes first.
    """
    reach = trace.reach
    sign = 1 if reach.direction == "forward" else -1
    # No moment at all is the beginning on either way, and then the number decides.
    rows = np.lexsort((reach.objects, sign * reach.moments))[offset : offset + limit]
    part = dataclasses.replace(
        reach,
        objects=reach.objects[rows],
        moments=reach.moments[rows],
        sure=reach.sure[rows],
        seeds=reach.seeds[:0],
        seed_moments=reach.seed_moments[:0],
    )
    return list(dataclasses.replace(trace, reach=part, is_weighed=False).objects(details=True))


def days_of(moments: Ints, zone: tzinfo) -> Ints:
    """Give the day of each moment in a time zone, counted from 1970; LONG_AGO for no moment."""
    is_bounded = (moments != FOREVER) & (moments != LONG_AGO)
    hours = np.where(is_bounded, moments // _HOUR_US, 0)
    # A zone changes its distance to UTC on the hour, and there are few hours.
    every, place = np.unique(hours, return_inverse=True)
    offsets = np.array([_offset(hour, zone) for hour in every.tolist()], np.int64)
    days: Ints = np.where(is_bounded, (moments + offsets[place]) // _DAY_US, LONG_AGO)
    return days


def _offset(hour: int, zone: tzinfo) -> int:
    moment = moment_of(hour * _HOUR_US)
    assert moment is not None
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)


def _numbers(connection: Connection, tenant_id: int, codes: list[str]) -> Ints:
    """Give the numbers of what codes name; what no event names has none, and lets nothing pass."""
    bases = plant_bases(connection, tenant_id)
    problems: list[Problem] = []
    uris: list[str] = []
    for code in codes:
        try:
            uris.append(parse(code, plant_bases=bases).canonical)
        except InvalidInput as error:
            if "://" in code:  # Places and parties may have any URI.
                uris.append(canonical(code))
            else:
                problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return np.array(list(numbers_of_uris(connection, tenant_id, uris).values()), np.int64)


def _was_at(trace: Trace, connection: Connection, places: Ints) -> Mask:
    """Tell what was seen at a place, by itself or inside a carrier."""
    facts = trace.known.facts
    groups = count_places(connection, trace.genealogy.tenant_id, facts, trace.seen)
    rows = [some for place, some in groups if place in places]
    return _involved(trace, np.concatenate(rows) if rows else np.zeros(0, np.int64))


def _was_with(trace: Trace, connection: Connection, parties: Ints) -> Mask:
    """Tell what a party sent, or was sent, by itself or inside a carrier."""
    facts = trace.known.facts
    groups = count_parties(connection, trace.genealogy.tenant_id, facts, trace.seen)
    rows = [np.concatenate(pair) for party, pair in groups.items() if party in parties]
    return _involved(trace, np.concatenate(rows) if rows else np.zeros(0, np.int64))


def _involved(trace: Trace, rows: Ints) -> Mask:
    """Tell which objects some sightings are about, whether of themselves or of a carrier."""
    facts, held = trace.known.facts, trace.carriers.held
    things = trace.seen.objects[rows].astype(np.int64)
    times = facts.times[trace.seen.events[rows]]
    is_seen = np.zeros(len(facts.classes), bool)
    is_seen[things] = True
    order = np.lexsort((times, things))
    things, times = things[order], times[order]
    low = np.searchsorted(things, held.things)
    high = np.searchsorted(things, held.things, "right")
    is_met = any_within(times, low, high, held.firsts, held.lasts)
    is_seen[trace.carriers.carried[held.askers[is_met]]] = True
    found: Mask = is_seen[trace.reach.objects]
    return found


@compiled
def any_within(times: Ints, low: Ints, high: Ints, firsts: Ints, lasts: Ints) -> Mask:
    """Tell for each row whether one of its times, from low to before high, is in its period."""
    found = np.zeros(len(low), np.bool_)
    for row in range(len(low)):
        at = low[row] + np.searchsorted(times[low[row] : high[row]], firsts[row])
        found[row] = at < high[row] and times[at] <= lasts[row]
    return found


def _on_hold(trace: Trace, connection: Connection, passes: Mask) -> Mask:
    """Tell which of the objects that pass are on hold, as `details` would say."""
    tenant_id, known = trace.genealogy.tenant_id, trace.known
    numbers, lots = trace.reach.objects[passes], trace.lots[passes]
    held = trace.carriers.held
    is_asked = np.isin(trace.carriers.carried[held.askers], numbers)
    every = np.unique(np.concatenate((numbers, lots[lots > 0], held.things[is_asked])))
    speaking = _speaking(connection, tenant_id, known.position, every)
    inside = trace.carriers.carried[held.askers[np.isin(held.things, speaking)]]
    may = np.isin(numbers, speaking) | np.isin(lots, speaking) | np.isin(numbers, inside)
    details = Details(connection, tenant_id, known)
    may[may] = [bool(one.hold) for one in details.of(numbers[may], lots[may])]
    return may


def _speaking(connection: Connection, tenant_id: int, position: int, objects: Ints) -> Ints:
    """Give those objects of which any event says that they are on hold."""
    found = []
    for start in range(0, len(objects), _AT_ONCE):
        question = _SPEAKING.format(
            tenant=sql.Literal(tenant_id),
            objects=sql.Literal(objects[start : start + _AT_ONCE].tolist()),
            last_role=sql.Literal(int(Role.OUTPUT_QUANTITY)),
            position=sql.Literal(position),
            words=sql.Literal(list(HOLD_WORDS)),
            holding=sql.Literal(HOLDING),
            persistent=sql.Literal("ersistentDisposition"),
        )
        found.append(read_columns(connection, question, (("object", ">i8"),))["object"])
    return np.unique(np.concatenate(found)) if found else objects
