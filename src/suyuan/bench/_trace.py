"""Benchmarks of the trace: the genealogy in memory, and PostgreSQL's recursive query beside it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from suyuan.bench._figure import Figure, at_least, at_most
from suyuan.bench._trace_http import bench_trace_http
from suyuan.bench._trace_plant import Plant, make_plant
from suyuan.bench._trace_sql import ask_in_sql
from suyuan.trace import Rehearsal, warm_up

__all__ = ["bench_trace"]

_UNITS, _UNITS_QUICK = 3_000_000, 300_000
_MILLION = 1_000_000
_EVENTS_A_PIECE = 1_000  # What some seconds of a busy plant bring.
_STARTS = ("few", "many", "every")
_LARGE = ("many", "every")

Answer = TypeVar("Answer")


def bench_trace(*, quick: bool) -> list[Figure]:
    """Questions of every size to a plant of three million serial numbers, in memory and in SQL."""
    warm_up()
    figures = _bench_index(make_plant(_UNITS_QUICK if quick else _UNITS))
    return figures + bench_trace_http(quick=quick)


def _bench_index(plant: Plant) -> list[Figure]:
    started = time.perf_counter()
    rehearsal = Rehearsal(plant)
    built = time.perf_counter() - started
    figures = [
        Figure("relations", plant.relations, "edges"),
        at_least("index_build", plant.relations / built, "edges/s", 500_000),
        at_most("index_bytes", rehearsal.bytes / plant.relations, "bytes/edge", 64),
    ]
    seconds: dict[str, float] = {}
    for name in _STARTS:
        start = getattr(plant, name)
        seconds[name], reached = _best(lambda start=start: rehearsal.forward(start), 7)  # type: ignore[misc]
        figures += [
            Figure(f"forward_{name}", round(seconds[name] * 1e3, 2), "ms"),
            Figure(f"forward_{name}_reached", reached, "objects"),
        ]
    # In a plant of any size, the share of a million objects.
    figures += [
        at_most("forward_million", seconds["every"] * 1e3 * _MILLION / reached, "ms", 100),
        Figure("forward_every_certain", rehearsal.certain(plant.every), "objects"),
    ]
    figures += _bench_growth(rehearsal, plant)
    figures += _bench_back(rehearsal, plant) + _bench_portions(rehearsal, plant)
    return figures + _bench_sql(rehearsal, plant)


def _bench_growth(rehearsal: Rehearsal, plant: Plant) -> list[Figure]:
    """Take the plant in as it happens, piece by piece; map a snapshot and ask a first question."""
    pieces = -(-len(plant.times) // _EVENTS_A_PIECE)
    started = time.perf_counter()
    Rehearsal(plant, pieces=pieces)
    grown = time.perf_counter() - started
    with tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder:
        rehearsal.save(Path(folder) / "index")
        started = time.perf_counter()
        Rehearsal.mapped(Path(folder) / "index").forward(plant.every)
        mapped = time.perf_counter() - started
    return [
        at_least("index_catch_up", plant.relations / grown, "edges/s", 500_000),
        at_most("snapshot_to_first_answer", mapped, "s", 2),
    ]


def _bench_back(rehearsal: Rehearsal, plant: Plant) -> list[Figure]:
    """Where one unit came from: for certain, and with a bulk lot in doubt on the way."""
    back, reached = _best(lambda: rehearsal.back(plant.unit), 50)
    doubtful, _ = _best(lambda: rehearsal.back(plant.doubtful_unit), 50)
    return [
        at_most("back", back * 1e3, "ms", 1),
        Figure("back_reached", reached, "objects"),
        at_most("back_doubtful", doubtful * 1e3, "ms", 1),
    ]


def _bench_portions(rehearsal: Rehearsal, plant: Plant) -> list[Figure]:
    """How much of one raw lot is in everything that it reached."""
    started = time.perf_counter()
    rehearsal.open_books()
    opened = time.perf_counter() - started
    taken, (reached, known) = _best(lambda: rehearsal.portions(plant.every), 3)
    return [
        at_most("portions_million", taken * _MILLION / reached, "s", 1),
        Figure("portions_known", known, "objects"),
        Figure("portions_books", round(opened, 2), "s"),
    ]


def _bench_sql(rehearsal: Rehearsal, plant: Plant) -> list[Figure]:
    """The same in SQL: which objects, and then which objects from when on."""
    figures: list[Figure] = []
    starts = {name: int(getattr(plant, name)) for name in _STARTS}

    def walk(start: int) -> float:
        return _best(lambda: rehearsal.forward(start), 7)[0]

    for name, found in ask_in_sql(plant, starts, walk).items():
        assert found.plain.reached == found.in_time.reached  # Here all is in time.
        for kind, asked in (("", found.plain), ("in_time_", found.in_time)):
            ratio, unit = asked.seconds / asked.walked_s, "times as long"
            figures += [
                Figure(f"recursive_{kind}{name}", round(asked.seconds * 1e3, 1), "ms"),
                at_least(f"recursive_{kind}to_{name}", ratio, unit, 50)
                if name in _LARGE
                else Figure(f"recursive_{kind}to_{name}", round(ratio, 1), unit),
            ]
    return figures


def _best(ask: Callable[[], Answer], runs: int) -> tuple[float, Answer]:
    """Give the least time of several runs, and what the first answered."""
    best, answer = float("inf"), None
    for _ in range(runs):
        started = time.perf_counter()
        given = ask()
        best = min(best, time.perf_counter() - started)
        answer = given if answer is None else answer
    assert answer is not None
    return best, answer
