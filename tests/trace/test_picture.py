"""The picture of an answer: every object in one box, nothing counted twice, laid out in order."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from random import Random

import numpy as np
import pytest

from suyuan.trace._columns import Ints
from suyuan.trace._index import Known
from suyuan.trace._picture import ends_of, part_of, starts_of
from suyuan.trace._picture_boxes import LOTS, OBJECT, START, Folding
from suyuan.trace._picture_fold import Folded, Part, fold
from suyuan.trace._picture_layers import lay_out, layers_of, without_circles
from suyuan.trace._reach import reach_back, reach_forward
from tests.trace import plants
from tests.trace.fast import Fast

pytestmark = pytest.mark.slow

_NOBODY = np.zeros(0, np.int64)
_TIGHT = Folding({}, _NOBODY, lots_max=1, items_max=1, item_groups_max=1, at_once=2)


def _folded(seed: int, folding: Folding) -> tuple[Folded, list[Part], set[int]]:
    """Fold both directions of what a random plant made of something."""
    known, starts, parts = _reached(seed)
    return fold(parts, starts_of(known, starts), folding), parts, set(starts.tolist())


@lru_cache(500)
def _reached(seed: int) -> tuple[Known, Ints, list[Part]]:
    random = Random(seed)
    record = plants.plant(seed, random.randint(10, 60))
    fast = Fast(record)
    here = sorted(record.facts().names & fast.numbers.keys())
    starts = fast.of(random.sample(here, min(len(here), random.choice([1, 1, 3]))))
    asked = [reach_back(fast.graph, starts), reach_forward(fast.graph, starts)]
    return fast.known, starts, [part_of(fast.known, reach) for reach in asked]


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_every_object_is_in_one_box_and_every_box_on_some_way_from_the_start(first: int) -> None:
    for seed in range(first, first + 100):
        for folding in (Folding({}, _NOBODY), _TIGHT, replace(_TIGHT, boxes_max=5, steps_max=2)):
            folded, parts, starts = _folded(seed, folding)
            _check_whole(folded, parts, starts)
            _check_joined(folded, seed)


def _check_whole(folded: Folded, parts: list[Part], starts: set[int]) -> None:
    things, boxes = folded.things, folded.boxes
    reached = starts.union(*(part.objects.tolist() for part in parts))
    assert set(things.numbers.tolist()) == reached
    assert len(boxes.of_thing) == len(reached) == boxes.counts.sum()
    assert (np.bincount(boxes.of_thing) == boxes.counts).all()
    alone = boxes.kinds == OBJECT
    assert (boxes.counts[alone] == 1).all()
    assert (boxes.sides[boxes.of_thing] == things.sides).all()
    assert {int(one) for one in things.numbers[things.sides == START]} == starts
    keys = list(zip(*(column.tolist() for column in boxes[1:4]), strict=True))
    assert len(set(keys)) == len(keys)  # The reader opens a box by its key.


def _check_joined(folded: Folded, seed: int) -> None:
    count = len(folded.boxes.kinds) + len(folded.steps.counts)
    beside: list[set[int]] = [set() for _ in range(count)]
    for tail, head in zip(folded.tails.tolist(), folded.heads.tolist(), strict=True):
        assert tail != head
        beside[tail].add(head)
        beside[head].add(tail)
    met = set(np.flatnonzero(folded.boxes.sides == START).tolist())
    ahead = list(met)
    while ahead:
        for other in beside[ahead.pop()] - met:
            met.add(other)
            ahead.append(other)
    assert met == set(range(count)), seed


def test_ways_into_and_out_of_steps_are_counted_as_the_answer_has_them() -> None:
    for seed in range(200):
        for folding in (Folding({}, _NOBODY), _TIGHT, replace(_TIGHT, boxes_max=5, steps_max=2)):
            folded, parts, _ = _folded(seed, folding)
            boxes = len(folded.boxes.kinds)
            is_way = (folded.tails < boxes) != (folded.heads < boxes)
            assert folded.counts[is_way].sum() == sum(_ways(part) for part in parts), seed
            assert folded.steps.counts.sum() == sum(len(_joining(part)) for part in parts)


def _joining(part: Part) -> set[int]:
    """Give the transformations and pools that something goes into, and something out of."""
    heads, tails = part.gone.heads.tolist(), part.gone.tails.tolist()
    return {one for one in heads if one < 0} & {one for one in tails if one < 0}


def _ways(part: Part) -> int:
    joining = _joining(part)
    return sum(
        (tail in joining) != (head in joining) and max(tail, head) > 0
        for tail, head in zip(part.gone.tails.tolist(), part.gone.heads.tolist(), strict=True)
    )


def test_layers_respect_the_direction_and_places_are_dense() -> None:
    for seed in range(200):
        folded, _, _ = _folded(seed, _TIGHT)
        ends = ends_of(folded)
        kept = without_circles(ends)
        layers, order = lay_out(ends)
        assert layers_of(kept) == layers
        for tail, heads in enumerate(kept):
            assert all(layers[head] > layers[tail] for head in heads)
        for layer in set(layers):
            places = sorted(order[at] for at, one in enumerate(layers) if one == layer)
            assert places == list(range(len(places)))


def test_what_closes_a_circle_is_left_out_only_of_the_layers() -> None:
    ends = [[1], [2], [1, 3], []]  # Rework: 2 leads back to 1.
    assert without_circles(ends) == [[1], [2], [3], []]
    assert lay_out(ends)[0] == [0, 1, 2, 3]


def test_an_opened_group_gives_some_one_by_one_and_the_rest_as_one() -> None:
    for seed in range(300):
        before, _, _ = _folded(seed, _TIGHT)
        groups = np.flatnonzero((before.boxes.kinds == LOTS) & (before.boxes.counts > 3))
        for at in groups.tolist():
            kind, side, number = (int(column[at]) for column in before.boxes[1:4])
            name = side, kind, number
            after, _, _ = _folded(seed, replace(_TIGHT, opened={name: 1}))
            rows = [row for row, one in enumerate(after.boxes.opened_from) if one == name]
            assert sorted(after.boxes.counts[rows].tolist()) == sorted(
                [1, 1, int(before.boxes.counts[at]) - 2]
            )
            return
    raise AssertionError("no plant has that many lots of a product")
