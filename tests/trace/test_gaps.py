"""Where a record is not whole: each kind of gap, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from suyuan.errors import InvalidInput, NotFound
from suyuan.store import Database
from suyuan.trace import GAP_KINDS, Gap, GapLimits, Gaps, Genealogy, gaps, trace_back, track_forward
from tests.trace import plants
from tests.trace.facts import Entry, Record
from tests.trace.story import Story, case, gtin, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

MILK, CHEESE, LOAF = lot("milk"), lot("cheese"), lot("loaf")
PUMP, SEAL = serial("pump", 1), serial("seal", 1)
Told = list[tuple[str, list[str], list[int]]]
Tell = Callable[[Story], Told]


def told(found: Gaps) -> Told:
    """Give kind, objects and events of gaps."""
    return [(one.kind, one.objects, [e.sequence for e in one.events]) for one in found.gaps]


def gaps_of(database: Database, story: Story, **how: object) -> Gaps:
    return gaps(recorded(database, story.record, "default"), **how)  # type: ignore[arg-type]


def milk(s: Story, amount: int = 100) -> None:
    s.receive(6, of(MILK, amount))


def from_nothing(s: Story) -> Told:
    s.make(8, [], [of(CHEESE, 5), serial("wheel", 1)], run="vat")
    s.make(9, [of(MILK, 5)], [], run="vat")
    s.make(10, [], [serial("wheel", 2)], run="vat")
    return [("output_without_input", [CHEESE, serial("wheel", 1)], [2])]


def more_than_there_was(s: Story) -> Told:
    s.make(8, [of(MILK, 70)], [of(CHEESE, 7)])
    s.make(9, [of(MILK, 60)], [of(CHEESE, 6)])
    s.make(10, [of(MILK, 1)], [of(CHEESE, 1)])
    return [("more_used", [MILK], [3])]


def all_of_it_in_another_unit(s: Story) -> Told:
    s.make(8, [of(MILK, 70_000, "GRM")], [of(CHEESE, 7)])
    s.make(9, [of(MILK, 0.03, "TNE")], [of(CHEESE, 6)])
    return []


def less_or_more_nobody_knows(s: Story) -> Told:
    s.make(8, [of(MILK)], [of(CHEESE, 7)])
    s.make(9, [of(MILK, 101)], [of(CHEESE, 6)])
    return []


def a_part_that_never_came(s: Story) -> Told:
    s.make(8, [PUMP], [serial("plant", 1)])
    return [("more_used", [PUMP], [2])]


def a_crate_that_never_came(s: Story) -> Told:
    s.pack(7, case(1), of(MILK, 10))
    s.make(8, [case(1)], [of(CHEESE, 1)])
    return []


def here_and_there(s: Story) -> Told:
    s.commission(7, PUMP, where=place(1))
    s.see(8, [PUMP], "storing", where=place(2))
    return [("seen_elsewhere", [PUMP], [2, 3])]


def here_and_there_by_a_lorry(s: Story) -> Told:
    s.commission(7, PUMP, where=place(1))
    s.pack(7.5, case(1), PUMP)
    s.ship(8, case(1), parties=(place(1), place(2)))
    s.see(9, [PUMP], "storing", where=place(2))
    return []


def here_and_there_in_one_plant(s: Story) -> Told:
    s.commission(7, PUMP, where="https://id.gs1.org/414/9521234000013/254/A")
    s.see(8, [PUMP], "storing", where="https://id.gs1.org/414/9521234000013/254/B")
    return []


def a_tanker_that_goes_round(s: Story) -> Told:
    tanker = "https://id.gs1.org/8004/9521234TANKER1"
    s.commission(7, of(CHEESE, 50), where=place(1))
    s.pack(7.5, tanker, of(CHEESE, 50))
    s.see(8, [tanker], "transporting", where=place(2))
    s.see(9, [tanker], "loading", where=place(3))
    s.receive(10, of(CHEESE, 50), where=place(4))
    s.see(11, [tanker], "inspecting", where=place(5))
    s.see(12, [tanker], "inspecting", where=place(6))
    return []


def recorded_in_one_file(s: Story) -> Told:
    s.make(10, [of(CHEESE, 3)], [of(LOAF, 3, None)], recorded=20)
    s.make(8, [of(MILK, 30)], [of(CHEESE, 3)], recorded=20)
    return []


def a_lot_that_arrives_and_never_left(s: Story) -> Told:
    s.make(8, [of(MILK, 50)], [of(CHEESE, 5)])
    s.ship(9, of(CHEESE, 2), parties=(place(1), place(9)))
    s.receive(10, of(CHEESE, 3))
    return [("seen_elsewhere", [CHEESE], [4])]


def lost_on_the_way(s: Story) -> Told:
    s.commission(7, PUMP, SEAL)
    s.pack(7.5, case(1), PUMP)
    s.ship(8, case(1), SEAL)
    s.ship(9, of(MILK, 40))
    s.commission(24 * 8 + 10, serial("pump", 2))
    return [("never_received", [PUMP, SEAL], [4]), ("never_received", [MILK], [5])]


def still_on_the_way(s: Story) -> Told:
    s.commission(7, PUMP)
    s.ship(8, PUMP)
    s.commission(24 * 6, serial("pump", 2))
    return []


def arrived_with_its_pallet(s: Story) -> Told:
    s.commission(7, PUMP)
    s.pack(7.5, case(1), PUMP)
    s.ship(8, case(1), of(MILK, 40))
    s.receive(9, case(1), of(MILK, 40))
    s.commission(24 * 8 + 10, serial("pump", 2))
    return []


def arrived_in_part(s: Story) -> Told:
    s.ship(8, of(MILK, 40))
    s.receive(9, of(MILK, 30))
    s.commission(24 * 8 + 10, serial("pump", 2))
    return [("never_received", [MILK], [2])]


def sold_to_a_stranger(s: Story) -> Told:
    s.commission(7, PUMP)
    s.ship(8, PUMP, of(MILK, 3), parties=(place(1), place(9)))
    s.commission(24 * 8 + 10, serial("pump", 2))
    return []


def sold_to_one_who_reports(s: Story) -> Told:
    s.commission(7, PUMP, SEAL)
    s.ship(8, PUMP, parties=(place(1), place(9)))
    s.ship(9, SEAL, parties=(place(1), place(9)))
    s.receive(10, SEAL, where=place(9))
    s.commission(24 * 8 + 10, serial("pump", 2))
    return [("never_received", [PUMP], [3])]


def packed_elsewhere(s: Story) -> Told:
    s.commission(7, PUMP)
    s.pack(8, case(1), PUMP)
    s.pack(9, case(2), PUMP)
    return [("packed_twice", [PUMP, case(1), case(2)], [3, 4])]


def repacked(s: Story) -> Told:
    s.commission(7, PUMP)
    s.pack(8, case(1), PUMP)
    s.pack(8.5, case(1), PUMP)
    s.unpack(9, case(1), PUMP)
    s.pack(9, case(2), PUMP)
    s.fix(10, SEAL, PUMP)  # Packing and fixing are kept apart.
    return []


def used_twice(s: Story) -> Told:
    s.commission(7, PUMP)
    s.make(8, [PUMP], [serial("plant", 1)])
    s.make(9, [PUMP], [serial("plant", 2)])
    return [("used_after_end", [PUMP], [3, 4])]


def packed_after_it_was_destroyed(s: Story) -> Told:
    s.commission(7, PUMP)
    s.scrap(8, PUMP)
    s.pack(9, case(1), PUMP)
    return [("used_after_end", [PUMP], [3, 4])]


def used_twice_in_one_run_and_made_again(s: Story) -> Told:
    s.commission(7, PUMP)
    s.make(8, [PUMP], [], run="line")
    s.make(9, [PUMP], [serial("plant", 1)], run="line")
    s.make(10, [serial("plant", 1)], [PUMP])
    s.make(11, [PUMP], [serial("plant", 2)])
    s.see(12, [SEAL], "commissioning", "ADD")
    s.see(13, [SEAL], "sampling")
    s.scrap(14, SEAL)
    return []


def a_crate_that_is_used_again(s: Story) -> Told:
    s.pack(7, case(1), of(MILK, 10))
    s.make(8, [case(1)], [of(CHEESE, 1)])
    s.pack(9, case(1), of(MILK, 10))
    s.make(10, [case(1)], [of(CHEESE, 1)])
    return []


def a_clock_an_hour_off(s: Story) -> Told:
    s.make(8, [of(CHEESE, 3)], [of(LOAF, 3, None)], recorded=9.1)
    s.make(9, [of(MILK, 30)], [of(CHEESE, 3)], recorded=9.05)
    return [("before_origin", [CHEESE], [2, 3])]


def at_the_same_moment(s: Story) -> Told:
    s.make(9, [of(MILK, 30)], [of(CHEESE, 3)], name="b")
    s.make(9, [of(CHEESE, 3)], [of(LOAF, 3, None)], name="a", recorded=9.1)
    return []


def recorded_the_next_week(s: Story) -> Told:
    s.make(8, [of(MILK, 30)], [of(CHEESE, 3)], recorded=8 + 24.5)
    s.make(8, [of(MILK, 30)], [of(CHEESE, 3)], recorded=8 + 23.5)
    return [("back_dated", [MILK, CHEESE], [3])]


def recorded_after_what_it_caused(s: Story) -> Told:
    s.make(8, [of(MILK, 30)], [of(CHEESE, 3)], recorded=11)
    s.make(10, [of(CHEESE, 3)], [of(LOAF, 3, None)])
    return [("back_dated", [CHEESE], [2, 3])]


def recorded_a_little_after_what_it_caused(s: Story) -> Told:
    s.make(8, [of(MILK, 30)], [of(CHEESE, 3)], recorded=8.9)
    s.make(8.5, [of(CHEESE, 3)], [of(LOAF, 3, None)])
    return []


def emptied_and_nothing_was_inside(s: Story) -> Told:
    s.unpack(8, case(1))
    return [("unknown_contents", [case(1)], [2])]


def taken_out_and_never_put_in(s: Story) -> Told:
    s.commission(7, PUMP)
    s.pack(7.5, case(1), of(MILK, 5))
    s.unpack(8, case(1), PUMP, of(MILK, 5), of(LOAF, 1, None))
    return [("unknown_contents", [PUMP, case(1)], [4]), ("unknown_contents", [LOAF, case(1)], [4])]


def used_and_nobody_knows_what_was_inside(s: Story) -> Told:
    s.make(8, [case(1)], [of(CHEESE, 3)])
    return [("unknown_contents", [case(1)], [2])]


def taken_out_bit_by_bit(s: Story) -> Told:
    s.pack(7, case(1), of(MILK, 5))
    s.unpack(8, case(1), of(MILK, 2))
    s.unpack(9, case(1), of(MILK, 3))
    s.pack(10, case(1), of(MILK, 3))
    s.unpack(11, case(1))
    return []


STORIES: list[Tell] = [
    *(a_tanker_that_goes_round, recorded_in_one_file, from_nothing),
    *(more_than_there_was, all_of_it_in_another_unit, less_or_more_nobody_knows),
    *(a_part_that_never_came, a_crate_that_never_came, here_and_there),
    *(here_and_there_by_a_lorry, here_and_there_in_one_plant, a_lot_that_arrives_and_never_left),
    *(lost_on_the_way, still_on_the_way, arrived_with_its_pallet, arrived_in_part),
    *(sold_to_a_stranger, sold_to_one_who_reports, packed_elsewhere, repacked, used_twice),
    *(packed_after_it_was_destroyed, used_twice_in_one_run_and_made_again),
    *(a_crate_that_is_used_again, a_clock_an_hour_off, at_the_same_moment),
    *(recorded_the_next_week, recorded_after_what_it_caused),
    *(recorded_a_little_after_what_it_caused, emptied_and_nothing_was_inside),
    *(taken_out_and_never_put_in, used_and_nobody_knows_what_was_inside, taken_out_bit_by_bit),
]


def _unordered(found: Told) -> list[tuple[str, list[str], list[int]]]:
    return sorted((kind, sorted(objects), events) for kind, objects, events in found)


@pytest.mark.parametrize("tell", STORIES, ids=lambda tell: tell.__name__)
def test_gaps_are_those_of_the_story_and_no_others(database: Database, tell: Tell) -> None:
    s = Story()
    milk(s)
    expected = tell(s)
    found = gaps_of(database, s)
    assert _unordered(told(found)) == _unordered(expected)
    assert found.count == len(expected)
    assert {one.kind for one in found.kinds} == {kind for kind, _, _ in expected}


@pytest.fixture
def plant(database: Database) -> Genealogy:
    """Give a plant with gaps of two kinds, at two places, on two days."""
    s = Story()
    milk(s)
    s.make(8, [of(MILK, 130)], [of(CHEESE, 13)])
    s.pack(9, case(1), of(CHEESE, 1), PUMP)
    s.pack(10, case(2), PUMP)
    s.make(30, [of(CHEESE, 5)], [of(LOAF, 5, None)], recorded=70)
    for at, where in ((1, "A"), (3, "A"), (4, "B")):
        fixed = {"id": f"https://id.gs1.org/414/9521234000013/254/{where}"}
        s.entries[at].event["bizLocation"] = fixed
    return recorded(database, s.record, "default")


def test_a_gap_tells_what_was_expected_and_found_in_both_languages(plant: Genealogy) -> None:
    used, packed, late = gaps(plant).gaps
    assert (used.quantity, used.uom) == (30, "KGM")
    assert used.name == "more used than received or made"
    assert used.expected == "no more going out than came in"
    assert used.found == "30 KGM more went out than came in"
    assert used.place == "https://id.gs1.org/414/9521234000013/254/A"
    assert [one.event_time for one in packed.events] == [hour(9), hour(10)]
    assert (late.hours, late.found) == (40, "it was recorded 40 h after it happened")
    chinese = gaps(plant, language="zh")
    assert chinese.gaps[0].found == "去向比来源多 30 KGM"
    assert [(one.kind, one.name, one.count) for one in chinese.kinds] == [
        ("more_used", "使用超过收货或制成", 1),
        ("packed_twice", "重复装入", 1),
        ("back_dated", "补录", 1),
    ]


@pytest.mark.parametrize(
    ("how", "kinds"),
    [
        ({"product": gtin("milk")}, ["more_used"]),
        ({"product": MILK}, ["more_used"]),
        ({"product": CHEESE}, ["back_dated"]),
        ({"place": "https://id.gs1.org/414/9521234000013/254/A"}, ["more_used", "packed_twice"]),
        ({"place": "(414)9521234000013"}, ["more_used", "packed_twice", "back_dated"]),
        ({"since": hour(9), "until": hour(29)}, ["packed_twice"]),
        ({"until": hour(8)}, ["more_used"]),
        ({"kinds": ["back_dated", "more_used"]}, ["more_used", "back_dated"]),
        ({"limits": GapLimits(late_hours=40)}, ["more_used", "packed_twice"]),
        ({"as_of": hour(60)}, ["more_used", "packed_twice"]),
        ({"product": gtin("milk"), "since": hour(9)}, []),
    ],
)
def test_gaps_are_asked_for_by_product_place_period_and_kind(
    plant: Genealogy, how: dict[str, object], kinds: list[str]
) -> None:
    found = gaps(plant, **how)  # type: ignore[arg-type]
    assert [one.kind for one in found.gaps] == kinds


def test_an_answer_tells_the_gaps_that_it_rests_on(plant: Genealogy) -> None:
    def kinds(found: list[Gap]) -> list[str]:
        return [one.kind for one in found]

    assert kinds(trace_back(plant, [LOAF]).gaps()) == ["more_used", "back_dated"]
    assert kinds(trace_back(plant, [CHEESE]).gaps()) == ["more_used", "back_dated"]
    assert kinds(track_forward(plant, [PUMP]).gaps()) == ["packed_twice"]
    (gap, *_) = trace_back(plant, [CHEESE]).gaps("zh")
    assert gap.name == "使用超过收货或制成"


def test_a_carrier_brings_no_gaps_of_other_goods_into_an_answer(database: Database) -> None:
    s = Story()
    s.commission(6, PUMP, SEAL)
    s.unpack(7, case(1))
    s.pack(8, case(1), SEAL)
    genealogy = recorded(database, s.record, "default")
    assert [one.kind for one in gaps(genealogy).gaps] == ["unknown_contents"]
    assert track_forward(genealogy, [SEAL]).gaps() == []


def test_what_is_wrong_with_a_question_about_gaps_is_said_all_at_once(plant: Genealogy) -> None:
    with pytest.raises(InvalidInput) as caught:
        gaps(
            plant,
            since=hour(9),
            until=hour(8),
            kinds=["holes", "more_used"],
            limits=GapLimits(late_hours=-1),
        )
    assert [one.code for one in caught.value.problems] == [
        "trace.period_wrong",
        "trace.gap_unknown",
        "trace.limit_wrong",
    ]
    for how in ({"product": gtin("van")}, {"place": place(7)}, {"product": lot("milk", "9")}):
        with pytest.raises(NotFound) as missing:
            gaps(plant, **how)  # type: ignore[arg-type]
        assert missing.value.code == "trace.object_unknown"


def test_every_kind_of_gap_has_a_story() -> None:
    stories = {kind for tell in STORIES for kind, _, _ in tell(Story())}
    assert stories == set(GAP_KINDS)


@pytest.mark.parametrize("seed", range(6))
def test_gaps_do_not_depend_on_the_order_of_arrival(database: Database, seed: int) -> None:
    record = plants.plant(seed, 40)
    kinds = [kind for kind in GAP_KINDS if kind != "back_dated"]
    asked = []
    for name, entries in (("one", record), ("other", plants.shuffled(record, seed))):
        again = Record([Entry(e.event, hour(100 + at)) for at, e in enumerate(entries.entries)])
        found = gaps(recorded(database, again, name), kinds=kinds)
        asked.append(sorted((one.kind, sorted(one.objects), one.quantity) for one in found.gaps))
    assert asked[0] == asked[1]
