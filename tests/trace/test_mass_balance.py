"""What came in of a lot or a product, and what became of it, worked out by hand and by force."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from suyuan.errors import InvalidInput, NotFound
from suyuan.event import read_json
from suyuan.journal import Journal
from suyuan.store import Database
from suyuan.trace import Genealogy, MassBalance, gaps, mass_balance, set_expected_loss
from tests.trace import plants
from tests.trace.balance import FIGURES, Told, keep_book
from tests.trace.facts import Facts, Record
from tests.trace.mixing import _unit as first_unit
from tests.trace.story import Story, Thing, case, gtin, hour, lot, of, place, serial
from tests.trace.test_questions import recorded

MILK, CHEESE, LOAF = lot("milk"), lot("cheese"), lot("loaf")
PRODUCT = f"https://id.gs1.org/01/{gtin('loaf')}"


def balance_of(database: Database, story: Story, code: str = MILK, **how: object) -> MassBalance:
    return mass_balance(recorded(database, story.record, "default"), code, **how)  # type: ignore[arg-type]


def said(balance: MassBalance) -> dict[str, float | None]:
    """Give the figures that are not nothing."""
    names = ("opening", *FIGURES, "in_stock")
    told = {name: getattr(balance, name).quantity for name in names}
    told["unexplained"] = balance.unexplained
    return {name: value for name, value in told.items() if value != 0}


def of_step(story: Story, at: float, step: str, *things: Thing, **more: object) -> None:
    story.see(at, things, step, **more)  # type: ignore[arg-type]


def test_every_figure_has_its_quantity_and_its_events(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 1000))
    s.make(8, [of(MILK, 300)], [of(CHEESE, 30)])
    s.ship(9, of(MILK, 200))
    s.scrap(10, of(MILK, 50))
    s.make(11, [of(MILK, 500, "GRM")], [serial("bottle", 1)])
    s.entries[-1].event["bizStep"] = "sampling"
    of_step(s, 12, "stock_taking", of(MILK, 4), action="DELETE")
    of_step(s, 13, "stock_taking", of(MILK, 1), action="ADD")
    s.ship(14, of(MILK, 20), disposition="returned")
    of_step(s, 15, "stock_taking", of(MILK, 420))
    found = balance_of(database, s)
    assert said(found) == {
        "received": 1000,
        "used": 300,
        "shipped": 200,
        "scrapped": 50,
        "sampled": 0.5,
        "adjusted": -3,
        "returned": 20,
        "in_stock": 420,
        "unexplained": 6.5,
    }
    assert (found.uom, found.lots, found.is_counted, found.position) == ("KGM", 1, True, 9)
    names = ("received", "used", "shipped", "scrapped", "sampled", "adjusted", "returned")
    assert [getattr(found, name).sequences for name in names] == [
        [1],
        [2],
        [3],
        [4],
        [5],
        [6, 7],
        [8],
    ]
    assert found.in_stock.sequences == [9]


def test_without_a_count_the_books_tell_what_is_in_stock(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 1, "TNE"))
    s.make(8, [of(MILK, 250, "KGM")], [of(CHEESE, 30)])
    found = balance_of(database, s, uom="KGM")
    assert said(found) == {"received": 1000, "used": 250, "in_stock": 750}
    assert not found.is_counted
    assert balance_of(database, s).uom == "TNE"


def test_more_that_went_out_than_came_in_is_less_than_nothing(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 100))
    s.make(8, [of(MILK, 130)], [of(CHEESE, 30)])
    assert said(balance_of(database, s)) == {"received": 100, "used": 130, "unexplained": -30}


def test_tenths_that_are_all_used_leave_nothing(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 0.3))
    for at in (8, 9, 10):
        s.make(at, [of(MILK, 0.1)], [of(CHEESE, 1)])
    assert said(balance_of(database, s)) == {"received": 0.3, "used": 0.3}


def test_trap_15_what_does_not_convert_is_unknown_and_never_guessed(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 100))
    s.make(8, [of(MILK, 40, "KGM")], [of(CHEESE, 4)])
    s.make(9, [of(MILK, 2, "XBX")], [of(CHEESE, 4)])
    s.make(10, [of(MILK)], [of(CHEESE, 4)])
    found = balance_of(database, s)
    assert found.used.quantity is None
    assert (found.used.known, found.used.unknown, found.used.sequences) == (40, 2, [2, 3, 4])
    assert found.in_stock.quantity is None
    assert found.unexplained is None
    assert found.received.quantity == 100


def test_a_count_makes_the_stock_known_again(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 100))
    s.make(8, [of(MILK)], [of(CHEESE, 4)])
    of_step(s, 9, "cycle_counting", of(MILK, 70))
    found = balance_of(database, s)
    assert found.in_stock.quantity == 70
    assert found.used.quantity is None
    assert balance_of(database, s, since=hour(8.5)).unexplained is None  # The opening is unknown.
    assert said(balance_of(database, s, since=hour(9.5))) == {"opening": 70, "in_stock": 70}


def test_counts_of_several_places_add_up_and_a_later_count_replaces_them(
    database: Database,
) -> None:
    s = Story()
    s.receive(6, of(MILK, 100))
    of_step(s, 8, "stock_taking", of(MILK, 50), where=place(1))
    of_step(s, 9, "stock_taking", of(MILK, 30), where=place(2))
    of_step(s, 10, "stock_taking", of(MILK, 40), where=place(1))
    of_step(s, 10.5, "storing", of(MILK, 7))  # Changes nothing.
    assert said(balance_of(database, s)) == {"received": 100, "in_stock": 70, "unexplained": 30}
    s.make(11, [of(MILK, 10)], [of(CHEESE, 1)])
    of_step(s, 12, "stock_taking", of(MILK, 60), where=place(1))
    second = recorded(database, s.record, "second")
    assert said(mass_balance(second, MILK)) == {
        "received": 100,
        "used": 10,
        "in_stock": 60,
        "unexplained": 30,
    }


def test_goods_that_come_back_were_not_shipped(database: Database) -> None:
    s = Story()
    s.make(6, [of(MILK, 900)], [of(CHEESE, 100)])
    s.ship(8, of(CHEESE, 60))
    s.ship(9, of(CHEESE, 15), disposition="returned")  # By the customer.
    s.receive(10, of(CHEESE, 10), disposition="returned")
    found = balance_of(database, s, CHEESE)
    assert said(found) == {"made": 100, "shipped": 45, "returned": 5, "in_stock": 50}
    period = mass_balance(
        Genealogy(database, database.tenant_id("default")),
        CHEESE,
        since=hour(8.5),
        until=hour(12),
    )
    assert said(period) == {"opening": 40, "shipped": -15, "returned": 5, "in_stock": 50}


def test_a_voided_shipment_never_left(database: Database) -> None:
    s = Story()
    s.make(6, [of(MILK, 900)], [of(CHEESE, 100)])
    s.pack(7, case(1), of(CHEESE, 40))
    s.ship(8, case(1))
    of_step(s, 9, "void_shipping", case(1))
    assert said(balance_of(database, s, CHEESE)) == {"made": 100, "in_stock": 100}


def test_trap_20_and_21_what_is_in_a_pallet_goes_where_the_pallet_goes(
    database: Database,
) -> None:
    s = Story()
    s.commission(6, of(LOAF, 100, None))
    s.pack(7, case(1), of(LOAF, 20, None))
    s.pack(7.5, case(2), case(1), of(LOAF, 5, None))
    s.ship(8, case(2))
    s.ship(8.5, case(2))  # Seen twice at the gate.
    found = balance_of(database, s, LOAF)
    assert said(found) == {"made": 100, "shipped": 25, "in_stock": 75}
    assert found.shipped.sequences == [4]


def test_trap_18_a_crate_that_is_used_again_takes_only_what_is_inside(database: Database) -> None:
    s = Story()
    s.commission(6, of(LOAF, 100, None), of(CHEESE, 50, None))
    s.pack(7, case(1), of(LOAF, 20, None))
    s.unpack(8, case(1))
    s.pack(9, case(1), of(CHEESE, 10, None))
    s.ship(10, case(1))
    assert said(balance_of(database, s, LOAF)) == {"made": 100, "in_stock": 100}


def test_trap_22_instances_of_a_lot_are_part_of_what_it_holds(database: Database) -> None:
    s = Story()
    units = [serial("loaf", number) for number in range(10)]
    s.make(6, [of(MILK, 10)], [of(LOAF, 100, None)])
    s.commission(7, *units, lot_number="1")
    s.pack(8, case(1), *units[:4])
    s.ship(9, case(1))
    s.make(10, [units[5], of(LOAF, 2, None)], [of(lot("crumb"), 1)])
    s.make(10.5, [units[5]], [of(lot("crumb"), 1)])  # Used up only once.
    s.scrap(11, units[6], step="decommissioning")
    expected = {"made": 100, "shipped": 4, "used": 3, "scrapped": 1, "in_stock": 92}
    assert said(balance_of(database, s, LOAF)) == expected
    genealogy = Genealogy(database, database.tenant_id("default"))
    assert said(mass_balance(genealogy, PRODUCT)) == expected
    period = mass_balance(genealogy, PRODUCT, since=hour(9), until=hour(10))
    assert said(period) == {"opening": 100, "shipped": 4, "used": 3, "in_stock": 93}


def test_trap_03_rework_makes_no_new_piece_of_a_lot(database: Database) -> None:
    s = Story()
    unit = serial("loaf", 1)
    s.make(6, [of(MILK, 10)], [of(LOAF, 100, None)])
    s.see(7, [unit.replace("/21/", "/10/1/21/")], "storing")
    s.make(8, [unit], [unit])
    found = balance_of(database, s, LOAF)
    assert said(found) == {"made": 101, "used": 1, "in_stock": 100}


def test_a_sampled_instance_is_ended_once(database: Database) -> None:
    s = Story()
    unit = serial("loaf", 1)
    s.commission(6, unit, serial("loaf", 2), lot_number="1")
    of_step(s, 7, "sampling", unit)
    s.scrap(8, unit)
    found = balance_of(database, s, LOAF)
    assert said(found) == {"made": 2, "sampled": 1, "in_stock": 1}
    assert found.uom == "C62"


def test_trap_30_the_same_event_twice_counts_once(database: Database) -> None:
    s = Story()
    event = s.receive(6, of(MILK, 1000))
    s.repeat(event, 7)
    assert said(balance_of(database, s)) == {"received": 1000, "in_stock": 1000}


def test_trap_09_a_balance_as_of_an_earlier_record_time_is_as_it_was(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 1000))
    wrong = s.make(8, [of(MILK, 300)], [of(CHEESE, 30)])
    s.declare(wrong, 12)
    assert said(balance_of(database, s)) == {"received": 1000, "in_stock": 1000}
    genealogy = Genealogy(database, database.tenant_id("default"))
    before = mass_balance(genealogy, MILK, as_of=hour(10))
    assert said(before) == {"received": 1000, "used": 300, "in_stock": 700}


def test_the_expected_loss_of_a_product_is_set_by_each_tenant(database: Database) -> None:
    s = Story()
    s.receive(6, of(MILK, 1000))
    of_step(s, 8, "stock_taking", of(MILK, 985))
    genealogy = recorded(database, s.record, "default")
    assert mass_balance(genealogy, MILK).is_within_expected_loss is None
    product = set_expected_loss(genealogy, gtin("milk"), 0.02).product
    found = mass_balance(genealogy, MILK)
    assert (found.product, found.expected_loss, found.is_within_expected_loss) == (
        *(product, 0.02),
        True,
    )
    assert mass_balance(genealogy, MILK, expected_loss=0.01).is_within_expected_loss is False
    set_expected_loss(genealogy, gtin("milk"), 0.01)
    assert mass_balance(genealogy, MILK).is_within_expected_loss is False
    other = recorded(database, s.record, "other")
    assert mass_balance(other, MILK).expected_loss is None
    set_expected_loss(genealogy, gtin("milk"), None)
    assert mass_balance(genealogy, MILK).expected_loss is None


def test_what_is_wrong_with_a_question_is_said_all_at_once(database: Database) -> None:
    s = Story()
    s.commission(6, serial("loaf", 1))
    genealogy = recorded(database, s.record, "default")
    with pytest.raises(InvalidInput) as caught:
        mass_balance(genealogy, MILK, since=hour(9), until=hour(8), uom="NIX", expected_loss=1.5)
    assert [one.code for one in caught.value.problems] == [
        "trace.period_wrong",
        "trace.share_wrong",
        "quantity.unit_unknown",
    ]
    with pytest.raises(InvalidInput) as caught:
        mass_balance(genealogy, serial("loaf", 1))
    assert caught.value.code == "trace.lot_expected"
    with pytest.raises(InvalidInput) as caught:
        set_expected_loss(genealogy, LOAF, -1)
    assert [one.code for one in caught.value.problems] == [
        "trace.product_expected",
        "trace.share_wrong",
    ]
    for unseen in (MILK, gtin("milk")):
        with pytest.raises(NotFound) as missing:
            mass_balance(genealogy, unseen)
        assert missing.value.code == "trace.object_unknown"


# Random plants, against the slow book.


class _Counted(plants._Plant):
    """A plant that also counts its stock, voids shipments and sends goods back."""

    def _steps(self):  # type: ignore[no-untyped-def]
        return [*super()._steps(), (self.count_stock, 4), (self.send_back, 2), (self.odd, 3)]

    def count_stock(self) -> None:
        action = self.random.choice(["OBSERVE", "OBSERVE", "OBSERVE", "ADD", "DELETE"])
        step = self.random.choice(["stock_taking", "cycle_counting"])
        where = place(self.random.randint(1, 2))
        things = [self.thing()] if action == "OBSERVE" else [self.drawn(self.a_lot())]
        at = plants.things_at(self)
        self.story.see(at, things, step, action, where=where, **self.last)

    def send_back(self) -> None:
        step = self.random.choice(["shipping", "receiving", "departing", "arriving"])
        at = plants.things_at(self)
        self.story.see(at, [self._goods()], step, disposition="returned", **self.last)

    def odd(self) -> None:
        words = ("void_shipping", "sampling", "dispensing", "retail_selling", "consigning")
        step = self.random.choice(words)
        action = "OBSERVE" if step == "void_shipping" else self.random.choice(["OBSERVE", "DELETE"])
        at = plants.things_at(self)
        self.story.see(at, [self._goods()], step, action, **self.last)


def _same(found: MassBalance, book: tuple[dict[str, Told], object, object], ids: list[str]) -> None:
    figures, opening, stock = book
    told = {name: (float(one.known), one.unknown) for name, one in figures.items()}
    told |= {"opening": opening, "in_stock": stock}  # type: ignore[dict-item]
    for name, (known, unknown) in told.items():
        figure = getattr(found, name)
        assert (figure.known, figure.unknown) == (pytest.approx(float(known)), unknown), name
        assert (figure.quantity is None) == (unknown > 0)
    for name, one in figures.items():
        assert {ids[at - 1] for at in getattr(found, name).sequences} == one.events, name


def _accounts(facts: Facts) -> list[tuple[str, set[str], set[str]]]:
    """Give what can be asked: each lot with its instances, and each product."""
    lots = {uri for event in facts.events for uri in event.lots} & facts.names
    instances = {uri for event in facts.events for uri in event.instances}
    accounts = [(uri, {uri}, set(facts.instances_of.get(uri, ()))) for uri in sorted(lots)]
    for product in plants.MASS + plants.PIECES:
        uri = f"https://id.gs1.org/01/{gtin(product)}"
        mine = {one for one in lots if one.startswith(uri)}
        units = {one for one in instances if one.startswith(uri)}
        if mine or units:
            accounts.append((uri, mine, units))
    return accounts


@pytest.mark.parametrize("seed", range(24))
def test_a_random_plant_is_balanced_as_the_slow_book_balances_it(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    record = _Counted(random).run(random.randint(20, 50))
    genealogy = recorded(database, plants.shuffled(record, seed), "default")
    ids: list[str] = _ids(genealogy)
    for as_of in (None, random.choice(record.entries).record_time):
        facts = record.facts(as_of)
        accounts = _accounts(facts)
        for uri, lots, units in random.sample(accounts, min(len(accounts), 6)):
            times = sorted(random.choice(facts.events).time for _ in range(2))
            first, last = random.choice([(None, None), (times[0], times[1])])
            found = mass_balance(genealogy, uri, since=first, until=last, as_of=as_of)
            if uri in lots:
                assert found.uom == first_unit(facts, uri)
            _same(found, keep_book(facts, lots, units, found.uom, first, last), ids)
            _closes(found)


def _ids(genealogy: Genealogy) -> list[str]:
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        rows = connection.execute("SELECT event_id FROM journal.event ORDER BY sequence")
        return [str(row[0]) for row in rows]


def _closes(found: MassBalance) -> None:
    """Hold the balance against its own equation."""
    came = [found.opening, found.received, found.made, found.adjusted]
    went = [getattr(found, name) for name in (*FIGURES[3:], "in_stock")]
    quantities = [figure.quantity for figure in (*came, *went)]
    assert (found.unexplained is None) == (None in quantities)
    if found.unexplained is not None:
        rest = sum(one.known for one in came) - sum(one.known for one in went)
        assert found.unexplained == pytest.approx(rest, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_genealogy_that_grew_with_the_journal_balances_as_a_new_one(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    record = _Counted(random).run(40)
    entries = plants.shuffled(record, seed).entries
    half = recorded(database, Record(entries[:15]), "default")
    half.get_ready()
    journal = Journal(database, half.tenant_id)
    for entry in entries[15:]:
        journal.capture(read_json(msgspec.json.encode([entry.event])).events)
        if random.random() < 0.3:
            half.get_ready()
    new = Genealogy(database, half.tenant_id)
    for uri, _, _ in _accounts(record.facts()):
        assert mass_balance(half, uri) == mass_balance(new, uri)
    assert gaps(half).gaps == gaps(new).gaps
