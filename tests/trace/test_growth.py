"""However the journal grows, what is known is what all of it says at once.

Seeds other than the usual ones: `SUYUAN_PLANTS=5000:9000 ./test tests/trace/test_growth.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import numpy as np
import pytest

from suyuan.event import Event
from suyuan.identifier import class_of
from suyuan.trace._carriers import find_carriers
from suyuan.trace._facts import Batch, batch_of_events
from suyuan.trace._graph import Graph
from suyuan.trace._index import Index, Known, known_of
from suyuan.trace._portions import portions_forward
from suyuan.trace._reach import Reach, reach_back, reach_forward
from tests.trace import plants
from tests.trace.fast import Fast

_FIRST, _END = map(int, os.environ.get("SUYUAN_PLANTS", "0:200").split(":"))
_AT_ONCE = 50
_taken = {True: 0, False: 0}


class Growing:
    """A record that arrives piece by piece, and the index that takes it in."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.fast = Fast(plants.plant(seed, self.random.randint(10, 40)))
        count = len(self.fast.numbered)
        cuts = self.random.sample(range(1, count), min(count - 1, self.random.randint(1, 6)))
        self.cuts = [0, *sorted(cuts), count]
        self.index = Index()

    def batch(self, first: int, end: int) -> Batch:
        """Give what the journal says after `first`, as it stands at `end`."""
        pieces = self.fast.numbered
        wrong = {event.event_id for _, event in pieces[:end] if event.is_error_declaration}
        counting = [one for one in pieces[first:end] if one[1].event_id not in wrong]
        numbers = {uri: self.fast.numbers[uri] for _, event in pieces[:end] for uri in _uris(event)}
        classes = [(number, numbers.get(class_of(uri) or "", 0)) for uri, number in numbers.items()]
        return batch_of_events(
            counting, self.fast.numbers, np.array(classes, np.int64), position=end
        )

    def grow(self, first: int, end: int) -> Known:
        """Take in a piece as it arrives; where that cannot be, make the index anew."""
        is_corrected = any(event.is_error_declaration for _, event in self.fast.numbered[first:end])
        ties = None if is_corrected else self.index.take(self.batch(first, end))
        ids = {sequence: event.event_id or "" for sequence, event in self.fast.numbered}
        is_taken = ties is not None and all(ids[a] < ids[b] for a, b in ties.tolist())
        _taken[is_taken] += not is_corrected
        if not is_taken:
            self.index = Index()
            self.index.take(self.batch(0, end))
        if self.random.random() < 0.3:
            self.index.sort()
        return self.index.known(lambda some: {sequence: ids[sequence] for sequence in some})


def _uris(event: Event) -> set[str]:
    uris = {mention[1] for mention in event.mentions}
    return uris | {uri for one in uris if (uri := class_of(one)) is not None}


def _answers(known: Known, numbers: list[int]) -> list[object]:
    found: list[object] = []
    for number in numbers:
        start = np.array([number], np.int64)
        for reach in (reach_forward(known.graph, start), reach_back(known.graph, start)):
            found += [_reached(reach), _carried(known.graph, reach)]
        portions = portions_forward(known.books, number)
        amounts = dict(
            zip(portions.objects.tolist(), portions.amounts.round(9).tolist(), strict=True)
        )
        found.append((portions.uom, str(sorted(amounts.items()))))
    return found


def _reached(reach: Reach) -> list[tuple[int, int, int]]:
    return list(
        zip(reach.objects.tolist(), reach.moments.tolist(), reach.sure.tolist(), strict=True)
    )


def _carried(graph: Graph, reach: Reach) -> object:
    found = find_carriers(graph, reach)
    held = zip(
        *(found.carried[found.held.askers].tolist(), found.held.things.tolist()),
        *(found.held.firsts.tolist(), found.held.lasts.tolist()),
        strict=True,
    )
    columns = (found.objects.tolist(), found.moments.tolist(), found.is_certain.tolist())
    return list(zip(*columns, strict=True)), sorted(held)


@pytest.mark.parametrize("first", range(_FIRST, _END, _AT_ONCE))
def test_a_record_that_arrives_in_pieces_says_what_it_says_at_once(first: int) -> None:
    for seed in range(first, min(first + _AT_ONCE, _END)):
        growing = Growing(seed)
        given: list[tuple[Known, list[int], list[object]]] = []
        for begin, end in zip(growing.cuts, growing.cuts[1:], strict=False):
            known = growing.grow(begin, end)
            whole = known_of(growing.batch(0, end))
            # An object is there when an event names it; its class may have no row before.
            numbers = np.unique(whole.facts.objects).tolist()
            some = growing.random.sample(numbers, min(len(numbers), 6))
            answers = _answers(whole, some)
            assert _answers(known, some) == answers, (seed, begin, end)
            given.append((known, some, answers))
        for known, some, answers in given:
            assert _answers(known, some) == answers, (seed, "What was given out has changed.")


def test_most_of_what_comes_late_is_taken_in_as_it_comes() -> None:
    before = dict(_taken)
    for seed in range(40):
        growing = Growing(seed)
        for begin, end in zip(growing.cuts, growing.cuts[1:], strict=False):
            growing.grow(begin, end)
    taken, refused = (_taken[is_taken] - before[is_taken] for is_taken in (True, False))
    assert taken > refused > 0


@pytest.mark.parametrize("seed", range(5))
def test_a_saved_index_grows_as_one_that_stayed_in_memory(seed: int, tmp_path: Path) -> None:
    growing = Growing(seed)
    begin, middle, end = growing.cuts[0], growing.cuts[1], growing.cuts[-1]
    growing.grow(begin, middle)
    growing.index.save(tmp_path / "index")
    growing.index = Index.mapped(tmp_path / "index")
    known, whole = growing.grow(middle, end), known_of(growing.batch(0, end))
    numbers = np.unique(whole.facts.objects).tolist()
    assert _answers(known, numbers) == _answers(whole, numbers)
    # What is taken in after mapping stays off the disk.
    assert Index.mapped(tmp_path / "index").position == middle
