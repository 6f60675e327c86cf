"""How much of what is in what, and where it is now, held against the oracle and the traps.

Seeds other than the usual ones: `SUYUAN_PLANTS=5000:9000 ./test tests/trace/test_portions.py`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from suyuan.trace._books import Books
from suyuan.trace._portions import (
    Balance,
    portions_back,
    portions_forward,
    single_ends,
    single_starts,
)
from suyuan.trace._reach import reach_back
from suyuan.trace._stays import FOREVER, LONG_AGO
from tests.trace import oracle, plants
from tests.trace.decisions import DECISIONS
from tests.trace.fast import Fast, microseconds
from tests.trace.oracle import NeverSeen, Reached
from tests.trace.story import NOT_FOUND, Expected, Question, Trap
from tests.trace.traps import TRAPS

_FIRST, _END = map(int, os.environ.get("SUYUAN_PLANTS", "0:1000").split(":"))
_AT_ONCE = 100

Portions = dict[str, dict[str, float]]
"""By object, by start; not-a-number is unknown."""


class Mixer:
    """Portions and balances in the oracle's words."""

    def __init__(self, fast: Fast) -> None:
        self.fast = fast
        self.books: Books = fast.known.books

    def forward(self, starts: list[str], since: datetime | None = None) -> Portions:
        bound = LONG_AGO if since is None else microseconds(since)
        result: Portions = {}
        singles = single_starts(self.fast.graph, self.fast.of(starts), bound)
        for start, moment in zip(*map(list, singles), strict=True):
            found = portions_forward(self.books, start, moment)
            for number, amount in zip(found.objects, found.amounts, strict=True):
                by_start = result.setdefault(self.fast.uris[int(number)], {})
                by_start[self.fast.uris[int(start)]] = float(amount)
        return result

    def back(self, starts: list[str], until: datetime | None = None) -> Portions:
        bound = FOREVER if until is None else microseconds(until)
        ends, lasts = single_ends(self.fast.graph, self.fast.of(starts), bound)
        reach = reach_back(self.fast.graph, self.fast.of(starts), bound)
        found = portions_back(self.books, reach, ends, lasts)
        return {
            self.fast.uris[int(number)]: {
                self.fast.uris[int(ends[at])]: float(found.amounts[row, at])
                for at in np.flatnonzero(found.is_there[row])
            }
            for row, number in enumerate(found.objects)
        }

    def balance(self, start: str, since: datetime | None = None) -> Balance:
        bound = LONG_AGO if since is None else microseconds(since)
        return portions_forward(self.books, int(self.fast.of([start])[0]), bound).balance


def same(found: float, expected: Fraction | None) -> bool:
    if expected is None:
        return math.isnan(found)
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def same_portions(found: Portions, expected: Mapping[str, Reached]) -> bool:
    assert found.keys() <= expected.keys()
    for uri, reached in expected.items():
        mine = found.get(uri, {})  # Contents are reached, if only by being inside.
        assert mine.keys() == reached.portions.keys(), uri
        for start, portion in reached.portions.items():
            assert same(mine[start], portion), (uri, start, mine[start], portion)
    return True


def same_balance(found: Balance, expected: tuple[Fraction | None, ...]) -> bool:
    return all(map(same, found, expected))


def parts(mixed: object) -> tuple[Fraction | None, ...]:
    return tuple(getattr(mixed, name) for name in Balance._fields)


@pytest.mark.parametrize("first", range(_FIRST, _END, _AT_ONCE))
def test_random_plants_are_mixed_as_the_oracle_mixes_them(first: int) -> None:
    for seed in range(first, min(first + _AT_ONCE, _END)):
        random = Random(seed)
        record = plants.plant(seed, random.randint(5, 45))
        as_of = random.choice([None, None, random.choice(record.entries).record_time])
        fast = Fast(record, as_of)
        here = sorted(record.facts().names & fast.numbers.keys())
        if not here:
            continue
        mixer = Mixer(fast)
        starts = random.sample(here, min(len(here), random.choice([1, 1, 1, 3])))
        bound = random.choice([None, random.choice(record.facts().events).time])
        context = (seed, starts, bound, as_of)
        forward = oracle.track_forward(record, starts, since=bound, as_of=as_of)
        assert same_portions(mixer.forward(starts, bound), forward), context
        back = oracle.trace_back(record, starts, until=bound, as_of=as_of)
        assert same_portions(mixer.back(starts, bound), back), context
        mixed = oracle.balance(record, starts[0], since=bound, as_of=as_of)
        assert same_balance(mixer.balance(starts[0], bound), parts(mixed)), context


_ASKED = {"track_forward", "trace_back", "balance"}


@pytest.mark.parametrize("trap", TRAPS + DECISIONS, ids=lambda trap: trap.id)
def test_answers_are_those_worked_out_by_hand(trap: Trap) -> None:
    for question, expected in trap.answers:
        if question.kind in _ASKED:
            assert is_answered(trap, question, expected), question


def is_answered(trap: Trap, question: Question, expected: Expected) -> bool:
    fast = Fast(trap.story.record, question.as_of)
    try:
        fast.check(question.starts)
    except NeverSeen:
        return expected == NOT_FOUND
    mixer, starts, bound = Mixer(fast), list(question.starts), question.bound
    if question.kind == "balance":
        assert isinstance(expected, tuple)
        return same_balance(mixer.balance(starts[0], bound), expected)
    found = (mixer.forward if question.kind == "track_forward" else mixer.back)(starts, bound)
    assert isinstance(expected, dict)
    return same_portions(found, expected)


@pytest.mark.parametrize("seed", range(12))
def test_parts_of_a_start_add_up_in_larger_plants(seed: int) -> None:
    mixer = Mixer(Fast(plants.plant(seed, 400)))
    whole = 0
    for number in range(1, mixer.fast.graph.objects):
        balance = portions_forward(mixer.books, number).balance
        parted = balance[1:]
        assert all(part >= -1e-9 for part in parted if not math.isnan(part))
        if not any(map(math.isnan, balance)):
            whole += balance.whole > 0
            assert math.isclose(sum(parted), balance.whole, rel_tol=1e-9, abs_tol=1e-9)
    assert whole > 10


@pytest.mark.parametrize("seed", range(12))
def test_portions_are_the_same_both_ways_in_larger_plants(seed: int) -> None:
    mixer = Mixer(Fast(plants.plant(seed, 150)))
    graph, books = mixer.fast.graph, mixer.books
    # The contents of a container stand for it, so they are mirrored on their own.
    things = [one for one in range(1, graph.objects) if not _has_contents(mixer, one)]
    there = {one: portions_forward(books, one) for one in things}
    ahead = {
        (one, int(other)): amount
        for one, found in there.items()
        for other, amount in zip(found.objects, found.amounts, strict=True)
    }
    pairs = 0
    for end in Random(seed).sample(things, min(len(things), 12)):
        ends, lasts = single_ends(graph, np.array([end]))
        found = portions_back(books, reach_back(graph, np.array([end])), ends, lasts)
        for number, amount in zip(found.objects.tolist(), found.amounts[:, 0], strict=True):
            if number in there:
                pairs += 1
                assert np.isclose(amount, ahead[number, end], rtol=1e-9, equal_nan=True)
    assert pairs > 10


def _has_contents(mixer: Mixer, number: int) -> bool:
    return bool(mixer.fast.graph.arrays.first_inside[number])
