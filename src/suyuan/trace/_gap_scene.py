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
from suyuan.trace._facts import Facts
from suyuan.trace._index import Known
from suyuan.trace._mass_balance import Account, open_account
from suyuan.trace._said import Mask, Said, Word, is_named
from suyuan.trace._tally import Tally

__all__ = ["Found", "GapLimits", "Scene", "each", "grouped", "open_scene"]

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


@dataclass(frozen=True)
class Scene:
    """All that is said of the objects asked for, and of what was around them."""

    connection: Connection
    tenant_id: int
    known: Known
    account: Account
    is_asked: Mask
    dimension_of: Ints
    """By lot: what its quantities measure, as they were first told."""
    limits: GapLimits

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


def open_scene(
    connection: Connection, tenant_id: int, known: Known, is_asked: Mask, limits: GapLimits
) -> Scene:
    """Read all that is said of some objects, and of the transformations they were in."""
    facts = known.facts
    is_near = is_asked | _transformation_ids(facts, is_asked)
    dimensions = known.told_dimensions()
    account = open_account(
        connection, tenant_id, known, np.flatnonzero(is_near), dimensions, is_seen=True
    )
    return Scene(connection, tenant_id, known, account, is_asked, dimensions, limits)


def _transformation_ids(facts: Facts, is_asked: Mask) -> Mask:
    event_of = np.repeat(np.arange(facts.events), np.diff(facts.starts))
    is_near = np.zeros(facts.events, bool)
    is_near[event_of[is_asked[facts.objects]]] = True
    is_id = (facts.roles == Role.TRANSFORMATION) & is_near[event_of]
    return is_named(len(facts.classes), facts.objects[is_id])


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
    )
