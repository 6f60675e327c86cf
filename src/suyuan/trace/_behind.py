"""What stands behind objects: what they came from, what carried it, and which events. 背后

An event stands behind an object when it names the object, something that the object came from,
or what carried either at the time, before that went on its way. What a lot was used for
elsewhere does not: of the transformations only those count that lead on to the object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides, outsides
from suyuan.trace._happened import Reading
from suyuan.trace._index import Known
from suyuan.trace._stays import LONG_AGO
from suyuan.trace._walk import walk

__all__ = ["Behind", "Pairs", "stand_behind", "unique_pairs"]

_ROLES = (
    *(Role.EPC, Role.PARENT, Role.CHILD, Role.OUTPUT),
    *(Role.QUANTITY, Role.CHILD_QUANTITY, Role.OUTPUT_QUANTITY),
)
_OUTPUTS = (int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY))


class Pairs(NamedTuple):
    """Which subject has what behind it: one row a pair, subjects by their place."""

    subjects: Ints
    things: Ints


@dataclass(frozen=True)
class Behind:
    """What stands behind some subjects."""

    objects: Pairs
    """What each came from."""
    moments: Ints
    """Of each of these pairs: the latest at which it can have gone on its way."""
    carriers: Pairs
    events: Pairs
    """Events by their sequence numbers; `reading` has them."""
    reading: Reading


class _Sources(NamedTuple):
    """Each subject with itself, its contents and all that it came from."""

    subjects: Ints
    objects: Ints
    moments: Ints
    is_own: npt.NDArray[np.bool_]
    """What is the subject itself, or was inside it."""


class _Bounded(NamedTuple):
    """An object and how long its events count: those that made it, and those that saw it."""

    objects: Ints
    made: Ints
    seen: Ints


def stand_behind(reading: Reading, known: Known, subjects: Ints, until: int) -> Behind:
    """Find all that stands behind each of some objects, up to a moment."""
    sources = _sources(known, subjects, until)
    said = reading.said_of(sources.objects, _ROLES)
    seen = _seen_until(sources, said, reading, until, len(subjects))
    # What many subjects share is looked at once.
    once, place = _each_once(_Bounded(sources.objects, sources.moments, seen))
    held = outsides(known.graph, once.objects, LONG_AGO, once.seen)
    places, events = _events_of(reading, once, said)
    some, more = _carried_by(reading, held.askers, held.things, held.firsts, held.lasts)
    to_subject = _grouped(place, sources.subjects)
    is_other = ~sources.is_own
    # What was inside the subject is listed too, as in every answer.
    is_other |= sources.objects != subjects[sources.subjects]
    return Behind(
        objects=Pairs(sources.subjects[is_other], sources.objects[is_other]),
        moments=sources.moments[is_other],
        carriers=_for_subjects(to_subject, held.askers, held.things),
        events=_for_subjects(
            to_subject, np.concatenate((places, some)), np.concatenate((events, more))
        ),
        reading=reading,
    )


def _sources(known: Known, subjects: Ints, until: int) -> _Sources:
    """Walk back from each subject alone; grades are not asked for, as they cost the most."""
    graph = known.graph
    columns: list[tuple[Ints, Ints, Ints, npt.NDArray[np.bool_]]] = []
    for at, subject in enumerate(subjects.tolist()):
        start = np.array([subject], np.int64)
        held = insides(graph, start, LONG_AGO, until)
        own, lasts = np.append(held.things, start), np.append(held.lasts, until)
        found = walk(graph, own, -lasts, is_back=True)
        first = int(np.searchsorted(found.nodes, 0))
        objects, moments = _latest(
            np.concatenate((own, found.nodes[first:])),
            np.concatenate((lasts, -found.labels[first:])),
        )
        columns.append((np.full(len(objects), at), objects, moments, np.isin(objects, own)))
    return _Sources(*(np.concatenate(column) for column in zip(*columns, strict=True)))


def _latest(objects: Ints, moments: Ints) -> tuple[Ints, Ints]:
    """Give each object once, with the last of its moments."""
    order = np.lexsort((moments, objects))
    objects, moments = objects[order], moments[order]
    is_last = np.append(objects[1:] != objects[:-1], True)
    return objects[is_last], moments[is_last]


def _seen_until(
    sources: _Sources, said: npt.NDArray[np.void], reading: Reading, until: int, count: int
) -> Ints:
    """Give how long it counts where a source was seen.

    The lot of an instance has no clock, since it is recalled whole; but where the lot is seen
    after the instance was taken from it, the instance is elsewhere.
    """
    times = reading.times(said["sequence"].astype(np.int64))
    objects, starts = np.unique(said["object"], return_index=True)
    firsts = np.minimum.reduceat(times, starts) if len(starts) else times
    first_of = dict(zip(objects.tolist(), firsts.tolist(), strict=True))
    own_first = np.full(count, LONG_AGO)
    for subject, thing in zip(
        sources.subjects[sources.is_own].tolist(),
        sources.objects[sources.is_own].tolist(),
        strict=True,
    ):
        own_first[subject] = max(own_first[subject], first_of.get(thing, LONG_AGO))
    is_timeless = ~sources.is_own & (sources.moments == until)
    limit = own_first[sources.subjects]
    return np.where(is_timeless & (limit != LONG_AGO), limit, sources.moments)


def _events_of(
    reading: Reading, bounded: _Bounded, said: npt.NDArray[np.void]
) -> tuple[Ints, Ints]:
    """Give the events that name each object in time, by place of the object."""
    names = said["object"].astype(np.int64)
    places, rows = _matched(bounded.objects, names)
    events = said["sequence"].astype(np.int64)[rows]
    times = reading.times(events)
    is_made = np.isin(said["role"][rows], _OUTPUTS)
    is_made |= np.array([_brings_in(reading, one) for one in events.tolist()], bool)
    is_in_time = times <= np.where(is_made, bounded.made[places], bounded.seen[places])
    places, events, times = places[is_in_time], events[is_in_time], times[is_in_time]
    some, more = _same_transformation(reading, places, events, times)
    return np.concatenate((places, some)), np.concatenate((events, more))


def _brings_in(reading: Reading, sequence: int) -> bool:
    event = reading[sequence]
    return event.type == EventType.OBJECT and event.action == Action.ADD


def _same_transformation(
    reading: Reading, places: Ints, events: Ints, times: Ints
) -> tuple[Ints, Ints]:
    """Give the other events of each transformation, up to the last output that counts."""
    lasts: dict[tuple[int, str], int] = {}
    for place, event, time in zip(places.tolist(), events.tolist(), times.tolist(), strict=True):
        name = reading[event].transformation
        if name is not None:
            lasts[place, name] = max(time, lasts.get((place, name), LONG_AGO))
    numbers = reading.numbers({name for _, name in lasts})
    said = reading.said_of(np.array(list(numbers.values()), np.int64), [Role.TRANSFORMATION])
    parts: dict[int, list[int]] = {}
    for number, event in zip(said["object"].tolist(), said["sequence"].tolist(), strict=True):
        parts.setdefault(number, []).append(event)
    found = [
        (place, event)
        for (place, name), last in lasts.items()
        for event in parts.get(numbers.get(name, 0), ())
        if reading[event].time <= last
    ]
    rows = np.array(found, np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def _carried_by(
    reading: Reading, askers: Ints, containers: Ints, firsts: Ints, lasts: Ints
) -> tuple[Ints, Ints]:
    """Give the events that name a container while it held something, by who asked."""
    said = reading.said_of(containers, _ROLES)
    rows, names = _matched(containers, said["object"].astype(np.int64))
    events = said["sequence"].astype(np.int64)[names]
    times = reading.times(events)
    is_in_time = (times >= firsts[rows]) & (times <= lasts[rows])
    return askers[rows[is_in_time]], events[is_in_time]


def _matched(wanted: Ints, names: Ints) -> tuple[Ints, Ints]:
    """Give all pairs of a place in `wanted` and a row of the sorted `names` that are equal."""
    first, last = np.searchsorted(names, wanted), np.searchsorted(names, wanted, "right")
    counts = last - first
    places = np.repeat(np.arange(len(wanted)), counts)
    offsets = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places, first[places] + offsets


def _grouped(keys: Ints, values: Ints) -> Pairs:
    """Give pairs in the order of their keys."""
    order = np.argsort(keys, kind="stable")
    return Pairs(keys[order], values[order])


def _for_subjects(to_subject: Pairs, places: Ints, things: Ints) -> Pairs:
    """Give each thing to every subject behind which its place stands, once."""
    pairs = unique_pairs(Pairs(places, things))
    rows, owners = _matched(pairs.subjects, to_subject.subjects)
    return unique_pairs(Pairs(to_subject.things[owners], pairs.things[rows]))


def unique_pairs(pairs: Pairs) -> Pairs:
    """Give each pair once, in order: one number for each, since sorting rows is slow."""
    width = int(pairs.things.max(initial=0)) + 1
    keys = np.unique(pairs.subjects * width + pairs.things)
    return Pairs(keys // width, keys % width)


def _each_once(rows: _Bounded) -> tuple[_Bounded, Ints]:
    """Give each row once, and where each stands among them."""
    order = np.lexsort(rows)
    is_new = np.ones(len(order), bool)
    is_new[1:] = np.logical_or.reduce([column[order[1:]] != column[order[:-1]] for column in rows])
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(is_new) - 1
    return _Bounded(*(column[order[is_new]] for column in rows)), place
