"""The journal of one tenant: the one door by which anything gets in. 事件账

Durability: what `capture` has answered is committed with `synchronous_commit = on`.
Order: dense sequence numbers, in the order of commit; a reader that has seen n has seen all
before n. Concurrency: any number of threads and processes; those that wait in one process
while another commits go in together, in one transaction (group commit).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from threading import Condition

import msgspec

from suyuan.errors import Problem, SuyuanError
from suyuan.event import Event
from suyuan.journal._append import Guard, Outcome, Stored, append, foresee
from suyuan.journal._objects import ObjectNumbers
from suyuan.journal._origin import Origin
from suyuan.journal._prepare import Prepared, prepare
from suyuan.store import Connection, Database

__all__ = ["COMMITS", "Beside", "CaptureResult", "Journal"]

COMMITS = "suyuan_commits"
"""The channel on which it is told, after a commit, the journal of which tenant has grown."""

_GROUP_EVENTS_MAX = 5_000

Beside = Callable[[Connection, Sequence[Outcome]], None]
"""Writes what goes in with a capture, in its transaction; what it raises undoes all of it."""


class CaptureResult(msgspec.Struct, frozen=True):
    """What became of the events given: one outcome each, and the sequence number reached."""

    outcomes: list[Outcome]
    sequence: int

    @property
    def captured(self) -> int:
        """Count the events that are new in the journal."""
        return sum(outcome.is_new for outcome in self.outcomes)

    @property
    def duplicates(self) -> int:
        """Count the events that the journal had already."""
        return sum(outcome.sequence is not None and not outcome.is_new for outcome in self.outcomes)

    @property
    def problems(self) -> list[Problem]:
        """Give why events were refused; empty when all are in the journal."""
        return [outcome.problem for outcome in self.outcomes if outcome.problem is not None]


class _Request:
    """One caller's events on their way into the journal."""

    def __init__(
        self,
        unit: Prepared,
        *,
        proceed: bool,
        origin: Origin | None,
        beside: Beside | None,
        told: Callable[[Stored], None],
    ) -> None:
        self.unit = unit
        self.proceed = proceed
        self.origin = origin
        self.beside = beside
        self.told = told
        self.result: CaptureResult | None = None
        self.error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return self.result is not None or self.error is not None


class Journal:
    """Everything that was ever recorded for one tenant, in order."""

    def __init__(
        self,
        database: Database,
        tenant_id: int,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        guards: Sequence[Guard] = (),
    ) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self._now = now
        self._guards = guards
        self._numbers = ObjectNumbers()
        self._waiting: list[_Request] = []
        self._turn = Condition()
        self._is_writing = False

    def capture(
        self,
        events: Iterable[Event],
        *,
        proceed: bool = False,
        origin: Origin | None = None,
        beside: Beside | None = None,
        told: Callable[[Stored], None] = lambda _: None,
    ) -> CaptureResult:
        """Record events: all of them or none, or with `proceed` each that can be.

        The same event again is a no-op that says so. An event whose ID stands for other
        content is refused (`journal.event_id_taken`), as is what a guard refuses. Such
        refusals are in the answer, not raised; raised is Unavailable alone, and whatever
        `beside` raises. `origin` is who captures. `told` hears how far the writing is, of
        these events and those that go in with them.
        """
        unit = self.prepare(events)
        return self.capture_prepared(unit, proceed=proceed, origin=origin, beside=beside, told=told)

    def foresee(self, events: Iterable[Event]) -> list[Outcome]:
        """Tell what a capture would answer for each of these events, and record nothing."""
        unit = self.prepare(events)
        with self.database.tenant(self.tenant_id, read_only=True) as connection:
            return foresee(connection, self.tenant_id, unit)

    @property
    def is_guarded(self) -> bool:
        """Tell whether guards look at the events themselves."""
        return bool(self._guards)

    def prepare(self, events: Iterable[Event]) -> Prepared:
        """Do the part of a capture that needs no lock."""
        return prepare(events, keep_events=bool(self._guards))

    def capture_prepared(
        self,
        unit: Prepared,
        *,
        proceed: bool = False,
        origin: Origin | None = None,
        beside: Beside | None = None,
        told: Callable[[Stored], None] = lambda _: None,
    ) -> CaptureResult:
        """Record events that `prepare` has worked on, for callers that do so elsewhere."""
        request = _Request(unit, proceed=proceed, origin=origin, beside=beside, told=told)
        with self._turn:
            self._waiting.append(request)
            while self._is_writing and not request.is_done:
                self._turn.wait()
            if not request.is_done:
                self._is_writing = True
                group = self._take_group(request)
        if not request.is_done:
            self._write(group)
        if request.error is not None:
            raise request.error
        assert request.result is not None
        return request.result

    def _take_group(self, first: _Request) -> list[_Request]:
        """Take what waits, so far as it goes into one transaction with the first.

        What has something beside it goes alone, so that its failure is its own.
        """
        group = [first]
        self._waiting.remove(first)
        if first.beside is not None:
            return group
        size = len(first.unit)
        for request in list(self._waiting):
            size += len(request.unit)
            is_other = request.proceed != first.proceed or request.beside is not None
            if size > _GROUP_EVENTS_MAX or is_other:
                break
            group.append(request)
            self._waiting.remove(request)
        return group

    def _write(self, group: list[_Request]) -> None:
        try:
            with self.database.writer(self.tenant_id) as connection:
                appended = append(
                    connection,
                    self.tenant_id,
                    [request.unit for request in group],
                    now=self._now,
                    numbers=self._numbers,
                    guards=self._guards,
                    proceed=group[0].proceed,
                    origins=[request.origin for request in group],
                    told=group[0].told,
                )
                if group[0].beside is not None:
                    group[0].beside(connection, appended.outcomes[0])
        except BaseException as error:  # noqa: BLE001 - handed to every caller of the group
            for request in group:
                request.error = _same_again(error)
        else:
            self._numbers.remember(self.tenant_id, appended.object_numbers)
            for request, outcomes in zip(group, appended.outcomes, strict=True):
                request.result = CaptureResult(outcomes, appended.sequence)
        finally:
            with self._turn:
                self._is_writing = False
                self._turn.notify_all()
        if any(outcome.is_new for one in group if one.result for outcome in one.result.outcomes):
            self._tell()

    def _tell(self) -> None:
        """Let those who follow the journal know that it has grown; they find out without it."""
        with contextlib.suppress(SuyuanError):
            self.database.tell(COMMITS, str(self.tenant_id))

    def position(self) -> int:
        """Give the sequence number of the newest event, 0 when there is none."""
        with self.database.tenant(self.tenant_id, read_only=True) as connection:
            row = connection.execute(
                "SELECT last_sequence FROM journal.head WHERE tenant_id = %s", (self.tenant_id,)
            ).fetchone()
        assert row is not None
        return int(row[0])


def _same_again(error: BaseException) -> BaseException:
    """Give each waiting caller an error of its own: a traceback belongs to one thread."""
    if isinstance(error, SuyuanError):
        again = type(error)(error.problems)
        again.__cause__ = error.__cause__
        return again
    return error
