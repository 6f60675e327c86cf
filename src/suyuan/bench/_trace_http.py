"""Trace back over HTTP: eight ask for the ancestors of units while the plant goes on recording.

The server runs as `suyuan serve` lets it: as many processes as that would have on this machine,
and the keeper of the log above them, here. Those who ask are one other process and those who
record another one, as both would be elsewhere; each stops by itself when its time is over.
"""

from __future__ import annotations

import contextlib
import heapq
import multiprocessing
import re
import selectors
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

from suyuan.account import make_api_key
from suyuan.bench._figure import Figure, at_least, at_most
from suyuan.bench._trace_events import ongoing_documents, record_plant, unit_codes
from suyuan.bench._trace_plant import make_plant
from suyuan.journal import Journal, LogKeeper, capture_stream
from suyuan.serving import Processes
from suyuan.settings import Settings, processes_wanted
from suyuan.store import Database, open_database

__all__ = ["bench_trace_http"]

_UNITS, _UNITS_QUICK = 100_000, 5_000
_SECONDS, _SECONDS_QUICK = 20.0, 4.0
_QUIET_S = 2.0
_WARM_S = 6.0
_HEAD_START_S = 0.5  # Recording is under way when the first question comes.
_CLIENTS = 8
# From one question of a client to its next: someone scanning, ten times a second on average. At
# a steady pace those whom one stall has brought together would ask together ever after.
_PAUSE_S = 0.1
_PAUSES_DIFFER_BY = 0.5  # So much of it is a pause shorter or longer.
_ANCESTORS = 20
_CODES = 5_000  # Different units asked for.
_STRIDE = 7_919
_EVENTS_A_SECOND = 5_000
_EVENTS_A_DOCUMENT = 500
_PACE = 1.01  # So that it is no less where a document comes a little late.
_WAIT_S = 120.0  # What is not there by then never comes.
_ANSWER_WAIT_S = 30.0
_PIECE_BYTES = 1 << 16
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class _Asked(NamedTuple):
    """How long each answer took, over how long."""

    taken: list[float]
    seconds: float


class _Recorded(NamedTuple):
    """How many events were captured, in how long, from the first to the last commit."""

    events: int
    seconds: float


def bench_trace_http(*, quick: bool) -> list[Figure]:
    """Trace back of single units by HTTP, first alone and then beside a steady capture."""
    plant = make_plant(_UNITS_QUICK if quick else _UNITS)
    seconds = _SECONDS_QUICK if quick else _SECONDS
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder,
        open_database(Path(folder) / "data") as database,
    ):
        journal = Journal(database, database.make_tenant("default"))
        record_plant(journal, plant, Path(folder) / "plant.ndjson")
        key = make_api_key(database, journal.tenant_id, name="bench").secret
        with (
            _serving(database, Path(folder)) as port,
            _elsewhere(_ask, port, key, _some(unit_codes(plant))) as clients,
            _elsewhere(_go_on, database.connection_string, journal.tenant_id, seconds) as plants,
        ):
            clients.send((_WARM_S, 0.0))  # A server gets ready in its first seconds.
            _received(clients)
            clients.send((_QUIET_S, 0.0))
            quiet = _Asked(*_received(clients))
            asked, recorded = [], []
            for pause_s in (_PAUSE_S, 0.0):
                plants.send(seconds / 2)
                time.sleep(_HEAD_START_S)
                clients.send((seconds / 2 - 2 * _HEAD_START_S, pause_s))
                asked.append(_Asked(*_received(clients)))
                recorded.append(_Recorded(*_received(plants)))
    return _figures(quiet, asked, recorded)


def _figures(quiet: _Asked, both: list[_Asked], recorded: list[_Recorded]) -> list[Figure]:
    asked, rush = both
    rate, rush_rate = (one.events / one.seconds for one in recorded)
    return [
        at_most("trace_back_http_p99", _percentile(asked, 99) * 1e3, "ms", 15),
        Figure("trace_back_http_p50", round(_percentile(asked, 50) * 1e3, 2), "ms"),
        Figure("trace_back_http", round(len(asked.taken) / asked.seconds), "answers/s"),
        Figure("trace_back_http_rush_p99", round(_percentile(rush, 99) * 1e3, 2), "ms"),
        Figure("trace_back_http_rush", round(len(rush.taken) / rush.seconds), "answers/s"),
        at_least("captured_meanwhile", rate, "events/s", _EVENTS_A_SECOND),
        Figure("captured_in_the_rush", round(rush_rate), "events/s"),
        Figure("trace_back_http_alone_p99", round(_percentile(quiet, 99) * 1e3, 2), "ms"),
        Figure("trace_back_http_alone_p50", round(_percentile(quiet, 50) * 1e3, 2), "ms"),
        Figure("trace_back_http_alone", round(len(quiet.taken) / quiet.seconds), "answers/s"),
    ]


def _percentile(asked: _Asked, percent: int) -> float:
    return statistics.quantiles(asked.taken, n=100, method="inclusive")[percent - 1]


def _some(codes: list[str]) -> list[str]:
    """Give codes from all over the plant, in no order."""
    return [codes[at * _STRIDE % len(codes)] for at in range(min(_CODES, len(codes)))]


@contextlib.contextmanager
def _serving(database: Database, folder: Path) -> Iterator[int]:
    """Serve a record as `suyuan serve` does; give the port."""
    settings = Settings(data=folder, log_level="error")
    keeper = LogKeeper(
        database,
        folder,
        origin_of=lambda tenant: f"bench.example/{tenant}",
        period_s=settings.checkpoint_period_s,
    )
    with socket.create_server(("127.0.0.1", 0)) as door, keeper:
        count = processes_wanted(settings)
        processes = Processes(count, database, settings, door, keeper=keeper)
        with processes.answering():
            running = threading.Thread(target=processes.run)
            running.start()
            try:
                yield door.getsockname()[1]
            finally:
                processes.stop()
                running.join()


@contextlib.contextmanager
def _elsewhere(work: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    """Let a process of its own work until the block ends; it says when it is ready."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there, *arguments), daemon=True)
    process.start()
    there.close()
    try:
        _received(here)
        yield here
    finally:
        here.close()  # Which it takes for the end.
        process.join(_WAIT_S)
        if process.is_alive():
            process.kill()
            process.join()


def _received(end: Connection) -> Any:
    if not end.poll(_WAIT_S):
        raise TimeoutError("a process of the benchmark does not answer")
    return end.recv()


def _orders(end: Connection) -> Iterator[Any]:
    """Say that all is ready, then give each order."""
    end.send(())
    with contextlib.suppress(EOFError):
        while end.poll(_WAIT_S):
            yield end.recv()


# In the process that records.


def _go_on(end: Connection, connection_string: str, tenant_id: int, seconds: float) -> None:
    """Capture documents of events at the pace of a plant."""
    count = round(seconds * _PACE * _EVENTS_A_SECOND / _EVENTS_A_DOCUMENT)
    documents = iter(ongoing_documents(count, _EVENTS_A_DOCUMENT))
    with Database(connection_string) as database:
        journal = Journal(database, tenant_id)
        for allowed_s in _orders(end):
            end.send(_paced(journal, documents, allowed_s))


def _paced(journal: Journal, documents: Iterator[bytes], allowed_s: float) -> _Recorded:
    events, period_s, started = (
        0,
        _EVENTS_A_DOCUMENT / _EVENTS_A_SECOND / _PACE,
        time.perf_counter(),
    )
    for number, document in enumerate(documents):
        time.sleep(max(0.0, started + number * period_s - time.perf_counter()))
        events += sum(result.captured for result in capture_stream(journal, BytesIO(document)))
        if time.perf_counter() - started > allowed_s:
            break
    return _Recorded(events, time.perf_counter() - started)


# In the process that asks. Sockets by hand: a client must not take the time of the server.


def _ask(end: Connection, port: int, key: str, codes: list[str]) -> None:
    """Ask with all clients, for as long and at the pace that is ordered."""
    requests = [
        f"GET /api/trace_back?code={quote(code)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\n\r\n".encode()
        for code in codes
    ]
    turn = _Turn(requests)
    with contextlib.ExitStack() as stack:
        doors = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(_CLIENTS)
        ]
        for seconds, pause_s in _orders(end):
            end.send(_asked(doors, turn, seconds, pause_s))


class _Turn:
    """Gives one request after the other, over and over."""

    def __init__(self, requests: list[bytes]) -> None:
        self._requests = requests
        self._at = 0

    def next(self) -> bytes:
        self._at += 1
        return self._requests[self._at % len(self._requests)]


class _Question:
    """One request that was sent, and as much of the answer as there is."""

    def __init__(self, door: socket.socket, request: bytes) -> None:
        self.door = door
        self.asked_at = time.perf_counter()
        self.answer = bytearray()
        door.sendall(request)

    def is_answered(self) -> bool:
        """Take what has come, and tell whether that is all of it."""
        piece = self.door.recv(_PIECE_BYTES)
        assert piece, f"the server has hung up: {time.perf_counter() - self.asked_at}"
        self.answer += piece
        head, _, body = self.answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return len(body) == int(length[1]) if length else body.endswith(b"\r\n0\r\n\r\n")


def _asked(doors: list[socket.socket], turn: _Turn, seconds: float, pause_s: float) -> _Asked:
    """Ask through all doors, each anew so long after its last question, or once it is answered."""
    taken: list[float] = []
    random = Random(_STRIDE)  # noqa: S311 - nothing secret.
    expected = b'"objects":%d,' % _ANCESTORS
    began = time.perf_counter()
    due = [(began + pause_s * at / len(doors), at) for at in range(len(doors))]
    with selectors.DefaultSelector() as selector:
        while due or selector.get_map():
            now = time.perf_counter()
            while due and due[0][0] <= now:
                _, at = heapq.heappop(due)
                if now - began < seconds:
                    question = _Question(doors[at], turn.next())
                    selector.register(doors[at], selectors.EVENT_READ, (at, question))
            wait_s = max(0.0, due[0][0] - now) if due else _ANSWER_WAIT_S
            for chosen, _ in selector.select(wait_s) if due or selector.get_map() else ():
                at, question = chosen.data
                if not question.is_answered():
                    continue
                taken.append(time.perf_counter() - question.asked_at)
                assert expected in question.answer, bytes(question.answer[:2_000])
                selector.unregister(doors[at])
                share = random.uniform(1 - _PAUSES_DIFFER_BY, 1 + _PAUSES_DIFFER_BY)
                heapq.heappush(due, (question.asked_at + pause_s * share, at))
    return _Asked(taken, time.perf_counter() - began)
