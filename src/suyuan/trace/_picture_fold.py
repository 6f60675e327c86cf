"""Folds an answer into few boxes and steps, however many objects it holds. 谱系图折叠

Transformations that join the same boxes are one step: a lot that is filled in ninety draws is
one way. Every object belongs to exactly one box, and nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints
from suyuan.trace._distinct import distinct
from suyuan.trace._picture_boxes import (
    BACK,
    FORWARD,
    START,
    Boxes,
    Folding,
    Things,
    put_in_boxes,
)
from suyuan.trace._picture_edges import Gone

__all__ = ["Folded", "Part", "Steps", "fold"]

Mask = npt.NDArray[np.bool_]
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Part:
    """What one direction says: its objects, and the edges that it went along."""

    is_back: bool
    objects: Ints
    is_certain: Mask
    moments: Ints
    lots: Ints
    products: Ints
    is_lot: Mask
    gone: Gone
    times: Ints
    """By event, when it happened; and its number in the journal."""
    sequences: Ints


class Steps(NamedTuple):
    """Transformations that join the same boxes, and pools: one row each."""

    sides: Ints
    is_pool: Mask
    counts: Ints
    sequences: Ints
    """The first event of each, 0 of a pool; and the moments of the first and the last."""
    firsts: Ints
    lasts: Ints
    products: Ints
    """Of a pool the number of the lot or product that it stands for."""


@dataclass(frozen=True)
class Folded:
    """A picture: boxes first, then steps; edges go by their places in that order."""

    things: Things
    boxes: Boxes
    steps: Steps
    tails: Ints
    heads: Ints
    counts: Ints


class _Ends(NamedTuple):
    """Edges of one part between nodes: things by row, then transformations and pools."""

    tails: Ints
    heads: Ints
    events: Ints


def fold(parts: Sequence[Part], seeds: Part, folding: Folding) -> Folded:
    """Fold both directions into one picture around the starts."""
    things = _things(parts, seeds)
    boxes = put_in_boxes(things, folding)
    box_count = len(boxes.kinds)
    has_back = any(part.is_back for part in parts)
    steps: list[Steps] = []
    edges: list[Ints] = []
    first = box_count
    for part in parts:
        ends, joints = _ends(things, part, is_inside_told=part.is_back or not has_back)
        box_of, some = _fold_joints(part, ends, joints, things, boxes, folding, first)
        steps.append(some)
        first += len(some.counts)
        edges.append(_edges_between(things, ends, box_of))
    pairs = np.concatenate(edges, axis=1)
    span = first + 1
    keys, counts = np.unique(pairs[0] * span + pairs[1], return_counts=True)
    together = Steps(*(np.concatenate(columns) for columns in zip(*steps, strict=True)))
    return Folded(things, boxes, together, keys // span, keys % span, counts)


def _things(parts: Sequence[Part], seeds: Part) -> Things:
    """Give each object once; what both directions reach stands where it came from."""
    numbers = distinct(np.concatenate([seeds.objects, *(part.objects for part in parts)]))
    count = len(numbers)
    things = Things(
        numbers,
        np.zeros(count, np.int64),
        np.zeros(count, bool),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, bool),
    )
    sided = [(FORWARD if not part.is_back else BACK, part) for part in parts]
    for side, part in (*sorted(sided, key=lambda one: -one[0]), (START, seeds)):
        rows = np.searchsorted(numbers, part.objects)
        things.sides[rows] = side
        things.is_certain[rows] = part.is_certain
        things.lots[rows] = np.where(part.lots == part.objects, 0, part.lots)
        things.products[rows], things.is_lot[rows] = part.products, part.is_lot
        if side != START:
            things.moments[rows] = part.moments
    return things


def _ends(things: Things, part: Part, *, is_inside_told: bool) -> tuple[_Ends, Ints]:
    """Give the edges of a part between nodes, and its transformations and pools."""
    tails, heads, events = part.gone
    if not is_inside_told:
        is_told = events != -2
        tails, heads, events = tails[is_told], heads[is_told], events[is_told]
    joints = distinct(np.concatenate((tails[tails < 0], heads[heads < 0])))

    def placed(nodes: Ints) -> Ints:
        at_joint = len(things.numbers) + np.searchsorted(joints, nodes)
        return np.where(nodes < 0, at_joint, np.searchsorted(things.numbers, nodes))

    return _Ends(placed(tails), placed(heads), events), joints


def _fold_joints(
    part: Part,
    ends: _Ends,
    joints: Ints,
    things: Things,
    boxes: Boxes,
    folding: Folding,
    first: int,
) -> tuple[Ints, Steps]:
    """Give every node its box, joints those from `first` on, -1 for what joins nothing."""
    count, side = len(things.numbers), BACK if part.is_back else FORWARD
    is_pool = np.zeros(len(joints), bool)
    # Instances lead to a pool by an edge without an event, and by no other.
    is_pool[ends.heads[(ends.events == -1) & (ends.heads >= count)] - count] = True
    products = _products_of_pools(ends, count, things, len(joints), is_pool)
    groups, is_joining = _groups(ends, count, boxes, is_pool, products, folding)
    which = np.full(len(joints), -1)
    names, which[is_joining] = np.unique(groups[is_joining], return_inverse=True)
    box_of = np.concatenate((boxes.of_thing, np.where(which >= 0, which + first, -1)))
    total = len(names)
    firsts, sequences = np.full(total, np.iinfo(np.int64).max), np.zeros(total, np.int64)
    lasts = np.full(total, np.iinfo(np.int64).min)
    for nodes in (ends.tails, ends.heads):
        is_step = (nodes >= count) & (ends.events >= 0)
        at, events = which[nodes[is_step] - count], ends.events[is_step]
        at, events = at[at >= 0], events[at >= 0]
        np.minimum.at(firsts, at, part.times[events])
        np.maximum.at(lasts, at, part.times[events])
        is_first = part.times[events] == firsts[at]
        sequences[at[is_first]] = part.sequences[events[is_first]]
    pool, shared = np.zeros(total, bool), np.zeros(total, np.int64)
    pool[which[is_joining]] = is_pool[is_joining]
    shared[which[is_joining]] = products[is_joining]
    counts = np.bincount(which[is_joining], minlength=total)
    return box_of, Steps(np.full(total, side), pool, counts, sequences, firsts, lasts, shared)


def _products_of_pools(ends: _Ends, count: int, things: Things, joints: int, is_pool: Mask) -> Ints:
    """Give by joint the lot that a pool stands for, and the product where there are many."""
    found = np.zeros(joints, np.int64)
    if not is_pool.any():
        return found
    rows = np.flatnonzero((ends.events == -1) & (ends.heads >= count))
    lots = things.lots[ends.tails[rows]]
    products = things.products[ends.tails[rows]]
    at = ends.heads[rows] - count
    is_many = len(np.unique(at)) > 2 * len(np.unique(products))
    found[at] = products if is_many else np.where(lots > 0, lots, products)
    return found


def _groups(
    ends: _Ends, count: int, boxes: Boxes, is_pool: Mask, products: Ints, folding: Folding
) -> tuple[npt.NDArray[np.uint64], Mask]:
    """Give a name to what each joint joins, and tell which have something on both sides."""
    span = int(boxes.products.max(initial=0)) + 1
    nowhere = np.zeros(len(boxes.kinds), np.int64)
    # Where there are too many steps, those are one that join the same products; at worst all.
    for names in (np.arange(len(boxes.kinds)), boxes.sides * span + boxes.products, nowhere):
        pools = int(names.max(initial=0)) + 1 + products
        found, is_joining = _named(ends, count, np.concatenate((names[boxes.of_thing], pools)))
        found[is_pool] = _mixed(products[is_pool] * 4 + 2)
        if len(np.unique(found[is_joining])) <= folding.steps_max:
            break
    return found, is_joining


def _named(ends: _Ends, count: int, names: Ints) -> tuple[npt.NDArray[np.uint64], Mask]:
    """Give by joint the sum of what is mixed from the names on each side, each taken once."""
    joints = len(names) - count
    found, has = np.zeros(joints, np.uint64), np.zeros((2, joints), bool)
    span = int(names.max(initial=0)) + 1
    for is_out, (nodes, others) in enumerate(((ends.heads, ends.tails), (ends.tails, ends.heads))):
        rows = np.flatnonzero(nodes >= count)
        pairs = distinct((nodes[rows] - count) * span + names[others[rows]])
        joint, name = pairs // span, pairs % span
        has[is_out, joint] = True
        np.add.at(found, joint, _mixed(name * 4 + is_out))
    return found, has[0] & has[1]


def _mixed(numbers: Ints) -> npt.NDArray[np.uint64]:
    """Spread numbers over all bits, so that sums of them are as good as sets (splitmix64)."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * _MIX
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _edges_between(things: Things, ends: _Ends, box_of: Ints) -> Ints:
    """Give the edges of a part between boxes, one for each between nodes, as two rows."""
    count = len(things.numbers)
    is_step_in = (ends.tails >= count) & (ends.heads < count) & (box_of[ends.tails] >= 0)
    is_step_out = (ends.heads >= count) & (ends.tails < count) & (box_of[ends.heads] >= 0)
    is_made, is_used = np.zeros((2, count), bool)
    is_made[ends.heads[is_step_in]] = True
    is_used[ends.tails[is_step_out]] = True
    # An item comes from its lot, where no step tells more.
    is_direct = (ends.tails < count) & (ends.heads < count)
    is_needed = is_direct.copy()
    tails, heads = ends.tails[is_direct], ends.heads[is_direct]
    is_said = is_made[heads] & is_used[tails] & (ends.events[is_direct] == -1)
    is_needed[is_direct] = ~is_said
    is_joint = ~is_direct & (box_of[ends.tails] >= 0) & (box_of[ends.heads] >= 0)
    is_kept = is_needed | is_joint
    pairs = np.stack((box_of[ends.tails[is_kept]], box_of[ends.heads[is_kept]]))
    return pairs[:, pairs[0] != pairs[1]]
