"""The gaps of a few objects, found in an excerpt, are those found by looking at everything.

Seeds other than the usual ones: `SUYUAN_GAP_PLANTS=100:400`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

import pytest

from suyuan.store import Database
from suyuan.trace import Gap, Trace, gaps, trace_back, track_forward
from tests.trace import plants
from tests.trace.test_questions import recorded

_FIRST, _END = map(int, os.environ.get("SUYUAN_GAP_PLANTS", "0:40").split(":"))
_AT_ONCE = 10
_OF_MANY = {"output_without_input", "back_dated", "never_received"}
_Key = tuple[str, tuple[str, ...], int, float | None, str | None, str | None]


def key(gap: Gap, asked: set[str]) -> _Key:
    """Give what tells gaps apart; of the objects of an event those that were asked for."""
    objects = [one for one in gap.objects if one in asked or gap.kind not in _OF_MANY]
    last = gap.events[-1].sequence
    return gap.kind, tuple(objects), last, gap.quantity, gap.uom, gap.place


def of_an_answer(everything: list[Gap], trace: Trace) -> list[_Key]:
    """Filter the gaps of everything, as the definition says."""
    mine = {one.uri for one in (*trace.objects(), *trace.start_objects())}
    carriers = {one.uri for one in trace.carrier_list()}
    rests_on = set(trace.sequences().tolist())
    return sorted(
        (
            key(gap, mine | carriers)
            for gap in everything
            if mine & set(gap.objects)
            or (carriers & set(gap.objects) and gap.events[-1].sequence in rests_on)
        ),
        key=repr,
    )


def hold_against_everything(everything: list[Gap], trace: Trace) -> int:
    asked = {one.uri for one in (*trace.objects(), *trace.start_objects(), *trace.carrier_list())}
    found = sorted((key(gap, asked) for gap in trace.gaps()), key=repr)
    assert found == of_an_answer(everything, trace)
    return len(found)


@pytest.mark.parametrize("first", range(_FIRST, _END, _AT_ONCE))
def test_the_gaps_of_an_answer_are_those_of_everything_that_touch_it(
    embedded_databases: Callable[[], Database], first: int
) -> None:
    count = 0
    with embedded_databases() as database:
        for seed in range(first, min(first + _AT_ONCE, _END)):
            random = Random(seed)
            record = plants.plant(seed, random.randint(10, 60))
            source = random.choice(("index", "index", "sql"))
            genealogy = recorded(database, record, f"plant-{seed}", source)
            names = plants.names(record)
            everything = gaps(genealogy).gaps
            for start in random.sample(names, min(len(names), 6)):
                ask = random.choice((trace_back, track_forward))
                count += hold_against_everything(everything, ask(genealogy, [start]))
    assert count > 0
