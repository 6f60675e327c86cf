"""Small, nasty plants by seed: everything that goes wrong in a real one, in a few events.

`plant(seed, size)` always gives the same record. Lots are split, merged, reworked and topped
up, containers are nested, reused and scanned as inputs, quantities are missing or in other
units, clocks are off, events come late, twice, in other spellings, or were wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from suyuan.identifier import epc_urn
from tests.trace.oracle import Entry, Record
from tests.trace.story import (
    Element,
    Story,
    Thing,
    case,
    gtin,
    hour,
    lot,
    of,
    place,
    serial,
)

MASS = ("milk", "flour", "dough", "cream")
PIECES = ("loaf", "cup", "pump")
UNITS = ("KGM", "KGM", "KGM", "GRM", "TNE", "LTR", "XBX")
SIZE_MIN, SIZE_MAX = 5, 60


def plant(seed: int, size: int) -> Record:
    """Give the record of a plant of so many events (and a few more for corrections)."""
    return _Plant(Random(seed)).run(size)


def plants(size_max: int = SIZE_MAX) -> st.SearchStrategy[Record]:
    """Give plants by seeds and sizes; a failing example shows the two numbers to call with."""
    return st.builds(plant, st.integers(0, 2**32 - 1), st.integers(SIZE_MIN, size_max))


def names(record: Record) -> list[str]:
    """Give everything that can be asked about, in order."""
    return sorted(record.facts().names)


def shuffled(record: Record, seed: int) -> Record:
    """Give the same entries in another order of arrival."""
    entries = list(record.entries)
    Random(seed).shuffle(entries)
    return Record(entries)


def doubled(record: Record, seed: int) -> Record:
    """Give the same entries, each with a second copy somewhere."""
    return shuffled(Record([*record.entries, *record.entries]), seed)


class _Plant:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.story = Story()
        self.now = 6.0
        self.lots: list[str] = []
        self.serials: list[str] = []
        self.containers = [case(number) for number in range(random.randint(1, 4))]
        self.runs = [f"run-{number}" for number in range(random.randint(0, 2))]
        # Half of the plants keep their books well, so that portions are known.
        self.is_tidy = random.random() < 0.5
        self.spells = random.random() < 0.3
        self.uoms: dict[str, str] = {}
        self.stock: dict[str, int] = {}
        self.last: dict[str, Any] = {}
        self.count = 0  # of serial numbers given out

    def run(self, size: int) -> Record:
        steps = [*self._steps()]
        self.supply()
        while len(self.story.entries) < size:
            self.random.choices([step for step, _ in steps], [weight for _, weight in steps])[0]()
        entries = sorted(self.story.entries, key=lambda entry: entry.record_time)
        return Record(entries)

    def _steps(self) -> list[tuple[Callable[[], object], int]]:
        rough = 0 if self.is_tidy else 1
        return [
            (self.supply, 6),
            (self.make, 12),
            (self.rework, 3),
            (self.run_on, 7 if self.runs else 0),
            (self.serialise, 6),
            (self.pack, 8),
            (self.unpack, 4),
            (self.use_container, 3),
            (self.fix, 2),
            (self.ship, 3),
            (self.receive, 2),
            (self.scrap, 2),
            (self.sample, 2),
            (self.look, 1),
            (self.see_inside, rough),
            (self.repeat, 1),
            (self.correct, 2),
        ]

    # Chance.

    def pick(self, things: list[str], fallback: Callable[[], str]) -> str:
        return self.random.choice(things) if things else fallback()

    def moment(self) -> dict[str, Any]:
        """Give when the next event happens, is recorded, and what it is called."""
        self.now += self.random.choice([0, 0, 0.25, 0.5, 1, 3])
        if self.is_tidy and self.random.random() < 0.9:
            self.now += 0.25
        at = self.now
        if not self.is_tidy and self.random.random() < 0.06:
            at -= self.random.choice([0.5, 1])
        lag = self.random.choice([0.01, 0.01, 0.01, 0.5, 6, 30])
        name = f"{self.random.getrandbits(32):08x}"
        return {"at": at, "recorded": at + lag, "name": name}

    def made(self, uri: str, times: int = 1) -> Element:
        """Give a quantity of a lot that comes into being."""
        number = self.random.randint(2, 12) * times
        self.stock[uri] = self.stock.get(uri, 0) + number
        return self.amount(uri, number)

    def drawn(self, uri: str) -> Element:
        """Give a quantity of a lot that is used; a tidy plant uses no more than it has."""
        number = self.random.randint(1, 12)
        if self.is_tidy:
            left = self.stock.get(uri, 0)
            number = max(1, left if self.random.random() < 0.3 else min(number, left // 2))
            self.stock[uri] = left - number
        return self.amount(uri, number)

    def amount(self, uri: str, number: int) -> Element:
        """Give a quantity of a lot, mostly in the unit of that lot."""
        is_pieces = _is_of_pieces(uri)
        usual = "C62" if is_pieces else "KGM" if self.is_tidy else self.unit()
        uom = self.uoms.setdefault(uri, usual)
        chance = 1.0 if self.is_tidy else self.random.random()
        if chance < 0.04:
            return of(uri)
        if chance < 0.08:
            uom = self.unit()
        if uom == "C62":
            return of(uri, number, self.random.choice([None, "C62", "EA"]))
        if self.random.random() < 0.2:
            return {
                "KGM": of(uri, number * 1000, "GRM"),
                "LTR": of(uri, number * 1000, "MLT"),
                "TNE": of(uri, number * 1000, "KGM"),
            }.get(uom, of(uri, number + 0.5, uom))
        return of(uri, number, uom)

    def unit(self) -> str:
        return self.random.choice(UNITS)

    def new_lot(self, products: tuple[str, ...] = MASS + PIECES) -> str:
        uri = lot(self.random.choice(products), str(self.random.randint(1, 4)))
        if uri not in self.lots:
            self.lots.append(uri)
        return uri

    def a_lot(self) -> str:
        lots = self.lots
        if self.is_tidy:
            lots = [uri for uri in lots if self.stock.get(uri, 0) > 0]
        return self.pick(lots or self.lots, self.new_lot)

    def outputs(self) -> list[Thing]:
        """Give what a transformation makes, in a tidy plant of things that compare."""
        if not self.is_tidy:
            return [
                self.made(self.new_lot()) if self.random.random() < 0.7 else self.new_serial()
                for _ in range(self.random.randint(1, 3))
            ]
        kinds = MASS if self.random.random() < 0.6 else (self.random.choice(PIECES),)
        found: list[Thing] = [self.made(self.new_lot(kinds))]
        if len(kinds) > 1:
            found += [self.made(self.new_lot(kinds)) for _ in range(self.random.randint(0, 2))]
        else:
            found += [self.new_serial(kinds) for _ in range(self.random.randint(0, 2))]
        return found

    def new_serial(self, products: tuple[str, ...] = PIECES) -> str:
        self.count += 1
        uri = serial(self.random.choice(products), self.count)
        self.serials.append(uri)
        return uri

    def a_serial(self) -> str:
        return self.pick(self.serials, self.new_serial)

    def thing(self) -> Thing:
        """Give something to use: mostly a lot, else an instance or a container."""
        chance = self.random.random()
        if chance < 0.65:
            return self.drawn(self.a_lot())
        return self.a_serial() if chance < 0.9 else self.random.choice(self.containers)

    def used(self) -> Thing:
        """Give something to use up; a tidy plant uses an instance once."""
        thing = self.thing()
        if self.is_tidy and isinstance(thing, str) and thing in self.serials:
            self.serials.remove(thing)
        return thing

    def spell(self, things: list[Thing]) -> list[Thing]:
        """Write some names as EPC URNs, as partners do."""
        return [self._spelled(thing) for thing in _once(things)]

    def _spelled(self, thing: Thing) -> Thing:
        if not self.spells or self.random.random() < 0.6:
            return thing
        if isinstance(thing, str):
            return epc_urn(thing, prefix_length=7) if "/10/" not in thing else thing
        return {**thing, "epcClass": epc_urn(thing["epcClass"], prefix_length=7)}

    # What happens.

    def supply(self) -> None:
        what = [self.made(self.new_lot(), 10) for _ in range(self.random.randint(1, 2))]
        if self.random.random() < 0.5:
            self.story.commission(things_at(self), *self.spell([*what]), **self.last)
        else:
            self.story.receive(things_at(self), *self.spell([*what]), **self.last)

    def make(self) -> None:
        inputs = [self.used() for _ in range(self.random.randint(1, 3))]
        outputs = self.outputs()
        has_number = self.random.random() < (0.05 if self.is_tidy else 0.3)
        number = str(self.random.randint(1, 4)) if has_number else ""
        self.story.make(
            things_at(self), self.spell(inputs), self.spell(outputs), lot_number=number, **self.last
        )

    def rework(self) -> None:
        """What was made goes in once more, perhaps into itself."""
        again = self.used()
        out = again if self.random.random() < 0.5 else self.made(self.a_lot())
        self.story.make(things_at(self), _once([again, self.used()]), [out], **self.last)

    def run_on(self) -> None:
        """A tank or an order goes on: something goes in, or comes out, or both."""
        run = self.random.choice(self.runs)
        way = self.random.choice(["in", "out", "both"])
        inputs = [] if way == "out" else [self.used()]
        outputs: list[Thing] = []
        if way != "in":
            outputs = self.outputs()
        self.story.make(
            things_at(self), self.spell(inputs), self.spell(outputs), run=run, **self.last
        )

    def serialise(self) -> None:
        """Units of a lot get serial numbers, by ILMD or by a key that says both."""
        uri = self.a_lot()
        product, number = gtin_in(uri), uri.rpartition("/")[2]
        if self.is_tidy and (self.stock.get(uri, 0) < 3 or not _is_of_pieces(uri)):
            return
        units = []
        for _ in range(self.random.randint(1, 3)):
            self.count += 1
            units.append(f"https://id.gs1.org/01/{product}/21/S{self.count}")
        self.serials += units
        self.stock[uri] = self.stock.get(uri, 0) - len(units)
        if self.random.random() < 0.8:
            self.story.commission(
                things_at(self), *self.spell([*units]), lot_number=number, **self.last
            )
            return
        both = [unit.replace("/21/", f"/10/{number}/21/") for unit in units]
        self.story.see(things_at(self), both, "storing", **self.last)

    def pack(self) -> None:
        parent = self.random.choice(self.containers)
        what = [self.thing() for _ in range(self.random.randint(1, 3))]
        children = [thing for thing in what if thing != parent]
        if children:
            self.story.pack(things_at(self), parent, *self.spell(children), **self.last)

    def see_inside(self) -> None:
        parent = self.random.choice(self.containers)
        child = self.thing()
        if child != parent:
            self.story.pack(things_at(self), parent, child, action="OBSERVE", **self.last)

    def unpack(self) -> None:
        parent = self.random.choice(self.containers)
        what = [] if self.random.random() < 0.5 else [self.thing()]
        self.story.unpack(
            things_at(self), parent, *[thing for thing in what if thing != parent], **self.last
        )

    def use_container(self) -> None:
        crate = self.random.choice(self.containers)
        self.story.make(things_at(self), [crate], self.spell(self.outputs()), **self.last)

    def fix(self) -> None:
        whole, part = self.a_serial(), self.a_serial()
        if whole == part:
            return
        if self.random.random() < 0.7:
            self.story.fix(things_at(self), whole, part, **self.last)
        else:
            self.story.take_off(things_at(self), whole, part, **self.last)

    def ship(self) -> None:
        parties = (place(self.random.randint(1, 2)), place(self.random.randint(3, 4)))
        self.story.ship(
            things_at(self),
            *self.spell([self._goods()]),
            parties=parties,
            disposition="in_transit",
            **self.last,
        )

    def receive(self) -> None:
        where = place(self.random.randint(3, 4))
        self.story.receive(
            things_at(self),
            *self.spell([self._goods()]),
            where=where,
            parties=(place(1), where),
            **self.last,
        )

    def _goods(self) -> Thing:
        if self.random.random() < 0.5:
            return self.random.choice(self.containers)
        return self.thing()

    def scrap(self) -> None:
        step = self.random.choice(["destroying", "destroying", "decommissioning"])
        self.story.scrap(things_at(self), *self.spell([self._goods()]), step=step, **self.last)

    def sample(self) -> None:
        """A sample is drawn from a lot and inspected."""
        uri = self.a_lot()
        bottle = self.new_serial()
        self.story.make(things_at(self), [self.drawn(uri)], [bottle], **self.last)
        self.story.see(
            things_at(self), [bottle], "inspecting", disposition="conformant", **self.last
        )

    def look(self) -> None:
        where = place(self.random.randint(1, 4))
        self.story.see(things_at(self), [self._goods()], "storing", where=where, **self.last)

    def repeat(self) -> None:
        entry = self.random.choice(self.story.entries)
        self.story.entries.append(Entry(entry.event, max(entry.record_time, hour(self.now))))

    def correct(self) -> None:
        """An event was wrong; half of the time another one tells what is right."""
        right = [entry for entry in self.story.entries if "errorDeclaration" not in entry.event]
        wrong = self.random.choice(right).event
        recorded = self.now + self.random.choice([0.1, 5, 40])
        corrective = []
        if self.random.random() < 0.5:
            other = {**wrong, "eventID": f"{wrong['eventID']}-r{self.random.getrandbits(16)}"}
            for name in ("inputQuantityList", "outputQuantityList", "childQuantityList"):
                if name in other and self.random.random() < 0.5:
                    other[name] = [self.drawn(self.a_lot())]
            corrective.append(self.story.repeat(other, recorded))
        self.story.declare(wrong, recorded, corrective)


def things_at(plant: _Plant) -> float:
    """Move the clock of a plant on; its `last` then says how to record what happens."""
    moment = plant.moment()
    at = float(moment.pop("at"))
    plant.last = moment
    return at


def _once(things: list[Thing]) -> list[Thing]:
    """Name each instance once in a list."""
    return [thing for n, thing in enumerate(things) if thing not in things[:n]]


def gtin_in(uri: str) -> str:
    """Give the GTIN in a key."""
    return uri.split("/")[4]


def _is_of_pieces(uri: str) -> bool:
    return gtin_in(uri) in {gtin(product) for product in PIECES}
