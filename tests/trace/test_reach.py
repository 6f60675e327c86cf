"""What is reached, how early and how surely, held against the oracle and the traps.

Both sources are asked: the index, and plain SQL of a journal in which many plants stand, each
with a company prefix of its own, so that they share nothing.
Seeds other than the usual ones: `SUYUAN_PLANTS=5000:9000 ./test tests/trace/test_reach.py`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import msgspec
import pytest

from suyuan.event import read_json
from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Genealogy, Trace, trace_back, track_forward
from tests.trace import oracle, plants, story
from tests.trace.decisions import DECISIONS
from tests.trace.facts import Entry
from tests.trace.fast import Fast
from tests.trace.oracle import NeverSeen
from tests.trace.story import NOT_FOUND, Expected, Question, Trap
from tests.trace.traps import TRAPS

pytestmark = pytest.mark.slow

_FIRST, _END = map(int, os.environ.get("SUYUAN_PLANTS", "0:2000").split(":"))
_AT_ONCE = 100
_ASKED = {"track_forward", "trace_back", "carriers_forward", "carriers_back"}


@pytest.mark.parametrize("first", range(_FIRST, _END, _AT_ONCE))
def test_random_plants_are_traced_by_both_sources_as_the_oracle_traces_them(
    database: Database, first: int
) -> None:
    journal = Journal(database, database.make_tenant("default"))
    asked = [_Asked(seed) for seed in range(first, min(first + _AT_ONCE, _END))]
    _capture(journal, asked)
    sql = Genealogy(database, journal.tenant_id, source="sql")
    for one in asked:
        if not one.starts:
            continue
        record, starts, bound, as_of = one.record, one.starts, one.bound, one.as_of
        fast = Fast(record, as_of)
        forward = oracle.track_forward(
            record, starts, since=bound, as_of=as_of, with_portions=False
        )
        assert fast.forward(starts, bound) == _plain(forward), one
        assert fast.carriers("forward", starts, bound) == _carried(forward), one
        if one.seed % 2:  # The database is slow: each plant asks it in one direction.
            assert _said(track_forward(sql, starts, since=bound)) == _told(forward), one
        back = oracle.trace_back(record, starts, until=bound, as_of=as_of, with_portions=False)
        assert fast.back(starts, bound) == _plain(back), one
        assert fast.carriers("back", starts, bound) == _carried(back), one
        if not one.seed % 2:
            assert _said(trace_back(sql, starts, until=bound)) == _told(back), one


@dataclass(repr=False)
class _Asked:
    """A plant by its seed, and what is asked of it."""

    seed: int

    def __post_init__(self) -> None:
        random = Random(self.seed)
        with story.of_company(f"{9_000_000 + self.seed % 1_000_000}"):
            self.record = plants.plant(self.seed, random.randint(5, 45))
        times = [entry.record_time for entry in self.record.entries]
        self.as_of: datetime | None = random.choice([None, None, random.choice(times)])
        here = sorted(self.record.facts(self.as_of).names)
        self.starts = random.sample(here, min(len(here), random.choice([1, 1, 1, 3])))
        self.bound = random.choice([None, random.choice(self.record.facts().events).time])

    @property
    def known(self) -> list[Entry]:
        """Give what was known then: for a journal that ends there, then is now."""
        entries = self.record.entries
        return [e for e in entries if self.as_of is None or e.record_time <= self.as_of]

    def __repr__(self) -> str:
        return f"seed {self.seed}, {self.starts} at {self.bound} as of {self.as_of}"


def _capture(journal: Journal, asked: list[_Asked]) -> None:
    """Capture all of the plants at once; what one tells twice, the journal takes once."""
    entries: dict[tuple[str, bool], Any] = {}
    for entry in [entry for one in asked for entry in one.known]:
        key = entry.event["eventID"], "errorDeclaration" in entry.event
        entries.setdefault(key, entry.event)
    document = read_json(msgspec.json.encode(list(entries.values())))
    assert not document.problems
    assert not journal.capture(document.events).problems


_Told = tuple[dict[str, tuple[str, datetime | None]], dict[str, tuple[str, datetime | None]]]


def _said(trace: Trace) -> _Told:
    with trace.kept_open():
        return (
            {one.uri: (one.grade, one.moment) for one in trace.objects()},
            {one.uri: (one.grade, one.moment) for one in trace.carrier_list()},
        )


def _told(answer: oracle.Answer) -> _Told:
    return (
        {uri: (one.grade, one.moment) for uri, one in answer.items()},
        {uri: (one.grade, one.moment) for uri, one in oracle.carriers(answer).items()},
    )


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
