"""What suspects share, ranked by how much more often it stands behind them than the rest. 共同点

Lots and other objects, products, containers, equipment, operators, work orders, operations,
places, suppliers, and periods: for each it is counted behind how many suspects it stands, and
behind how many of the rest. See docs/design/trace.md, and `_chance.py` for the statistic.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, cast, get_args

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.errors import InvalidInput, Problem
from suyuan.event import Role
from suyuan.store import Connection
from suyuan.trace._behind import Behind, Pairs, stand_behind, unique_pairs
from suyuan.trace._chance import chance_of, lift_of
from suyuan.trace._columns import Ints
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._happened import Reading
from suyuan.trace._index import Known
from suyuan.trace._names import numbers_of_codes, uris_of
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import microseconds, moment_of
from suyuan.trace._titles import title_in, titles_of
from suyuan.trace._windows import best_window

__all__ = ["KINDS", "REST_MAX", "Common", "Kind", "Shared", "common"]

REST_MAX = 1_000
"""Of more objects to compare with, so many are taken by lot."""

Kind = Literal[
    "lot",
    "instance",
    "container",
    "product",
    "supplier",
    "equipment",
    "operator",
    "work_order",
    "operation",
    "place",
    "period",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Shared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that stands behind two suspects or more.

    `chance` is how likely at least so many suspects share it by chance alone, `lift` how many
    times as often it stands behind suspects as behind the rest. What has the same rank is told
    apart by nothing in the record. A period is of the business step in `value`. Names are
    those of the master data.
    """

    rank: int
    kind: Kind
    value: str
    suspects: int
    rest: int
    lift: float
    chance: float
    first: datetime | None = None
    """When it first stood behind a suspect; of a period, its beginning."""
    last: datetime | None = None
    name: str | None = None
    name_zh: str | None = None


class Common(msgspec.Struct, frozen=True, kw_only=True):
    """What suspects share, the most telling first."""

    suspects: list[str]
    rest: int
    """How many objects there are to compare with."""
    rest_taken: int
    """How many of them were looked at: all, or so many taken by lot."""
    until: datetime | None
    as_of: datetime | None
    position: int
    seconds: float
    shared: list[Shared]


@dataclass(frozen=True)
class _Asked:
    """The subjects by number, the suspects before the rest."""

    subjects: Ints
    suspects: int
    rest: int

    @property
    def taken(self) -> int:
        return len(self.subjects) - self.suspects


class _Count(NamedTuple):
    """Behind how many suspects and others something stands, and when behind suspects."""

    thing: int
    suspects: int
    rest: int
    chance: float
    first: int
    last: int


_Found = tuple[Kind, str, _Count]


def common(
    genealogy: Genealogy,
    suspects: Sequence[str],
    *,
    rest: Sequence[str] | None = None,
    rest_max: int = REST_MAX,
    until: datetime | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> Common:
    """Tell what suspects share, and how much more often than the rest. 共同点

    The rest are the other objects of the same products, lots with lots and instances with
    instances, unless they are given. Raises InvalidInput `trace.suspect_in_rest`.
    """
    started = time.perf_counter()
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        known = genealogy.known(connection, as_of=as_of, not_before=not_before)
        tenant_id, position = genealogy.tenant_id, known.position
        starts = numbers_of_codes(connection, tenant_id, suspects, position)
        given = rest and numbers_of_codes(connection, tenant_id, rest, position)
        both = sorted(starts.keys() & given.keys()) if given else []
        if both:
            raise InvalidInput([Problem(code="trace.suspect_in_rest", found=uri) for uri in both])
        asked = _asked(known, starts, given or None, rest_max)
        reading = Reading(connection, tenant_id, position)
        high = FOREVER if until is None else microseconds(until)
        behind = stand_behind(reading, known, asked.subjects, high)
        found = [*_things(connection, tenant_id, known, behind, asked)]
        found += [*_told(behind, asked), *_periods(behind, asked)]
        shared = _ranked(connection, tenant_id, found, asked)
    return Common(
        suspects=list(starts),
        rest=asked.rest,
        rest_taken=asked.taken,
        until=until,
        as_of=as_of,
        position=position,
        seconds=round(time.perf_counter() - started, 6),
        shared=shared,
    )


def _asked(
    known: Known, suspects: dict[str, int], given: dict[str, int] | None, rest_max: int
) -> _Asked:
    numbers = np.array(list(suspects.values()), np.int64)
    rest = _peers(known, numbers) if given is None else np.array([*given.values()], np.int64)
    taken = rest
    if len(rest) > rest_max:
        # The same of them each time, so that an answer can be asked for again.
        taken = np.sort(np.random.default_rng(len(rest)).choice(rest, rest_max, replace=False))
    return _Asked(np.concatenate((numbers, taken)), len(numbers), len(rest))


def _peers(known: Known, suspects: Ints) -> Ints:
    """Give the other objects of the same products: lots where lots are suspected."""
    facts = known.facts
    is_thing = facts.roles <= Role.OUTPUT_QUANTITY
    is_named = np.zeros(len(facts.classes), bool)
    is_named[facts.objects[is_thing]] = True
    is_lot = known.graph.is_lot(np.arange(len(facts.classes)))
    found = np.zeros(len(facts.classes), bool)
    for is_kind in (is_lot, ~is_lot):
        products = np.unique(facts.classes[suspects[is_kind[suspects]]])
        found |= is_kind & is_named & np.isin(facts.classes, products[products > 0])
    found[suspects] = False
    result: Ints = np.flatnonzero(found)
    return result


def _counted(pairs: Pairs, times: Ints, asked: _Asked) -> list[_Count]:
    """Count behind how many each thing stands, for all that stands behind two suspects."""
    things, place = np.unique(pairs.things, return_inverse=True)
    once = unique_pairs(Pairs(pairs.subjects, place))
    is_suspect = once.subjects < asked.suspects
    hits = np.bincount(once.things[is_suspect], minlength=len(things))
    misses = np.bincount(once.things[~is_suspect], minlength=len(things))
    firsts, lasts = np.full(len(things), FOREVER), np.full(len(things), LONG_AGO)
    is_when = (pairs.subjects < asked.suspects) & (times != FOREVER) & (times != LONG_AGO)
    np.minimum.at(firsts, place[is_when], times[is_when])
    np.maximum.at(lasts, place[is_when], times[is_when])
    sizes = (asked.suspects, asked.taken)
    return [
        _Count(
            *(int(things[at]), int(hits[at]), int(misses[at])),
            chance_of(int(hits[at]), int(misses[at]), *sizes),
            *(int(firsts[at]), int(lasts[at])),
        )
        for at in np.flatnonzero(hits >= min(2, asked.suspects)).tolist()
    ]


def _things(
    connection: Connection, tenant_id: int, known: Known, behind: Behind, asked: _Asked
) -> Iterator[_Found]:
    """Count the objects, their products, and the containers that stand behind suspects."""
    subjects, objects = behind.objects
    is_lot = known.graph.is_lot(objects)
    products = known.facts.classes[objects].astype(np.int64)
    nothing = np.full(len(behind.carriers.subjects), FOREVER)
    chosen: list[tuple[Kind, Pairs, Ints]] = [("container", behind.carriers, nothing)]
    ways: tuple[tuple[Kind, Ints, npt.NDArray[np.bool_]], ...] = (
        ("lot", objects, is_lot),
        ("instance", objects, ~is_lot),
        ("product", products, products > 0),
    )
    for kind, things, is_it in ways:
        chosen.append((kind, Pairs(subjects[is_it], things[is_it]), behind.moments[is_it]))
    for kind, pairs, times in chosen:
        counts = _counted(pairs, times, asked)
        names = uris_of(connection, tenant_id, [one.thing for one in counts])
        yield from ((kind, names[one.thing], one) for one in counts)


def _told(behind: Behind, asked: _Asked) -> Iterator[_Found]:
    """Count what the events tell that stand behind suspects."""
    numbers: dict[tuple[str, str], int] = {}
    sequences, place = np.unique(behind.events.things, return_inverse=True)
    told = [
        [numbers.setdefault(one, len(numbers)) for one in sorted(behind.reading[event].told)]
        for event in sequences.tolist()
    ]
    counts = np.array([len(one) for one in told], np.int64)
    flat = np.array([one for some in told for one in some], np.int64)
    starts = np.cumsum(counts) - counts
    rows = np.repeat(np.arange(len(place)), counts[place])
    offsets = np.arange(len(rows)) - np.repeat(
        np.cumsum(counts[place]) - counts[place], counts[place]
    )
    things = flat[starts[place[rows]] + offsets]
    times = behind.reading.times(sequences)[place[rows]]
    names = list(numbers)
    for one in _counted(Pairs(behind.events.subjects[rows], things), times, asked):
        kind, value = names[one.thing]
        yield cast("Kind", kind), value, one


def _periods(behind: Behind, asked: _Asked) -> Iterator[_Found]:
    """Find for each business step the period that tells suspects from the rest best."""
    subjects, events = behind.events
    sequences, place = np.unique(events, return_inverse=True)
    steps = [behind.reading[event].step or "" for event in sequences.tolist()]
    names, step_of = np.unique(steps, return_inverse=True)
    times = behind.reading.times(sequences)[place]
    for number, name in enumerate(names.tolist()):
        rows = np.flatnonzero(step_of[place] == number)
        is_suspect = subjects[rows] < asked.suspects
        if name and is_suspect.any():
            found = best_window(
                subjects[rows], times[rows], is_suspect, asked.suspects, asked.taken
            )
            if found is not None:
                count = (number, found.hits, found.misses, found.chance, found.first, found.last)
                yield "period", name, _Count(*count)


def _ranked(
    connection: Connection, tenant_id: int, found: Iterable[_Found], asked: _Asked
) -> list[Shared]:
    """Put the most telling first; of equals lots first, and what was earlier before the later."""
    rows = sorted(
        found,
        key=lambda row: (*_weight(row[2]), KINDS.index(row[0]), row[2].first, row[1]),
    )
    titles = titles_of(connection, tenant_id, {value for _, value, _ in rows})
    shared: list[Shared] = []
    before: tuple[float, int] | None = None
    rank = 0
    for place, (kind, value, one) in enumerate(rows, 1):
        rank = rank if _weight(one) == before else place
        before = _weight(one)
        shared.append(
            Shared(
                rank=rank,
                kind=kind,
                value=value,
                suspects=one.suspects,
                rest=one.rest,
                lift=lift_of(one.suspects, one.rest, asked.suspects, asked.taken),
                chance=one.chance,
                first=None if one.first == FOREVER else moment_of(one.first),
                last=None if one.last == LONG_AGO else moment_of(one.last),
                **title_in(titles, value),
            )
        )
    return shared


def _weight(one: _Count) -> tuple[float, int]:
    """Give what ranks: the chance, to as many digits as it is known, then the suspects."""
    return float(f"{one.chance:.9e}"), -one.suspects
