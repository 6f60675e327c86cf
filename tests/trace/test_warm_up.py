"""What is compiled is compiled before anybody asks."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.dispatcher import Dispatcher

import suyuan.trace
from suyuan.store import Database
from suyuan.trace import (
    Genealogy,
    Source,
    common,
    contents,
    export_trace,
    gaps,
    history,
    mass_balance,
    trace_back,
    track_forward,
    warm_up,
    whereabouts,
)
from tests.trace import plants
from tests.trace.test_questions import recorded


def _loops() -> dict[str, Dispatcher]:
    """Give every compiled loop by its name."""
    names = [one.name for one in pkgutil.iter_modules(suyuan.trace.__path__)]
    modules = [importlib.import_module(f"suyuan.trace.{name}") for name in names]
    return {
        f"{value.__module__}.{value.__name__}": value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Dispatcher)
    }


@pytest.mark.parametrize("source", ["index", "sql"])
def test_no_question_waits_for_a_loop_to_be_compiled(
    database: Database, tmp_path: Path, source: Source
) -> None:
    record = plants.plant(7, 60)
    tenant_id = recorded(database, record, "default").tenant_id
    warm_up()
    before = {name: set(loop.signatures) for name, loop in _loops().items()}
    folder = tmp_path / "index"
    for _ in range(2):  # The second time the index is mapped from the snapshot of the first.
        genealogy = Genealogy(database, tenant_id, folder, source=source)
        _ask_everything(genealogy, plants.names(record))
    after = {name: set(loop.signatures) for name, loop in _loops().items()}
    late = {name: after[name] - before.get(name, set()) for name in after}
    assert not {name: found for name, found in late.items() if found and before.get(name)}
    # A loop that is a part of another one has no form of its own.
    assert not {name for name, found in late.items() if found}


def _ask_everything(genealogy: Genealogy, names: list[str]) -> None:
    genealogy.get_ready()
    for uri in names[:25]:
        for ask in (track_forward, trace_back):
            for _ in export_trace(ask(genealogy, [uri], portions=True), "json", by_place=True):
                pass
        history(genealogy, uri)
        whereabouts(genealogy, uri)
        contents(genealogy, uri)
    gaps(genealogy)
    mass_balance(genealogy, next(uri for uri in names if "/10/" in uri))
    common(genealogy, names[:2])


def test_what_was_compiled_is_kept_for_the_next_process() -> None:
    code = (
        "import time, suyuan.trace as trace; began = time.perf_counter(); trace.warm_up();"
        "from suyuan.trace._walk import _walked; print(sum(_walked.stats.cache_hits.values()))"
    )
    warm_up()
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(told.stdout) > 0
