"""Several processes answer at one door, and one above them does the rest. 多进程

A process of Python answers one question at a time, however many cores there are. Those that
answer share the snapshots of the trace, the limits and the counters of requests; documents are
captured and files imported by the process above, out of the way of questions. It makes anew
whichever dies, and when it is killed itself, the others end at once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Literal

import structlog

from suyuan.api import House, Jobs, Metrics, configure_logs, create_app
from suyuan.errors import Problem, Unavailable
from suyuan.journal import Journals, LogKeeper
from suyuan.serving._board import Board
from suyuan.serving._encrypted import Encryption, is_encrypted
from suyuan.serving._server import Server, Sharing, config_of
from suyuan.settings import Settings
from suyuan.store import Database

__all__ = ["Processes"]

_log = structlog.get_logger()
_CONNECTIONS = 24  # Of each role of the database, of all processes that answer together.
_CONNECTIONS_MIN = 4
_PERIOD_S = 0.5
_STARTS_S = 120.0
_ENDS_S = 15.0
_AGAIN_S, _AGAIN_MAX_S = 0.5, 30.0  # How long who dies at once is left dead.
_STEADY_S = 10.0

Word = Literal["started", "capture", "import"]
_context = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class _Brief:
    """What a process that answers is told."""

    process: int
    connection_string: str
    connections_max: int
    settings: Settings
    demo: bool
    is_log_kept: bool
    board: Board
    door: socket.socket
    post: Connection


class _One:
    """One of those processes, seen from above."""

    def __init__(self) -> None:
        self.process: BaseProcess | None = None
        self.post: Connection | None = None
        self.is_started = False
        self.since = 0.0
        self.pause_s = 0.0

    def is_due(self) -> bool:
        return self.process is None and time.monotonic() - self.since >= self.pause_s


class Processes:
    """The processes that answer for one record, and the jobs that are worked on above them."""

    def __init__(
        self,
        count: int,
        database: Database,
        settings: Settings,
        door: socket.socket,
        *,
        keeper: LogKeeper | None,
        demo: bool = False,
    ) -> None:
        """Get ready; `keeper` keeps the log in this process, if anybody does."""
        self._database = database
        self._settings = settings
        self._door = door
        self._keeper = keeper
        self._demo = demo
        self._board = Board()
        self._all = [_One() for _ in range(count)]
        self._jobs = Jobs(database, settings, Metrics(), Journals(database).of)
        self._stopping = threading.Event()

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Let them answer until the block ends; it begins once each of them does.

        Raises Unavailable `serving.process_failed` when one of them does not come up.
        """
        configure_logs(self._settings)
        self._jobs.start()
        self._look_after()
        try:
            for number in range(len(self._all)):
                self._start(number)
            self._wait_until_started()
            yield
        finally:
            self._end()
            self._jobs.stop()

    def run(self) -> None:
        """See to it that all of them go on, until somebody calls `stop` or raises."""
        while not self._stopping.is_set():
            self._turn()

    def stop(self) -> None:
        """End `run`, from another thread."""
        self._stopping.set()

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _STARTS_S
        while not all(one.is_started for one in self._all):
            self._turn(is_first=True)
            if time.monotonic() > deadline:
                raise Unavailable(Problem(code="serving.process_failed", found="…"))

    def _turn(self, *, is_first: bool = False) -> None:
        """Hear what they say, and make anew who has died."""
        posts = {one.post: one for one in self._all if one.post is not None}
        for ready in wait(list(posts), _PERIOD_S):
            one = posts[ready]  # type: ignore[index]
            try:
                self._hear(one, one.post.recv())  # type: ignore[union-attr]
            except (EOFError, OSError):
                self._bury(one, is_first=is_first)
        self._look_after()
        for number, one in enumerate(self._all):
            if one.is_due():
                self._start_again(number)

    def _hear(self, one: _One, word: Word) -> None:
        if word == "started":
            one.is_started = True
        elif word == "capture":
            self._jobs.wake_capture()
        else:
            self._jobs.wake_import()

    def _look_after(self) -> None:
        self._board.say_capturing(self._jobs.is_capturing())
        if self._keeper is not None:
            self._board.say_broken(self._keeper.broken)

    def _start(self, number: int) -> None:
        one = self._all[number]
        here, there = _context.Pipe(duplex=False)
        brief = _Brief(
            process=number,
            connection_string=self._database.connection_string,
            connections_max=max(_CONNECTIONS_MIN, _CONNECTIONS // len(self._all)),
            settings=self._settings,
            demo=self._demo,
            is_log_kept=self._keeper is not None,
            board=self._board,
            door=self._door,
            post=there,
        )
        process = _context.Process(target=_answer, args=(brief,), name=f"answers-{number}")
        process.start()
        there.close()
        one.process, one.post, one.since = process, here, time.monotonic()

    def _start_again(self, number: int) -> None:
        try:
            self._start(number)
        except OSError as error:  # No memory, or too many processes: the others go on.
            _log.error("a process that answers can't be started", error=str(error))
            one = self._all[number]
            one.since, one.pause_s = time.monotonic(), _AGAIN_MAX_S

    def _bury(self, one: _One, *, is_first: bool) -> None:
        """Note that a process has died; one that did so early is left dead for a while."""
        assert one.process is not None
        assert one.post is not None
        one.process.join(_ENDS_S)
        if one.process.is_alive():  # It has hung up, and hangs.
            one.process.kill()
            one.process.join()
        code = one.process.exitcode
        self._board.say_callers(self._all.index(one), None)
        if is_first:
            raise Unavailable(Problem(code="serving.process_failed", found=str(code)))
        _log.error("a process that answers has died", exit_code=code)
        is_early = time.monotonic() - one.since < _STEADY_S
        one.pause_s = min(_AGAIN_MAX_S, 2 * one.pause_s or _AGAIN_S) if is_early else 0.0
        one.post.close()
        one.process, one.post, one.is_started = None, None, False
        one.since = time.monotonic()

    def _end(self) -> None:
        running = [one.process for one in self._all if one.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + _ENDS_S
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()


# In a process that answers.


class _Post:
    """What a process says to the one above; any number of threads may."""

    def __init__(self, end: Connection) -> None:
        self._end = end
        self._lock = threading.Lock()

    def say(self, word: Word) -> None:
        with self._lock, contextlib.suppress(OSError):  # Without it, jobs are found a second later.
            self._end.send(word)


def _answer(brief: _Brief) -> None:
    """Answer until told to stop."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    settings, board, post = brief.settings, brief.board, _Post(brief.post)
    house = House(
        wake_capture=lambda: post.say("capture"),
        wake_import=lambda: post.say("import"),
        is_capturing=board.is_capturing,
        is_log_kept=brief.is_log_kept,
        is_log_broken=board.is_broken,
        buckets=board.buckets,
    )
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(
            Database(brief.connection_string, connections_max=brief.connections_max)
        )
        app = create_app(database, settings, house=house, demo=brief.demo, is_alone=True)
        encryption = Encryption(settings) if is_encrypted(settings) else None
        if encryption is not None:
            stack.enter_context(encryption.kept_fresh())
        sharing = Sharing(board, brief.process, lambda: post.say("started"))
        Server(config_of(app, encryption), app, sharing).run(sockets=[brief.door])


def _end_with_parent() -> None:
    """End at once when the process above is gone: nobody works on jobs, or looks after us."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
