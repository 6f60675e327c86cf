"""`suyuan restore` says what it is at, and on a terminal how far it is."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from suyuan.journal import Journal
from suyuan.store import open_database, write_backup
from tests.events import events


@pytest.fixture
def backup(data: Path) -> Path:
    with open_database(data) as database:
        Journal(database, database.make_tenant("default")).capture(events(1, 5))
        file = data.parent / "record.backup"
        write_backup(database, data, file)
    return file


def on_terminal(*words: object) -> tuple[list[str], str]:
    """Run a command; give its lines, and what a terminal showed beside them."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "suyuan.cli", *map(str, words)],
        env=os.environ | {"TERM": "xterm", "SUYUAN_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # Which is how a terminal says that all have left it.
            while piece := os.read(ours, 4096):
                shown += piece
        os.close(ours)
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    assert process.returncode == 0, shown
    return lines, shown.decode()


@pytest.mark.slow
def test_restoring_and_verifying_show_that_they_go_on(backup: Path) -> None:
    said, shown = on_terminal("restore", backup, "--data", backup.parent / "restored")
    assert said == ["restoring …", "verifying …", "default: 5 entries, sound"]
    for part in ("restore", "verify default", "5/5"):
        assert part in shown
