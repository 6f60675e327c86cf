"""Which objects of an answer stand in one box of its picture. 谱系图折叠

Items of one lot stand as one box, and so do many lots of one product; where the lots are in one
box their items are too. A box that the reader opened gives some of its members one by one, and
the rest as one more box. Arrays throughout: an answer may hold a million objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suyuan.trace._columns import Ints

__all__ = ["Boxes", "Folding", "GroupName", "Things", "put_in_boxes"]

Mask = npt.NDArray[np.bool_]
START, BACK, FORWARD = range(3)
OBJECT, LOTS, ITEMS_OF_LOT, ITEMS_OF_PRODUCT, REST = range(5)
GroupName = tuple[int, int, int]
"""Side, kind, and the number of the lot or product that the members share."""


class Things(NamedTuple):
    """The objects of a picture, one row each, in the order of their numbers."""

    numbers: Ints
    sides: Ints
    is_certain: Mask
    moments: Ints
    lots: Ints
    products: Ints
    is_lot: Mask


@dataclass(frozen=True)
class Folding:
    """How far is folded, what the reader opened, and what stands on its own in any case."""

    opened: Mapping[GroupName, int]
    """How often each group was opened: each time shows as many again one by one."""
    shown: Ints
    """The numbers of objects that stand on their own."""
    lots_max: int = 6
    """More lots of one product than this stand as one box."""
    items_max: int = 3
    item_groups_max: int = 12
    """Items of more lots of one product, which aren't in the picture, stand as one box."""
    at_once: int = 60
    boxes_max: int = 1_200
    steps_max: int = 800


class Boxes(NamedTuple):
    """The boxes, one row each, and for each thing its box."""

    of_thing: Ints
    kinds: Ints
    sides: Ints
    numbers: Ints
    """Of an object its own; of a group that of the lot or product which the members share."""
    products: Ints
    counts: Ints
    opened_from: list[GroupName | None]
    """Of an object that is shown one by one out of a group, and of the rest of that."""


def put_in_boxes(things: Things, folding: Folding) -> Boxes:
    """Give each thing its box."""
    kinds = np.full(len(things.numbers), OBJECT)
    shared = things.numbers.copy()
    is_start = things.sides == START
    is_shown = is_start | np.isin(things.numbers, folding.shown)
    opened_by = np.full(len(things.numbers), -1)
    names: list[GroupName] = []

    def fold(rows: Ints, level: int, key: Ints, few: int) -> None:
        alone, from_group = _alone(things, rows, level, key, few, is_shown, folding, names)
        opened_by[rows] = from_group
        rest = rows[~alone]
        kinds[rest], shared[rest] = level, key[~alone]

    lots = np.flatnonzero(things.is_lot & ~is_start)
    fold(lots, LOTS, things.products[lots], folding.lots_max)
    items = np.flatnonzero(~things.is_lot & ~is_start)
    by_lot = _is_by_lot(things, items, kinds == OBJECT, folding)
    some = items[by_lot]
    fold(some, ITEMS_OF_LOT, things.lots[some], folding.items_max)
    some = items[~by_lot]
    fold(some, ITEMS_OF_PRODUCT, things.products[some], folding.items_max)
    return _numbered(things, kinds, shared, is_shown, opened_by, names, folding.boxes_max)


def _alone(
    things: Things,
    rows: Ints,
    level: int,
    key: Ints,
    few: int,
    is_shown: Mask,
    folding: Folding,
    names: list[GroupName],
) -> tuple[Mask, Ints]:
    """Tell which rows stand on their own, and which group each belongs to that was opened."""
    side = things.sides[rows]
    span = int(key.max(initial=0)) + 1
    groups, which, counts = np.unique(side * span + key, return_inverse=True, return_counts=True)
    limit = np.where(counts <= few, counts, 0)
    place = np.full(len(groups), -1)
    for (opened_side, kind, number), times in folding.opened.items():
        if kind != level or number >= span:
            continue
        at = int(np.searchsorted(groups, opened_side * span + number))
        if at < len(groups) and groups[at] == opened_side * span + number and counts[at] > few:
            limit[at] = times * folding.at_once
            place[at] = len(names)
            names.append((opened_side, kind, number))
    order = np.argsort(which, kind="stable")
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows)) - begins[which[order]]
    return (rank < limit[which]) | is_shown[rows], place[which]


def _is_by_lot(things: Things, items: Ints, is_alone: Mask, folding: Folding) -> Mask:
    """Tell which items stand with those of their lot; the others stand with their product."""
    lots = things.lots[items]
    at = np.minimum(np.searchsorted(things.numbers, lots), len(things.numbers) - 1)
    is_there = (things.numbers[at] == lots) & (lots > 0)
    by_lot = (lots > 0) & np.where(is_there, is_alone[at], True)
    # Lots that are not in the picture have no box that holds their items together.
    loose = np.flatnonzero(by_lot & ~is_there)
    if not len(loose):
        return by_lot
    rows = items[loose]
    # A lot is of one product.
    known, first, which = np.unique(
        lots[loose] * 3 + things.sides[rows], return_index=True, return_inverse=True
    )
    span = int(things.products.max(initial=0)) + 1
    family_of = things.sides[rows[first]] * span + things.products[rows[first]]
    in_families = np.argsort(family_of, kind="stable")
    families, family, sizes = np.unique(
        family_of[in_families], return_inverse=True, return_counts=True
    )
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    limit = np.where(sizes <= folding.item_groups_max, sizes, 0)
    for at_, name in enumerate(families.tolist()):
        times = folding.opened.get((name // span, ITEMS_OF_PRODUCT, name % span), 0)
        limit[at_] = max(limit[at_], times * folding.at_once)
    is_shown = np.zeros(len(known), bool)
    is_shown[in_families] = np.arange(len(known)) - begins[family] < limit[family]
    by_lot[loose] = is_shown[which]
    return by_lot


def _numbered(
    things: Things,
    kinds: Ints,
    shared: Ints,
    is_shown: Mask,
    opened_by: Ints,
    names: list[GroupName],
    boxes_max: int,
) -> Boxes:
    """Number the boxes; where there are too many, the small ones become one a side."""
    columns = np.stack((things.sides, kinds, shared))
    which, first, counts = _unique_columns(columns)
    if len(first) > boxes_max:
        rank = np.lexsort((first, -counts, ~is_shown[first]))
        is_small = np.zeros(len(first), bool)
        is_small[rank[max(boxes_max - 2, 0) :]] = True
        is_merged = is_small[which] & (things.sides != START)
        columns[1][is_merged], columns[2][is_merged] = REST, 0
        which, first, counts = _unique_columns(columns)
    kind = columns[1][first]
    origin = opened_by[first]
    # A box may hold things of which only some came out of an opened group.
    return Boxes(
        of_thing=which,
        kinds=kind,
        sides=columns[0][first],
        numbers=columns[2][first],
        products=np.where(kind == REST, 0, things.products[first]),
        counts=counts,
        opened_from=[
            names[one] if one >= 0 and is_one != REST else None
            for one, is_one in zip(origin.tolist(), kind.tolist(), strict=True)
        ],
    )


def _unique_columns(columns: Ints) -> tuple[Ints, Ints, Ints]:
    """Give for each column its place among the different ones, where each is first, how often.

    The different ones stand in the order in which they come first.
    """
    span = int(columns[2].max(initial=0)) + 1
    keys = (columns[0] * (REST + 1) + columns[1]) * span + columns[2]
    _, first, which, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place[which], first[order], counts[order]
