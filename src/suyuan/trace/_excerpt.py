"""An excerpt of what is known: some objects and all that gaps look at of them. 摘录

Whoever asks for the gaps of a few objects should not pay for a whole journal: their events are
found by the postings, their stays along the chains of the genealogy, and everything is numbered
anew, so that each array is as long as the excerpt. Objects, events and stays keep their order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.store import Connection
from suyuan.trace._columns import Columns, Ints, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._edges import POOL
from suyuan.trace._entries import ranges
from suyuan.trace._excerpt_read import Events, Named, put_together, read_events, read_named
from suyuan.trace._facts import Facts
from suyuan.trace._graph import Graph, Lying
from suyuan.trace._index import Known
from suyuan.trace._neighbourhood import Around, KnownAround, known_around
from suyuan.trace._said import Mask, Said
from suyuan.trace._walk import Ways, ways_of

__all__ = ["Excerpt", "kin_of", "make_excerpt"]

_NO_LIMIT = 1 << 62


@dataclass(frozen=True)
class Excerpt:
    """What is known and said of some objects, numbered anew."""

    known: Known
    said: Said
    numbers: Ints
    """By number in here, that in the journal; the first is nobody's."""
    is_asked: Mask
    is_near: Mask
    """What was asked for, and the lots."""
    recorded: Ints
    """By event, when it was recorded."""

    def of(self, objects: Ints) -> Ints:
        """Give the numbers in here of objects that are in here."""
        return np.searchsorted(self.numbers, objects)


def make_excerpt(
    connection: Connection, tenant_id: int, known: Known, asked: Ints, others: Ints
) -> Excerpt:
    """Read all that gaps look at of the objects asked for; of `others`, what happened to them."""
    things = np.union1d(asked, others)
    if isinstance(known, KnownAround):
        known = _known_within(connection, tenant_id, known, things)
    things = things[things < known.graph.objects]
    asked = asked[asked < known.graph.objects]
    owners, lots = kin_of(known, things, is_back=True)
    near = np.union1d(things, lots)
    stays, around = _stays_around(known.graph, near, asked)
    graph = known.graph
    opened = graph.stays.opened_by[stays]
    closed = graph.lying.closed_by[stays]
    closed = np.where(closed < graph.events, closed, -1)
    ways = ways_of(graph, is_back=True)
    touched = np.concatenate((opened, closed[closed >= 0], _inputs_for(ways, asked)))
    named = read_named(connection, tenant_id, known.position, around)
    sequences = np.union1d(named.sequences, known.facts.sequences[touched])
    events = read_events(connection, tenant_id, known.position, sequences)
    places = _places_in(known.facts, events)
    cut = _Cut(known, events, places, named, np.stack((stays, opened, closed)))
    return cut.excerpt(asked, near, owners, lots)


def _known_within(
    connection: Connection, tenant_id: int, known: Known, things: Ints
) -> KnownAround:
    """Read what stands around and inside some objects and their lots."""
    # Only when the objects are read it is known of which lots they are.
    within = _read_within(connection, tenant_id, known.position, things)
    lots = kin_of(within, things[things < within.graph.objects], is_back=True)[1]
    if not len(np.setdiff1d(lots, things)):
        return within
    return _read_within(connection, tenant_id, known.position, np.union1d(things, lots))


def _read_within(
    connection: Connection, tenant_id: int, position: int, things: Ints
) -> KnownAround:
    around = Around(things, "within")
    within = known_around(connection, tenant_id, position, around, _NO_LIMIT)
    assert within is not None
    return within


def kin_of(known: Known, objects: Ints, *, is_back: bool) -> tuple[Ints, Ints]:
    """Give pairs of object and lot, or on the way forward of object and instance."""
    return _kin(ways_of(known.graph, is_back=is_back), objects)


@compiled
def _kin(ways: Ways, objects: Ints) -> tuple[Ints, Ints]:
    owners = [np.int64(0) for _ in range(0)]
    others = [np.int64(0) for _ in range(0)]
    for at in range(len(objects)):
        edge = ways.first[objects[at]]
        while edge != 0:
            other = ways.targets[edge]
            if edge < ways.edges and ways.edge_events[edge] < 0 and other > 0:
                owners.append(objects[at])
                others.append(np.int64(other))
            edge = ways.next[edge]
    return np.array(owners), np.array(others)


def _stays_around(graph: Graph, near: Ints, asked: Ints) -> tuple[Ints, Ints]:
    """Give the stays that matter, and everything near with all containers around it.

    These are the stays of all that, those inside what was asked for, and what ended when
    something was put in there.
    """
    lying, around, new, found = graph.lying, near, near, []
    while len(new):
        stays = _stays_of(lying, new, False)
        found.append(stays)
        new = np.setdiff1d(lying.parents[stays].astype(np.int64), around)
        around = np.union1d(around, new)
    inside = _stays_of(lying, asked, True)
    return np.unique(np.concatenate((*found, inside, _left_for(lying, inside)))), around


@compiled
def _stays_of(lying: Lying, things: Ints, is_inward: bool) -> Ints:
    first = lying.first_inside if is_inward else lying.first_outside
    following = lying.next_inside if is_inward else lying.next_outside
    found = [np.int64(0) for _ in range(0)]
    for thing in things:
        stay = first[thing]
        while stay != 0:
            if stay < lying.stays:
                found.append(np.int64(stay))
            stay = following[stay]
    return np.array(found)


@compiled
def _left_for(lying: Lying, stays: Ints) -> Ints:
    """Give the stays that ended because others began."""
    found = [np.int64(0) for _ in range(0)]
    for at in range(len(stays)):
        event = lying.opened_by[stays[at]]
        stay = lying.first_outside[lying.children[stays[at]]]
        while stay != 0:
            if stay < lying.stays and lying.closed_by[stay] == event:
                found.append(np.int64(stay))
            stay = lying.next_outside[stay]
    return np.array(found)


@compiled
def _inputs_for(back: Ways, things: Ints) -> Ints:
    """Give the events in which anything went into the transformations that things came out of."""
    found = [np.int64(0) for _ in range(0)]
    for thing in things:
        edge = back.first[thing]
        while edge != 0:
            node = back.targets[edge]
            if edge < back.edges and node < 0 and back.traits[node] & POOL == 0:
                into = back.first[node]
                while into != 0:
                    event = back.edge_events[into]
                    is_here = into < back.edges and 0 <= event < back.events
                    if is_here and (len(found) == 0 or found[-1] != event):
                        found.append(np.int64(event))
                    into = back.next[into]
            edge = back.next[edge]
    return np.array(found)


def _places_in(facts: Facts, events: Events) -> Ints:
    """Give the place of each event among the facts, -1 where it is none of them."""
    sequences, times = events.sequences, events.times
    if facts.is_in_order:
        low = np.searchsorted(facts.times, times, "left")
        return _places_from(facts.sequences, facts.times, low, sequences, times)
    order = np.argsort(sequences)
    found = np.full(len(sequences), -1, np.int64)
    found[order] = _places_anywhere(facts.sequences, sequences[order])
    return found


@compiled
def _places_from(
    all_sequences: Ints, all_times: Ints, low: Ints, wanted: Ints, times: Ints
) -> Ints:
    found = np.full(len(wanted), -1, np.int64)
    for at in range(len(wanted)):
        place = low[at]
        while place < len(all_times) and all_times[place] == times[at]:
            if all_sequences[place] == wanted[at]:
                found[at] = place
                break
            place += 1
    return found


@compiled
def _places_anywhere(all_sequences: Ints, wanted: Ints) -> Ints:
    found = np.full(len(wanted), -1, np.int64)
    if len(wanted) == 0:
        return found
    first, last = wanted[0], wanted[-1]
    for place in range(len(all_sequences)):
        sequence = all_sequences[place]
        if first <= sequence <= last:
            at = np.searchsorted(wanted, sequence)
            if wanted[at] == sequence:
                found[at] = place
    return found


class _Cut(NamedTuple):
    """What is to be cut out."""

    known: Known
    events: Events
    places: Ints
    """By event, its place among the facts, or -1."""
    named: Named
    stays: Ints
    """Stay, the place of the event that opened it, and of that which closed it, or -1."""

    def excerpt(self, asked: Ints, near: Ints, owners: Ints, lots: Ints) -> Excerpt:
        """Number everything anew."""
        is_fact = self.places >= 0
        only_seen = self.events.sequences[~is_fact & self.events.is_object]
        mentions = self.named.seen_in(only_seen)
        is_kept = is_fact | np.isin(self.events.sequences, mentions.sequences)
        events, places = self.events.some(is_kept), self.places[is_kept]
        in_facts = np.flatnonzero(places >= 0)
        facts, place = self.known.facts, places[in_facts]
        lying, rows = self.known.graph.lying, self.stays[0]
        event_of, said = ranges(facts.starts[place], facts.starts[place + 1])
        numbers = np.unique(
            np.concatenate(
                (
                    *(np.zeros(1, np.int64), near, asked, lots, owners, mentions.objects),
                    *(facts.objects[said], lying.children[rows], lying.parents[rows]),
                )
            ).astype(np.int64)
        )
        cut = self._facts(place, event_of, said, numbers)
        graph = self._graph(place, cut.times, numbers, np.stack((owners, lots)))
        by_sequence = np.argsort(events.sequences)
        at = np.searchsorted(events.sequences[by_sequence], mentions.sequences)
        extra = replace(mentions, objects=np.searchsorted(numbers, mentions.objects))
        is_asked, is_near = np.zeros((2, len(numbers)), bool)
        is_asked[np.searchsorted(numbers, asked)] = True
        is_near[np.searchsorted(numbers, near)] = True
        known = self.known
        return Excerpt(
            Known(
                *(known.position, cut, graph, known.told[numbers]),
                *(known.told_units, known.tellings),
            ),
            put_together(events, cut, in_facts, extra, by_sequence[at]),
            numbers,
            is_asked,
            is_near,
            events.recorded,
        )

    def _facts(self, place: Ints, event_of: Ints, said: Ints, numbers: Ints) -> Facts:
        facts = self.known.facts
        starts = np.zeros(len(place) + 1, np.int64)
        np.cumsum(np.bincount(event_of, minlength=len(place)), out=starts[1:])
        return Facts(
            sequences=facts.sequences[place],
            times=facts.times[place],
            types=facts.types[place],
            actions=facts.actions[place],
            steps=facts.steps[place],
            starts=starts,
            roles=facts.roles[said],
            objects=_small(np.searchsorted(numbers, facts.objects[said])),
            quantities=facts.quantities[said],
            units=facts.units[said],
            uoms=facts.uoms,
            classes=facts.classes[numbers],
            position=facts.position,
            is_in_order=True,
        )

    def _graph(self, place: Ints, times: Ints, numbers: Ints, pairs: Ints) -> Graph:
        """Give stays and belonging; edges of transformations are not looked at here."""
        rows, opened, closed = self.stays
        count, events = len(rows), len(place)
        columns = Columns()
        columns.reserve(stays=count, edges=pairs.shape[1])
        arrays, lying = columns.arrays, self.known.graph.lying
        arrays.children[1 : count + 1] = np.searchsorted(numbers, lying.children[rows])
        arrays.parents[1 : count + 1] = np.searchsorted(numbers, lying.parents[rows])
        arrays.kinds[1 : count + 1] = lying.kinds[rows]
        by_place = np.argsort(place)
        arrays.opened_by[1 : count + 1] = by_place[np.searchsorted(place[by_place], opened)]
        ended = np.searchsorted(place[by_place], np.maximum(closed, 0))
        ended = by_place[np.minimum(ended, max(events - 1, 0))] if events else ended
        arrays.closed_by[1 : count + 1] = np.where(closed >= 0, ended, -1)
        arrays.heads[1 : pairs.shape[1] + 1] = np.searchsorted(numbers, pairs[0])
        arrays.tails[1 : pairs.shape[1] + 1] = np.searchsorted(numbers, pairs[1])
        arrays = arrays._replace(times=times)
        fields = {name: getattr(arrays, name) for name in Lying._fields if hasattr(arrays, name)}
        lying = Lying(**fields | {"events": events, "stays": count + 1})
        stays = replace(self.known.graph.stays, lying=lying, change_count=1)
        return Graph(arrays, len(numbers), 0, events, pairs.shape[1] + 1, stays)


def _small(numbers: npt.NDArray[np.intp]) -> Small:
    result: Small = numbers.astype(np.int32)
    return result
