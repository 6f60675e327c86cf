"""The demo is the same for the same seed, of the size asked for, and in order of arrival."""

import gc
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise

import pytest

from suyuan.demo import DAYS_DEFAULT, DEFAULT_END, DairyPlant
from suyuan.errors import InvalidInput

SMALL = 6_000


def written(plant: DairyPlant) -> bytes:
    return b"".join(plant.iter_ndjson())


def digest(plant: DairyPlant) -> str:
    return sha256(written(plant)).hexdigest()


def test_same_seed_gives_the_same_bytes() -> None:
    assert digest(DairyPlant(seed=5, events=SMALL)) == digest(DairyPlant(seed=5, events=SMALL))


def test_one_plant_can_be_told_twice() -> None:
    plant = DairyPlant(events=SMALL)
    assert digest(plant) == digest(plant)


def test_other_seed_gives_other_bytes() -> None:
    assert digest(DairyPlant(seed=5, events=SMALL)) != digest(DairyPlant(seed=6, events=SMALL))


def test_truth_and_story_are_the_same_before_and_after_the_events_are_made() -> None:
    fresh, told = DairyPlant(events=SMALL), DairyPlant(events=SMALL)
    written(told)
    assert fresh.truth() == told.truth()
    assert fresh.story() == told.story()


def test_lines_are_the_events() -> None:
    plant = DairyPlant(events=SMALL)
    lines = [json.loads(line, parse_float=Decimal) for line in written(plant).splitlines()]
    assert lines == list(plant.iter_events())


def test_lines_come_in_chunks_of_whole_lines() -> None:
    chunks = list(DairyPlant(events=SMALL).iter_ndjson(chunk_bytes=10_000))
    assert len(chunks) > 100
    assert all(chunk.endswith(b"}\n") for chunk in chunks)
    assert max(map(len, chunks)) < 60_000


def test_document_holds_the_same_events_without_their_context() -> None:
    plant = DairyPlant(events=SMALL)
    file = io.BytesIO()
    number = plant.write_document(file)
    document = json.loads(file.getvalue(), parse_float=Decimal)
    events = [
        {key: value for key, value in event.items() if key != "@context"}
        for event in plant.iter_events()
    ]
    assert document["epcisBody"]["eventList"] == events
    assert number == len(events)
    assert document["@context"] == next(plant.iter_events())["@context"]
    assert document["epcisHeader"]["epcisMasterData"]["vocabularyList"]


def test_document_can_be_written_without_master_data() -> None:
    file = io.BytesIO()
    DairyPlant(events=SMALL).write_document(file, with_master_data=False)
    assert "epcisHeader" not in json.loads(file.getvalue())


def test_default_demo_is_thirty_days_and_tens_of_thousands_of_events() -> None:
    plant = DairyPlant()
    assert (plant.days, plant.plants) == (DAYS_DEFAULT, 1)
    assert 20_000 <= sum(1 for _ in plant.iter_events()) <= 40_000


@pytest.mark.parametrize("events", [6_000, 9_500, 20_000, 50_000])
def test_number_of_events_is_about_what_was_asked_for(events: int) -> None:
    plant = DairyPlant(events=events)
    number = sum(1 for _ in plant.iter_events())
    assert number == pytest.approx(events, rel=0.06)
    assert plant.events_expected == pytest.approx(events, rel=0.01)


def test_large_demo_has_more_days_and_more_plants() -> None:
    plant = DairyPlant(events=1_000_000)
    assert plant.days > 100
    assert plant.plants > 3
    assert DairyPlant(events=100_000_000).days == 365


def test_days_and_events_together_choose_the_number_of_plants() -> None:
    assert DairyPlant(days=14, events=60_000).plants > DairyPlant(days=28, events=60_000).plants


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"days": 13}, "days"),
        ({"days": 366}, "days"),
        ({"events": 5_999}, "events"),
        ({"events": 10**12}, "events"),
        ({"days": 365, "events": 7_000}, "events"),
    ],
)
def test_size_that_cannot_be_told_is_refused(options: dict[str, int], where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        DairyPlant(**options)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("demo.size_invalid", where)


def test_end_needs_a_time_zone() -> None:
    with pytest.raises(InvalidInput) as caught:
        DairyPlant(end=datetime(2026, 11, 1))
    assert caught.value.code == "demo.end_without_zone"


def test_events_come_in_order_of_arrival_and_none_after_the_end() -> None:
    plant = DairyPlant(events=SMALL)
    arrivals = [arrival for arrival, _ in plant.iter_arrivals()]
    assert all(earlier <= later for earlier, later in pairwise(arrivals))
    assert plant.start <= arrivals[0]
    assert arrivals[-1] < plant.end == DEFAULT_END


def test_no_event_arrives_before_it_happened_but_for_one_slow_clock() -> None:
    for arrival, event in DairyPlant(events=SMALL).iter_arrivals():
        assert datetime.fromisoformat(str(event["eventTime"])) <= arrival


def test_order_of_arrival_is_not_the_order_of_happening() -> None:
    late = timedelta(0)
    for arrival, event in DairyPlant(events=SMALL).iter_arrivals():
        if "errorDeclaration" not in event:
            late = max(late, arrival - datetime.fromisoformat(str(event["eventTime"])))
    assert late >= timedelta(days=2)


def test_end_moves_all_by_whole_days() -> None:
    later = DairyPlant(events=SMALL, end=datetime(2027, 3, 5, 10, 30, tzinfo=UTC))
    assert later.end == datetime.fromisoformat("2027-03-05T00:00:00+08:00")
    assert later.truth().delivered_at - DairyPlant(events=SMALL).truth().delivered_at == (
        later.end - DEFAULT_END
    )


def test_memory_does_not_grow_with_the_number_of_events() -> None:
    """Count what the generator keeps alive, before the notebook of the story is opened."""
    plant = DairyPlant(days=45, events=21_000)
    opened = plant.end - timedelta(days=9)
    counts = []
    gc.collect()
    before = len(gc.get_objects())
    for number, (arrival, _) in enumerate(plant.iter_arrivals()):
        if number % 2_000 == 1_999 and arrival < opened:
            gc.collect()
            counts.append(len(gc.get_objects()) - before)
    assert len(counts) == 7
    assert max(counts[4:]) < max(counts[:4]) * 1.2


def test_most_events_have_no_id_and_some_have_one() -> None:
    events = list(DairyPlant(events=SMALL).iter_events())
    with_id = [event for event in events if "eventID" in event]
    assert 0 < len(with_id) < len(events) / 5
    assert all(str(event["eventID"]).startswith("urn:uuid:") for event in with_id)
