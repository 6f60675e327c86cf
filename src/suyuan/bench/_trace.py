"""Benchmarks of the trace: the genealogy in memory, and PostgreSQL's recursive query beside it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from suyuan.bench._figure import Figure, at_least, at_most
from suyuan.bench._trace_plant import Plant, make_plant
from suyuan.store import open_database
from suyuan.trace import Rehearsal, warm_up

__all__ = ["bench_trace"]

_UNITS, _UNITS_QUICK = 3_000_000, 300_000
_MILLION = 1_000_000
_RECURSIVE = """
    WITH RECURSIVE reached (node) AS (
        SELECT %s::bigint UNION SELECT edge.head FROM edge JOIN reached ON edge.tail = reached.node
    )
    SELECT count(*) FROM reached
"""


def bench_trace(*, quick: bool) -> list[Figure]:
    """Questions of every size to a plant of three million serial numbers, in memory and in SQL."""
    warm_up()
    plant = make_plant(_UNITS_QUICK if quick else _UNITS)
    started = time.perf_counter()
    rehearsal = Rehearsal(plant)
    built = time.perf_counter() - started
    figures = [
        Figure("relations", plant.relations, "edges"),
        at_least("index_build", plant.relations / built, "edges/s", 500_000),
        at_most("index_bytes", rehearsal.bytes / plant.relations, "bytes/edge", 64),
    ]
    seconds: dict[str, float] = {}
    for name, start in (("few", plant.few), ("many", plant.many), ("every", plant.every)):
        seconds[name], reached = _best(lambda start=start: rehearsal.forward(start), 7)  # type: ignore[misc]
        figures.append(Figure(f"forward_{name}", round(seconds[name] * 1e3, 2), "ms"))
        figures.append(Figure(f"forward_{name}_reached", reached, "objects"))
        if name == "every":
            figures.append(
                at_most("forward_million", seconds[name] * 1e3 * _MILLION / reached, "ms", 100)
            )
    back, _ = _best(lambda: rehearsal.back(plant.unit), 50)
    figures.append(at_most("back", back * 1e3, "ms", 1))
    for name, taken in _in_sql(plant, quick=quick).items():
        figures.append(Figure(f"recursive_{name}", round(taken * 1e3, 1), "ms"))
        figures.append(at_least(f"recursive_to_{name}", taken / seconds[name], "times as long", 50))
    return figures


def _in_sql(plant: Plant, *, quick: bool) -> dict[str, float]:
    """Ask PostgreSQL the same of the same edges, once each; give the seconds."""
    tails, heads = plant.arrows()
    rows = np.empty(
        len(tails),
        [("n", ">i2"), ("l1", ">i4"), ("tail", ">i8"), ("l2", ">i4"), ("head", ">i8")],
    )
    rows["n"], rows["l1"], rows["tail"], rows["l2"], rows["head"] = 2, 8, tails, 8, heads
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder,
        open_database(Path(folder) / "data") as database,
        psycopg.connect(database.connection_string, autocommit=True) as connection,
    ):
        connection.execute("CREATE UNLOGGED TABLE edge (tail bigint, head bigint)")
        with connection.cursor() as cursor, cursor.copy("COPY edge FROM STDIN BINARY") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8)
            copy.write(rows.tobytes())
            copy.write(b"\xff\xff")
        connection.execute("CREATE INDEX ON edge (tail) INCLUDE (head)")
        connection.execute("VACUUM ANALYZE edge")
        starts = {"few": plant.few, "many": plant.many, "every": plant.every}
        taken = {}
        for name, start in starts.items():
            started = time.perf_counter()
            connection.execute(_RECURSIVE, (start,)).fetchone()
            taken[name] = time.perf_counter() - started
        return taken


def _best(ask: Callable[[], int], runs: int) -> tuple[float, Any]:
    """Give the least time of several runs, and what the last answered."""
    best = float("inf")
    answer = 0
    for _ in range(runs):
        started = time.perf_counter()
        answer = ask()
        best = min(best, time.perf_counter() - started)
    return best, answer
