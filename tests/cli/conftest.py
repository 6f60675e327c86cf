"""The command line as users call it, on a database of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from suyuan.cli import app
from suyuan.store import Database

Suyuan = Callable[..., Result]


@pytest.fixture
def suyuan(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suyuan:
    """Give a function that runs one command and gives its result."""
    monkeypatch.setenv("SUYUAN_DATABASE_URL", database.connection_string)
    monkeypatch.setenv("SUYUAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SUYUAN_LANG", "en")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, given: bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(one) for one in arguments], input=given)

    return run


@pytest.fixture
def answer(suyuan: Suyuan) -> Callable[..., Any]:
    """Give a function that runs a command with --json and gives what it printed."""

    def run(*arguments: object, given: bytes | None = None) -> Any:
        return json.loads(suyuan(*arguments, "--json", given=given).stdout)

    return run
