"""The oracle answers the traps as worked out by hand, and keeps its own laws."""

from __future__ import annotations

import msgspec
import pytest

from suyuan.event import read_json
from tests.trace import oracle
from tests.trace.decisions import DECISIONS
from tests.trace.oracle import Record
from tests.trace.story import NOT_FOUND, Expected, Question, Trap
from tests.trace.traps import TRAPS


def answer(record: Record, question: Question) -> Expected:
    try:
        return _answer(record, question)
    except oracle.NeverSeen:
        return NOT_FOUND


def _answer(record: Record, question: Question) -> Expected:
    starts, bound, as_of = question.starts, question.bound, question.as_of
    match question.kind:
        case "track_forward":
            return oracle.track_forward(record, starts, since=bound, as_of=as_of)
        case "trace_back":
            return oracle.trace_back(record, starts, until=bound, as_of=as_of)
        case "carriers_forward":
            found = oracle.carriers(oracle.track_forward(record, starts, since=bound, as_of=as_of))
            return {uri: (carrier.grade, carrier.moment) for uri, carrier in found.items()}
        case "carriers_back":
            found = oracle.carriers(oracle.trace_back(record, starts, until=bound, as_of=as_of))
            return {uri: (carrier.grade, carrier.moment) for uri, carrier in found.items()}
        case "history":
            return [seen.event_id for seen in oracle.history(record, *starts, as_of)]
        case "whereabouts":
            assert bound is not None
            return oracle.whereabouts(record, *starts, bound, as_of)
        case "contents":
            assert bound is not None
            return oracle.contents(record, *starts, bound, as_of)
        case "balance":
            mixed = oracle.balance(record, *starts, since=bound, as_of=as_of)
            return (
                mixed.whole,
                mixed.in_stock,
                mixed.shipped,
                mixed.scrapped,
                mixed.unexplained,
            )


def test_all_thirty_traps_are_told() -> None:
    assert {trap.number for trap in TRAPS} == set(range(1, 31))


@pytest.mark.parametrize("trap", TRAPS + DECISIONS, ids=lambda trap: trap.id)
def test_story_is_told_in_valid_events(trap: Trap) -> None:
    for entry in trap.story.entries:
        document = read_json(msgspec.json.encode({"@context": [], **entry.event}))
        assert not document.problems


@pytest.mark.parametrize("trap", TRAPS + DECISIONS, ids=lambda trap: trap.id)
def test_answers_are_those_worked_out_by_hand(trap: Trap) -> None:
    for question, expected in trap.answers:
        assert answer(trap.story.record, question) == expected, question
