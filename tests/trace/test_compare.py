"""What changed between two answers: worked out by hand, and against the answers themselves."""

from __future__ import annotations

import csv
import io
import zipfile
from random import Random
from typing import Any

import msgspec
import pytest

from suyuan.errors import InvalidInput, NotFound
from suyuan.store import Database
from suyuan.trace import (
    COMPARISON_FORMATS,
    Change,
    Comparison,
    ComparisonFormat,
    Genealogy,
    Trace,
    compare,
    export_comparison,
    record_time_at,
    trace_back,
    track_forward,
)
from tests.trace import plants
from tests.trace.story import Story, case, hour, lot, of
from tests.trace.test_questions import recorded


def corrected() -> Story:
    """Cream was said to be of milk A; the day after it turns out that half of it is of B."""
    story = Story()
    story.commission(0, of(lot("milk", "A"), 10), of(lot("milk", "B"), 10))
    wrong = story.make(1, [of(lot("milk", "A"), 10)], [of(lot("cream"), 8), of(lot("whey"), 2)])
    story.make(2, [of(lot("cream"), 8)], [of(lot("butter"), 4)])
    story.pack(3, case(1), of(lot("butter"), 4))
    right = story.make(1.5, [of(lot("milk", "A"), 5)], [of(lot("cream"), 4)], recorded=30)
    story.make(1.5, [of(lot("milk", "B"), 5)], [of(lot("cream"), 4)], recorded=30)
    story.declare(wrong, 30.5, [right])
    return story


@pytest.fixture
def dairy(database: Database) -> Genealogy:
    return recorded(database, corrected().record, "default")


def _compared(genealogy: Genealogy, start: str, **more: Any) -> Comparison:
    return compare(
        track_forward(genealogy, [start], as_of=hour(24), **more),
        track_forward(genealogy, [start], **more),
    )


def _changes(found: Comparison) -> dict[tuple[str, str], Change]:
    return {(one.kind, one.uri): one for one in found.changes()}


def test_what_a_correction_took_away_went_and_the_rest_changed(dairy: Genealogy) -> None:
    found = _compared(dairy, lot("milk", "A"))
    assert found.head.objects == {"came": 0, "went": 1, "changed": 2, "unchanged": 0}
    assert found.head.carriers == {"came": 0, "went": 0, "changed": 1, "unchanged": 0}
    assert found.head.before.position < found.head.after.position
    changes = _changes(found)
    gone, cream = changes["object", lot("whey")], changes["object", lot("cream")]
    assert (gone.change, gone.after) == ("went", None)
    assert cream.change == "changed"
    assert cream.before
    assert cream.after
    assert (cream.before.grade, cream.after.grade) == ("certain", "possible")
    assert (cream.before.moment, cream.after.moment) == (hour(1), hour(1.5))
    carrier = changes["carrier", case(1)]
    assert carrier.before
    assert carrier.after
    assert (carrier.before.grade, carrier.after.grade) == ("certain", "possible")
    assert carrier.after.carried == 1


def test_what_is_new_came_with_its_product(dairy: Genealogy) -> None:
    changes = _changes(_compared(dairy, lot("milk", "B")))
    cream = changes["object", lot("cream")]
    assert (cream.change, cream.before) == ("came", None)
    assert cream.product
    assert cream.uri.startswith(cream.product)
    assert changes["carrier", case(1)].change == "came"


def test_portions_are_compared_where_both_were_weighed(dairy: Genealogy) -> None:
    cream = _changes(_compared(dairy, lot("milk", "A"), portions=True))["object", lot("cream")]
    assert cream.before
    assert cream.after
    assert cream.before.portion == pytest.approx(8)
    assert cream.after.portion == pytest.approx(5)
    assert cream.after.uom == "KGM"


def test_a_corrected_quantity_changes_the_portion_and_nothing_else(database: Database) -> None:
    story = Story()
    story.commission(0, of(lot("milk"), 10))
    wrong = story.make(1, [of(lot("milk"), 4)], [of(lot("cream"), 8)])
    right = story.make(1, [of(lot("milk"), 5)], [of(lot("cream"), 8)], recorded=30)
    story.declare(wrong, 30, [right])
    genealogy = recorded(database, story.record, "default")
    assert not _changes(_compared(genealogy, lot("milk")))
    (change,) = _compared(genealogy, lot("milk"), portions=True).changes()
    assert change.before
    assert change.after
    assert (change.before.portion, change.after.portion) == (4, 5)


def test_the_same_answer_twice_has_no_changes(dairy: Genealogy) -> None:
    answer = track_forward(dairy, [lot("milk", "A")], portions=True)
    found = compare(answer, track_forward(dairy, [lot("milk", "A")], portions=True))
    assert list(found.changes()) == []
    assert found.head.objects["unchanged"] == answer.count


def test_answers_of_two_directions_are_not_compared(dairy: Genealogy) -> None:
    with pytest.raises(InvalidInput) as caught:
        compare(track_forward(dairy, [lot("cream")]), trace_back(dairy, [lot("cream")]))
    assert caught.value.code == "trace.directions_differ"


def test_a_position_is_asked_for_by_its_record_time(dairy: Genealogy) -> None:
    now = track_forward(dairy, [lot("milk", "A")])
    for position in range(1, now.position + 1):
        moment = record_time_at(dairy, position)
        if position < now.position and record_time_at(dairy, position + 1) == moment:
            continue
        try:
            assert track_forward(dairy, [lot("milk", "A")], as_of=moment).position == position
        except NotFound:
            assert position == 0
    for position in (0, now.position + 1):
        with pytest.raises(InvalidInput) as caught:
            record_time_at(dairy, position)
        assert caught.value.code == "trace.position_unknown"


@pytest.mark.parametrize("form", COMPARISON_FORMATS)
def test_a_comparison_goes_out_whole_in_every_format(
    dairy: Genealogy, form: ComparisonFormat
) -> None:
    found = _compared(dairy, lot("milk", "A"))
    data = b"".join(export_comparison(found, form))
    uris = [one.uri for one in found.changes()]
    match form:
        case "json":
            told = msgspec.json.decode(data)
            assert [one["uri"] for one in told["changes"]] == uris
            assert told["objects"] == found.head.objects
        case "ndjson":
            lines = [msgspec.json.decode(line) for line in data.splitlines()]
            assert [line["kind"] for line in lines] == ["head", *["object"] * 3, "carrier"]
        case "csv":
            rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
            assert [row["uri"] for row in rows] == uris
            assert {row["grade_after"] for row in rows} == {"", "possible"}
        case "xlsx":
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                assert "xl/worksheets/sheet2.xml" in book.namelist()


@pytest.mark.parametrize("seed", range(8))
def test_changes_are_what_two_answers_differ_in(database: Database, seed: int) -> None:
    random = Random(seed)
    record = plants.shuffled(plants.plant(seed, random.randint(20, 60)), seed)
    genealogy = recorded(database, record, "default")
    differing = 0
    for start in random.sample(plants.names(record), 5):
        ask = random.choice((track_forward, trace_back))
        try:
            early = random.choice(record.entries).record_time
            before = ask(genealogy, [start], as_of=early)
        except NotFound:
            continue
        after = ask(genealogy, [start])
        changes = _changes(compare(before, after))
        was, now = _plain(before), _plain(after)
        assert changes.keys() == {key for key in was | now if was.get(key) != now.get(key)}
        for key, one in changes.items():
            for version, side in ((one.before, was), (one.after, now)):
                assert (version and (version.grade, version.moment, version.carried or 0)) == (
                    side.get(key)
                )
        differing += len(changes)
    assert differing or seed


def _plain(trace: Trace) -> dict[tuple[str, str], tuple[str, Any, int]]:
    found: dict[tuple[str, str], tuple[str, Any, int]] = {
        ("object", one.uri): (one.grade, one.moment, 0) for one in trace.objects()
    }
    for one in trace.carrier_list():
        found["carrier", one.uri] = (one.grade, one.moment, one.carried)
    return found
