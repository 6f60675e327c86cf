"""Benchmark of identifiers: canonical URIs a second, for serials nobody has seen before."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from suyuan.bench._figure import Figure, at_least
from suyuan.identifier import canonical_uri, mint_gtin, mint_sscc, parse

__all__ = ["bench_identifiers"]

_PRODUCTS = 50
_PREFIX = "4012345"


def bench_identifiers(*, quick: bool) -> list[Figure]:
    """Identifiers a second on one core, each new, with heads that repeat; best of several runs."""
    count = 20_000 if quick else 200_000
    runs = range(3)
    urns = [[_sgtin(run * count + i) for i in range(count)] for run in runs]
    links = [[_link(run * count + i) for i in range(count)] for run in runs]
    units = [[_sscc(run * count + i) for i in range(count)] for run in runs]
    mixed = [
        [line[i] for i in range(count // 3) for line in (urns[run], links[run], units[run])]
        for run in runs
    ]
    scanned = [[f"01{_gtin(i)}10L{run}{i}\x1d21S{i}" for i in range(2_000)] for run in runs]
    return [
        # New ones for each: the mix comes first, so that the others find only heads known.
        at_least("mixed", _rate(canonical_uri, mixed), "identifiers/s", 700_000),
        Figure("new_sgtin_urn", _rate(canonical_uri, _later(urns)), "identifiers/s"),
        Figure("new_digital_link", _rate(canonical_uri, _later(links)), "identifiers/s"),
        Figure("new_sscc_urn", _rate(canonical_uri, _later(units)), "identifiers/s"),
        Figure("parse_element_string", _rate(parse, scanned), "codes/s"),
    ]


def _later(runs: list[list[str]]) -> list[list[str]]:
    """Leave out what the mix has shown already."""
    return [line[len(line) // 3 :] for line in runs]


def _gtin(number: int) -> str:
    return mint_gtin(_PREFIX, f"{number % _PRODUCTS:05d}")


def _sgtin(number: int) -> str:
    return f"urn:epc:id:sgtin:{_PREFIX}.0{number % _PRODUCTS:05d}.{number + 10**9}"


def _link(number: int) -> str:
    return f"https://id.gs1.org/01/{_gtin(number)}/21/{number + 10**9}"


def _sscc(number: int) -> str:
    sscc = mint_sscc(_PREFIX, number)
    return f"urn:epc:id:sscc:{_PREFIX}.{sscc[0]}{sscc[1 + len(_PREFIX) : -1]}"


def _rate(ask: Callable[[str], object], runs: Sequence[Sequence[str]]) -> float:
    best = 0.0
    for texts in runs:
        started = time.perf_counter()
        for text in texts:
            ask(text)
        best = max(best, len(texts) / (time.perf_counter() - started))
    return float(round(best))
