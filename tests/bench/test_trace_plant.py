"""The plant that traces are measured with is what its description says."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from suyuan.bench._trace_plant import Edges, Plant, make_plant
from suyuan.event import Role
from suyuan.trace import Rehearsal


@pytest.fixture(scope="module")
def plant() -> Plant:
    return make_plant(41_000)  # Three bulk lots, of which the third is in doubt.


@pytest.fixture(scope="module")
def rehearsal(plant: Plant) -> Rehearsal:
    return Rehearsal(plant)


def reached_by_edges(plant: Plant, start: int) -> set[int]:
    """Walk the edges with a queue; a node is visited again when it is reached earlier."""
    edges = plant.edges()
    leaving: dict[int, list[tuple[int, int, int]]] = {}
    columns = (edges.tails, edges.heads, edges.until, edges.then)
    for tail, head, until, then in zip(*(column.tolist() for column in columns), strict=True):
        leaving.setdefault(tail, []).append((head, until, then))
    labels, waiting = {start: -1}, deque([start])
    while waiting:
        node = waiting.popleft()
        for head, until, then in leaving.get(node, ()):
            label = labels[node] if then == Edges.KEEP else then
            if labels[node] <= until and label < labels.get(head, Edges.KEEP):
                labels[head] = label
                waiting.append(head)
    return {node for node in labels if node < len(plant.classes)} - {start}


def test_every_unit_has_twenty_ancestors(plant: Plant, rehearsal: Rehearsal) -> None:
    units = plant.objects[plant.roles == Role.OUTPUT]
    for unit in (*units[::1_371].tolist(), plant.unit, plant.doubtful_unit):
        assert rehearsal.back(unit) == 20


def test_its_edges_lead_where_its_genealogy_leads(plant: Plant, rehearsal: Rehearsal) -> None:
    for start in (plant.few, plant.many, plant.every):
        assert len(reached_by_edges(plant, start)) == rehearsal.forward(start)


def test_what_comes_of_a_bulk_lot_made_twice_is_in_doubt(
    plant: Plant, rehearsal: Rehearsal
) -> None:
    in_doubt = rehearsal.forward(plant.every) - rehearsal.certain(plant.every)
    assert in_doubt == 1 + 1_000  # The bulk lot itself, and the units of its only filling.
    mix_blend_and_bulk = 3
    assert rehearsal.forward(plant.few) == mix_blend_and_bulk + 20 * 1_000
    assert rehearsal.certain(plant.few) == rehearsal.forward(plant.few)


def test_its_events_are_in_order_and_their_portions_are_known(
    plant: Plant, rehearsal: Rehearsal
) -> None:
    assert bool((np.diff(plant.times) >= 0).all())
    event_of = np.repeat(np.arange(len(plant.times)), np.diff(plant.starts))
    same = np.diff(event_of) == 0
    assert bool((np.diff(plant.roles)[same] >= 0).all())
    reached, known = rehearsal.portions(plant.every)
    assert reached == known == rehearsal.forward(plant.every)
