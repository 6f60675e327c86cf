"""The genealogy as a graph: which way a thing can go on from here, and until when. 谱系图

Nodes are objects by their numbers, then transformations, then *pools*. Arrows go from an
object into a transformation and from a transformation to what came out of it, so that one
with 20 inputs and 100,000 outputs is 100,020 arrows and not two million. A pool stands for a
lot as the goods that were drawn from it by quantity: an instance of the lot leads to its pool,
and the pool to the uses of the lot, all of it possible and not certain (rule 4).

Every arrow carries two times. Who arrives at its tail with a label at or before `until` goes
on with the label `then`; an arrow whose `then` is KEEP has no clock, and the label stays. On
the way back all times are negative, so that the same walk goes both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from suyuan.event import Action, EventType, Role
from suyuan.trace._compiled import compiled
from suyuan.trace._facts import Facts, Ints, Step
from suyuan.trace._stays import FOREVER, Stays, fold_stays

__all__ = ["KEEP", "Arrows", "Graph", "make_graph", "ordered_by"]

KEEP = np.iinfo(np.int64).min
"""`then` of an arrow without a clock."""

_INSTANCE_INPUT, _LOT_INPUT = int(Role.INPUT), int(Role.INPUT_QUANTITY)
_INSTANCE_OUTPUT, _LOT_OUTPUT = int(Role.OUTPUT), int(Role.OUTPUT_QUANTITY)


@dataclass(frozen=True)
class Arrows:
    """Arrows in one direction, by the node they leave: those of node n from starts[n] on."""

    starts: Ints
    targets: npt.NDArray[np.int32]
    until: Ints
    then: Ints
    events: npt.NDArray[np.int32]
    """The event that the arrow is from, by its place in the facts; -1 for belonging to a lot."""
    makers: npt.NDArray[np.int32]
    """Forward, into a lot of several makers: 1 + the number of this making; else 0."""


@dataclass(frozen=True)
class Graph:
    """Everything that the walk needs."""

    objects: int
    """One more than the greatest number of an object; there the transformations begin."""
    transformations: int
    pools: int
    forward: Arrows
    back: Arrows
    makers_of: npt.NDArray[np.int32]
    """By object: of how many transformations it came out as a lot."""
    makings: int
    stays: Stays
    stays_in: Ints
    """The stays in the order of their containers, and where those of each container begin."""
    stays_in_starts: Ints
    stays_of: Ints
    stays_of_starts: Ints
    lots: Ints
    """The objects that are lots: used, made or held by quantity, or with instances."""
    transformation_of: npt.NDArray[np.int32]
    """By event: the number of its transformation, -1 for none."""

    @property
    def nodes(self) -> int:
        """Count the nodes."""
        return self.objects + self.transformations + self.pools


def make_graph(facts: Facts) -> Graph:
    """Work out the arrows of all that the facts tell."""
    objects = len(facts.classes)
    stays = fold_stays(facts)
    stays_in, stays_in_starts = ordered_by(stays.parents, objects)
    stays_of, stays_of_starts = ordered_by(stays.children, objects)
    event_of = np.repeat(np.arange(facts.events), np.diff(facts.starts))
    transformation_of = _transformations(facts, event_of)
    transformations = int(transformation_of.max(initial=-1)) + 1
    uses = _uses(
        facts, event_of, stays, stays_in, stays_in_starts, _origins(facts, event_of, objects)
    )
    is_made = (facts.roles == _INSTANCE_OUTPUT) | (facts.roles == _LOT_OUTPUT)
    made, made_by = facts.objects[is_made], event_of[is_made]
    made_as_lot = facts.roles[is_made] == _LOT_OUTPUT
    instances, lots = _belonging(facts, event_of)
    pool_of, pools = _pools(uses, lots, objects)
    first_t, first_p = objects, objects + transformations

    used_in = first_t + transformation_of[uses.events]
    came_from = first_t + transformation_of[made_by]
    made_at = facts.times[made_by]
    making, makers_of = _makings(made, came_from, made_as_lot, objects)
    is_pooled = uses.is_lot & (pool_of[uses.objects] >= 0)
    pool = first_p + pool_of[uses.objects[is_pooled]]
    is_drawn = pool_of[lots] >= 0
    pooled, pool_of_lot = instances[is_drawn], first_p + pool_of[lots[is_drawn]]
    nobody, keep = np.full(len(lots), -1), np.full(len(lots), KEEP)
    forever = np.full(len(lots), FOREVER)
    some = slice(0, len(pooled))
    forward = _arrows(
        objects + transformations + pools,
        (uses.objects, used_in, uses.departures, uses.times, uses.events, 0),
        (came_from, made, made_at, made_at, made_by, making),
        (lots, instances, forever, keep, nobody, 0),
        (pooled, pool_of_lot, forever[some], keep[some], nobody[some], 0),
        (
            *(pool, used_in[is_pooled], uses.departures[is_pooled]),
            *(uses.times[is_pooled], uses.events[is_pooled], 0),
        ),
    )
    back = _arrows(
        objects + transformations + pools,
        (made, came_from, -made_at, -made_at, made_by, 0),
        (used_in, uses.objects, -uses.times, -uses.departures, uses.events, 0),
        (instances, lots, forever, keep, nobody, 0),
        (pool_of_lot, pooled, forever[some], keep[some], nobody[some], 0),
        (
            *(used_in[is_pooled], pool, -uses.times[is_pooled]),
            *(-uses.departures[is_pooled], uses.events[is_pooled], 0),
        ),
    )
    return Graph(
        *(objects, transformations, pools, forward, back, makers_of),
        *(int(making.max(initial=0)), stays, stays_in, stays_in_starts),
        *(stays_of, stays_of_starts, _lots(facts, lots), transformation_of.astype(np.int32)),
    )


@dataclass(frozen=True)
class _Uses:
    """What went into transformations: by itself, or inside something that did."""

    objects: Ints
    events: Ints
    times: Ints
    departures: Ints
    """The time of use; where that is before the record knows of the thing, its first moment."""
    is_lot: npt.NDArray[np.bool_]


_Column = npt.NDArray[np.generic]
_Kind = tuple[_Column, _Column, _Column, _Column, _Column, "_Column | int"]


def _arrows(nodes: int, *kinds: _Kind) -> Arrows:
    """Bring arrows of several kinds into the order of the nodes they leave."""
    tails = np.concatenate([kind[0] for kind in kinds])
    order, starts = ordered_by(tails.astype(np.int64), nodes)
    makers = np.concatenate(
        [np.broadcast_to(np.asarray(kind[5], np.int32), len(kind[0])) for kind in kinds]
    )
    return Arrows(
        starts,
        np.concatenate([kind[1] for kind in kinds]).astype(np.int32)[order],
        np.concatenate([kind[2] for kind in kinds]).astype(np.int64)[order],
        np.concatenate([kind[3] for kind in kinds]).astype(np.int64)[order],
        np.concatenate([kind[4] for kind in kinds]).astype(np.int32)[order],
        makers[order],
    )


def ordered_by(keys: Ints, count: int) -> tuple[Ints, Ints]:
    """Give the order that sorts keys below `count`, stable, and where each key begins."""
    starts = np.zeros(count + 1, np.int64)
    order = np.empty(len(keys), np.int64)
    _count_sort(keys, starts, order)
    return order, starts


@compiled
def _count_sort(keys: Ints, starts: Ints, order: Ints) -> None:
    for key in keys:
        starts[key + 1] += 1
    for at in range(1, len(starts)):
        starts[at] += starts[at - 1]
    place = starts.copy()
    for at in range(len(keys)):
        order[place[keys[at]]] = at
        place[keys[at]] += 1


def _transformations(facts: Facts, event_of: Ints) -> Ints:
    """Give each transformation event the number of its transformation; others get -1."""
    number = np.full(facts.events, -1, np.int64)
    key = np.where(facts.types == EventType.TRANSFORMATION, -1 - np.arange(facts.events), 0)
    is_named = facts.roles == Role.TRANSFORMATION
    key[event_of[is_named]] = 1 + facts.objects[is_named]
    is_one = facts.types == EventType.TRANSFORMATION
    number[is_one] = np.unique(key[is_one], return_inverse=True)[1]
    return number


def _origins(facts: Facts, event_of: Ints, objects: int) -> Ints:
    """Give the moment from which the record knows that a thing exists, LONG_AGO if never."""
    is_begun = (facts.types == EventType.OBJECT) & (
        (facts.actions == Action.ADD) | (facts.steps == Step.RECEIVING)
    )
    is_named = np.isin(facts.roles, (_INSTANCE_OUTPUT, _LOT_OUTPUT)) | (
        np.isin(facts.roles, (int(Role.EPC), int(Role.QUANTITY))) & is_begun[event_of]
    )
    origins = np.full(objects, FOREVER, np.int64)
    np.minimum.at(origins, facts.objects[is_named], facts.times[event_of[is_named]])
    origins[origins == FOREVER] = KEEP + 1
    return origins


def _uses(
    facts: Facts,
    event_of: Ints,
    stays: Stays,
    stays_in: Ints,
    stays_in_starts: Ints,
    origins: Ints,
) -> _Uses:
    is_used = (facts.roles == _INSTANCE_INPUT) | (facts.roles == _LOT_INPUT)
    objects, events = facts.objects[is_used], event_of[is_used]
    is_lot = facts.roles[is_used] == _LOT_INPUT
    is_opened = ~is_lot & (np.diff(stays_in_starts)[objects] > 0)
    if is_opened.any():
        columns = (stays.children, stays.parents, stays.starts, stays.ends, stays.is_lot)
        inside, by, lot = _insides(
            *(objects[is_opened], events[is_opened], facts.times, stays_in, stays_in_starts),
            *columns,
        )
        objects = np.concatenate((objects, inside))
        events = np.concatenate((events, by))
        is_lot = np.concatenate((is_lot, lot))
    times = facts.times[events]
    return _Uses(objects, events, times, np.maximum(times, origins[objects]), is_lot)


@compiled
def _insides(
    containers: Ints,
    events: Ints,
    times: Ints,
    stays_in: Ints,
    stays_in_starts: Ints,
    children: Ints,
    parents: Ints,
    starts: Ints,
    ends: Ints,
    is_lot: npt.NDArray[np.bool_],
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Give what was inside each container at the moment of its use, however deep."""
    found, by, lot = (
        [np.int64(0) for _ in range(0)],
        [np.int64(0) for _ in range(0)],
        [False for _ in range(0)],
    )
    for use in range(len(containers)):
        moment = times[events[use]]
        seen = {containers[use]}
        waiting = [containers[use]]
        while len(waiting) > 0:
            around = waiting.pop()
            for place in range(stays_in_starts[around], stays_in_starts[around + 1]):
                stay = stays_in[place]
                if starts[stay] > moment or ends[stay] < moment:
                    continue
                thing = children[stay]
                if thing in seen:
                    continue
                found.append(thing)
                by.append(events[use])
                lot.append(is_lot[stay])
                if not is_lot[stay]:
                    seen.add(thing)
                    waiting.append(thing)
    return np.array(found), np.array(by), np.array(lot)


def _belonging(facts: Facts, event_of: Ints) -> tuple[Ints, Ints]:
    """Give the pairs of instance and lot: by keys, and by the master data of events."""
    pairs = [facts.belonging]
    is_lot = facts.roles == Role.LOT
    if is_lot.any():
        is_told = np.zeros(facts.events, bool)
        is_told[event_of[is_lot]] = True
        is_named = is_told[event_of] & (
            (facts.roles == _INSTANCE_OUTPUT)
            | (
                (facts.roles == Role.EPC)
                & (facts.actions == Action.ADD)[event_of]
                & (facts.types == EventType.OBJECT)[event_of]
            )
        )
        span = len(facts.classes)
        lots, instances = facts.objects[is_lot], facts.objects[is_named]
        of_lot = event_of[is_lot] * span + facts.classes[lots]
        of_instance = event_of[is_named] * span + facts.classes[instances]
        pairs.append(_joined(instances, of_instance, lots, of_lot))
    joined = np.concatenate(pairs)
    span = len(facts.classes)
    keys = np.unique(joined[:, 0] * span + joined[:, 1])
    return keys // span, keys % span


def _joined(instances: Ints, of_instance: Ints, lots: Ints, of_lot: Ints) -> Ints:
    """Pair each instance with every lot that has the same key."""
    order = np.argsort(of_lot, kind="stable")
    lots, of_lot = lots[order], of_lot[order]
    low = np.searchsorted(of_lot, of_instance, "left")
    counts = np.searchsorted(of_lot, of_instance, "right") - low
    rows = np.repeat(np.arange(len(instances)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack((instances[rows], lots[low[rows] + within]), axis=1)


def _lots(facts: Facts, with_instances: Ints) -> Ints:
    by_quantity = (
        *(int(Role.QUANTITY), int(Role.CHILD_QUANTITY)),
        *(_LOT_INPUT, _LOT_OUTPUT, int(Role.LOT)),
    )
    return np.unique(
        np.concatenate((with_instances, facts.objects[np.isin(facts.roles, by_quantity)]))
    )


def _pools(uses: _Uses, lots: Ints, objects: int) -> tuple[Ints, int]:
    """Number the lots that have instances and were also used by quantity; others get -1."""
    is_drawn = np.zeros(objects, bool)
    is_drawn[uses.objects[uses.is_lot]] = True
    pooled = np.unique(lots[is_drawn[lots]])
    pool_of = np.full(objects, -1, np.int64)
    pool_of[pooled] = np.arange(len(pooled))
    return pool_of, len(pooled)


def _makings(
    made: Ints, came_from: Ints, made_as_lot: npt.NDArray[np.bool_], objects: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Number the pairs of lot and transformation, where a lot came out of several."""
    makers_of = np.zeros(objects, np.int32)
    making = np.zeros(len(made), np.int32)
    if made_as_lot.any():
        span = int(came_from.max()) + 1
        keys, place = np.unique(
            made[made_as_lot] * span + came_from[made_as_lot], return_inverse=True
        )
        np.add.at(makers_of, keys // span, 1)
        is_shared = makers_of[keys // span] > 1
        number = np.where(is_shared, np.cumsum(is_shared), 0).astype(np.int32)
        making[made_as_lot] = number[place]
    return making, makers_of
