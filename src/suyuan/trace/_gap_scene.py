"""What the rules of gaps look at, and what they find: flat arrays. 断点查找

Events go by their places in `Said`; -1 stands for no event and for no object.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from suyuan.event import EventType, Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._entries import Entries, Floats, Kind, Pairs, contents_of, pairs_of
from suyuan.trace._excerpt import kin_of, make_excerpt
from suyuan.trace._facts import PIECE, measure
from suyuan.trace._index import Known
from suyuan.trace._mass_balance import Account, fold_account, open_account
from suyuan.trace._names import uris_of
from suyuan.trace._said import Mask, Said, Word, is_named, record_times
from suyuan.trace._tally import Tally

__all__ = ["Found", "GapLimits", "Scene", "each", "grouped", "open_scene", "open_scene_of"]

_BEGINNINGS = tuple(
    int(kind) for kind in (Kind.MADE, Kind.TAKEN_IN, Kind.ARRIVED, Kind.ARRIVED_BACK)
)
_GONE = (
    *(int(Word.SHIPPING), int(Word.DEPARTING), int(Word.UNDER_WAY)),
    *(int(Word.RETAIL_SELLING), int(Word.DISPENSING)),
)


@dataclass(frozen=True)
class GapLimits:
    """What is still in order, where that is a matter of degree."""

    late_hours: float = 24.0
    """An event recorded later than this after it happened is back-dated."""
    caused_hours: float = 1.0
    """So is one recorded later than this, and later than a use of what it gave."""
    receipt_days: float = 7.0
    """How long goods may be under way, by the time of the last event of the record."""


@dataclass(frozen=True)
class Found:
    """Gaps of one kind. Row by row, but for the objects, which stand in pairs: gap, object.

    `events` has two columns: the one before, and the one where the gap shows.
    """

    kind: str
    of: Ints
    objects: Ints
    events: Ints
    quantities: Floats
    dimensions: Ints
    hours: Floats
    is_of_many: bool = False
    """Whether a gap is that of an event, whatever it names, and not of certain objects."""


@dataclass(frozen=True)
class Scene:
    """All that is said of the objects asked for, and of what was around them."""

    connection: Connection
    tenant_id: int
    known: Known
    account: Account
    numbers: Ints | None
    """By object its number in the journal, where that is another one."""
    is_asked: Mask
    dimension_of: Ints
    """By lot: what its quantities measure, as they were first told."""
    limits: GapLimits
    recorded: Ints
    """By event, when it was recorded."""

    def numbers_of(self, objects: Ints) -> Ints:
        """Give the numbers of objects in the journal."""
        return objects if self.numbers is None else self.numbers[objects]

    def named_like(self, objects: Ints, *heads: str) -> Mask:
        """Tell the names of which objects begin in one of some ways."""
        unique, place = np.unique(objects, return_inverse=True)
        numbers = self.numbers_of(unique).tolist()
        names = uris_of(self.connection, self.tenant_id, numbers) if numbers else {}
        is_like = np.array([names.get(one, "").startswith(heads) for one in numbers], bool)
        result: Mask = is_like[place.reshape(-1)]
        return result

    @property
    def said(self) -> Said:
        """Give the events and mentions."""
        return self.account.said

    @property
    def tally(self) -> Tally:
        """Give the figures of every lot, each in the unit in which it was first told."""
        return self.account.tally

    @property
    def instances(self) -> Entries:
        """Give what happened to instances."""
        return self.account.instances

    @cached_property
    def pairs(self) -> Pairs:
        """Give which instance is of which lot."""
        return pairs_of(self.known.graph, self.is_asked)

    @cached_property
    def transformations(self) -> Ints:
        """Give by event the number of its transformation; events of one ID share one."""
        said = self.said
        keys = -1 - np.arange(said.events)
        is_id = said.roles == Role.TRANSFORMATION
        keys[said.event_of[is_id]] = said.objects[is_id]
        keys[said.types != EventType.TRANSFORMATION] = 0
        found: Ints = np.unique(keys, return_inverse=True)[1].reshape(-1)
        return found

    @cached_property
    def parents(self) -> Ints:
        """Give by event the container, -1 where there is none."""
        parents = np.full(self.said.events, -1, np.int64)
        is_parent = self.said.roles == Role.PARENT
        parents[self.said.event_of[is_parent]] = self.said.objects[is_parent]
        return parents

    @cached_property
    def is_container(self) -> Mask:
        """Tell which objects ever had anything inside."""
        stays = self.known.graph.stays
        return is_named(len(self.is_asked), stays.parents[~stays.is_fixed])

    @cached_property
    def departures(self) -> tuple[Ints, Ints]:
        """Give what left or was under way, by itself or in a container, and in which event."""
        said = self.said
        is_gone = np.isin(said.words, _GONE)[said.event_of]
        is_whole = is_gone & (said.roles == Role.EPC)
        inner = np.where(is_whole, int(Kind.LEFT), 0).astype(np.int8)
        (objects, events, _), (lots, of_lots, *_) = contents_of(
            self.known, said, self.is_asked, inner
        )
        is_gone &= said.roles <= Role.OUTPUT_QUANTITY
        return (
            np.concatenate((said.objects[is_gone], objects, lots)).astype(np.int64),
            np.concatenate((said.event_of[is_gone], events, of_lots)),
        )

    @cached_property
    def stay_events(self) -> tuple[Ints, Ints]:
        """Give by stay the events that opened and closed it, the latter after all if none did."""
        stays, said = self.known.graph.stays, self.said
        closed = said.of_facts(stays.closed_by)
        return said.of_facts(stays.opened_by), np.where(closed < 0, said.events, closed)

    def is_filled(self, containers: Ints, events: Ints) -> Mask:
        """Tell whether anything was inside containers when events came."""
        stays, span = self.known.graph.stays, self.said.events + 2
        opened, closed = self.stay_events
        parents = stays.parents.astype(np.int64)
        begun, ended = np.sort(parents * span + opened), np.sort(parents * span + closed)
        keys = containers * span + events
        count = np.searchsorted(begun, keys, "left") - np.searchsorted(ended, keys, "left")
        result: Mask = count > 0
        return result


def open_scene(connection: Connection, tenant_id: int, known: Known, limits: GapLimits) -> Scene:
    """Read all that the record says."""
    count = len(known.facts.classes)
    dimensions = known.told_dimensions()
    every = np.arange(count)
    account = open_account(connection, tenant_id, known, every, dimensions, is_seen=True)
    sequences = account.said.sequences
    recorded = record_times(connection, tenant_id, known.position, sequences)
    is_asked = np.ones(count, bool)
    return Scene(
        *(connection, tenant_id, known, account, None, is_asked, dimensions, limits, recorded)
    )


def open_scene_of(
    connection: Connection, tenant_id: int, known: Known, objects: Ints, limits: GapLimits
) -> Scene:
    """Read what the record says of some objects.

    What becomes of the instances of a lot is read only where that may tell that more went out
    of the lot than came in: each takes one piece off at most.
    """
    scene, others, more = None, np.zeros(0, np.int64), objects
    while scene is None or len(more):
        cut = make_excerpt(connection, tenant_id, known, objects, others)
        dimensions = cut.known.told_dimensions()
        account = fold_account(connection, tenant_id, cut.known, cut.said, cut.is_near, dimensions)
        scene = Scene(
            *(connection, tenant_id, cut.known, account, cut.numbers, cut.is_asked),
            *(dimensions, limits, cut.recorded),
        )
        more = _instances_that_count(scene, known, cut.numbers[cut.is_near])
        others = np.union1d(others, more)
    return scene


def _instances_that_count(scene: Scene, known: Known, near: Ints) -> Ints:
    """Give the instances of the lots asked for that may be what is missing, but those near."""
    tally = scene.tally
    count = len(tally.objects) - len(scene.instances.objects)  # Those of lots come first.
    objects, levels = tally.objects[:count], tally.levels[:count]
    is_last = np.append(objects[1:] != objects[:-1], True)[:count]
    is_begun = np.isin(tally.kinds[:count], _BEGINNINGS)
    begun = is_named(len(scene.is_asked), objects[is_begun])
    is_open = is_last & begun[objects] & scene.is_asked[objects] & ~np.isnan(levels)
    lots, left = objects[is_open], levels[is_open]
    owners, instances = kin_of(known, scene.numbers_of(lots), is_back=False)
    is_new = ~np.isin(instances, near)
    owners, instances = owners[is_new], instances[is_new]
    at = np.searchsorted(scene.numbers_of(lots), owners)
    is_piece = scene.dimension_of[lots] == measure(PIECE)[0]
    taken = np.where(is_piece, np.bincount(at, minlength=len(lots)), 0)
    result: Ints = instances[(left < taken)[at]]
    return result


def each(
    kind: str,
    objects: tuple[Ints, ...],
    events: tuple[Ints, Ints],
    *,
    quantities: Floats | None = None,
    dimensions: Ints | None = None,
    hours: Floats | None = None,
) -> Found:
    """Give one gap a row; each of `objects` is a column of them."""
    count = len(events[1])
    table = np.stack([column.astype(np.int64) for column in objects], axis=1)
    of, column = np.nonzero(table >= 0)
    return Found(
        kind,
        of,
        table[of, column],
        np.stack(events, axis=1),
        np.full(count, np.nan) if quantities is None else quantities,
        np.zeros(count, np.int64) if dimensions is None else dimensions.astype(np.int64),
        np.full(count, np.nan) if hours is None else hours,
    )


def grouped(
    kind: str, objects: Ints, events: tuple[Ints, Ints], *, hours: Floats | None = None
) -> Found:
    """Give one gap for each event where it shows, with all its objects."""
    order = np.lexsort((objects, events[1]))
    objects, first, last = objects[order], events[0][order], events[1][order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = last[1:] != last[:-1]
    of = np.cumsum(is_new) - 1
    count = int(is_new.sum())
    is_once = np.ones(len(order), bool)
    is_once[1:] = (of[1:] != of[:-1]) | (objects[1:] != objects[:-1])
    return Found(
        kind,
        of[is_once],
        objects[is_once],
        np.stack((first[is_new], last[is_new]), axis=1),
        np.full(count, np.nan),
        np.zeros(count, np.int64),
        np.full(count, np.nan) if hours is None else hours[order][is_new],
        is_of_many=True,
    )
