"""The index: the genealogy as it grows with the journal. 谱系索引

A batch of events is taken in as it comes, at a cost that grows with the batch and not with
what is there. What comes late is taken in too, as long as nothing that it touches was touched
by a later event; else the batch is refused, and the index is of no more use: it is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._books import Books, open_books
from suyuan.trace._columns import Columns, Ints, Small
from suyuan.trace._edges import (
    LOT,
    OWNED,
    add_edges,
    begin_objects,
    count_edges,
    fill_pools,
    number_transformations,
    sort_edges,
)
from suyuan.trace._facts import (
    PIECE,
    Batch,
    Facts,
    Step,
    dimensions_of,
    first_namings,
    is_genealogy,
    measure,
)
from suyuan.trace._graph import Graph, Lying, Stays
from suyuan.trace._stays import LONG_AGO, fold_stays

__all__ = ["IdsOf", "Index", "Known", "known_of"]

_IN, _IN_LOT = int(Role.INPUT), int(Role.INPUT_QUANTITY)
_OUT, _OUT_LOT = int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY)
_LOTS = (Role.QUANTITY, Role.CHILD_QUANTITY, _IN_LOT, _OUT_LOT, Role.LOT)
_SAID = (
    *("sequences", "times", "types", "actions", "steps", "starts"),
    *("roles", "objects", "quantities", "units", "classes"),
)
_STATE = "index.json"


IdsOf = Callable[[list[int]], dict[int, str]]


@dataclass(frozen=True)
class Known:
    """What is known at one position of the journal."""

    position: int
    facts: Facts
    graph: Graph
    told: Small
    told_units: npt.NDArray[np.int16]
    tellings: int
    ids_of: IdsOf | None = None
    """Gives the IDs of events by their numbers, which decide an order at one moment."""

    def is_told(self, things: Ints) -> npt.NDArray[np.bool_]:
        """Tell of which things a quantity was ever told."""
        tellings = self.told[things]
        result: npt.NDArray[np.bool_] = (tellings > 0) & (tellings < self.tellings)
        return result

    def told_dimensions(self) -> Ints:
        """Give by object what the first quantity told of it measures; else pieces."""
        told = self.told[: len(self.facts.classes)]
        is_told = self.is_told(np.arange(len(told)))
        found = np.full(len(told), measure(PIECE)[0], np.int64)
        found[is_told] = dimensions_of(self.facts.uoms)[self.told_units[told[is_told]]]
        return found

    def unit_of(self, thing: int) -> str:
        """Give the unit in which a quantity of something was first told, else the piece."""
        telling = int(self.told[thing])
        is_told = 0 < telling < self.tellings
        return self.facts.uoms[int(self.told_units[telling])] if is_told else PIECE

    @cached_property
    def books(self) -> Books:
        """Give what portions are worked out from: it wants the events in their order."""
        if self.facts.is_in_order:
            return open_books(self.facts, self.graph, self.unit_of)
        known = _in_order(self)
        return open_books(known.facts, known.graph, self.unit_of)


class Index:
    """Takes in batches; gives what is known. One writer at a time, any number of readers."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.position = 0
        self.latest = LONG_AGO
        self.uoms: list[str] = []
        self.is_in_order = True
        self.folder: Path | None = None
        """Where it was mapped from."""

    # Taking in.

    def take(self, batch: Batch) -> Ints | None:
        """Take in a batch that follows on what is there.

        Gives pairs of events at one moment, by their numbers: it is in order only if the first
        of each has the lesser ID. None where it came too late to be taken in.
        """
        columns = self.columns
        objects = max(int(batch.classes[:, 0].max(initial=0)) + 1, columns.counts["objects"])
        columns.reserve(objects=objects - columns.counts["objects"], tellings=batch.events)
        columns.counts["objects"] = objects
        if len(batch.classes):
            columns.arrays.classes[batch.classes[:, 0]] = batch.classes[:, 1]
        told_ties = self._tell(batch)
        is_needed = is_genealogy(batch.types, batch.actions, batch.steps)
        is_needed |= first_namings(batch, columns.arrays.traits)
        first = columns.counts["events"]
        event_of = self._append(batch, is_needed)
        ties = self._derive(batch, first, event_of)
        if is_needed.any():
            times = batch.times[is_needed]
            self.is_in_order = self.is_in_order and bool(times[0] > self.latest)
            self.latest = max(self.latest, int(times[-1]))
        self.position = batch.position
        return None if ties is None else np.concatenate((ties, told_ties))

    def _tell(self, batch: Batch) -> Ints:
        """Note in which unit a quantity of each lot was told first; give ties as `take` does."""
        rows = np.flatnonzero(~np.isnan(batch.quantities))
        lots, first = np.unique(batch.objects[rows], return_index=True)
        rows = rows[first]
        events, units = batch.event_of[rows], self._units(batch)[batch.units[rows]]
        times, sequences = batch.times[events], batch.sequences[events]
        self.columns.reserve(tellings=len(lots))
        arrays, counts = self.columns.arrays, self.columns.counts
        is_new = arrays.told[lots] == 0
        at = counts["tellings"] + np.arange(int(is_new.sum()))
        arrays.told_times[at] = np.iinfo(np.int64).max
        arrays.told[lots[is_new]] = at
        counts["tellings"] += len(at)
        tellings = arrays.told[lots]
        is_earlier = times < arrays.told_times[tellings]
        if (is_earlier & ~is_new).any():
            # Readers go on with what was known to them.
            arrays = self.columns.arrays = arrays._replace(told_units=arrays.told_units.copy())
        is_tie = (times == arrays.told_times[tellings]) & (units != arrays.told_units[tellings])
        ties: Ints = np.stack((arrays.told_by[tellings[is_tie]], sequences[is_tie]), axis=1)
        arrays.told_times[tellings[is_earlier]] = times[is_earlier]
        arrays.told_by[tellings[is_earlier]] = sequences[is_earlier]
        arrays.told_units[tellings[is_earlier]] = units[is_earlier]
        return ties

    def _units(self, batch: Batch) -> npt.NDArray[np.int16]:
        """Give the place of each unit of a batch among those of the index."""
        self.uoms += [uom for uom in dict.fromkeys(batch.uoms) if uom not in self.uoms]
        return np.array([self.uoms.index(uom) for uom in batch.uoms] or [0], np.int16)

    def _append(self, batch: Batch, is_needed: npt.NDArray[np.bool_]) -> Ints:
        """Put the events that matter behind those before; give the event of each mention."""
        columns, counts = self.columns, self.columns.counts
        events, mentions = counts["events"], counts["mentions"]
        is_said = is_needed[batch.event_of]
        new, said = int(is_needed.sum()), int(is_said.sum())
        columns.reserve(events=new, mentions=said, stays=said, changes=said, minus=new)
        arrays = columns.arrays
        here = slice(events, events + new)
        for name in ("sequences", "times", "types", "actions", "steps"):
            getattr(arrays, name)[here] = getattr(batch, name)[is_needed]
        arrays.transformation_of[here] = 0
        event_of: Ints = (events + np.cumsum(is_needed) - 1)[batch.event_of[is_said]]
        per_event = np.bincount(event_of - events, minlength=new)
        arrays.starts[events] = mentions
        arrays.starts[events + 1 : events + 1 + new] = mentions + np.cumsum(per_event)
        there = slice(mentions, mentions + said)
        arrays.roles[there] = batch.roles[is_said]
        arrays.objects[there] = batch.objects[is_said]
        arrays.quantities[there] = batch.quantities[is_said]
        arrays.units[there] = self._units(batch)[batch.units[is_said]]
        counts["events"] += new
        counts["mentions"] += said
        return event_of

    def _derive(self, batch: Batch, first: int, event_of: Ints) -> Ints | None:
        """Work out stays and edges of the events from the first new one on."""
        columns, counts = self.columns, self.columns.counts
        arrays = columns.arrays
        here = slice(int(arrays.starts[first]), counts["mentions"])
        roles, objects = arrays.roles[here], arrays.objects[here].astype(np.int64)
        self._note(first, event_of, roles, objects)
        dimensions = dimensions_of(self.uoms)[arrays.units[here]]
        folded = fold_stays(arrays, counts, first, dimensions, self.latest)
        counts["stays"], counts["changes"] = folded.stays, folded.changes
        belonging = _belonging(columns, batch.belonging, first, event_of, roles, objects)
        columns.reserve(edges=2 * (len(roles) + len(folded.uses) + len(belonging)))
        wanted = self._add(event_of, roles, objects, folded.uses, belonging)
        if len(wanted):
            columns.reserve(edges=count_edges(columns, wanted), minus=len(wanted))
            fill_pools(columns, wanted)
        if not folded.is_in_order:
            return None
        return columns.arrays.sequences[folded.ties]

    def _note(self, first: int, event_of: Ints, roles: npt.NDArray[np.int8], objects: Ints) -> None:
        """Note lots, from when on things are known, and which transformation an event is of."""
        columns, arrays = self.columns, self.columns.arrays
        if columns.arrays.times[first : columns.counts["events"]].min(initial=self.latest) < (
            self.latest
        ):
            # Readers go on with what was known to them.
            arrays = columns.arrays = arrays._replace(begun_by=arrays.begun_by.copy())
        arrays.traits[objects[np.isin(roles, _LOTS)]] |= LOT
        named = np.zeros(columns.counts["events"] - first, np.int64)
        is_named = roles == Role.TRANSFORMATION
        named[event_of[is_named] - first] = objects[is_named]
        number_transformations(columns, first, named)
        new = slice(first, columns.counts["events"])
        is_begun = (arrays.types[new] == EventType.OBJECT) & (
            (arrays.actions[new] == Action.ADD) | (arrays.steps[new] == Step.RECEIVING)
        )
        begins = np.isin(roles, (_OUT, _OUT_LOT)) | (
            np.isin(roles, (Role.EPC, Role.QUANTITY)) & is_begun[event_of - first]
        )
        begin_objects(arrays, objects[begins], event_of[begins])

    def _add(
        self,
        event_of: Ints,
        roles: npt.NDArray[np.int8],
        objects: Ints,
        uses: Ints,
        belonging: Ints,
    ) -> Ints:
        """Add all edges; give the lots for which pools are wanted."""
        columns = self.columns
        transformations = columns.arrays.transformation_of
        wanted = []
        for in_role, out_role, by in ((_IN, _OUT, 0), (_IN_LOT, _OUT_LOT, LOT)):
            inside = uses[uses[:, 2] == (by == LOT)]
            is_in, is_out = roles == in_role, roles == out_role
            things = np.concatenate((objects[is_in], inside[:, 0]))
            events = np.concatenate((event_of[is_in], inside[:, 1]))
            into = transformations[events].astype(np.int64)
            wanted.append(add_edges(columns, things, into, events, by=by))
            came = transformations[event_of[is_out]].astype(np.int64)
            add_edges(columns, came, objects[is_out], event_of[is_out], by=by)
        # Loops are compiled again for columns that lie among others.
        instances, lots = (np.array(belonging[:, at], np.int64) for at in range(2))
        columns.arrays.traits[lots] |= LOT
        nobody = np.full(len(belonging), -1, np.int64)
        wanted.append(add_edges(columns, lots, instances, nobody, by=OWNED))
        return np.unique(np.concatenate(wanted))

    def sort(self) -> None:
        """Lay edges side by side that are walked one after the other. Readers are not disturbed."""
        sort_edges(self.columns)

    def copied(self) -> Index:
        """Give an index of its own that says the same."""
        other = Index()
        other.columns = self.columns.copied()
        other.position, other.latest = self.position, self.latest
        other.uoms, other.is_in_order = list(self.uoms), self.is_in_order
        return other

    # Giving out.

    def known(self, ids_of: IdsOf | None = None) -> Known:
        """Give what is known by now; what is taken in later does not change it."""
        columns, counts = self.columns, dict(self.columns.counts)
        arrays = columns.arrays
        facts = Facts(
            **{name: columns.used(name) for name in _SAID},
            uoms=tuple(self.uoms),
            position=self.position,
            is_in_order=self.is_in_order,
        )
        lying = Lying(
            **{name: getattr(arrays, name) for name in Lying._fields if hasattr(arrays, name)},
            events=counts["events"],
            stays=counts["stays"],
        )
        stays = Stays(
            *(lying, arrays.change_stays, arrays.change_events, arrays.change_amounts),
            *(arrays.change_dimensions, arrays.change_before, arrays.last_change),
            counts["changes"],
        )
        graph = Graph(
            *(arrays, counts["objects"], counts["minus"], counts["events"], counts["edges"], stays)
        )
        told = arrays.told, arrays.told_units, counts["tellings"]
        return Known(self.position, facts, graph, *told, ids_of)

    # Kept on the disk.

    def save(self, folder: Path) -> None:
        """Write everything into a new folder."""
        self.columns.save(folder)
        state = {
            "position": self.position,
            "latest": self.latest,
            "uoms": self.uoms,
            "is_in_order": self.is_in_order,
        }
        (folder / _STATE).write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def mapped(cls, folder: Path) -> Index:
        """Take what was saved. Raises OSError, ValueError or KeyError where that can't be read."""
        self = cls()
        self.columns, self.folder = Columns.mapped(folder), folder
        state = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        self.position, self.latest = state["position"], state["latest"]
        self.uoms, self.is_in_order = state["uoms"], state["is_in_order"]
        return self


def known_of(batch: Batch) -> Known:
    """Give what a batch alone says."""
    index = Index()
    index.take(batch)
    index.sort()
    return index.known()


def _in_order(known: Known) -> Known:
    """Give what is known with the events in the order of time and event ID."""
    facts = known.facts
    order = np.lexsort((_ranks(known), facts.times))
    counts = np.diff(facts.starts)
    place = np.empty(facts.events, np.int64)
    place[order] = np.arange(facts.events)
    event_of = place[np.repeat(np.arange(facts.events), counts)]
    rows = np.argsort(event_of, kind="stable")
    lots = np.flatnonzero(known.graph.arrays.edge_events[: known.graph.edges] < 0)
    arrays = known.graph.arrays
    pairs = np.stack((arrays.heads[lots], arrays.tails[lots]), axis=1).astype(np.int64)
    numbers = np.arange(len(facts.classes))
    return known_of(
        Batch(
            sequences=facts.sequences[order],
            times=facts.times[order],
            types=facts.types[order],
            actions=facts.actions[order],
            steps=facts.steps[order],
            event_of=event_of[rows],
            roles=facts.roles[rows],
            objects=facts.objects[rows].astype(np.int64),
            quantities=facts.quantities[rows],
            units=facts.units[rows],
            uoms=facts.uoms,
            belonging=pairs[(pairs > 0).all(axis=1)],
            classes=np.stack((numbers, facts.classes), axis=1),
            position=facts.position,
        )
    )


def _ranks(known: Known) -> Ints:
    """Give by event where its ID stands among those of its moment."""
    facts = known.facts
    ranks = np.arange(facts.events)
    _, which, counts = np.unique(facts.times, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(counts[which] > 1)
    if known.ids_of is not None and len(shared):
        sequences = facts.sequences[shared].tolist()
        ids = known.ids_of(sequences)
        place = {event_id: at for at, event_id in enumerate(sorted(set(ids.values())))}
        ranks[shared] = [place[ids[sequence]] for sequence in sequences]
    return ranks


def _belonging(
    columns: Columns,
    pairs: Ints,
    first: int,
    event_of: Ints,
    roles: npt.NDArray[np.int8],
    objects: Ints,
) -> Ints:
    """Give the pairs of instance and lot: by keys, and by the master data of events."""
    is_lot = roles == Role.LOT
    if is_lot.any():
        arrays, event_of = columns.arrays, event_of - first
        new = slice(first, columns.counts["events"])
        is_told = np.zeros(columns.counts["events"] - first, bool)
        is_told[event_of[is_lot]] = True
        is_added = (arrays.actions[new] == Action.ADD) & (arrays.types[new] == EventType.OBJECT)
        is_named = is_told[event_of] & (
            (roles == _OUT) | ((roles == Role.EPC) & is_added[event_of])
        )
        span = columns.counts["objects"]
        lots, instances = objects[is_lot], objects[is_named]
        of_lot = event_of[is_lot] * span + arrays.classes[lots]
        of_instance = event_of[is_named] * span + arrays.classes[instances]
        pairs = np.concatenate((pairs, _joined(instances, of_instance, lots, of_lot)))
    return pairs


def _joined(instances: Ints, of_instance: Ints, lots: Ints, of_lot: Ints) -> Ints:
    """Pair each instance with every lot that has the same key."""
    order = np.argsort(of_lot, kind="stable")
    lots, of_lot = lots[order], of_lot[order]
    low = np.searchsorted(of_lot, of_instance, "left")
    counts = np.searchsorted(of_lot, of_instance, "right") - low
    rows = np.repeat(np.arange(len(instances)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack((instances[rows], lots[low[rows] + within]), axis=1)
