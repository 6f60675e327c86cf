"""What suspects share: worked out by hand, counted slowly by the oracle, and in the demo dairy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from math import comb
from random import Random

import pytest

from suyuan.demo import DairyPlant
from suyuan.errors import InvalidInput, NotFound
from suyuan.event import read_json
from suyuan.identifier import class_of
from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Common, Genealogy, Shared, common
from suyuan.trace._chance import chance_of
from tests.trace import oracle, plants
from tests.trace.facts import EARLIEST, LATEST, Happened, Record
from tests.trace.story import Story, case, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

PLANT = "https://ns.suyuan.dev/plant/"
Row = tuple[str, str]


def _rows(found: Common) -> dict[Row, tuple[int, int]]:
    return {(one.kind, one.value): (one.suspects, one.rest) for one in found.shared}


def _row(found: Common, kind: str, value: str) -> Shared:
    (row,) = [one for one in found.shared if (one.kind, one.value) == (kind, value)]
    return row


def bakery() -> Story:
    """Eight doughs: four of one flour on one mixer, four of another; the water is the same."""
    story = Story()
    story.receive(0, of(lot("flour", "A"), 100), parties=(place(7), place(1)), where=place(1))
    story.receive(0.5, of(lot("flour", "B"), 100), parties=(place(8), place(1)), where=place(1))
    for number in range(8):
        flour = lot("flour", "A" if number < 4 else "B")
        more = {
            "@context": [{"own": PLANT}] if number % 2 else [],
            f"{'own:' if number % 2 else PLANT}equipment": place(50 if number < 4 else 51),
            f"{'own:' if number % 2 else PLANT}workOrder": f"WO-{number // 2}",
        }
        event = story.make(
            8 + number,
            [of(flour, 10), of(lot("water"), 5)],
            [of(lot("dough", f"D{number}"), 15)],
        )
        event |= more
    return story


DOUGHS = [lot("dough", f"D{number}") for number in range(8)]


@pytest.fixture
def baked(database: Database) -> Genealogy:
    return recorded(database, bakery().record, "default")


def test_what_stands_behind_suspects_alone_ranks_first_and_what_all_share_last(
    baked: Genealogy,
) -> None:
    found = common(baked, DOUGHS[:4])
    assert (found.rest, found.rest_taken, found.suspects) == (4, 4, DOUGHS[:4])
    flour = _row(found, "lot", lot("flour", "A"))
    assert (flour.rank, flour.suspects, flour.rest) == (1, 4, 0)
    assert flour.chance == pytest.approx(1 / comb(8, 4))
    assert flour.lift == pytest.approx((4.5 / 5) / (0.5 / 5))
    assert found.shared[0] == flour
    water = _row(found, "lot", lot("water"))
    assert (water.suspects, water.rest, water.chance, water.lift) == (4, 4, 1.0, 1.0)
    assert water.rank == max(one.rank for one in found.shared)
    assert ("lot", lot("flour", "B")) not in _rows(found)


def test_equipment_work_orders_and_suppliers_are_found_under_any_prefix(baked: Genealogy) -> None:
    found = common(baked, DOUGHS[:4])
    rows = _rows(found)
    assert rows["equipment", place(50)] == rows["supplier", place(7)] == (4, 0)
    assert rows["work_order", "WO-0"] == rows["work_order", "WO-1"] == (2, 0)
    assert rows["place", place(1)] == (4, 4)
    assert _row(found, "equipment", place(50)).first == hour(8)
    assert _row(found, "equipment", place(50)).last == hour(11)


def test_a_period_is_told_by_business_step_and_pays_for_the_choice(baked: Genealogy) -> None:
    found = common(baked, DOUGHS[2:6])
    step = "https://ref.gs1.org/cbv/BizStep-creating_class_instance"
    period = _row(found, "period", step)
    assert (period.first, period.last) == (hour(10), hour(13))
    assert (period.suspects, period.rest) == (4, 0)
    tried = 4 + 3 + 2 + 1
    assert period.chance == pytest.approx(tried / comb(8, 4))


def test_the_rest_may_be_given_and_may_not_hold_a_suspect(baked: Genealogy) -> None:
    found = common(baked, DOUGHS[:2], rest=DOUGHS[2:4])
    assert _rows(found)["lot", lot("flour", "A")] == (2, 2)
    assert (found.rest, found.rest_taken) == (2, 2)
    with pytest.raises(InvalidInput) as caught:
        common(baked, DOUGHS[:2], rest=DOUGHS[1:4])
    assert [one.code for one in caught.value.problems] == ["trace.suspect_in_rest"]
    with pytest.raises(NotFound):
        common(baked, [*DOUGHS[:2], lot("dough", "NEVER")])


def test_a_large_rest_is_taken_by_lot_and_the_answer_says_so(baked: Genealogy) -> None:
    found = common(baked, DOUGHS[:2], rest_max=3)
    assert (found.rest, found.rest_taken) == (6, 3)
    assert _rows(found)["lot", lot("water")] == (2, 3)
    for _ in range(6):
        assert common(baked, DOUGHS[:2], rest_max=3).shared == found.shared


def test_what_a_lot_was_used_for_elsewhere_does_not_stand_behind(database: Database) -> None:
    story = Story()
    for number, oven in ((1, 61), (2, 62), (3, 61)):
        event = story.make(number, [of(lot("milk"), 5)], [of(lot("cream", str(number)), 5)])
        event |= {PLANT + "equipment": place(oven)}
    story.pack(4, case(1), of(lot("cream", "1"), 5))
    story.see(5, [case(1)], "storing", where=place(3))
    story.see(6, [case(2)], "storing", where=place(4))
    genealogy = recorded(database, story.record, "default")
    rows = _rows(common(genealogy, [lot("cream", "1"), lot("cream", "3")]))
    assert rows["equipment", place(61)] == (2, 0)
    assert ("equipment", place(62)) not in rows
    alone = _rows(common(genealogy, [lot("cream", "1")]))
    assert alone["container", case(1)] == alone["place", place(3)] == (1, 0)
    assert ("place", place(4)) not in alone


def test_all_events_of_a_transformation_stand_behind_up_to_the_output(database: Database) -> None:
    story = Story()
    for at, inputs, outputs, tank in (
        (1, [of(lot("milk", "1"), 5)], [], 71),
        (2, [], [of(lot("cream", "1"), 2)], 72),
        (3, [of(lot("milk", "2"), 5)], [], 73),
        (4, [], [of(lot("cream", "2"), 2)], 74),
    ):
        event = story.make(at, inputs, outputs, run="vat")
        event |= {PLANT + "equipment": place(tank)}
    genealogy = recorded(database, story.record, "default")
    rows = _rows(common(genealogy, [lot("cream", "1")]))
    assert {value for kind, value in rows if kind == "equipment"} == {place(71), place(72)}
    assert rows["equipment", place(71)] == (1, 1)


def test_the_lot_of_an_instance_is_not_followed_after_the_instance_left_it(
    database: Database,
) -> None:
    story = Story()
    story.make(1, [of(lot("milk"), 5)], [of(lot("cup", "1"), 9, None)])
    story.see(2, [of(lot("cup", "1"), 9, None)], "storing", where=place(5))
    story.commission(3, serial("cup", 1), serial("cup", 2), lot_number="1")
    story.ship(4, of(lot("cup", "1"), 5, None), where=place(6))
    genealogy = recorded(database, story.record, "default")
    rows = _rows(common(genealogy, [serial("cup", 1), serial("cup", 2)]))
    assert rows["place", place(5)] == (2, 0)
    assert ("place", place(6)) not in rows
    assert rows["lot", lot("cup", "1")] == rows["lot", lot("milk")] == (2, 0)


def test_what_made_a_lot_stands_behind_its_instances_even_by_a_slow_clock(
    database: Database,
) -> None:
    story = Story()
    story.commission(1, serial("cup", 1), serial("cup", 2), lot_number="1")
    story.make(2, [of(lot("milk"), 5)], [of(lot("cup", "1"), 9, None)])
    story.entries[-1].event[PLANT + "equipment"] = place(81)
    story.commission(3, of(lot("cup", "1"), 9, None), where=place(5))
    story.see(4, [of(lot("cup", "1"), 9, None)], "storing", where=place(6))
    genealogy = recorded(database, story.record, "default")
    rows = _rows(common(genealogy, [serial("cup", 1), serial("cup", 2)]))
    assert rows["equipment", place(81)] == rows["place", place(5)] == (2, 0)
    assert ("place", place(6)) not in rows


def test_an_event_in_error_counts_only_for_what_was_known_before(database: Database) -> None:
    story = bakery()
    wrong = story.make(6, [of(lot("salt"), 1)], [of(DOUGHS[0], 1)])
    story.make(6.5, [of(lot("salt"), 1)], [of(DOUGHS[1], 1)])
    story.declare(wrong, 50)
    genealogy = recorded(database, story.record, "default")
    assert ("lot", lot("salt")) not in _rows(common(genealogy, DOUGHS[:4]))
    assert _rows(common(genealogy, DOUGHS[:4], as_of=hour(40)))["lot", lot("salt")] == (2, 0)


def test_the_chance_is_fishers_exact_one() -> None:
    random = Random(5)
    for _ in range(300):
        suspects, others = random.randint(1, 60), random.randint(0, 900)
        hits, misses = random.randint(0, suspects), random.randint(0, others)
        drawn, every = hits + misses, suspects + others
        exact = Fraction(
            sum(
                comb(suspects, more) * comb(others, drawn - more)
                for more in range(hits, min(drawn, suspects) + 1)
            ),
            comb(every, drawn),
        )
        assert chance_of(hits, misses, suspects, others) == pytest.approx(float(exact), rel=1e-9)


# The slow count: every subject against every event, by the oracle's own trace back.


class _Slow:
    def __init__(self, record: Record, as_of: datetime | None) -> None:
        self.record, self.as_of, self.facts = record, as_of, record.facts(as_of)
        self.lots = {uri for event in self.facts.events for uri in event.lots}
        self.lots |= set(self.facts.instances_of)

    def peers(self, suspects: list[str]) -> list[str]:
        things = {uri for e in self.facts.events for uri in (*e.instances, *e.lots)}
        wanted = {(class_of(one), one in self.lots) for one in suspects if class_of(one)}
        return [
            one for one in things - set(suspects) if (class_of(one), one in self.lots) in wanted
        ]

    def behind(self, uri: str) -> set[Row]:
        answer = oracle.trace_back(self.record, [uri], as_of=self.as_of)
        moments = {one: found.moment or LATEST for one, found in answer.items()} | {uri: LATEST}
        own = {uri, *(one.uri for one in self.facts.contents(uri, EARLIEST, LATEST))}
        left = max((self.first(one) for one in own), default=EARLIEST)
        bounds = {
            one: left if one not in own and moment == LATEST and left > EARLIEST else moment
            for one, moment in moments.items()
        }
        found = {("lot" if one in self.lots else "instance", one) for one in moments if one != uri}
        found |= {("product", name) for one in moments if one != uri and (name := class_of(one))}
        for one, bound in bounds.items():
            around = self.facts.containers(one, EARLIEST, bound)
            found |= {("container", thing.uri) for thing in around}
            spans = [(one, EARLIEST, bound), *((t.uri, t.start, t.end) for t in around)]
            events = [e for e in self.facts.events if self.counts(e, one, moments[one], spans)]
            for event in [*events, *self.same_run(events, one, moments[one])]:
                found |= {("place", self.place(event))} if self.place(event) else set()
                found |= {("supplier", one["source"]) for one in event.body.get("sourceList", ())}
        return found

    def named(self, event: Happened) -> set[str]:
        parent = {event.parent} if event.parent else set()
        amounts = {one.uri for one in (*event.amounts, *event.output_amounts)}
        return {*parent, *event.epcs, *event.outputs, *amounts}

    def first(self, uri: str) -> datetime:
        return min((e.time for e in self.facts.events if uri in self.named(e)), default=EARLIEST)

    def counts(
        self,
        event: Happened,
        uri: str,
        moment: datetime,
        spans: list[tuple[str, datetime, datetime]],
    ) -> bool:
        made = uri in event.outputs or uri in {one.uri for one in event.output_amounts}
        made |= event.kind == "ObjectEvent" and event.action == "ADD" and uri in self.named(event)
        seen = any(
            name in self.named(event) and first <= event.time <= last for name, first, last in spans
        )
        return (made and event.time <= moment) or seen

    def same_run(self, events: list[Happened], uri: str, moment: datetime) -> Iterator[Happened]:
        for made in events:
            named = {*made.outputs, *(one.uri for one in made.output_amounts)}
            if made.body.get("transformationID") and uri in named:
                for other in self.facts.events:
                    if other.transformation == made.transformation and other.time <= made.time:
                        yield other

    def place(self, event: Happened) -> str:
        return str(event.body.get("bizLocation", {}).get("id", ""))


@pytest.mark.parametrize("seed", range(12))
def test_what_suspects_share_is_what_a_slow_count_finds(database: Database, seed: int) -> None:
    random = Random(seed)
    record = plants.plant(seed, random.randint(20, 50))
    genealogy = recorded(database, record, "default")
    as_of = random.choice([None, record.entries[len(record.entries) * 2 // 3].record_time])
    slow = _Slow(record, as_of)
    names = sorted(
        slow.facts.names & {u for e in slow.facts.events for u in (*e.instances, *e.lots)}
    )
    for _ in range(4):
        suspects = random.sample(names, random.randint(1, min(4, len(names))))
        found = common(genealogy, suspects, as_of=as_of)
        rest = slow.peers(suspects)
        assert found.rest == len(rest)
        hits = Counter(row for one in suspects for row in slow.behind(one))
        misses = Counter(row for one in rest for row in slow.behind(one))
        assert {row: counts for row, counts in _rows(found).items() if row[0] != "period"} == {
            row: (hits[row], misses[row]) for row in hits if hits[row] >= min(2, len(suspects))
        }
        for one in found.shared:
            if one.kind != "period":
                counts = (one.suspects, one.rest, len(suspects), len(rest))
                assert one.chance == chance_of(*counts)


def test_the_contaminated_delivery_ranks_first_among_what_bad_cartons_share(
    database: Database,
) -> None:
    plant = DairyPlant(seed=3, events=6_000)
    journal = Journal(database, database.make_tenant("default"))
    journal.capture(read_json(b"".join(plant.iter_ndjson())).events)
    truth = plant.truth()
    genealogy = Genealogy(database, journal.tenant_id)
    found = common(genealogy, truth.cartons[::4], rest=_clean(database, journal, plant))
    bad = _row(found, "lot", truth.raw_lot)
    assert (bad.rank, bad.suspects, bad.rest) == (1, len(truth.cartons[::4]), 0)
    assert bad.chance < 1e-9
    # The dairy is behind all of its cartons, so that says nothing.
    everywhere = [one for one in found.shared if one.rest == found.rest_taken]
    assert everywhere
    assert all(one.chance == 1 for one in everywhere)


def _clean(database: Database, journal: Journal, plant: DairyPlant) -> list[str]:
    """Give cartons that are known to be clean, of the same products."""
    bad = set(plant.truth().cartons)
    products = {class_of(one) for one in bad}
    with database.tenant(journal.tenant_id, read_only=True) as connection:
        uris = [
            str(uri)
            for (uri,) in connection.execute(
                "SELECT uri FROM journal.object WHERE tenant_id = %s AND uri LIKE '%%/21/%%' "
                "ORDER BY uri",
                (journal.tenant_id,),
            )
        ]
    clean = [one for one in uris if class_of(one) in products and one not in bad]
    assert len(clean) > 100
    return clean[:: len(clean) // 100]
