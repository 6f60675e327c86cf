"""Benchmarks: every speed budget, measured beside a baseline in the same run. 性能测试

They ship with the product, so that anybody can measure their own machine.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from suyuan.bench._figure import Figure, Report, at_least, at_most, machine

__all__ = ["BENCHES", "Figure", "Report", "at_least", "at_most", "machine"]


def _bench(module: str, name: str) -> Callable[..., list[Figure]]:
    """Give a benchmark that is loaded when it runs: it brings half of the house along."""

    def run(*, quick: bool) -> list[Figure]:
        figures: list[Figure] = getattr(import_module(module), name)(quick=quick)
        return figures

    return run


BENCHES = {
    "capture": _bench("suyuan.bench._record", "bench_capture"),
    "read": _bench("suyuan.bench._record", "bench_read"),
    "hash": _bench("suyuan.bench._record", "bench_hash"),
    "query": _bench("suyuan.bench._record", "bench_query"),
    "verify": _bench("suyuan.bench._record", "bench_verify"),
    "identifiers": _bench("suyuan.bench._identifiers", "bench_identifiers"),
    "phone": _bench("suyuan.bench._phone", "bench_phone"),
    "picture": _bench("suyuan.bench._picture", "bench_picture"),
    "trace": _bench("suyuan.bench._trace", "bench_trace"),
}
"""By name, each a function of whether it is to be quick."""
