"""Answers: what was reached, as people and programs read it. 追溯结果"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice, repeat
from typing import Any, Literal, cast

import msgspec
import numpy as np
import numpy.typing as npt

from suyuan.errors import Language
from suyuan.store import Connection
from suyuan.trace._carriers import Carriers, find_carriers
from suyuan.trace._columns import Floats, Ints, Small
from suyuan.trace._compiled import compiled
from suyuan.trace._details import Details
from suyuan.trace._distinct import distinct, distinct_pairs, numbered
from suyuan.trace._facts import PIECE
from suyuan.trace._gaps import Gap, gaps_within
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._gone import edges_walked
from suyuan.trace._graph import Graph
from suyuan.trace._index import Known
from suyuan.trace._names import names_of, uris_of
from suyuan.trace._portions import Portions, portions_back, portions_forward, single_ends
from suyuan.trace._reach import Direction, Reach
from suyuan.trace._summary import (
    PartyCount,
    PlaceCount,
    Sightings,
    count_parties,
    count_places,
    party_counts,
    place_counts,
    sightings,
)
from suyuan.trace._times import moment_of
from suyuan.trace._titles import Title, title_in, titles_of

__all__ = [
    "Carrier",
    "Grade",
    "Link",
    "ProductCount",
    "Trace",
    "TracedObject",
    "first_lots",
    "steps_gone",
]

Grade = Literal["certain", "possible"]
_GRADES: tuple[Grade, Grade] = ("possible", "certain")
_FEW = 5_000  # As many names are read at once.
_WEIGHED_BACK_MAX = 2_000  # Each ancestor is followed forward on its own.


class TracedObject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One object of an answer.

    `moment` is the earliest at which it can have been reached; on the way back the latest at
    which it can have gone on its way. `product` and `lot` are what it belongs to. `portion`
    is absent where there are several starts, or too many ancestors to weigh each.
    """

    uri: str
    grade: Grade
    moment: datetime | None = None
    product: str | None = None
    lot: str | None = None
    portion: float | Literal["unknown"] | None = None
    """How much of the start is in it, or on the way back of it in the start."""
    uom: str | None = None
    first_time: datetime | None = None
    """From here on: what `details` tells."""
    last_time: datetime | None = None
    quantity: float | None = None
    quantity_uom: str | None = None
    place: str | None = None
    holder: str | None = None
    hold: list[str] = []


class Carrier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A container that carried something reached, and how many of the things reached."""

    uri: str
    grade: Grade
    moment: datetime | None = None
    carried: int = 0


class ProductCount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of an answer belongs to one product; `product` is None for what has none.

    The names are those of the master data.
    """

    product: str | None
    certain: int
    possible: int
    lots: int
    name: str | None = None
    name_zh: str | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One object on its way into a transformation, or out of it: `into` tells which.

    `transformation` is a number of its own in this answer.
    """

    object: str
    into: bool
    transformation: int
    sequence: int
    event_time: datetime


@dataclass(frozen=True)
class Trace:
    """What is reached from some objects. Counts are at hand; names are read when asked for."""

    genealogy: Genealogy
    known: Known
    reach: Reach
    starts: Sequence[str]
    bound: datetime | None
    """`since` forward, `until` back."""
    as_of: datetime | None
    is_weighed: bool
    """Whether portions were asked for."""
    seconds: float
    master_data: int | None = None
    """How often the master data had changed when this was asked, where that is known."""

    @property
    def direction(self) -> Direction:
        """Tell which way was gone."""
        return self.reach.direction

    @property
    def position(self) -> int:
        """Give the journal position that this was worked out at; asked again, it is the same."""
        return self.known.position

    @property
    def is_complete(self) -> bool:
        """Tell that nothing was cut off. Nothing ever is."""
        return True

    @property
    def count(self) -> int:
        """Count the objects reached."""
        return len(self.reach.objects)

    @property
    def certain(self) -> int:
        """Count those reached for certain."""
        return int(np.count_nonzero(self.reach.is_certain))

    @cached_property
    def carriers(self) -> Carriers:
        """Find the containers that carried what was reached."""
        return find_carriers(self.known.graph, self.reach)

    @cached_property
    def lots(self) -> Ints:
        """Give the number of the lot of each object reached, 0 where it has none."""
        return first_lots(self.known.graph, self.reach.objects)

    def objects(self, *, details: bool = False) -> Iterator[TracedObject]:
        """Give every object reached, in the order of their numbers, in flat memory.

        With `details` each is told with its times, quantity, whereabouts and hold.
        """
        with self.kept_open():
            if not details:
                yield from self._objects(None)
                return
            with self._connection() as connection:
                told = Details(connection, self.genealogy.tenant_id, self.known)
                yield from self._objects(told)

    @contextlib.contextmanager
    def kept_open(self) -> Iterator[None]:
        """Read everything until the block ends in one transaction, begun when something is read."""
        if "_open" in self.__dict__:
            yield
            return
        with contextlib.ExitStack() as stack:
            self.__dict__["_open"] = stack, []
            try:
                yield
            finally:
                del self.__dict__["_open"]

    def opened(self) -> contextlib.AbstractContextManager[Connection]:
        """Give a connection to read with: the one that is kept open, or one of its own."""
        return self._connection()

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        database, tenant_id = self.genealogy.database, self.genealogy.tenant_id
        if "_open" not in self.__dict__:
            with database.question(tenant_id) as opened:
                yield opened
            return
        stack, connections = self.__dict__["_open"]
        if not connections:
            connections.append(stack.enter_context(database.question(tenant_id)))
        yield connections[0]

    def _uris(self, numbers: Iterable[int]) -> dict[int, str]:
        """Give names by numbers; those of a small answer are all read at once."""
        few, _ = self._few
        if few:
            return {number: few[number] for number in numbers if number in few}
        with self._connection() as connection:
            return uris_of(connection, self.genealogy.tenant_id, numbers)

    def _named(self, numbers: Ints) -> Iterator[tuple[Ints, dict[int, str]]]:
        """Give objects some thousands at a time, with their names."""
        few, _ = self._few
        if few:
            yield numbers, few
            return
        with self._connection() as connection:
            yield from names_of(connection, self.genealogy.tenant_id, numbers)

    def _titles(self, uris: Iterable[str]) -> dict[str, Title]:
        """Give what people call products; those of a small answer were read with the names."""
        few, titles = self._few
        if few:
            return titles
        with self._connection() as connection:
            return titles_of(connection, self.genealogy.tenant_id, uris)

    @property
    def _has_few_names(self) -> bool:
        return self.count + len(self.reach.seeds) + len(self.carriers.objects) <= _FEW

    @cached_property
    def _few(self) -> tuple[dict[int, str], dict[str, Title]]:
        """Give the names of everything in a small answer, and the titles; of a large one none."""
        if not self._has_few_names:
            return {}, {}
        database, tenant_id = self.genealogy.database, self.genealogy.tenant_id
        objects = self.reach.objects, self.reach.seeds
        lots = self.lots, first_lots(self.known.graph, self.reach.seeds)
        every = np.concatenate((*objects, *lots))
        classes = self.known.facts.classes[every].astype(np.int64)
        every = np.concatenate((every, classes, self.carriers.objects))
        products = distinct(classes).tolist()
        titles = self.genealogy.titles.of(database, tenant_id, products, self.master_data)
        return self.genealogy.names.of(database, tenant_id, distinct(every).tolist()), titles

    def _objects(self, told: Details | None) -> Iterator[TracedObject]:
        classes, reach, done = self.known.facts.classes, self.reach, 0
        products: dict[int, str] = {}
        for numbers, uris in self._named(reach.objects):
            rows = slice(done, done + len(numbers))
            done += len(numbers)
            products = self._belonging(products, classes[numbers], self.lots[rows])
            columns = zip(
                numbers.tolist(),
                *(column[rows].tolist() for column in (reach.is_certain, reach.moments)),
                *(column.tolist() for column in (classes[numbers], self.lots[rows])),
                strict=True,
            )
            if told is None and self.weighing is None:
                for number, certain, moment, product, lot in columns:
                    yield TracedObject(
                        uri=uris[number],
                        grade=_GRADES[certain],
                        moment=moment_of(moment),
                        product=products.get(product),
                        lot=products.get(lot),
                    )
                continue
            details = told.of(numbers, self.lots[rows]) if told else repeat(None)
            for (number, certain, moment, product, lot), weighed, detail in zip(
                columns, self._weighed(numbers), islice(details, len(numbers)), strict=True
            ):
                yield TracedObject(
                    uri=uris[number],
                    grade=_GRADES[certain],
                    moment=moment_of(moment),
                    product=products.get(product),
                    lot=products.get(lot),
                    **weighed,
                    **(msgspec.structs.asdict(detail) if detail else {}),
                )

    def _belonging(self, known: dict[int, str], *columns: npt.NDArray[Any]) -> dict[int, str]:
        """Give the names of products and lots, of which some are known; nobody is number 0."""
        few, _ = self._few
        if few:
            return few
        every = distinct(np.concatenate(columns)).tolist()
        return known | self._uris([one for one in every if one and one not in known])

    def _weighed(self, numbers: Ints) -> Iterator[dict[str, Any]]:
        """Give the portions of objects with their units, where they were worked out."""
        if self.weighing is None:
            yield from repeat({}, len(numbers))
            return
        objects, amounts, uoms = self.weighing
        places = np.searchsorted(objects, numbers)
        places[places == len(objects)] = 0
        is_there = objects[places] == numbers if len(objects) else np.zeros(len(numbers), bool)
        for place, is_known in zip(places.tolist(), is_there.tolist(), strict=True):
            amount = float(amounts[place]) if is_known else math.nan
            uom = PIECE if not is_known else uoms if isinstance(uoms, str) else uoms[place]
            yield {"portion": "unknown" if math.isnan(amount) else amount, "uom": uom}

    @cached_property
    def weighing(self) -> tuple[Ints, Floats, str | tuple[str, ...]] | None:
        """Give the objects reached with their portions and units; not-a-number is unknown.

        None where portions were not asked for, or can't be told: of several starts together,
        and of more ancestors than can each be followed.
        """
        if self.portions is not None:
            return self.portions.objects, self.portions.amounts, self.portions.uom
        if not self.is_weighed or self.direction == "forward" or len(self.reach.seeds) != 1:
            return None
        if self.count > _WEIGHED_BACK_MAX:
            return None
        graph, seeds = self.known.graph, self.reach.seeds
        ends, lasts = single_ends(graph, seeds, int(self.reach.seed_moments[0]))
        back = portions_back(self.known.books, self.reach, ends, lasts)
        return back.objects, back.amounts[:, np.searchsorted(ends, seeds[0])], back.uoms

    @property
    def weights(self) -> dict[int, tuple[float, str]] | None:
        """Give portion and unit by object, as `weighing` has them."""
        if self.weighing is None:
            return None
        objects, amounts, uoms = self.weighing
        units = repeat(uoms, len(objects)) if isinstance(uoms, str) else uoms
        columns = (objects.tolist(), amounts.tolist(), units)
        return {number: (amount, uom) for number, amount, uom in zip(*columns, strict=True)}

    @cached_property
    def portions(self) -> Portions | None:
        """Tell how much of a single start is in each object, and where all of it is now."""
        if not self.is_weighed or self.direction != "forward" or len(self.reach.seeds) != 1:
            return None
        seed, since = int(self.reach.seeds[0]), int(self.reach.seed_moments[0])
        return portions_forward(self.known.books, seed, since)

    def start_objects(self) -> list[TracedObject]:
        """Give the starts as they would stand in an answer, with product and lot."""
        seeds = self.reach.seeds
        lots, classes = first_lots(self.known.graph, seeds), self.known.facts.classes[seeds]
        uris = self._uris(distinct(np.concatenate((seeds, lots, classes))).tolist())
        return [
            TracedObject(
                uri=uris[int(seed)],
                grade="certain",
                product=uris.get(int(product)),
                lot=uris.get(int(lot)),
            )
            for seed, product, lot in zip(seeds, classes, lots, strict=True)
        ]

    def carrier_list(self) -> Iterator[Carrier]:
        """Give every carrier."""
        with self.kept_open():
            yield from self._carriers()

    def _carriers(self) -> Iterator[Carrier]:
        found = self.carriers
        carrying, _ = distinct_pairs(found.held.things, found.held.askers)
        counts = np.bincount(np.searchsorted(found.objects, carrying)).tolist()
        done = 0
        for numbers, uris in self._named(found.objects):
            for number in numbers.tolist():
                yield Carrier(
                    uri=uris[number],
                    grade=_GRADES[bool(found.is_certain[done])],
                    moment=moment_of(int(found.moments[done])),
                    carried=counts[done],
                )
                done += 1

    def products(self) -> list[ProductCount]:
        """Count what was reached by product, the most first."""
        numbers, reach = self.reach.objects, self.reach
        product = self.known.facts.classes[numbers].astype(np.int64)
        keys, place = numbered(product, len(self.known.facts.classes))
        certain = np.bincount(place, reach.is_certain, len(keys)).astype(int)
        every = np.bincount(place, minlength=len(keys))
        # An object of a product is a lot when it has instances or was counted by quantity.
        lots = np.where((self.lots == 0) & self._is_lot(numbers), numbers, self.lots)
        has_lot = lots > 0
        with_lots, _ = distinct_pairs(place[has_lot], lots[has_lot])
        lots_of = np.bincount(with_lots, minlength=len(keys))
        uris = self._uris(keys.tolist())
        titles = self._titles(uris.values())
        found = [
            ProductCount(
                product=uris.get(int(key)),
                **title_in(titles, uris.get(int(key))),
                certain=int(certain[at]),
                possible=int(every[at] - certain[at]),
                lots=int(lots_of[at]),
            )
            for at, key in enumerate(keys)
        ]
        return sorted(found, key=lambda one: -one.certain - one.possible)

    def _is_lot(self, numbers: Ints) -> npt.NDArray[np.bool_]:
        return self.known.graph.is_lot(numbers)

    @cached_property
    def seen(self) -> Sightings:
        """Find the events that show where what was reached was, by itself or inside carriers."""
        return sightings(self.known.facts, self.reach, self.carriers)

    def places(self) -> list[PlaceCount]:
        """Tell at which places something reached was, from when it was reached."""
        facts, tenant_id = self.known.facts, self.genealogy.tenant_id
        with self._connection() as connection:
            groups = count_places(connection, tenant_id, facts, self.seen)
            names = uris_of(connection, tenant_id, [place for place, _ in groups])
            titles = titles_of(connection, tenant_id, names.values())
        return place_counts(facts, self.seen, groups, names, titles)

    def parties(self) -> list[PartyCount]:
        """Tell who sent something reached, and to whom it was sent."""
        facts, tenant_id = self.known.facts, self.genealogy.tenant_id
        with self._connection() as connection:
            groups = count_parties(connection, tenant_id, facts, self.seen)
            names = uris_of(connection, tenant_id, groups)
            titles = titles_of(connection, tenant_id, names.values())
        return party_counts(facts, self.seen, groups, names, titles)

    def gaps(self, language: Language = "en") -> list[Gap]:
        """Tell where the record is not whole that this rests on, in the order of time.

        Those are the gaps of the objects and the starts, and of carriers in the very events
        that the answer rests on. `is_complete` tells that nothing was cut off, and this whether
        the record may lack something that the answer would have to tell.
        """
        told: dict[Language, list[Gap]] = self.__dict__.setdefault("_gaps", {})
        if language not in told:
            told[language] = self._find_gaps(language)
        return told[language]

    def _find_gaps(self, language: Language) -> list[Gap]:
        objects = np.concatenate((self.reach.objects, self.reach.seeds))
        with self._connection() as connection:
            return gaps_within(
                connection,
                self.genealogy.tenant_id,
                self.known,
                objects,
                self.carriers.objects,
                self.sequences(),
                language,
            )

    def links(self) -> Iterator[Link]:
        """Give every step that was gone: object into transformation, transformation to object."""
        with self.kept_open():
            yield from self._links()

    def sequences(self) -> Ints:
        """Give the numbers of all events that this rests on: of the steps, and of the stays."""
        held = self.carriers.held.stays
        stays = self.known.graph.stays
        opened, closed = (stays.opened_by[held], stays.closed_by[held])
        events: Ints = np.concatenate((self._steps[3], opened, closed)).astype(np.int64)
        found: Ints = np.unique(self.known.facts.sequences[events[events >= 0]])
        return found

    @cached_property
    def _steps(self) -> tuple[Ints, npt.NDArray[np.bool_], Ints, Ints]:
        return steps_gone(self.known.graph, self.reach)

    def _links(self) -> Iterator[Link]:
        objects, into, transformations, events = self._steps
        facts, done = self.known.facts, 0
        for numbers, uris in self._named(objects):
            rows = slice(done, done + len(numbers))
            done += len(numbers)
            places = events[rows]
            columns = numbers, into[rows], -transformations[rows] - 1, facts.sequences[places]
            for number, goes_in, transformation, sequence, time in zip(
                *(column.tolist() for column in columns), facts.times[places].tolist(), strict=True
            ):
                yield Link(
                    object=uris[number],
                    into=goes_in,
                    transformation=transformation,
                    sequence=sequence,
                    event_time=cast("datetime", moment_of(time)),
                )


def first_lots(graph: Graph, objects: Ints) -> Ints:
    """Give the number of the lot of each object, the first where it has several, 0 for none."""
    one = graph.arrays
    columns = one.first_back, one.next_back, one.tails, one.edge_events
    lots: Ints = _first_lots(*columns, graph.edges, objects)
    return lots


@compiled
def _first_lots(
    first: Small, following: Small, tails: Small, events: Small, edges: int, objects: Ints
) -> Ints:
    lots = np.zeros(len(objects), np.int64)
    for at in range(len(objects)):
        edge = first[objects[at]]
        while edge != 0:
            lot = tails[edge]
            if edge < edges and events[edge] < 0 and lot > 0:
                lots[at] = lot if lots[at] == 0 else min(lots[at], lot)
            edge = following[edge]
    return lots


def steps_gone(graph: Graph, reach: Reach) -> tuple[Ints, npt.NDArray[np.bool_], Ints, Ints]:
    """Give object, whether it goes in, transformation and event of every step gone."""
    gone = edges_walked(graph, reach)
    is_step = (gone[2] >= 0) & ((gone[0] < 0) != (gone[1] < 0))
    tails, heads, events = (column[is_step] for column in gone)
    # However the edges lie in memory, the answer has one order.
    order = np.lexsort((events, heads, tails))
    tails, heads, events = tails[order], heads[order], events[order]
    from_object = tails > 0
    is_in = from_object != (reach.direction == "back")
    things = np.where(from_object, tails, heads)
    return things, is_in, np.where(from_object, heads, tails), events
