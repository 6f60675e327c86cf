"""What is at a place now: by product and lot, with quantities, since when, in what status. 现存量

A thing is where `whereabouts` says: at the place that the last event of its own or of its
containers names. What went from there and has not arrived is told apart, what was sold, used
up or destroyed there is only counted. A place counts its parts. Instances are counted; of a
lot that goes by quantity, which can be in several places, is told how much the books still have
there (`suyuan.trace._remaining`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.errors import InvalidInput, Language, Problem, in_language
from suyuan.identifier import parse
from suyuan.store import Connection
from suyuan.trace._amounts import Quantity, added
from suyuan.trace._answer import first_lots
from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides
from suyuan.trace._excerpt import kin_of
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._mentions import number_named
from suyuan.trace._names import numbers_of_uris, plant_bases, uris_of
from suyuan.trace._neighbourhood import Around
from suyuan.trace._on_hold import Holds
from suyuan.trace._parts import part_of, parts_of
from suyuan.trace._presence import Presence, Present, present_now
from suyuan.trace._remaining import LotThere
from suyuan.trace._sheets import Cell, ListFormat, export_list
from suyuan.trace._standing import Stage
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import moment_of
from suyuan.trace._titles import Title, title_in, titles_of
from suyuan.trace._visits import seen_at

__all__ = [
    "AtPlace",
    "PlacePart",
    "ProductThere",
    "There",
    "at_place",
    "export_at_place",
]

Status = Literal["here", "on_the_way"]
_THINGS_MAX = 50  # Of one row.
_ROWS_MAX = 20_000
_GONE, _HERE, _SENT = range(3)
_STATUS: dict[int, Status] = {_HERE: "here", _SENT: "on_the_way"}
_WORDS = """
    SELECT sequence, disposition FROM journal.event
    WHERE tenant_id = %s AND sequence = ANY(%s::bigint[])
"""

Mask = npt.NDArray[np.bool_]


class There(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """So much of one lot of one product, in one status.

    `lot` is None for instances of no lot, `product` for containers and the like. `is_lot` tells
    that the lot goes by quantity: then `quantity` is how much the books still have of it there,
    or how much is under way, None where they do not know. `since` is when the first of it
    came, `last` when any was last seen. `things` are the first of those without a product, one
    by one, since no page of a product or a lot lists them.
    """

    status: Status
    objects: int
    product: str | None = None
    lot: str | None = None
    is_lot: bool = False
    quantity: float | None = None
    uom: str | None = None
    disposition: str | None = None
    is_held: bool = False
    since: datetime | None = None
    last: datetime | None = None
    things: list[str] = []
    name: str | None = None
    name_zh: str | None = None


class ProductThere(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is there of one product; `product` is None for containers and the like.

    `unmeasured` are lots of which the books do not know how much there still is.
    """

    product: str | None
    objects: int
    units: int
    lots: int
    quantities: list[Quantity] = []
    unmeasured: int = 0
    name: str | None = None
    name_zh: str | None = None


class PlacePart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the place, and how much is in it."""

    place: str
    objects: int
    units: int
    lots: int
    name: str | None = None
    name_zh: str | None = None


class AtPlace(msgspec.Struct, frozen=True, kw_only=True):
    """What is at a place and in its parts.

    `objects` are there; `on_the_way` went from there and are not known to have arrived. `sold`,
    `used` and `destroyed` were seen there last, and are there no more.
    """

    uri: str
    position: int
    as_of: datetime | None
    part_of: str | None
    objects: int
    units: int
    lots: int
    containers: int
    held: int
    on_the_way: int
    sold: int
    used: int
    destroyed: int
    products: list[ProductThere]
    parts: list[PlacePart]
    row_count: int
    rows: list[There]
    """As many as an answer takes; `row_count` counts them all."""
    names: dict[str, dict[str, str]]


def at_place(
    genealogy: Genealogy,
    code: str,
    *,
    as_of: datetime | None = None,
    not_before: int | None = None,
    presence: Presence | None = None,
    holds: Holds | None = None,
) -> AtPlace:
    """Tell what is at a place and in its parts, or was known to be at a record time. 现存量

    `presence` and `holds` are what a server keeps, so that it need not look at everything that
    ever was there. Raises as `mentions` does, and InvalidInput `trace.not_a_place` for goods.
    """
    tenant_id = genealogy.tenant_id
    with genealogy.database.tenant(tenant_id, read_only=True) as connection:
        position = genealogy.position(connection, as_of=as_of, not_before=not_before)
        named = parse(code, plant_bases=plant_bases(connection, tenant_id))
        uri = str(named.canonical)
        if named.gtin is not None or named.level in ("class", "lot"):
            raise InvalidInput(Problem(code="trace.not_a_place", found=uri))
        number = number_named(connection, tenant_id, uri)
        parts = parts_of(connection, tenant_id, uri)
        numbers = numbers_of_uris(connection, tenant_id, parts)
        places = np.array([number, *numbers.values()], np.int64)
        places = np.unique(places[places > 0])
        if presence is None or as_of is not None:
            presence, holds = Presence(), Holds()
            known, kept = _looked_for(connection, genealogy, places, position, as_of)
        else:
            known = genealogy.known(connection)
            now = presence.at(genealogy, connection, known, places)
            if now is None:
                known, kept = _looked_for(connection, genealogy, places, known.position, None)
            else:
                kept = now
        found = _Found(places, *kept)
        stock = _Stock(connection, genealogy, known, found, presence, holds or Holds())
        return AtPlace(
            uri=uri,
            position=known.position,
            as_of=as_of,
            part_of=part_of(connection, tenant_id, uri),
            **stock.told(),
            parts=stock.parts(numbers, parts),
            names=_names(connection, tenant_id, [uri, *parts]),
        )


def _looked_for(
    connection: Connection,
    genealogy: Genealogy,
    places: Ints,
    position: int,
    as_of: datetime | None,
) -> tuple[Known, tuple[Present, Ints]]:
    """Look through all that was ever seen at the places, and inside that, for what is there."""
    tenant_id = genealogy.tenant_id
    seen = seen_at(connection, tenant_id, places, position, LONG_AGO, FOREVER).objects
    around = Around(seen, "within")
    known = genealogy.known(connection, as_of=as_of, around=around, position=position)
    held = insides(known.graph, seen[seen < known.graph.objects], LONG_AGO, FOREVER)
    objects = np.unique(np.concatenate((seen, held.things)))
    present, visited = present_now(connection, tenant_id, known, objects)
    return known, (present.some(np.isin(present.places, places)), visited.at(places))


def _are_lots(known: Known, objects: Ints) -> Mask:
    found = np.zeros(len(objects), bool)
    inside = objects < known.graph.objects
    found[inside] = known.graph.is_lot(objects[inside])
    return found


def _names(
    connection: Connection, tenant_id: int, uris: Sequence[str]
) -> dict[str, dict[str, str]]:
    titles = titles_of(connection, tenant_id, uris)
    told = {uri: {"en": one.name, "zh": one.name_zh} for uri, one in titles.items()}
    return {uri: {key: name for key, name in one.items() if name} for uri, one in told.items()}


class _Found(NamedTuple):
    """What is at some places, and the lots that ever were there."""

    places: Ints
    present: Present
    lots: Ints


class _Group(NamedTuple):
    """What the rows of one group have in common."""

    product: int
    lot: int
    is_lot: int
    status: int
    word: int
    is_held: int


class _Shelf(NamedTuple):
    """What is counted, a row each; a lot has one for each place of it, and one on its way.

    `amounts` are of lots, not-a-number where the books do not know. The rest is as in `Present`.
    """

    objects: Ints
    places: Ints
    since: Ints
    last: Ints
    stages: Ints
    said_by: Ints
    status: Ints
    amounts: npt.NDArray[np.float64]


_Row = tuple[int, int, int, int, int, int, int]
"""All of a row but the amount."""


def _shelf_of(rows: Sequence[tuple[_Row, float]]) -> _Shelf:
    table = np.array([row for row, _ in rows], np.int64).reshape(-1, len(_Shelf._fields) - 1)
    amounts = np.array([amount for _, amount in rows], np.float64)
    return _Shelf._make((*table.T, amounts))


def _lot_there(
    lot: int, last: Sequence[int] | None, told: LotThere | None, asked: set[int]
) -> Iterator[tuple[_Row, float]]:
    """Give the rows of one lot; `last` is its row in `Present`, if it was seen there last."""
    for place, amount in ((told and told.places) or {}).items():
        if place in asked:
            first, latest = last[2:4] if last and last[1] == place else (LONG_AGO, LONG_AGO)
            yield (lot, place, first, latest, 0, last[5] if last else 0, _HERE), amount
    if last is None:
        return
    row = (last[0], last[1], last[2], last[3], last[4], last[5])
    if last[4] == Stage.ON_THE_WAY:
        away = np.nan if told is None or told.away is None else told.away
        if not away <= 0:
            yield (*row, _SENT), away
    elif told is None or told.places is None:
        is_here = last[4] in (Stage.ON_SITE, Stage.DELIVERED)
        yield (*row, _HERE if is_here else _GONE), np.nan
    elif not told.places:
        yield (*row, _GONE), 0.0


def _put_together(known: Known, found: _Found, lots: Ints, told: Mapping[int, LotThere]) -> _Shelf:
    """Put down what is there: things one by one, and of lots so much."""
    is_lot = _are_lots(known, found.present.objects)
    things = found.present.some(~is_lot)
    status = np.full(len(things.objects), _GONE)
    status[np.isin(things.stages, (Stage.ON_SITE, Stage.DELIVERED))] = _HERE
    status[things.stages == Stage.ON_THE_WAY] = _SENT
    asked = set(found.places.tolist())
    columns = (one.tolist() for one in found.present.some(is_lot))
    seen_last = {row[0]: row for row in zip(*columns, strict=True)}
    rows: list[tuple[_Row, float]] = []
    for lot in lots.tolist():
        rows += _lot_there(lot, seen_last.get(lot), told.get(lot), asked)
    of_lots = _shelf_of(rows)
    singles = (*things, status, np.full(len(status), np.nan))
    return _Shelf._make(map(np.concatenate, zip(singles, of_lots, strict=True)))


def _lots_in(known: Known, found: _Found) -> Ints:
    """Give the lots that go by quantity and were there last, or ever."""
    every = np.union1d(found.present.objects, found.lots)
    every = every[_are_lots(known, every)]
    # Of a lot whose units are counted singly it is these that are there, or are not.
    return np.setdiff1d(every, kin_of(known, every, is_back=False)[0])


class _Stock:
    """What is at some places, counted."""

    def __init__(
        self,
        connection: Connection,
        genealogy: Genealogy,
        known: Known,
        found: _Found,
        presence: Presence,
        holds: Holds,
    ) -> None:
        tenant_id = genealogy.tenant_id
        self._connection, self._tenant_id, self._known = connection, tenant_id, known
        lots = _lots_in(known, found)
        told = presence.lots_there(genealogy, connection, known, lots)
        self._shelf = shelf = _put_together(known, found, lots, told)
        self._products = known.facts.classes[shelf.objects].astype(np.int64)
        self._is_lot = _are_lots(known, shelf.objects)
        self._is_unit = ~self._is_lot & (self._products > 0)
        self._lots = np.where(self._is_lot, shelf.objects, 0)
        others = ~self._is_lot & (shelf.objects < known.graph.objects)
        self._lots[others] = first_lots(known.graph, shelf.objects[others])
        self._is_here = shelf.status == _HERE
        self._is_held = holds.are_held(connection, tenant_id, known, shelf.objects, self._lots)
        self._is_held &= shelf.status != _GONE
        self._titles: dict[str, Title] = {}
        self._uris: dict[int, str] = {}

    def told(self) -> dict[str, Any]:
        """Give the fields of the answer that are counted here."""
        here, stages = self._is_here, self._shelf.stages
        is_gone = self._shelf.status == _GONE
        rows = self._rows()
        used = int((is_gone & (stages != Stage.SOLD) & (stages != Stage.DESTROYED)).sum())
        return {
            "objects": len(np.unique(self._shelf.objects[here])),
            "units": int((here & self._is_unit).sum()),
            "lots": len(np.unique(self._shelf.objects[here & self._is_lot])),
            "containers": int((here & ~self._is_unit & ~self._is_lot).sum()),
            "held": int((here & self._is_held).sum()),
            "on_the_way": int((self._shelf.status == _SENT).sum()),
            "sold": int((is_gone & (stages == Stage.SOLD)).sum()),
            "used": used,
            "destroyed": int((is_gone & (stages == Stage.DESTROYED)).sum()),
            "products": self._product_counts(),
            "row_count": len(rows),
            "rows": rows[:_ROWS_MAX],
        }

    def parts(self, numbers: dict[str, int], parts: Sequence[str]) -> list[PlacePart]:
        """Count what is in each part, the fullest first."""
        titles = titles_of(self._connection, self._tenant_id, parts)
        places, here = self._shelf.places, self._is_here
        found = []
        for part in parts:
            is_in = here & (places == numbers.get(part, -1))
            found.append(
                PlacePart(
                    place=part,
                    objects=int(is_in.sum()),
                    units=int((is_in & self._is_unit).sum()),
                    lots=int((is_in & self._is_lot).sum()),
                    **title_in(titles, part),
                )
            )
        return sorted(found, key=lambda one: (-one.objects, one.place))

    def _product_counts(self) -> list[ProductThere]:
        here = np.flatnonzero(self._is_here)
        keys, place = np.unique(self._products[here], return_inverse=True)
        found = []
        for at, key in enumerate(keys.tolist()):
            rows = here[place == at]
            of_lots = rows[self._is_lot[rows]]
            lots = self._shelf.objects[of_lots].tolist()
            quantities, unmeasured = added(
                (None if math.isnan(amount) else amount, self._known.unit_of(lot))
                for lot, amount in zip(lots, self._shelf.amounts[of_lots].tolist(), strict=True)
            )
            uri = self._uris.get(key)
            found.append(
                ProductThere(
                    product=uri,
                    objects=len(rows),
                    units=int(self._is_unit[rows].sum()),
                    lots=len(set(lots)),
                    quantities=quantities,
                    unmeasured=unmeasured,
                    **title_in(self._titles, uri),
                )
            )
        return sorted(found, key=lambda one: (one.product is None, -one.objects, one.product or ""))

    def _rows(self) -> list[There]:
        """Put together what is of one lot, in one status."""
        shown = np.flatnonzero(self._shelf.status != _GONE)
        words, of_event = self._dispositions(self._shelf.said_by[shown])
        columns = (self._products, self._lots, self._is_lot, self._shelf.status)
        table = np.stack((*(one[shown] for one in columns), of_event, self._is_held[shown]), axis=1)
        keys, place = np.unique(table.astype(np.int64), axis=0, return_inverse=True)
        place = place.reshape(-1)
        since, last = np.full(len(keys), FOREVER), np.full(len(keys), LONG_AGO)
        np.minimum.at(since, place, self._shelf.since[shown])
        np.maximum.at(last, place, self._shelf.last[shown])
        counts = np.bincount(place, minlength=len(keys))
        amounts = np.zeros(len(keys))
        np.add.at(amounts, place, self._shelf.amounts[shown])
        things = [
            self._shelf.objects[shown[place == at]][:_THINGS_MAX].tolist() if key[0] == 0 else []
            for at, key in enumerate(keys.tolist())
        ]
        self._learn(keys, [one for some in things for one in some])
        rows = [
            self._row(_Group(*key), words, *told)
            for key, *told in zip(
                *(keys.tolist(), counts.tolist(), amounts.tolist()),
                *(since.tolist(), last.tolist(), things),
                strict=True,
            )
        ]
        return sorted(rows, key=_order)

    def _dispositions(self, events: Ints) -> tuple[list[str | None], Ints]:
        """Give the words, and beside each event which of them it says; the first is none."""
        every = np.unique(events[events > 0])
        values = (self._tenant_id, every.tolist())
        said: dict[int, str] = dict(self._connection.execute(_WORDS, values).fetchall())
        words: list[str | None] = [None, *sorted(set(said.values()))]
        number = {word: at for at, word in enumerate(words)}
        of_every = np.array([number[said[one]] for one in every.tolist()], np.int64)
        found = np.zeros(len(events), np.int64)
        found[events > 0] = of_every[np.searchsorted(every, events[events > 0])]
        return words, found

    def _learn(self, keys: Ints, things: list[int]) -> None:
        """Read the names of products, and the URIs of them, of the lots and of some things."""
        products, lots = np.unique(keys[:, 0]), np.unique(keys[:, 1])
        wanted = np.union1d(np.union1d(products, lots), np.array(things, np.int64))
        self._uris = uris_of(self._connection, self._tenant_id, wanted[wanted > 0].tolist())
        uris = [self._uris[one] for one in products.tolist() if one in self._uris]
        self._titles = titles_of(self._connection, self._tenant_id, uris)

    def _row(
        self,
        key: _Group,
        words: list[str | None],
        objects: int,
        amount: float,
        since: int,
        last: int,
        things: list[int],
    ) -> There:
        product = self._uris.get(key.product)
        quantity = round(amount, 6) if key.is_lot and not math.isnan(amount) else None
        return There(
            status=_STATUS[key.status],
            objects=1 if key.is_lot else objects,
            product=product,
            lot=self._uris.get(key.lot),
            is_lot=bool(key.is_lot),
            quantity=quantity,
            uom=None if quantity is None else self._known.unit_of(key.lot),
            disposition=words[key.word],
            is_held=bool(key.is_held),
            things=sorted(self._uris[one] for one in things),
            since=None if since == LONG_AGO else moment_of(since),
            last=None if last == LONG_AGO else moment_of(last),
            **title_in(self._titles, product),
        )


def _order(row: There) -> tuple[object, ...]:
    """Products by name, containers last; of each what is here first, then lot by lot."""
    name = row.name or row.name_zh or row.product or ""
    return (row.product is None, name, row.status != "here", row.lot or "", -row.objects)


_COLUMNS = (
    *("status", "product", "product_name", "lot", "is_lot", "objects", "quantity", "uom"),
    *("disposition", "on_hold", "since", "last"),
)


def export_at_place(
    found: AtPlace, form: ListFormat, *, language: Language = "en"
) -> Iterator[bytes]:
    """Give what is at a place in a format, piece by piece; tables hold the rows."""
    cells = (_cells(row, language) for row in found.rows)
    return export_list(found, form, "at_place", _COLUMNS, cells, listed=("rows", "names"))


def _cells(row: There, language: Language) -> tuple[Cell, ...]:
    name = in_language(row.name, row.name_zh, language)
    return (
        *(row.status, row.product, name, row.lot, "yes" if row.is_lot else "no", row.objects),
        *(row.quantity, row.uom, row.disposition, "yes" if row.is_held else "no"),
        *(row.since, row.last),
    )
