"""Stories of a plant as EPCIS 2.0 events: a few words for each thing that can happen.

Hours are counted from midnight of 1 March 2026, UTC. What happens is recorded a minute later,
unless the story says otherwise. `Story.record` is what an oracle or the journal takes in.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from suyuan.identifier import mint_gtin, mint_lot, mint_serial, mint_sscc, sscc_uri
from tests.trace.oracle import Entry, Reached, Record, Whereabouts

_COMPANY = "9521234"
_company = [_COMPANY]
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)

Hour = float | int
Element = dict[str, Any]
Thing = str | Element
"""An instance by its URI, or a quantity of a lot as `of` makes it."""


_lot = lru_cache(10_000)(mint_lot)
_serial = lru_cache(10_000)(mint_serial)


@contextlib.contextmanager
def of_company(prefix: str) -> Iterator[None]:
    """Name everything by another company's prefix of seven digits, so that nothing is shared."""
    before, _company[0] = _company[0], prefix
    yield
    _company[0] = before


def hour(number: Hour) -> datetime:
    """Give a moment of the story."""
    return MIDNIGHT + timedelta(seconds=round(number * 3600))


def gtin(product: str) -> str:
    """Give the GTIN of a product; each word has its own."""
    return _gtin(_company[0], product)


@lru_cache(10_000)
def _gtin(company: str, product: str) -> str:
    return mint_gtin(company, f"{zlib.crc32(product.encode()) % 100_000:05d}")


def lot(product: str, number: str = "1") -> str:
    """Name a lot of a product."""
    return _lot(gtin(product), number)


def serial(product: str, number: int | str) -> str:
    """Name one instance of a product."""
    return _serial(gtin(product), str(number))


def case(number: int) -> str:
    """Name a case, a pallet or a crate, by its SSCC."""
    return str(sscc_uri(mint_sscc(_company[0], number)))


def place(number: int) -> str:
    """Name a place or a party."""
    return f"https://plant.example.com/place/{number}"


def _own(name: str) -> str:
    """Tell a name of another company from the same one of the usual company."""
    return name if _company[0] == _COMPANY else f"{_company[0]}-{name}"


def of(uri: str, quantity: int | float | None = None, uom: str | None = "KGM") -> Element:
    """Say so much of a lot; pieces where `uom` is None, and no quantity where none is given."""
    element: Element = {"epcClass": uri}
    if quantity is not None:
        element["quantity"] = quantity
        if uom is not None:
            element["uom"] = uom
    return element


class Story:
    """Events in the order in which they are recorded."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    @property
    def record(self) -> Record:
        """Give the journal of this story."""
        return Record(self.entries)

    def tell(
        self, kind: str, at: Hour, fields: Element, name: str = "", recorded: Hour | None = None
    ) -> Element:
        """Record an event of any kind."""
        name = _own(name or f"{len(self.entries):04d}")
        event = {
            "type": kind,
            "eventID": f"https://plant.example.com/event/{name}",
            "eventTime": hour(at).isoformat().replace("+00:00", "Z"),
            "eventTimeZoneOffset": "+00:00",
            **{key: value for key, value in fields.items() if value not in (None, [], "")},
        }
        if kind == "ObjectEvent" and "epcList" not in event and "quantityList" not in event:
            event["epcList"] = []
        return self.repeat(event, at + 1 / 60 if recorded is None else recorded)

    def repeat(self, event: Element, recorded: Hour) -> Element:
        """Record an event (again)."""
        self.entries.append(Entry(event, hour(recorded)))
        return event

    def declare(self, event: Element, recorded: Hour, corrective: Sequence[Element] = ()) -> None:
        """Declare an event in error; `corrective` are the events that are right instead."""
        declaration: Element = {
            "declarationTime": hour(recorded).isoformat().replace("+00:00", "Z"),
            "reason": "incorrect_data",
        }
        if corrective:
            declaration["correctiveEventIDs"] = [right["eventID"] for right in corrective]
        self.repeat({**event, "errorDeclaration": declaration}, recorded)

    def make(
        self,
        at: Hour,
        inputs: Iterable[Thing],
        outputs: Iterable[Thing],
        *,
        run: str = "",
        lot_number: str = "",
        **more: Any,
    ) -> Element:
        """Inputs went in, outputs came out; all of one `run` is one transformation."""
        fields = {
            **_split(inputs, "inputEPCList", "inputQuantityList"),
            **_split(outputs, "outputEPCList", "outputQuantityList"),
            "transformationID": run and f"https://plant.example.com/run/{_own(run)}",
            "bizStep": "creating_class_instance",
            "ilmd": {"cbvmda:lotNumber": lot_number} if lot_number else None,
        }
        return self.tell("TransformationEvent", at, fields, **more)

    def see(
        self,
        at: Hour,
        things: Iterable[Thing],
        step: str,
        action: Literal["ADD", "OBSERVE", "DELETE"] = "OBSERVE",
        *,
        where: str = "",
        disposition: str = "",
        lot_number: str = "",
        parties: tuple[str, str] | None = None,
        **more: Any,
    ) -> Element:
        """Things were seen in a business step; `parties` are from whom and to whom they go."""
        source, destination = parties or ("", "")
        kind = "possessing_party"
        fields = {
            **_split(things, "epcList", "quantityList"),
            "action": action,
            "bizStep": step,
            "disposition": disposition,
            "bizLocation": {"id": where} if where else None,
            "sourceList": [{"type": kind, "source": source}] if source else None,
            "destinationList": (
                [{"type": kind, "destination": destination}] if destination else None
            ),
            "ilmd": {"cbvmda:lotNumber": lot_number} if lot_number else None,
        }
        return self.tell("ObjectEvent", at, fields, **more)

    def commission(self, at: Hour, *things: Thing, **more: Any) -> Element:
        """Things began to exist."""
        return self.see(at, things, "commissioning", "ADD", **more)

    def receive(self, at: Hour, *things: Thing, **more: Any) -> Element:
        """Things arrived."""
        return self.see(at, things, "receiving", **more)

    def ship(self, at: Hour, *things: Thing, **more: Any) -> Element:
        """Things left."""
        return self.see(at, things, "shipping", **more)

    def scrap(self, at: Hour, *things: Thing, step: str = "destroying", **more: Any) -> Element:
        """Things ended."""
        return self.see(at, things, step, "DELETE", **more)

    def pack(
        self,
        at: Hour,
        container: str,
        *things: Thing,
        action: Literal["ADD", "OBSERVE", "DELETE"] = "ADD",
        kind: str = "AggregationEvent",
        **more: Any,
    ) -> Element:
        """Things went into a container."""
        fields = {
            "parentID": container,
            **_split(things, "childEPCs", "childQuantityList"),
            "action": action,
            "bizStep": "packing" if action != "DELETE" else "unpacking",
        }
        return self.tell(kind, at, fields, **more)

    def unpack(self, at: Hour, container: str, *things: Thing, **more: Any) -> Element:
        """Things came out of a container; everything where nothing is named."""
        return self.pack(at, container, *things, action="DELETE", **more)

    def fix(self, at: Hour, whole: str, *parts: Thing, **more: Any) -> Element:
        """Parts were fixed to something."""
        return self.pack(at, whole, *parts, kind="AssociationEvent", **more)

    def take_off(self, at: Hour, whole: str, *parts: Thing, **more: Any) -> Element:
        """Parts were taken off."""
        return self.pack(at, whole, *parts, action="DELETE", kind="AssociationEvent", **more)


def _split(things: Iterable[Thing], names: str, amounts: str) -> Element:
    listed = list(things)
    return {
        names: [thing for thing in listed if isinstance(thing, str)],
        amounts: [thing for thing in listed if not isinstance(thing, str)],
    }


Kind = Literal[
    "track_forward",
    "trace_back",
    "carriers_forward",
    "carriers_back",
    "history",
    "whereabouts",
    "contents",
    "balance",
]


@dataclass(frozen=True)
class Question:
    """One question: what, from which objects, with which bound (`since`, `until` or `at`)."""

    kind: Kind
    starts: tuple[str, ...]
    bound: datetime | None = None
    as_of: datetime | None = None


NOT_FOUND = "not found"

Expected = (
    Mapping[str, Reached]
    | Mapping[str, tuple[str, datetime | None]]  # carriers: grade, moment
    | Sequence[str]  # history: event IDs; or NOT_FOUND
    | Mapping[str, tuple[Fraction | None, str]]  # contents: quantity, unit
    | Whereabouts
    | tuple[Fraction | None, ...]  # balance: whole, in stock, shipped, scrapped, unexplained
)


@dataclass(frozen=True)
class Trap:
    """A story, and the answers that a person worked out by hand."""

    number: int
    name: str
    story: Story
    answers: tuple[tuple[Question, Expected], ...]
    word: str = "trap"

    @property
    def id(self) -> str:
        """Give the name with the number, for a test."""
        return f"{self.word}_{self.number:02d}_{self.name}"


Answers = tuple[tuple[Question, Expected], ...]
Teller = Callable[[Story], Answers]


def collect(traps: list[Trap], word: str = "trap") -> Callable[[int], Callable[[Teller], Teller]]:
    """Give a decorator that puts a story, told by a function, among some traps."""

    def trap(number: int) -> Callable[[Teller], Teller]:
        def put(tell: Teller) -> Teller:
            story = Story()
            traps.append(Trap(number, tell.__name__.lstrip("_"), story, tell(story), word))
            return tell

        return put

    return trap


Portions = dict[str, int | Fraction | None]


def certain(at: Hour | None, portions: Portions | None = None) -> Reached:
    """Expect something certain, from an hour on, with portions by start."""
    return _reached("certain", at, portions)


def possible(at: Hour | None, portions: Portions | None = None) -> Reached:
    """Expect something possible."""
    return _reached("possible", at, portions)


def _reached(
    grade: Literal["certain", "possible"], at: Hour | None, portions: Portions | None
) -> Reached:
    exact = {u: None if p is None else Fraction(p) for u, p in (portions or {}).items()}
    return Reached(grade, None if at is None else hour(at), exact)


def forward(*starts: str, since: Hour | None = None, as_of: Hour | None = None) -> Question:
    """Ask where something went."""
    return Question("track_forward", starts, _moment(since), _moment(as_of))


def back(*starts: str, until: Hour | None = None, as_of: Hour | None = None) -> Question:
    """Ask where something came from."""
    return Question("trace_back", starts, _moment(until), _moment(as_of))


def ask(kind: Kind, *starts: str, at: Hour | None = None, as_of: Hour | None = None) -> Question:
    """Ask any other question."""
    return Question(kind, starts, _moment(at), _moment(as_of))


def _moment(number: Hour | None) -> datetime | None:
    return None if number is None else hour(number)
