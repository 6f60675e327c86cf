"""Laws that the oracle keeps on random plants, and that those plants are worth asking about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.event import read_json
from tests.trace import oracle
from tests.trace.facts import EARLIEST, LATEST
from tests.trace.oracle import Answer, Carrier, Reached, Record
from tests.trace.plants import doubled, names, plant, plants, shuffled

few = settings(max_examples=60, deadline=None)
seeds = st.integers(0, 2**16)

Found = Mapping[str, Reached] | Mapping[str, Carrier]


def a_moment(record: Record, seed: int) -> datetime:
    """Give a moment at which something happens, or just before or after it."""
    random = Random(seed)
    event = random.choice(record.facts().events or [None])
    away = timedelta(seconds=random.choice([-1, 0, 1]))
    return LATEST if event is None else event.time + away


def reached_by(found: Found, uri: str, bound: datetime) -> bool:
    return uri in found and (found[uri].moment or EARLIEST) <= bound


def leaves_after(found: Found, uri: str, bound: datetime) -> bool:
    return uri in found and (found[uri].moment or LATEST) >= bound


def some(record: Record, seed: int) -> list[str]:
    """Give a few things to ask about."""
    everything = names(record)
    return Random(seed).sample(everything, min(5, len(everything)))


def plain(answer: Answer) -> tuple[dict[str, Reached], dict[str, Carrier]]:
    return dict(answer), oracle.carriers(answer)


@few
@given(plants())
def test_what_is_reached_leads_back_with_the_same_grade_and_portion(record: Record) -> None:
    everything = names(record)
    ahead = {x: oracle.track_forward(record, [x]) for x in everything}
    behind = {y: oracle.trace_back(record, [y]) for y in everything}
    has_contents = {x for x in everything if record.facts().contents(x, EARLIEST, LATEST)}
    for x in everything:
        for y in everything:
            if {x, y} & has_contents:
                # The contents of a container stand for it, so it is a carrier on the other side.
                there = y in ahead[x] or y in oracle.carriers(ahead[x])
                assert there == (x in behind[y] or x in oracle.carriers(behind[y])), (x, y)
            else:
                assert (y in ahead[x]) == (x in behind[y]), (x, y)
                if y in ahead[x]:
                    assert ahead[x][y].grade == behind[y][x].grade, (x, y)
                    assert ahead[x][y].portions[x] == behind[y][x].portions[y], (x, y)


@few
@given(plants(30), seeds, seeds)
def test_time_bounds_are_mirrored(record: Record, one: int, other: int) -> None:
    since, until = a_moment(record, one), a_moment(record, other)
    everything = names(record)
    behind = {y: plain(oracle.trace_back(record, [y], until=until)) for y in everything}
    for x in everything:
        ahead = plain(oracle.track_forward(record, [x], since=since))
        for y in everything:
            there = any(reached_by(found, y, until) for found in ahead)
            back = any(leaves_after(found, x, since) for found in behind[y])
            assert there == back, (x, y, since, until)


@few
@given(plants(), seeds)
def test_order_of_arrival_changes_nothing(record: Record, seed: int) -> None:
    other = shuffled(record, seed)
    for x in some(record, seed):
        assert plain(oracle.track_forward(record, [x])) == plain(oracle.track_forward(other, [x]))
        assert plain(oracle.trace_back(record, [x])) == plain(oracle.trace_back(other, [x]))
        assert oracle.history(record, x) == oracle.history(other, x)


@few
@given(plants(), seeds)
def test_twice_is_once(record: Record, seed: int) -> None:
    other = doubled(record, seed)
    at = a_moment(record, seed)
    for x in some(record, seed):
        assert plain(oracle.track_forward(record, [x])) == plain(oracle.track_forward(other, [x]))
        assert oracle.balance(record, x) == oracle.balance(other, x)
        assert oracle.contents(record, x, at) == oracle.contents(other, x, at)
        assert oracle.whereabouts(record, x, at) == oracle.whereabouts(other, x, at)


@few
@given(plants(), seeds)
def test_question_as_of_a_record_time_knows_nothing_recorded_later(
    record: Record, seed: int
) -> None:
    as_of = Random(seed).choice(record.entries).record_time
    known = Record(entry for entry in record.entries if entry.record_time <= as_of)
    for x in some(known, seed):
        then = oracle.track_forward(record, [x], as_of=as_of)
        assert plain(then) == plain(oracle.track_forward(known, [x]))


@few
@given(plants(), seeds)
def test_more_starts_and_more_time_never_make_less_certain(record: Record, seed: int) -> None:
    random = Random(seed)
    one, other = random.choice(names(record)), random.choice(names(record))
    early, late = sorted((a_moment(record, seed), a_moment(record, seed + 1)))
    asked = [
        (oracle.track_forward(record, [one]), oracle.track_forward(record, [one, other])),
        (
            oracle.track_forward(record, [one], since=late),
            oracle.track_forward(record, [one], since=early),
        ),
        (oracle.trace_back(record, [one]), oracle.trace_back(record, [one, other])),
        (
            oracle.trace_back(record, [one], until=early),
            oracle.trace_back(record, [one], until=late),
        ),
    ]
    for less, more in asked:
        assert set(less) <= set(more)
        for uri, reached in less.items():
            assert (reached.grade, more[uri].grade) != ("certain", "possible"), uri


@few
@given(plants(), seeds)
def test_portions_of_a_start_add_up(record: Record, seed: int) -> None:
    for x in some(record, seed):
        mixed = oracle.balance(record, x)
        parts = [mixed.in_stock, mixed.shipped, mixed.scrapped, mixed.unexplained]
        known = [part for part in parts if part is not None]
        if mixed.whole is not None and len(known) == len(parts):
            assert sum(known) == mixed.whole, x
            assert min(known) >= 0, x


@few
@given(plants(), seeds)
def test_what_is_in_something_has_a_way_to_it(record: Record, seed: int) -> None:
    for x in some(record, seed):
        reached = oracle.track_forward(record, [x])
        portions = oracle.balance(record, x).went_in
        assert {uri for uri in portions if uri != x} <= set(reached), x


@few
@given(plants())
def test_plants_are_told_in_valid_events(record: Record) -> None:
    bodies = [{"@context": [], **entry.event} for entry in record.entries]
    assert not read_json(msgspec.json.encode(bodies)).problems


def test_a_plant_is_told_by_its_seed() -> None:
    assert plant(7, 30).entries == plant(7, 30).entries
    assert plant(7, 30).entries != plant(8, 30).entries


def test_plants_have_everything_that_goes_wrong() -> None:
    told: Counter[str] = Counter()
    for seed in range(40):
        record = plant(seed, 40)
        facts = record.facts()
        events = facts.events
        told["repeated"] += len(record.entries) - len({e.event["eventID"] for e in record.entries})
        told["declared"] += sum("errorDeclaration" in e.event for e in record.entries)
        arrived = [entry.event["eventTime"] for entry in record.entries]
        told["late"] += sum(one > other for one, other in pairwise(arrived))
        told["equal times"] += len(events) - len({event.time for event in events})
        told["nested"] += sum(stay.parent in {s.child for s in facts.stays} for stay in facts.stays)
        told["fixed"] += sum(stay.is_fixed for stay in facts.stays)
        told["lots in containers"] += sum(stay.is_lot for stay in facts.stays)
        told["several transformations"] += sum(len(made) > 1 for made in facts.makers.values())
        told["runs"] += sum(len(group.events) > 1 for group in facts.groups)
        told["early"] += sum(i.departure > i.time for g in facts.groups for i in g.inputs)
        told["instances of lots"] += len(facts.lots_of)
        for x in names(record):
            for reached in oracle.track_forward(record, [x]).values():
                told[reached.grade] += 1
                told["known"] += sum(p is not None and p > 0 for p in reached.portions.values())
                told["unknown"] += sum(p is None for p in reached.portions.values())
    assert len(told) == 15
    assert min(told.values()) >= 10, told
