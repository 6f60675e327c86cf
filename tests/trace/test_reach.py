"""What is reached, how early and how surely, held against the oracle and the traps.

Seeds other than the usual ones: `SUYUAN_PLANTS=5000:9000 ./test tests/trace/test_reach.py`.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from tests.trace import oracle, plants
from tests.trace.decisions import DECISIONS
from tests.trace.fast import Fast
from tests.trace.oracle import NeverSeen
from tests.trace.story import NOT_FOUND, Expected, Question, Trap
from tests.trace.traps import TRAPS

_FIRST, _END = map(int, os.environ.get("SUYUAN_PLANTS", "0:2000").split(":"))
_AT_ONCE = 100
_ASKED = {"track_forward", "trace_back", "carriers_forward", "carriers_back"}


@pytest.mark.parametrize("first", range(_FIRST, _END, _AT_ONCE))
def test_random_plants_are_traced_as_the_oracle_traces_them(first: int) -> None:
    for seed in range(first, min(first + _AT_ONCE, _END)):
        random = Random(seed)
        record = plants.plant(seed, random.randint(5, 45))
        known = record.facts().names
        as_of = random.choice([None, None, random.choice(record.entries).record_time])
        fast = Fast(record, as_of)
        for _ in range(2):
            here = sorted(known & fast.numbers.keys())
            if not here:
                continue
            starts = random.sample(here, min(len(here), random.choice([1, 1, 1, 3])))
            bound = random.choice([None, random.choice(record.facts().events).time])
            forward = oracle.track_forward(record, starts, since=bound, as_of=as_of)
            assert fast.forward(starts, bound) == _plain(forward), (seed, starts, bound, as_of)
            assert fast.carriers("forward", starts, bound) == _carried(forward), (seed, starts)
            back = oracle.trace_back(record, starts, until=bound, as_of=as_of)
            assert fast.back(starts, bound) == _plain(back), (seed, starts, bound, as_of)
            assert fast.carriers("back", starts, bound) == _carried(back), (seed, starts)


def _plain(answer: oracle.Answer) -> object:
    return {uri: (reached.grade, reached.moment) for uri, reached in answer.items()}


def _carried(answer: oracle.Answer) -> object:
    return {uri: (c.grade, c.moment, c.carried) for uri, c in oracle.carriers(answer).items()}


@pytest.mark.parametrize("trap", TRAPS + DECISIONS, ids=lambda trap: trap.id)
def test_answers_are_those_worked_out_by_hand(trap: Trap) -> None:
    for question, expected in trap.answers:
        if question.kind in _ASKED:
            assert _answer(trap, question) == _without_portions(expected), question


def _answer(trap: Trap, question: Question) -> object:
    fast = Fast(trap.story.record, question.as_of)
    try:
        fast.check(question.starts)
    except NeverSeen:
        return NOT_FOUND
    starts, bound = list(question.starts), question.bound
    match question.kind:
        case "track_forward":
            return fast.forward(starts, bound)
        case "trace_back":
            return fast.back(starts, bound)
    found = fast.carriers(question.kind.removeprefix("carriers_"), starts, bound)
    return {uri: carrier[:2] for uri, carrier in found.items()}


def _without_portions(expected: Expected) -> object:
    if not isinstance(expected, dict):
        return expected
    return {
        uri: (one.grade, one.moment) if isinstance(one, oracle.Reached) else one
        for uri, one in expected.items()
    }
