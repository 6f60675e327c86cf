"""Benchmarks of the record: reading, hashing, capture, query, verify, one event by HTTP."""

from __future__ import annotations

import contextlib
import io
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from suyuan.bench._figure import Figure, at_least, at_most
from suyuan.bench._load import five_object_events, ndjson
from suyuan.bench._server import served
from suyuan.event import event_hash, read_json_stream
from suyuan.journal import (
    EventQuery,
    Journal,
    StoredEvent,
    bring_log_up_to_date,
    capture_stream,
    parse_query,
    read_events,
    read_page,
    signing_key,
    verify_journal,
)
from suyuan.settings import Settings
from suyuan.store import Database, open_database

__all__ = ["bench_capture", "bench_hash", "bench_query", "bench_read", "bench_verify"]

_TABLES = ("event", "posting", "object", "event_key")


def bench_read(*, quick: bool) -> list[Figure]:
    """Events a second from bytes to valid events, on one core, best of several runs."""
    count = 10_000 if quick else 50_000
    data = ndjson(count)
    decode = msgspec.json.Decoder().decode_lines
    baseline = _best(lambda: decode(data), 3)
    seconds = _best(lambda: sum(1 for _ in read_json_stream(io.BytesIO(data))), 3)
    return [
        at_least("read", count / seconds, "events/s", 60_000),
        Figure("decode_alone", round(count / baseline), "events/s"),
        Figure("read_to_decode", round(seconds / baseline, 2), "times as long"),
    ]


def bench_hash(*, quick: bool) -> list[Figure]:
    """CBV event hashes a second on one core, best of several runs."""
    count = 10_000 if quick else 50_000
    events: Any = list(read_json_stream(io.BytesIO(ndjson(count))))
    seconds = _best(lambda: [event_hash(event) for event in events], 3)
    return [at_least("hash", count / seconds, "events/s", 25_000)]


def bench_capture(*, quick: bool) -> list[Figure]:
    """Bulk capture against a raw COPY of the same bytes, and single events by HTTP."""
    count = 60_000 if quick else 1_000_000
    with _plant() as (database, journal, folder):
        file = folder / "events.ndjson"
        _write(file, count)
        before_mb = _peak_mb()
        started = time.perf_counter()
        with file.open("rb") as stream:
            for _ in capture_stream(journal, stream):
                pass
        seconds = time.perf_counter() - started
        peak_mb = _peak_mb()
        _update_log(database, journal, folder)
        raw = _raw_copy(database, folder)
        figures = [
            at_least("capture", count / seconds, "events/s", 20_000),
            Figure("raw_copy", round(count / raw), "events/s"),
            at_least("capture_to_raw_copy", raw / seconds, "of its speed", 1 / 3),
            at_most("peak_memory", peak_mb, "MB", 600),
            Figure("peak_memory_before", before_mb, "MB"),
        ]
        return figures + _bench_single(database, folder, 300 if quick else 2_000)


def _bench_single(database: Database, folder: Path, count: int) -> list[Figure]:
    """One event a request, one client, against the same commit without us."""
    from suyuan.account import make_api_key
    from suyuan.api import create_app

    with database.owner() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.tick (at timestamptz)")
    commits = _times(lambda: _commit(database), count // 4)
    key = make_api_key(database, 1, name="bench")
    app = create_app(database, Settings(data=folder, log_level="error"))
    headers = {
        "Authorization": f"Bearer {key.secret}",
        "Content-Type": "application/json",
    }
    bodies = [
        msgspec.json.encode({**event, "plant:request": f"{number}"})
        for number, event in enumerate(five_object_events(count))
    ]
    with served(app) as port, contextlib.closing(HTTPConnection("127.0.0.1", port)) as client:

        def post() -> None:
            client.request("POST", "/epcis/events", bodies.pop(), headers)
            answer = client.getresponse()
            said = answer.read()
            assert answer.status == 201, said

        taken = _times(post, count)
    p99 = statistics.quantiles(taken, n=100)[98] * 1e3
    return [
        at_most("single_event_http_p99", p99, "ms", 20),
        Figure("single_event_http_p50", round(statistics.median(taken) * 1e3, 2), "ms"),
        Figure("bare_commit_p50", round(statistics.median(commits) * 1e3, 2), "ms"),
    ]


def bench_verify(*, quick: bool) -> list[Figure]:
    """Full verification, and its share of what capturing the same took."""
    count = 60_000 if quick else 1_000_000
    with _plant() as (database, journal, folder):
        file = folder / "events.ndjson"
        _write(file, count)
        with file.open("rb") as stream:
            for _ in capture_stream(journal, stream):
                pass
        started = time.perf_counter()
        _update_log(database, journal, folder)
        logged = time.perf_counter() - started
        started = time.perf_counter()
        report = verify_journal(database, journal.tenant_id)
        seconds = time.perf_counter() - started
        assert report.is_sound, report.problems
        return [
            at_most("verify_million", seconds * 1e6 / count, "s", 60),
            Figure("log_million", round(logged * 1e6 / count, 1), "s"),
            Figure("entries", count, "events"),
        ]


def bench_query(*, quick: bool) -> list[Figure]:
    """Pages of answers in a journal of some size."""
    count = 60_000 if quick else 500_000
    figures = []
    with _plant() as (database, journal, folder):
        file = folder / "events.ndjson"
        _write(file, count)
        with file.open("rb") as stream:
            for _ in capture_stream(journal, stream):
                pass
        for name, parameters in _QUESTIONS.items():
            query = parse_query(parameters)
            assert _ask(database, query), name
            taken = _times(partial(_ask, database, query), 100)
            p99 = statistics.quantiles(taken, n=100)[98] * 1e3
            figures.append(at_most(f"query_{name}_p99", p99, "ms", 50))
    return figures


def _ask(database: Database, query: EventQuery) -> list[StoredEvent]:
    page = read_page(database, 1, query, events_max=_PAGE_EVENTS)
    return list(read_events(database, 1, page.sequences, bodies_bytes=page.bodies_bytes))


_PAGE_EVENTS = 30
_QUESTIONS = {
    "epc": {"MATCH_anyEPC": ("urn:epc:id:sgtin:9521234.000003.15",)},
    "step_and_time": {
        "EQ_bizStep": ("shipping",),
        "GE_eventTime": ("2026-01-01T06:00:00Z",),
    },
    "place": {"EQ_bizLocation": ("urn:epc:id:sgln:9521234.00012.0",)},
    "extension": {"EQ_https://plant.example.com/ns/#workOrder": ("WO-7",)},
}


@contextlib.contextmanager
def _plant() -> Iterator[tuple[Database, Journal, Path]]:
    """Make an empty record in a temporary folder, gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder,
        open_database(Path(folder) / "data") as database,
    ):
        yield database, Journal(database, database.make_tenant("default")), Path(folder)


def _write(file: Path, count: int) -> None:
    with file.open("wb") as stream:
        for event in five_object_events(count):
            stream.write(msgspec.json.encode(event) + b"\n")


def _raw_copy(database: Database, folder: Path) -> float:
    """Copy the very bytes that capture wrote into bare tables without index; give the seconds."""
    taken = 0.0
    with psycopg.connect(database.connection_string) as connection:
        for table in _TABLES:
            file = folder / f"{table}.rows"
            with (
                file.open("wb") as stream,
                connection.cursor() as cursor,
                cursor.copy(f"COPY (TABLE journal.{table}) TO STDOUT (FORMAT binary)") as rows,
            ):
                for row in rows:
                    stream.write(row)
            connection.execute(f"CREATE TABLE bare_{table} (LIKE journal.{table})")
            connection.commit()
            started = time.perf_counter()
            with (
                file.open("rb") as stream,
                connection.cursor() as cursor,
                cursor.copy(f"COPY bare_{table} FROM STDIN (FORMAT binary)") as copy,
            ):
                while data := stream.read(1 << 18):
                    copy.write(data)
            connection.commit()
            taken += time.perf_counter() - started
            connection.execute(f"DROP TABLE bare_{table}")
            connection.commit()
            file.unlink()
    return taken


def _update_log(database: Database, journal: Journal, folder: Path) -> None:
    key = signing_key(database, journal.tenant_id, folder, origin="bench.example/log")
    assert key is not None
    bring_log_up_to_date(database, journal.tenant_id, key)


def _commit(database: Database) -> None:
    with database.owner() as connection:
        connection.execute("INSERT INTO public.tick VALUES (now())")


def _best(work: Callable[[], object], runs: int) -> float:
    return min(_times(work, runs))


def _times(work: Callable[[], object], runs: int) -> list[float]:
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def _peak_mb() -> int:
    """Give the most memory of this process and of the largest it started: the reader counts."""
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(whose).ru_maxrss for whose in usages) // 1024
