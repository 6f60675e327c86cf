"""Details of the objects of an answer, thousands at a time: when, how much, where, on hold. 明细

Of each object: the first and last event that names it, how much of it was made or received,
the last place and holder by its own events and those of its containers while it was inside
(the same as `whereabouts` says), and why it is on hold. What is said of a lot as on hold is
said of its instances too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt
from psycopg import sql

from suyuan.event import DISPOSITION, Role
from suyuan.store import Connection
from suyuan.trace._amounts import amounts_of
from suyuan.trace._columns import Ints
from suyuan.trace._containers import outsides
from suyuan.trace._happened import canonical
from suyuan.trace._history import Party
from suyuan.trace._holds import HOLD_WORDS, HOLDING, opposite
from suyuan.trace._index import Known
from suyuan.trace._load import read_columns
from suyuan.trace._places import holder_of
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import microseconds, moment_of

__all__ = ["Detail", "Details"]

_NAMED = [int(role) for role in Role if role <= Role.OUTPUT_QUANTITY]
_EVENTS_AT_ONCE = 5_000
_EVENTS_KEPT_MAX = 200_000
_SAID = sql.SQL("""
    SELECT object_id, unnest(sequences) FROM journal.posting
    WHERE tenant_id = {tenant} AND object_id = ANY({objects}::bigint[])
      AND role = ANY({roles}::smallint[]) AND first_sequence <= {position}
""")
_SAID_COLUMNS = (("object", ">i8"), ("sequence", ">i8"))
_EVENTS = """
    SELECT sequence, event_time, event_id, business_step, disposition, body
    FROM journal.event AS event
    WHERE tenant_id = %(tenant)s AND sequence = ANY(%(sequences)s::bigint[])
      AND sequence <= %(position)s AND NOT is_error_declaration
      AND NOT EXISTS (SELECT FROM journal.event AS declaration
                      WHERE declaration.tenant_id = %(tenant)s
                        AND declaration.is_error_declaration
                        AND declaration.sequence <= %(position)s
                        AND declaration.event_id = event.event_id)
"""


class Detail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one object beside how it was reached.

    `hold` names the dispositions for which it is on hold, and `holding` where that is the
    business step seen last; it is empty where the object is free.
    """

    first_time: datetime | None = None
    last_time: datetime | None = None
    quantity: float | None = None
    """How much was made, or received where it was not made here; an instance is one piece."""
    quantity_uom: str | None = None
    place: str | None = None
    holder: str | None = None
    hold: list[str] = []


class _Place(msgspec.Struct, frozen=True):
    id: str = ""


class _Persistent(msgspec.Struct, frozen=True):
    set: list[str] = []
    unset: list[str] = []


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    read_point: _Place = _Place()
    biz_location: _Place = _Place()
    source_list: list[Party] = []
    destination_list: list[Party] = []
    persistent_disposition: _Persistent = _Persistent()
    elsewhere: _Persistent = msgspec.field(
        default=_Persistent(), name="epcis:persistentDisposition"
    )


class _Event(msgspec.Struct, frozen=True):
    """What one event says last, if nothing later does. None where it says nothing."""

    time: int
    event_id: str
    place: str | None
    holder: str | None
    hold: str | None
    """By the disposition: the bare word, or "" for one with which an object is free."""
    step: str | None
    persistent: dict[str, bool]
    """Hold words that are set or unset from now on."""


_decode = msgspec.json.Decoder(_Body).decode


class _Told:
    """The events of some things, by thing and in the order of time and event ID."""

    def __init__(self, things: Ints, of_row: Ints, events: Sequence[_Event]) -> None:
        """Take all things in order, and for each row the place of its thing, and its event."""
        ids = sorted(range(len(events)), key=lambda at: (events[at].time, events[at].event_id))
        rank = np.empty(len(events), np.int64)
        rank[ids] = np.arange(len(ids))
        order = np.lexsort((rank, of_row))
        self.things = things
        self.of_row = of_row[order]
        self.rank = rank[order]
        self.events = [events[at] for at in order.tolist()]
        times = np.array([one.time for one in self.events], np.int64)
        self.moments, place = np.unique(times, return_inverse=True)
        self._keys = (self.of_row << 32) | place

    def spans(self, things: Ints, firsts: Ints, lasts: Ints) -> tuple[Ints, Ints]:
        """Give for each thing and period the rows from the first to before the second."""
        at = np.searchsorted(self.things, things) << 32
        low = np.searchsorted(self._keys, at | np.searchsorted(self.moments, firsts))
        high = np.searchsorted(self._keys, at | np.searchsorted(self.moments, lasts, "right"))
        return low, np.maximum(low, high)

    def last_before(self, is_said: npt.NDArray[np.bool_]) -> Ints:
        """Give for each row boundary the last row before it that says something, or -1."""
        rows = np.where(is_said, np.arange(len(is_said)), -1)
        return np.concatenate((np.full(1, -1), np.maximum.accumulate(rows)))


class _Says:
    """What the events of spans say last: one row a span, each for one of some askers."""

    def __init__(self, told: _Told, askers: Ints, low: Ints, high: Ints, count: int) -> None:
        self._told, self._askers, self._low, self._high = told, askers, low, high
        self._count = count
        self._row_of = np.argsort(told.rank)

    def last(self, said: Callable[[_Event], str | None]) -> list[str | None]:
        """Give for each asker what is said last."""
        words = [said(one) for one in self._told.events]
        best = self._best(np.array([one is not None for one in words], bool))
        return [None if at < 0 else words[self._row_of[at]] for at in best.tolist()]

    def holds(self) -> list[list[str]]:
        """Give for each asker the words for which it is on hold."""
        found: list[list[str]] = [[] for _ in range(self._count)]
        for said in (
            self.last(lambda one: one.hold),
            self.last(lambda one: one.step and ("holding" if one.step == HOLDING else "")),
        ):
            for at, word in enumerate(said):
                if word:
                    found[at].append(word)
        events = self._told.events
        for word in sorted({word for one in events for word in one.persistent}):
            states = [one.persistent.get(word) for one in events]
            set_at = self._best(np.array([state is True for state in states], bool))
            unset_at = self._best(np.array([state is False for state in states], bool))
            for at in np.flatnonzero(set_at > unset_at).tolist():
                found[at].append(word)
        return found

    def _best(self, is_said: npt.NDArray[np.bool_]) -> Ints:
        """Give for each asker the rank of the last event that says something, or -1."""
        best = np.full(self._count, -1)
        rows = self._told.last_before(is_said)[self._high]
        is_inside = rows >= self._low
        np.maximum.at(best, self._askers[is_inside], self._told.rank[rows[is_inside]])
        return best


class Details:
    """Gives details of objects as the journal had them at one position, up to a moment."""

    def __init__(
        self, connection: Connection, tenant_id: int, known: Known, until: int = FOREVER
    ) -> None:
        self._connection, self._tenant_id, self._known = connection, tenant_id, known
        self._until = until
        self._events: dict[int, _Event | None] = {}

    def of(self, numbers: Ints, lots: Ints) -> list[Detail]:
        """Give the details of some objects; `lots` are theirs, 0 for none."""
        every = np.unique(np.concatenate((numbers, lots[lots > 0])))
        held = outsides(
            self._known.graph, every[every < self._known.graph.objects], LONG_AGO, self._until
        )
        told = self._told(np.unique(np.concatenate((every, held.things))))
        own = told.spans(every, np.full(len(every), LONG_AGO), np.full(len(every), self._until))
        around = told.spans(held.things, held.firsts, held.lasts)
        asker = np.concatenate((np.arange(len(every)), held.askers))
        low, high = (np.concatenate(pair) for pair in zip(own, around, strict=True))
        says = _Says(told, asker, low, high, len(every))
        places = says.last(lambda one: one.place)
        holders = says.last(lambda one: one.holder)
        holds = says.holds()
        where = np.searchsorted(every, numbers)
        lot_at = np.searchsorted(every, lots)
        told_amounts = amounts_of(self._connection, self._tenant_id, self._known, numbers)
        amounts = [told_amounts[number] for number in numbers.tolist()]
        return [
            Detail(
                first_time=moment_of(told.events[own[0][at]].time) if is_named else None,
                last_time=moment_of(told.events[own[1][at] - 1].time) if is_named else None,
                quantity=amount[0],
                quantity_uom=amount[1],
                place=places[at],
                holder=holders[at],
                hold=sorted({*holds[at], *(holds[at_lot] if lot else ())}),
            )
            for lot, at, at_lot, is_named, amount in zip(
                *(lots.tolist(), where.tolist(), lot_at.tolist()),
                *((own[0] < own[1])[where].tolist(), amounts),
                strict=True,
            )
        ]

    def _told(self, things: Ints) -> _Told:
        literals = {
            "tenant": sql.Literal(self._tenant_id),
            "position": sql.Literal(self._known.position),
            "objects": sql.Literal(things.tolist()),
            "roles": sql.Literal(_NAMED),
        }
        rows = read_columns(self._connection, _SAID.format(**literals), _SAID_COLUMNS)
        self._read(np.unique(rows["sequence"]).tolist())
        events, of_row = [], []
        for thing, sequence in zip(
            np.searchsorted(things, rows["object"]).tolist(),
            rows["sequence"].tolist(),
            strict=True,
        ):
            event = self._events[sequence]
            if event is not None:
                events.append(event)
                of_row.append(thing)
        return _Told(things, np.array(of_row, np.int64), events)

    def _read(self, sequences: list[int]) -> None:
        if len(self._events) > _EVENTS_KEPT_MAX:
            self._events.clear()
        wanted = [one for one in sequences if one not in self._events]
        self._events |= dict.fromkeys(wanted)
        for start in range(0, len(wanted), _EVENTS_AT_ONCE):
            values = {
                "tenant": self._tenant_id,
                "sequences": wanted[start : start + _EVENTS_AT_ONCE],
                "position": self._known.position,
            }
            for sequence, *event in self._connection.execute(_EVENTS, values):
                self._events[sequence] = _event(*event)


def _event(
    time: datetime, event_id: str, step: str | None, disposition: str | None, text: str
) -> _Event:
    body = _decode(text)
    here = body.biz_location.id or body.read_point.id
    persistent: dict[str, bool] = {}
    for said in (body.persistent_disposition, body.elsewhere):
        for is_set, words in ((False, said.unset), (True, said.set)):
            for word in words:
                uri = DISPOSITION.spellings.get(word, word)
                persistent |= {HOLD_WORDS[uri]: is_set} if uri in HOLD_WORDS else {}
                ended = opposite(uri) if is_set else None
                persistent |= {HOLD_WORDS[ended]: False} if ended else {}
    return _Event(
        time=microseconds(time),
        event_id=event_id,
        place=canonical(here) if here else None,
        holder=holder_of(step, body.source_list, body.destination_list),
        hold=None if disposition is None else HOLD_WORDS.get(disposition, ""),
        step=step,
        persistent=persistent,
    )
