"""A mock recall: if these had to come back, how much is out there, where, and with whom? 模拟召回

Affected are the starts and all that they have reached. A start may be a place: then it is what
was there in a period. Nothing is guessed: what the record does not tell has no place and no
recipient, what is only possible is counted apart, and both are told.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal, NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.errors import Language, NotFound, Problem, in_language
from suyuan.store import Connection
from suyuan.trace._amounts import Quantity, added, amounts_of
from suyuan.trace._answer import Trace
from suyuan.trace._columns import Ints
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._names import numbers_of_codes, numbers_of_uris, uris_of
from suyuan.trace._neighbourhood import Around
from suyuan.trace._parts import site_in, sites_of
from suyuan.trace._reach import reach_forward
from suyuan.trace._remaining import lots_by_place
from suyuan.trace._sheets import Cell, ListFormat, export_list
from suyuan.trace._sieve import Sieve, sift
from suyuan.trace._standing import STAGES, Stage, stand_now
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import microseconds, moment_of
from suyuan.trace._titles import Title, titles_of
from suyuan.trace._visits import seen_at

__all__ = [
    "ContainerCount",
    "MockRecall",
    "Quantity",
    "RecallRow",
    "RecalledProduct",
    "Recipient",
    "StageCount",
    "export_recall",
    "mock_recall",
]

StageName = Literal["on_site", "on_the_way", "delivered", "sold", "used", "destroyed", "in_units"]
_STAGES = (*STAGES, "in_units")
_IN_UNITS = len(STAGES)
"""Of a lot that was never shipped itself: its units were, and stand in lines of their own."""
_CONTAINERS_MAX = 200
_OUT = (Stage.ON_THE_WAY, Stage.DELIVERED, Stage.SOLD)


class RecalledProduct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is affected of one product; `product` is None for containers and the like.

    `quantities` are how much of the affected lots was made or received in all; `units` the
    serialised instances that are affected. `unmeasured` lots have no quantity on record.
    """

    product: str | None
    lots: int
    units: int
    certain: int
    possible: int
    quantities: list[Quantity] = []
    unmeasured: int = 0
    name: str | None = None
    name_zh: str | None = None


class StageCount(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what is affected is at one stage."""

    stage: StageName
    objects: int
    certain: int
    lots: int
    units: int


class Recipient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whoever was sent affected goods last, or received them."""

    party: str
    objects: int
    certain: int
    lots: int
    units: int
    on_the_way: int
    """How many of the objects have been sent and are not known to have arrived."""
    quantities: list[Quantity] = []
    """How much they were sent of lots that go by quantity; of `unmeasured` nobody knows."""
    unmeasured: int = 0
    last: datetime | None = None
    is_ours: bool = False
    """Whether it is one of the parties asked with as our own; then it needs no notice."""
    name: str | None = None
    name_zh: str | None = None


class ContainerCount(msgspec.Struct, frozen=True, kw_only=True):
    """A container that holds affected things now, and how many."""

    uri: str
    objects: int


class RecallRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the list: so much of one lot, at one place, with one recipient, at one stage.

    `lot` is None for instances of no lot, and `product` for what has none. `is_lot` tells that
    the lot itself is meant, by quantity, and then `quantity` is how much was made or received
    of it in all, `sent` how much of that the recipient was sent, and `remaining` how much the
    books still have that was not shipped, or is at a site of our own. A lot that several got
    has a line for each.
    """

    stage: StageName
    objects: int
    certain: int
    party: str | None = None
    place: str | None = None
    product: str | None = None
    lot: str | None = None
    is_lot: bool = False
    quantity: float | None = None
    uom: str | None = None
    sent: float | None = None
    remaining: float | None = None
    last: datetime | None = None
    is_ours: bool = False
    party_name: str | None = None
    party_name_zh: str | None = None
    place_name: str | None = None
    place_name_zh: str | None = None
    name: str | None = None
    name_zh: str | None = None


class MockRecall(msgspec.Struct, frozen=True, kw_only=True):
    """What a recall of the starts would have to bring back."""

    starts: list[str]
    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    position: int
    complete: bool
    objects: int
    counted_starts: int
    """How many of the objects are starts, which a trace does not count among what it reaches."""
    certain: int
    possible: int
    lots: int
    units: int
    out: int
    """How many objects have left: under way to others, delivered to others, or sold."""
    carriers: int
    places: int
    """At how many places affected goods are now."""
    parties: int
    """How many recipients there are besides ourselves."""
    without_place: int
    without_recipient: int
    """How many have left, and nothing tells to whom."""
    packed: int
    """How many are inside a container now."""
    seconds: float
    products: list[RecalledProduct]
    stages: list[StageCount]
    recipients: list[Recipient]
    container_count: int
    containers: list[ContainerCount]
    """Those with the most, as many as a page takes."""
    row_count: int
    rows: list[RecallRow]


def mock_recall(
    genealogy: Genealogy,
    codes: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    sieve: Sieve | None = None,
    zone: tzinfo = UTC,
    ours: Collection[str] = (),
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> MockRecall:
    """Tell what a recall of lots, instances, containers or places would have to bring back.

    Of a place everything counts that was seen there from `since` to `until`. A sieve leaves
    out what does not pass it. `ours` are the URIs of our own parties and sites: what they were
    sent has not left. Raises as `track_forward` does, and NotFound
    `trace.nothing_seen_there` where nothing was seen at the places.
    """
    started = time.perf_counter()
    low = LONG_AGO if since is None else microseconds(since)
    high = FOREVER if until is None else microseconds(until)
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        position = genealogy.position(connection, as_of=as_of, not_before=not_before)
        starts = numbers_of_codes(connection, genealogy.tenant_id, codes, position)
        numbers = np.array(list(starts.values()), np.int64)
        seen = seen_at(connection, genealogy.tenant_id, numbers, position, low, high)
        seeds = np.unique(np.concatenate((numbers[~seen.is_place], seen.objects)))
        if not len(seeds):
            raise NotFound(Problem(code="trace.nothing_seen_there", found=", ".join(starts)))
        around = Around(seeds, "forward", low)
        known = genealogy.known(connection, as_of=as_of, around=around, position=position)
    reach = reach_forward(known.graph, seeds, low)
    trace = Trace(genealogy, known, reach, list(starts), since, as_of, False, 0.0)
    with trace.kept_open(), trace.opened() as connection:
        part = sift(_with_starts(trace), sieve or Sieve(), zone)
        found = _Found(connection, part, ours)
        return MockRecall(
            starts=list(starts),
            since=since,
            until=until,
            as_of=as_of,
            position=known.position,
            complete=trace.is_complete,
            counted_starts=int((~np.isin(part.reach.objects, reach.objects)).sum()),
            seconds=round(time.perf_counter() - started, 6),
            **found.told(),
        )


def _with_starts(trace: Trace) -> Trace:
    """Put the starts, for certain, to what they reached: they have to come back too."""
    reach = trace.reach
    new = np.setdiff1d(reach.seeds, reach.objects)
    bound = np.full(len(new), int(reach.seed_moments.min()))
    objects = np.concatenate((reach.objects, new))
    order = np.argsort(objects)
    moments, sure = (np.concatenate((one, bound))[order] for one in (reach.moments, reach.sure))
    is_start = np.isin(objects[order], reach.seeds)
    whole = dataclasses.replace(
        reach,
        objects=objects[order],
        moments=moments,
        sure=np.where(is_start, np.minimum(sure, moments), sure),
    )
    return dataclasses.replace(trace, reach=whole)


class _Found:
    """What is affected, and where it stands; counts of it."""

    def __init__(self, connection: Connection, trace: Trace, ours: Collection[str]) -> None:
        self._connection, self._trace = connection, trace
        self._tenant_id = trace.genealogy.tenant_id
        graph, facts = trace.known.graph, trace.known.facts
        self._objects = objects = trace.reach.objects
        self._is_certain = trace.reach.is_certain
        self._products = facts.classes[objects].astype(np.int64)
        self._is_lot = np.zeros(len(objects), bool)
        inside = objects < graph.objects
        self._is_lot[inside] = graph.is_lot(objects[inside])
        self._is_unit = ~self._is_lot & (self._products > 0)
        self._lots = np.where(self._is_lot, objects, trace.lots)
        self._standing = stand_now(connection, self._tenant_id, trace.known, objects)
        self._ours = list(numbers_of_uris(connection, self._tenant_id, ours).values())
        self._lines = self._drawn_up()
        lots = objects[self._is_lot]
        self._amounts = amounts_of(connection, self._tenant_id, trace.known, lots)
        by_quantity = np.setdiff1d(lots, self._lots[self._is_unit])
        sites = sites_of(connection, self._tenant_id)
        self._there = lots_by_place(connection, self._tenant_id, trace.known, by_quantity, sites)
        arrived = {place for one in self._there.values() for place in one.arrived}
        uris = uris_of(connection, self._tenant_id, arrived)
        self._others = {
            place for place, uri in uris.items() if not {uri, site_in(sites, uri)} & set(ours)
        }
        self._names: dict[int, str] = {}
        self._titles: dict[str, Title] = {}

    def _drawn_up(self) -> _Lines:
        """Put down each object with whom it is; a lot with everybody who got some of it."""
        standing, sent = self._standing, self._standing.sent
        is_further = sent.parties != standing.recipients[sent.lots]
        lots, parties = sent.lots[is_further], sent.parties[is_further]
        # Of a lot that several got, each line is about the part of its own recipient.
        is_last = ~is_further & (sent.places > 0) & np.isin(sent.lots, lots)
        places = standing.places.copy()
        places[sent.lots[is_last]] = sent.places[is_last]
        got = sent.is_received[is_further]
        further = np.where(got, Stage.DELIVERED, Stage.ON_THE_WAY)
        stages = np.concatenate((standing.stages, further))
        objects = np.concatenate((np.arange(len(self._objects)), lots))
        recipients = np.concatenate((standing.recipients, parties))
        is_ours = np.isin(recipients, self._ours)
        is_shared = np.isin(objects, sent.lots[~np.isin(sent.parties, self._ours)])
        # What only we received is with us; and a lot whose units left is where these are.
        stages[is_ours & ~is_shared & (stages == Stage.DELIVERED)] = Stage.ON_SITE
        has_units = np.isin(self._objects, self._lots[self._is_unit]) & self._is_lot
        stages[has_units[objects] & (stages == Stage.ON_SITE)] = _IN_UNITS
        return _Lines(
            objects=objects,
            recipients=recipients,
            places=np.concatenate((places, sent.places[is_further])),
            stages=stages.astype(np.int64),
            is_ours=is_ours,
        )

    def told(self) -> dict[str, Any]:
        """Give the fields of the answer that are counted here."""
        standing, lines = self._standing, self._lines
        is_line_out = np.isin(lines.stages, [int(stage) for stage in _OUT])
        is_line_out &= ~lines.is_ours | (lines.stages == Stage.SOLD)
        is_out = np.zeros(len(self._objects), bool)
        is_out[lines.objects[is_line_out]] = True
        self._learn()
        rows = self._rows()
        recipients = self._recipients()
        certain = int(self._is_certain.sum())
        return {
            "objects": len(self._objects),
            "certain": certain,
            "possible": len(self._objects) - certain,
            "lots": int(self._is_lot.sum()),
            "units": int(self._is_unit.sum()),
            "out": int(is_out.sum()),
            "carriers": len(self._trace.carriers.objects),
            "places": len(np.unique(standing.places[standing.places > 0])),
            "parties": sum(not one.is_ours for one in recipients),
            "without_place": int((standing.places == 0).sum()),
            "without_recipient": int((is_out & (standing.recipients == 0)).sum()),
            "packed": len(np.unique(standing.packed)),
            "products": self._product_counts(),
            "stages": self._stages(),
            "recipients": recipients,
            "container_count": len(np.unique(standing.containers)),
            "containers": self._containers()[:_CONTAINERS_MAX],
            "row_count": len(rows),
            "rows": rows,
        }

    def _learn(self) -> None:
        """Read the names of everything that an answer speaks of but single instances."""
        lines = self._lines
        numbers = (self._products, self._lots, lines.places, lines.recipients)
        wanted = np.unique(np.concatenate((*numbers, self._standing.containers)))
        self._names = uris_of(self._connection, self._tenant_id, wanted[wanted > 0].tolist())
        named = np.unique(np.concatenate((numbers[0], *numbers[2:], self._standing.containers)))
        uris = [self._names[one] for one in named.tolist() if one in self._names]
        self._titles = titles_of(self._connection, self._tenant_id, uris)

    def _title(self, number: int) -> Title:
        return self._titles.get(self._names.get(number, ""), Title())

    def _counts(self, place: Ints, groups: int, objects: Ints | None = None) -> _Counts:
        """Count by group: objects, certain ones, lots, units; of all objects, or of some."""
        of = slice(None) if objects is None else objects
        columns = (
            *(np.ones(len(place), bool), self._is_certain[of]),
            *(self._is_lot[of], self._is_unit[of]),
        )
        return _Counts(
            *(np.bincount(place, column, groups).astype(int).tolist() for column in columns)
        )

    def _product_counts(self) -> list[RecalledProduct]:
        keys, place = np.unique(self._products, return_inverse=True)
        counts = self._counts(place, len(keys))
        found = []
        for at, key in enumerate(keys.tolist()):
            lots = self._objects[self._is_lot & (place == at)].tolist()
            quantities, unmeasured = added(self._amounts[lot] for lot in lots)
            title = self._title(key)
            found.append(
                RecalledProduct(
                    product=self._names.get(key),
                    lots=counts.lots[at],
                    units=counts.units[at],
                    certain=counts.certain[at],
                    possible=counts.objects[at] - counts.certain[at],
                    quantities=quantities,
                    unmeasured=unmeasured,
                    name=title.name,
                    name_zh=title.name_zh,
                )
            )
        return sorted(found, key=lambda one: -one.certain - one.possible)

    def _stages(self) -> list[StageCount]:
        counts = self._counts(self._lines.stages[: len(self._objects)], len(_STAGES))
        return [
            StageCount(
                stage=cast("StageName", stage),
                objects=counts.objects[at],
                certain=counts.certain[at],
                lots=counts.lots[at],
                units=counts.units[at],
            )
            for at, stage in enumerate(_STAGES)
            if counts.objects[at]
        ]

    def _recipients(self) -> list[Recipient]:
        lines = self._lines
        keys, place = np.unique(lines.recipients, return_inverse=True)
        counts = self._counts(place, len(keys), lines.objects)
        is_under_way = lines.stages == Stage.ON_THE_WAY
        under_way = np.bincount(place, is_under_way, len(keys)).astype(int)
        last = np.full(len(keys), LONG_AGO)
        np.maximum.at(last, place, self._standing.times[lines.objects])
        found = []
        for at, key in enumerate(keys.tolist()):
            if not key:
                continue
            title = self._title(key)
            lots = self._objects[lines.objects[place == at]].tolist()
            sent = [lot for lot in lots if key in self._parties_of(lot)]
            quantities, unmeasured = added(
                (self._sent(lot, key), self._trace.known.unit_of(lot)) for lot in sent
            )
            found.append(
                Recipient(
                    party=self._names[key],
                    objects=counts.objects[at],
                    certain=counts.certain[at],
                    lots=counts.lots[at],
                    units=counts.units[at],
                    on_the_way=int(under_way[at]),
                    quantities=quantities,
                    unmeasured=unmeasured,
                    last=moment_of(int(last[at])),
                    is_ours=key in self._ours,
                    name=title.name,
                    name_zh=title.name_zh,
                )
            )
        return sorted(found, key=lambda one: (one.is_ours, -one.objects, one.party))

    def _parties_of(self, lot: int) -> Collection[int]:
        there = self._there.get(lot)
        return () if there is None else there.parties

    def _sent(self, lot: int, party: int) -> float | None:
        there = self._there.get(lot)
        return None if there is None else there.parties.get(party)

    def _left(self, lot: int) -> float | None:
        """Give how much of a lot was never shipped, or is at a site of our own."""
        there = self._there.get(lot)
        if there is None or there.places is None:
            return None
        at_others = there.arrived & self._others
        amounts = (amount for place, amount in there.places.items() if place not in at_others)
        return round(sum(amounts), 9)

    def _containers(self) -> list[ContainerCount]:
        keys, counts = np.unique(self._standing.containers, return_counts=True)
        found = [
            ContainerCount(uri=self._names[key], objects=count)
            for key, count in zip(keys.tolist(), counts.tolist(), strict=True)
        ]
        return sorted(found, key=lambda one: (-one.objects, one.uri))

    def _rows(self) -> list[RecallRow]:
        """Put together what is of one lot, with one recipient, at one place and stage."""
        lines = self._lines
        columns = (lines.recipients, lines.places, lines.stages, self._products[lines.objects])
        rest = (self._lots[lines.objects], self._is_lot[lines.objects])
        keys, place = np.unique(np.stack((*columns, *rest), axis=1), axis=0, return_inverse=True)
        place = place.reshape(-1)
        counts = self._counts(place, len(keys), lines.objects)
        last = np.full(len(keys), LONG_AGO)
        np.maximum.at(last, place, self._standing.times[lines.objects])
        rows = [
            self._row(key, counts.objects[at], counts.certain[at], int(last[at]))
            for at, key in enumerate(keys.tolist())
        ]
        return sorted(
            rows,
            key=lambda one: (
                *(one.party is None, one.is_ours),
                *(one.party_name or one.party or "", -one.objects),
            ),
        )

    def _row(self, key: list[int], objects: int, certain: int, last: int) -> RecallRow:
        party, place, stage, product, lot, is_lot = key
        quantity, uom = self._amounts[lot] if is_lot else (None, None)
        sent = self._sent(lot, party) if is_lot else None
        if sent is not None and uom is None:
            uom = self._trace.known.unit_of(lot)
        whom, where, what = self._title(party), self._title(place), self._title(product)
        return RecallRow(
            stage=cast("StageName", _STAGES[stage]),
            objects=objects,
            certain=certain,
            party=self._names.get(party),
            place=self._names.get(place),
            product=self._names.get(product),
            lot=self._names.get(lot),
            is_lot=bool(is_lot),
            quantity=quantity,
            uom=uom,
            sent=sent,
            remaining=self._left(lot) if is_lot and quantity is not None else None,
            last=moment_of(last),
            is_ours=party in self._ours,
            party_name=whom.name,
            party_name_zh=whom.name_zh,
            place_name=where.name,
            place_name_zh=where.name_zh,
            name=what.name,
            name_zh=what.name_zh,
        )


@dataclasses.dataclass(frozen=True)
class _Lines:
    """What the list is drawn up from; first each of the objects, in order, then lots again.

    `objects` are places among the objects, the rest is beside them.
    """

    objects: Ints
    recipients: Ints
    places: Ints
    stages: Ints
    is_ours: npt.NDArray[np.bool_]


class _Counts(NamedTuple):
    """By group: how many objects, certain ones, lots and units."""

    objects: list[int]
    certain: list[int]
    lots: list[int]
    units: list[int]


_COLUMNS = (
    *("party", "party_name", "place", "place_name", "stage", "product", "product_name", "lot"),
    *("is_lot", "objects", "certain", "quantity", "uom", "sent", "remaining", "last"),
    "is_ours",
)


def export_recall(
    found: MockRecall, form: ListFormat, *, language: Language = "en"
) -> Iterator[bytes]:
    """Give a mock recall in a format, piece by piece; tables hold its list."""
    cells = (_cells(row, language) for row in found.rows)
    return export_list(found, form, "mock_recall", _COLUMNS, cells)


def _cells(row: RecallRow, language: Language) -> tuple[Cell, ...]:
    return (
        *(row.party, in_language(row.party_name, row.party_name_zh, language)),
        *(row.place, in_language(row.place_name, row.place_name_zh, language), row.stage),
        *(row.product, in_language(row.name, row.name_zh, language)),
        *(row.lot, "yes" if row.is_lot else "no"),
        *(row.objects, row.certain, row.quantity, row.uom, row.sent, row.remaining, row.last),
        "yes" if row.is_ours else "no",
    )
