"""The pulse: tells readers when a journal has grown. One thread a process, however many read. 脉搏

The head of every journal is one row, and one query every half second reads the rows of those
tenants that somebody watches; nobody watching, nobody asks. So what another process captured
is seen as well, and no reader holds a connection to the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from threading import Event, Lock, Thread

import structlog

from suyuan.errors import SuyuanError
from suyuan.store import Database

__all__ = ["Pulse", "Watch"]

_log = structlog.get_logger()
_PERIOD_S = 0.5
_WATCHES_MAX = 1_000
_WATCHES_OF_ONE_MAX = 20


class Watch:
    """What one reader waits for. Belongs to the event loop that it was made in."""

    def __init__(self, tenant_id: int, who: str) -> None:
        self.tenant_id, self.who = tenant_id, who
        self.position: int | None = None
        self.is_over = False
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()

    async def changed(self, patience_s: float) -> bool:
        """Wait until something is new; tell whether it is, or whether patience ran out."""
        try:
            await asyncio.wait_for(self._changed.wait(), patience_s)
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def tell(self, position: int | None) -> None:
        """Say from any thread how far the journal is; None is that there is no more to wait for."""
        if position is None:
            self.is_over = True
        elif position == self.position:
            return
        else:
            self.position = position
        with contextlib.suppress(RuntimeError):  # The loop has ended, and its readers with it.
            self._loop.call_soon_threadsafe(self._changed.set)


class Pulse:
    """Feels the journals that somebody watches."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watches: set[Watch] = set()
        self._lock = Lock()
        self._awake, self._stopping = Event(), Event()
        self._thread: Thread | None = None

    @contextlib.contextmanager
    def watch(self, tenant_id: int, who: str) -> Iterator[Watch | None]:
        """Let somebody watch a journal while the block lasts; None when too many do already."""
        watch = Watch(tenant_id, who)
        with self._lock:
            of_one = Counter(one.who for one in self._watches)[who]
            is_full = len(self._watches) >= _WATCHES_MAX or of_one >= _WATCHES_OF_ONE_MAX
            if is_full or self._stopping.is_set():
                watch.is_over = True
            else:
                self._watches.add(watch)
                self._start()
        try:
            yield None if watch.is_over else watch
        finally:
            with self._lock:
                self._watches.discard(watch)

    def stop(self) -> None:
        """Send all readers home; for good."""
        self._stopping.set()
        self._awake.set()
        with self._lock:
            for watch in self._watches:
                watch.tell(None)

    def _start(self) -> None:
        self._awake.set()
        if self._thread is None:
            self._thread = Thread(target=self._run, name="pulse", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                watches = list(self._watches)
                if not watches:
                    self._awake.clear()
            if not watches:
                self._awake.wait()
                continue
            try:
                self._feel(watches)
            except SuyuanError as error:
                _log.warning("pulse lost", error=error.text())
            self._stopping.wait(_PERIOD_S)

    def _feel(self, watches: list[Watch]) -> None:
        with self._database.owner() as connection:
            rows = connection.execute(
                "SELECT tenant_id, last_sequence FROM journal.head WHERE tenant_id = ANY(%s)",
                (sorted({watch.tenant_id for watch in watches}),),
            )
            positions = {int(tenant_id): int(position) for tenant_id, position in rows}
        for watch in watches:
            if watch.tenant_id in positions:
                watch.tell(positions[watch.tenant_id])
