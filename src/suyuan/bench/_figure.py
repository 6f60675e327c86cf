"""What a benchmark says: figures with units and budgets, as JSON or as a table. 性能数据"""

from __future__ import annotations

import os
import platform

import msgspec

__all__ = ["Figure", "Report", "at_least", "at_most", "machine"]


class Figure(msgspec.Struct, frozen=True):
    """One measured value; `ok` is None when there is no budget."""

    name: str
    value: float
    unit: str
    budget: str | None = None
    ok: bool | None = None


class Report(msgspec.Struct, frozen=True):
    """What one benchmark printed."""

    bench: str
    machine: dict[str, object]
    figures: list[Figure]


def at_least(name: str, value: float, unit: str, budget: float) -> Figure:
    """Make a figure that must reach its budget."""
    return Figure(name, _short(value), unit, f"≥ {budget:,g} {unit}", value >= budget)


def at_most(name: str, value: float, unit: str, budget: float) -> Figure:
    """Make a figure that must stay within its budget."""
    return Figure(name, _short(value), unit, f"≤ {budget:,g} {unit}", value <= budget)


def _short(value: float) -> float:
    return float(f"{value:.4g}") if abs(value) < 1_000 else float(round(value))


def machine() -> dict[str, object]:
    """Say what machine this is, as far as it explains figures."""
    load = os.getloadavg()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count() or 1,
        "memory_gb": round(memory / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_at_start": round(load, 2),
    }
