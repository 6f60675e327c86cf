"""The genealogy of one tenant: what is known now, or was known at an earlier record time. 谱系

Two sources say the same: the index in memory, which takes in what is new at each question, and
plain SQL around the objects of a question (`suyuan.trace._neighbourhood`), which needs nothing
to be ready. While the index is made, and for earlier positions, questions go to SQL as long as
they stay small.

Durability: none, and none is needed: everything follows from the journal. Concurrency: any
number of threads ask at once; one of them brings the index up to date while the others that
need what is new wait. What was given out never changes.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

from suyuan.errors import InvalidInput, Problem
from suyuan.store import Connection, Database
from suyuan.trace._facts import Batch
from suyuan.trace._index import Index, Known
from suyuan.trace._load import event_ids, load_batch, load_news, position_at, position_now
from suyuan.trace._name_book import book_in
from suyuan.trace._names import ReadNames
from suyuan.trace._neighbourhood import Around, known_around
from suyuan.trace._snapshots import Snapshots
from suyuan.trace._titles import ReadTitles

__all__ = ["Genealogy", "Source"]

Source = Literal["index", "sql", "either"]

_EARLIER_MAX = 4  # Genealogies as of an earlier moment that are kept.
_SMALL_EVENTS = 20_000  # As many are read by SQL in about the time of a breath.
_MERGED_AT = 4  # When what came after the snapshot is a fourth of it, or
_MERGED_EVENTS_MIN = 100_000  # at least so many events, a new one is made.
_AHEAD = 1.25  # Room for so many times as many lasts until it is there.


class Genealogy:
    """Gives what is known now, or was known at an earlier record time.

    `folder` is where snapshots of the index are kept; without one each process reads the whole
    journal once. `source` is for those who want only one of the two.
    """

    def __init__(
        self,
        database: Database,
        tenant_id: int,
        folder: Path | None = None,
        *,
        source: Source = "either",
    ) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.source = source
        self.names = ReadNames()
        self.titles = ReadTitles()
        self.asked_at = float("-inf")
        """When somebody asked last, by the clock of `time.monotonic`."""
        self._snapshots = None if folder is None else Snapshots(folder, tenant_id)
        self._index: Index | None = None
        self._merged_events = 0
        """How many events there were when the edges were sorted last."""
        self._now: Known | None = None
        self._earlier: dict[int, Known] = {}
        self._is_looked_for = False
        """Whether somebody has looked for a snapshot to start from."""
        self._making: Future[None] | None = None
        self._lock = Lock()

    def get_ready(self) -> None:
        """Make or map the index before anybody asks."""
        if self.source != "sql":
            self._making_soon().result()

    def position(
        self,
        connection: Connection,
        *,
        as_of: datetime | None = None,
        not_before: int | None = None,
    ) -> int:
        """Give the position that the journal has in the connection's transaction, or had.

        `not_before` is a position that the caller has seen. Raises InvalidInput
        `trace.position_unknown` where the journal has not come so far.
        """
        position = position_now(connection, self.tenant_id)
        self.check_position(position, not_before)
        return position if as_of is None else position_at(connection, self.tenant_id, as_of)

    @staticmethod
    def check_position(position: int, not_before: int | None) -> None:
        """Raise as `position` does where the journal is at a position."""
        if not_before is not None and not_before > position:
            raise InvalidInput(
                Problem(
                    code="trace.position_unknown", expected=str(position), found=str(not_before)
                )
            )

    def at_hand(self, position: int) -> Known | None:
        """Give what is known by now where that reaches to a position or beyond, waiting for nobody.

        A transaction that begins after this sees all of it.
        """
        self.asked_at = time.monotonic()
        known = self._now
        return known if known is not None and known.position >= position else None

    def follow(self) -> None:
        """Take in what the journal says by now, if the index is there, before somebody asks."""
        if self._index is None or self.source == "sql":
            return
        with self.database.question(self.tenant_id) as connection:
            self._caught_up(connection, position_now(connection, self.tenant_id))

    def known(
        self,
        connection: Connection,
        *,
        as_of: datetime | None = None,
        not_before: int | None = None,
        around: Around | None = None,
        position: int | None = None,
    ) -> Known:
        """Give what the journal says by now, or said at `as_of`.

        All of it, or at least what an answer needs that is about what is `around` objects. The
        connection's transaction begins anew where others have seen more of the journal than
        it does. `position` is what `position()` gave, for those who asked. Raises as that does.
        """
        self.asked_at = time.monotonic()
        if position is None:
            position = self.position(connection, as_of=as_of, not_before=not_before)
        if self.source != "sql":
            known = self._at_hand(position) if as_of else self._caught_up(connection, position)
            if known is not None:
                return known
        if around is not None and self.source != "index":
            limit = _SMALL_EVENTS if self.source == "either" else sys.maxsize
            known = known_around(connection, self.tenant_id, position, around, limit)
            if known is not None:
                return known
        return self._whole(connection, position, is_now=as_of is None)

    def _at_hand(self, position: int) -> Known | None:
        with self._lock:
            if self._now is not None and self._now.position == position:
                return self._now
            return self._earlier.get(position)

    # What is known now.

    def _caught_up(self, connection: Connection, position: int) -> Known | None:
        """Bring the index up to the journal; None where it is not there or can't be."""
        at_hand = self._now
        if at_hand is not None and at_hand.position == position:
            return at_hand  # Whoever needs nothing new waits for nobody.
        with self._lock:
            index = self._index or self._mapped_first(connection, position)
            if index is None:
                return None
            if index.position > position:
                # Another question has seen more than this transaction does.
                self.database.renew(connection, self.tenant_id)
                position = position_now(connection, self.tenant_id)
            if self._now is not None and self._now.position == position:
                return self._now
            if self._is_taken(connection, index, position):
                self._now = index.known(self._ids_of)
                is_due = self._is_merging_due(index)
            else:
                # What was given out of it stays as it was.
                self._index = self._now = None
                is_due = True
            known = self._now
        if is_due:
            self._making_soon()
        return known

    def _mapped_first(self, connection: Connection, position: int) -> Index | None:
        """Take up the snapshot that is there, once: who asks one question needs no more."""
        if self._is_looked_for or self._snapshots is None:
            return None
        self._is_looked_for = True
        self._index = index = self._snapshots.newest(connection, position)
        if index is not None:
            self._merged_events = index.columns.counts["events"]
            self.names.book = book_in(index.folder)
        return index

    def _is_taken(self, connection: Connection, index: Index, position: int) -> bool:
        """Take in what the journal says since; tell whether that could be done."""
        if position == index.position:
            return True
        objects = index.columns.counts["objects"] - 1
        batches = load_news(connection, self.tenant_id, position, index.position, objects)
        return batches is not None and all(
            self._is_batch_taken(connection, index, batch) for batch in batches
        )

    def _is_batch_taken(self, connection: Connection, index: Index, batch: Batch) -> bool:
        ties = index.take(batch)
        if ties is None:
            return False
        ids = event_ids(connection, self.tenant_id, ties.ravel().tolist()) if len(ties) else {}
        return all(ids[first] < ids[second] for first, second in ties.tolist())

    def _ids_of(self, sequences: list[int]) -> dict[int, str]:
        with self.database.tenant(self.tenant_id, read_only=True) as connection:
            return event_ids(connection, self.tenant_id, sequences)

    def _is_merging_due(self, index: Index) -> bool:
        new = index.columns.counts["events"] - self._merged_events
        return new > self._merging_at(self._merged_events)

    @staticmethod
    def _merging_at(events: int) -> int:
        return max(_MERGED_EVENTS_MIN, events // _MERGED_AT)

    # The whole, now or earlier.

    def _whole(self, connection: Connection, position: int, *, is_now: bool) -> Known:
        """Give all that the journal said up to a position, whatever that takes."""
        if is_now and self.source != "sql":
            self._making_soon().result()
            known = self._caught_up(connection, position)
            if known is not None:
                return known
        known = self._read(connection, position).known(self._ids_of)
        with self._lock:
            while len(self._earlier) >= _EARLIER_MAX:
                self._earlier.pop(next(iter(self._earlier)))
            self._earlier[position] = known
        return known

    def _read(self, connection: Connection, position: int) -> Index:
        index = Index()
        index.take(load_batch(connection, self.tenant_id, position))
        index.sort()
        return index

    # Making the index, beside the questions.

    def _making_soon(self) -> Future[None]:
        """Have the index made, or made anew, by a thread of its own; one at a time."""
        with self._lock:
            if self._making is not None and not self._making.done():
                return self._making
            making: Future[None] = Future()
            self._making = making
            merged = self._index
        Thread(target=self._make, args=(making, merged), daemon=True).start()
        return making

    def _make(self, making: Future[None], merged: Index | None) -> None:
        """Put a fresh index in place: mapped, read whole, or the one there is, merged."""
        try:
            with self._alone(), self.database.tenant(self.tenant_id, read_only=True) as connection:
                index = self._fresh(connection, merged)
            with self.database.tenant(self.tenant_id, read_only=True) as connection:
                # What was captured meanwhile shall not wait for the next question.
                if not self._is_taken(connection, index, position_now(connection, self.tenant_id)):
                    index = self._fresh(connection, None)
            with self._lock:
                self._index, self._now = index, index.known(self._ids_of)
                self._merged_events = index.columns.counts["events"]
            self.names.book = book_in(index.folder) or self.names.book
        except BaseException as error:  # noqa: BLE001 - whoever waits for it has to know.
            making.set_exception(error)
        else:
            making.set_result(None)

    def _alone(self) -> AbstractContextManager[None]:
        return nullcontext() if self._snapshots is None else self._snapshots.alone()

    def _fresh(self, connection: Connection, merged: Index | None) -> Index:
        position = position_now(connection, self.tenant_id)
        mapped = self._mapped(connection, position, is_else_merged=merged is not None)
        if mapped is not None:
            return mapped
        if merged is None:
            index = self._read(connection, position)
        else:
            with self._lock:
                index = merged.copied()
            index.sort()
        index.columns.reserve_ahead(int(_AHEAD * self._merging_at(index.columns.counts["events"])))
        if self._snapshots is None:
            return index
        place = self._snapshots.save(connection, index, self.names.book)
        # Mapped, its pages are shared with whoever else maps them.
        return index if place is None else Index.mapped(place)

    def _mapped(
        self, connection: Connection, position: int, *, is_else_merged: bool
    ) -> Index | None:
        """Map a snapshot and take in what came after it; None where there is none that fits.

        Who would else merge its own takes what another process has merged meanwhile.
        """
        if self._snapshots is None:
            return None
        index = self._snapshots.newest(connection, position)
        if index is None or (is_else_merged and not self._is_ahead(index)):
            return None
        return index if self._is_taken(connection, index, position) else None

    def _is_ahead(self, index: Index) -> bool:
        """Tell whether an index is sorted so far that ours need not be."""
        further = index.columns.counts["events"] - self._merged_events
        return further > self._merging_at(self._merged_events) // 2
