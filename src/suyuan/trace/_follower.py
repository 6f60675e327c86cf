"""Following the journals: what is captured is taken in before anybody asks. 跟随

A question that comes after a capture takes in what is new, and those behind it wait. So a thread
of the server does that as soon as it hears of a commit, from whichever process. Nothing depends
on it: what it has not done yet, or can't do, the next question does.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from threading import Event, Thread

import structlog

from suyuan.errors import SuyuanError
from suyuan.journal import COMMITS
from suyuan.store import Connection, Database
from suyuan.trace._genealogy import Genealogy

__all__ = ["Follower"]

_log = structlog.get_logger()
_ASKED_S = 60.0  # Who was asked so lately is kept up to date at once,
_RARELY_S = 30.0  # and who was not, now and then.
_AGAIN_S = 5.0  # After a connection was lost.


class Follower:
    """Keeps genealogies up with their journals, in one thread."""

    def __init__(
        self,
        database: Database,
        genealogies: Callable[[], Mapping[int, Genealogy]],
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`genealogies` gives those that there are, by tenant; `turn` is where questions wait."""
        self._database = database
        self._genealogies = genealogies
        self._turn = turn
        self._behind: set[int] = set()
        self._rarely_at = float("-inf")
        self._stopping = Event()
        self._door, self._bell = socket.socketpair()
        self._thread = Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until it has."""
        self._stopping.set()
        self._bell.send(b".")
        if self._thread.is_alive():
            self._thread.join()
        self._door.close()
        self._bell.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._database.listening(COMMITS) as connection:
                    # Nobody has told what happened before.
                    self._behind.update(self._genealogies())
                    self._follow_all(connection)
            except SuyuanError as error:
                _log.warning("nothing heard of commits", error=error.text())
                self._stopping.wait(_AGAIN_S)

    def _follow_all(self, connection: Connection) -> None:
        while not self._stopping.is_set():
            self._catch_up()
            select.select([connection.fileno(), self._door.fileno()], [], [], _RARELY_S)
            for heard in connection.notifies(timeout=0):
                self._behind.add(int(heard.payload))

    def _catch_up(self) -> None:
        """Follow those who may be asked next, and from time to time all others."""
        now = time.monotonic()
        is_time = now - self._rarely_at > _RARELY_S
        if is_time:
            self._rarely_at = now
        genealogies = self._genealogies()
        self._behind &= genealogies.keys()
        for tenant_id in list(self._behind):
            genealogy = genealogies[tenant_id]
            if is_time or now - genealogy.asked_at < _ASKED_S:
                self._behind.discard(tenant_id)
                with self._turn():
                    genealogy.follow()
