"""Where everything in a record is now, kept and brought up to date at each question. 现存

To find what is at a place one would look through all that ever was there. So a server keeps
by object where it was seen last, and after new events looks again only at what these touch:
what they name, what is inside that, and the same of events that they declare to be in error.
The rule is that of `whereabouts`: of its own events and of those of its containers while it
was inside, the last that names a place.
"""

from __future__ import annotations

from threading import Condition, Thread
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import structlog

from suyuan.errors import SuyuanError
from suyuan.event import Role, decode_body
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides, outsides
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._names import numbers_of_uris
from suyuan.trace._parts import sites_of
from suyuan.trace._remaining import LotThere, lots_by_place
from suyuan.trace._said import places_of
from suyuan.trace._standing import Latest, Rows, by_rank, read_rows, stages_of
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import microseconds

__all__ = ["Presence", "Present", "present_now"]

_log = structlog.get_logger()
_AT_ONCE = 50_000
_EARLY_MAX = 500_000  # Of more objects it is worked out when somebody asks.
_EARLY_LOTS_MAX = 20_000
_WAIT_S = 60.0
_TOUCHED_MAX = 20_000  # More is looked at beside the questions.
_TOUCHED = """
    SELECT DISTINCT object_id FROM journal.posting
    WHERE tenant_id = %(tenant)s AND first_sequence > %(before)s
      AND first_sequence <= %(position)s AND role <= %(last_role)s
"""
_DECLARED = """
    SELECT event.event_time, event.body FROM journal.event AS declaration
    JOIN journal.event AS event
      ON event.tenant_id = declaration.tenant_id AND event.event_id = declaration.event_id
    WHERE declaration.tenant_id = %(tenant)s AND declaration.is_error_declaration
      AND declaration.sequence > %(before)s AND declaration.sequence <= %(position)s
"""
_EARLIEST = """
    SELECT min(event_time) FROM journal.event
    WHERE tenant_id = %(tenant)s AND sequence > %(before)s AND sequence <= %(position)s
"""


class Visited(NamedTuple):
    """Pairs of a lot and a place at which it ever was."""

    lots: Ints
    places: Ints

    def at(self, places: Ints) -> Ints:
        """Give the lots that ever were at some places."""
        return np.unique(self.lots[np.isin(self.places, places)])

    def without(self, lots: Ints) -> Visited:
        """Leave out what is of some lots."""
        stays = ~np.isin(self.lots, lots)
        return Visited(self.lots[stays], self.places[stays])

    def and_those(self, others: Visited) -> Visited:
        """Put others to these."""
        return Visited(*(np.concatenate((one, others[at])) for at, one in enumerate(self)))


class Present(NamedTuple):
    """Beside each object: its place, since when without a break, and when it was seen last.

    0 and LONG_AGO where nothing tells. `stages` are those of `Stage`; `said_by` is the event
    that says its disposition, 0 for none.
    """

    objects: Ints
    places: Ints
    since: Ints
    last: Ints
    stages: Ints
    said_by: Ints

    def some(self, which: npt.NDArray[np.bool_] | Ints) -> Present:
        """Give some of the rows, as a copy."""
        return Present(*(column[which] for column in self))


def present_now(
    connection: Connection,
    tenant_id: int,
    known: Known,
    objects: Ints,
    told: tuple[Ints, Ints] | None = None,
) -> tuple[Present, Visited]:
    """Tell where objects are after all that is recorded, and where the lots of them ever were.

    They are in the order of numbers. `told` are all events that say a place, in order, and
    their places, for those who ask often.
    """
    held = outsides(known.graph, objects[objects < known.graph.objects], LONG_AGO, FOREVER)
    things = np.unique(np.concatenate((objects, held.things)))
    rows = read_rows(connection, tenant_id, known.position, things)
    if not len(rows.things):
        return _nowhere(objects), Visited(objects[:0], objects[:0])
    if told is None:
        told = places_of(connection, tenant_id, known.position, rows.sequences)
    latest = Latest(rows, objects, held)
    is_lot = np.zeros(len(objects), bool)
    is_lot[objects < known.graph.objects] = known.graph.is_lot(
        objects[objects < known.graph.objects]
    )
    places, since, visited = _stays_of(latest, rows, by_rank(rows, *told), is_lot)
    last = latest.row(np.ones(len(rows.things), bool))
    worded = latest.row(rows.has_disposition[rows.ranks])
    present = Present(
        objects=objects,
        places=places,
        since=since,
        last=np.where(last < 0, LONG_AGO, rows.times[rows.ranks[last]]),
        stages=stages_of(rows, latest).astype(np.int64),
        said_by=np.where(worded < 0, 0, rows.sequences[rows.ranks[worded]]),
    )
    return present, Visited(objects[visited.lots], visited.places)


def _nowhere(objects: Ints) -> Present:
    nothing, never = np.zeros(len(objects), np.int64), np.full(len(objects), LONG_AGO)
    return Present(objects, nothing, never, never.copy(), nothing.copy(), nothing.copy())


def _stays_of(
    latest: Latest, rows: Rows, where: Ints, is_lot: npt.NDArray[np.bool_]
) -> tuple[Ints, Ints, Visited]:
    """Give by object the place said last, and when the events begin that all say this place.

    And where the lots ever were, these by their places among the objects.
    """
    count = len(is_lot)
    places, since = np.zeros(count, np.int64), np.full(count, LONG_AGO)
    askers, found = latest.all_rows(np.ones(count, bool))
    ranks = rows.ranks[found]
    is_placed = where[ranks] > 0
    askers, ranks = askers[is_placed], ranks[is_placed]
    if not len(askers):
        return places, since, Visited(places[:0], places[:0])
    order = np.lexsort((ranks, askers))
    askers, ranks = askers[order], ranks[order]
    here = where[ranks]
    is_new = np.ones(len(askers), bool)
    is_new[1:] = (askers[1:] != askers[:-1]) | (here[1:] != here[:-1])
    begun = np.maximum.accumulate(np.where(is_new, np.arange(len(askers)), 0))
    is_last = np.ones(len(askers), bool)
    is_last[:-1] = askers[1:] != askers[:-1]
    places[askers[is_last]] = here[is_last]
    since[askers[is_last]] = rows.times[ranks[begun[is_last]]]
    of_lots = is_lot[askers] & is_new
    pairs = np.unique(np.stack((askers[of_lots], here[of_lots]), axis=1), axis=0)
    return places, since, Visited(pairs[:, 0], pairs[:, 1])


class Presence:
    """Keeps where everything in one record is now. Any number of threads may ask at once.

    What takes long is worked out by a thread of its own; of a small record one waits for it.
    """

    def __init__(self) -> None:
        self._position = 0
        self._all: Present | None = None
        self._visited = Visited(np.zeros(0, np.int64), np.zeros(0, np.int64))
        self._sites: dict[str, str] = {}
        self._books: dict[int, LotThere | None] = {}
        self._is_making = False
        self._lock = Condition()

    def get_ready(self, genealogy: Genealogy) -> None:
        """Work it out before anybody asks, where the record is not too large for that."""
        with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
            if not _is_small(genealogy.known(connection)):
                return
        with self._lock:
            if self._is_making or self._all is not None:
                return
            self._is_making = True
        self._make(genealogy)
        with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
            known = genealogy.known(connection)
            lots = np.unique(self._visited.lots)
            self.lots_there(genealogy, connection, known, lots[:_EARLY_LOTS_MAX])

    def at(
        self, genealogy: Genealogy, connection: Connection, known: Known, places: Ints
    ) -> tuple[Present, Ints] | None:
        """Give what is at some places, and the lots that ever were there.

        None while that is worked out beside the questions.
        """
        with self._lock:
            if self._all is None and not self._is_making:
                self._begin(genealogy)
            # It is sooner there than one could look for it.
            self._lock.wait_for(lambda: not self._is_making, _WAIT_S * _is_small(known))
            if self._is_making or self._all is None or self._position > known.position:
                return None
            if not self._is_caught_up(connection, genealogy, known):
                self._begin(genealogy)
                return None
            is_there = np.isin(self._all.places, places)
            return self._all.some(is_there), self._visited.at(places)

    def everything(self, genealogy: Genealogy, connection: Connection, known: Known) -> Present:
        """Give where all objects are, by their numbers; waits for it."""
        with self._lock:
            for _ in range(3):
                if self._all is None and not self._is_making:
                    self._begin(genealogy)
                self._lock.wait_for(lambda: not self._is_making)
                if self._all is not None and self._position <= known.position:
                    if self._is_caught_up(connection, genealogy, known):
                        return self._all
                    self._all = None
                elif self._all is not None:  # Another question has seen more than this one.
                    return Present(*(one[: len(known.facts.classes)] for one in self._all))
        return _everything(connection, genealogy.tenant_id, known)[0]

    def lots_there(
        self, genealogy: Genealogy, connection: Connection, known: Known, lots: Ints
    ) -> dict[int, LotThere]:
        """Give how much of lots is where, as `lots_by_place` does; what is known is not asked."""
        tenant_id = genealogy.tenant_id
        sites = sites_of(connection, tenant_id)
        with self._lock:
            is_current = self._position == known.position
            if sites != self._sites:
                self._sites, self._books = sites, {}
            books = self._books if is_current else {}
            found = {lot: books[lot] for lot in lots.tolist() if lot in books}
        missing = np.array([lot for lot in lots.tolist() if lot not in found], np.int64)
        new = lots_by_place(connection, tenant_id, known, missing, sites)
        found |= {lot: new.get(lot) for lot in missing.tolist()}
        with self._lock:
            if self._position == known.position and sites == self._sites:
                self._books |= found
        return {lot: there for lot, there in found.items() if there is not None}

    def _begin(self, genealogy: Genealogy) -> None:
        self._is_making = True
        Thread(target=self._make, args=(genealogy,), daemon=True).start()

    def _is_caught_up(self, connection: Connection, genealogy: Genealogy, known: Known) -> bool:
        """Look again at what new events touch, unless that is too much for a question."""
        if self._position == known.position:
            return True
        tenant_id = genealogy.tenant_id
        touched = _touched(connection, tenant_id, known, self._position)
        if len(touched) > _TOUCHED_MAX:
            return False
        assert self._all is not None
        everything = _grown(self._all, len(known.facts.classes))
        new, visited = present_now(connection, tenant_id, known, touched)
        for at, said in enumerate(new):
            everything[at][touched] = said
        self._all, self._position = everything, known.position
        self._visited = self._visited.without(touched).and_those(visited)
        for lot in touched.tolist():
            self._books.pop(lot, None)
        return True

    def _make(self, genealogy: Genealogy) -> None:
        made, position, visited = None, 0, self._visited
        try:
            with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
                known = genealogy.known(connection)
                made, visited = _everything(connection, genealogy.tenant_id, known)
                position = known.position
        except SuyuanError as error:
            _log.warning("what is where was not worked out", error=error.text())
        finally:
            with self._lock:
                self._all, self._visited, self._books = made, visited, {}
                self._position, self._is_making = position, False
                self._lock.notify_all()


def _is_small(known: Known) -> bool:
    return known.graph.objects <= _EARLY_MAX


def _everything(connection: Connection, tenant_id: int, known: Known) -> tuple[Present, Visited]:
    told = places_of(connection, tenant_id, known.position, np.arange(1, known.position + 1))
    numbers = np.arange(len(known.facts.classes))
    found = [
        present_now(connection, tenant_id, known, numbers[at : at + _AT_ONCE], told)
        for at in range(0, max(len(numbers), 1), _AT_ONCE)
    ]
    return (
        Present(*map(np.concatenate, zip(*(present for present, _ in found), strict=True))),
        Visited(*map(np.concatenate, zip(*(visited for _, visited in found), strict=True))),
    )


def _grown(present: Present, count: int) -> Present:
    """Give a copy with room for objects that are new: readers go on with what they have."""
    new = _nowhere(np.arange(len(present.objects), count))
    return Present(*(np.concatenate((one, new[at])) for at, one in enumerate(present)))


def _touched(connection: Connection, tenant_id: int, known: Known, before: int) -> Ints:
    """Give what stands otherwise, perhaps, after the events that came since a position."""
    values = {
        "tenant": tenant_id,
        "before": before,
        "position": known.position,
        "last_role": int(Role.OUTPUT_QUANTITY),
    }
    named = {int(number) for (number,) in connection.execute(_TOUCHED, values)}
    ((earliest,),) = connection.execute(_EARLIEST, values).fetchall()
    times, uris = [earliest], set()
    for time, body in connection.execute(_DECLARED, values):
        mentions = decode_body(body.encode()).mentions
        uris |= {uri for role, uri, *_ in mentions if role <= Role.OUTPUT_QUANTITY}
        times.append(time)
    named.update(numbers_of_uris(connection, tenant_id, uris).values())
    objects = np.array(sorted(named), np.int64)
    # What was taken out, or had been, before the earliest of these events is where it was.
    low = min((microseconds(time) for time in times if time is not None), default=LONG_AGO)
    held = insides(known.graph, objects[objects < known.graph.objects], low, FOREVER)
    return np.unique(np.concatenate((objects, held.things)))
