"""Two servers on one PostgreSQL: one order, one log, nothing doubled."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from suyuan.journal import verify_journal
from suyuan.store import Database
from tests.events import body

_EVENTS = 60


@contextlib.contextmanager
def _server(database: Database, folder: Path) -> Iterator[tuple[str, str]]:
    """Run `suyuan serve` on that database; give its address and the key it showed, if any."""
    process = subprocess.Popen(
        [sys.executable, "-m", "suyuan.cli", "serve", "--data", folder, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={
            **os.environ,
            "SUYUAN_LANG": "en",
            "SUYUAN_DATABASE_URL": database.connection_string,
            "SUYUAN_PROCESSES": "1",
        },
    )
    key = url = ""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("API key"):
            key = line.split()[-1]
        if line.startswith("Suyuan is ready"):
            url = line.split()[-1]
            break
    try:
        yield url, key
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.slow
def test_two_servers_capture_at_once_into_one_order_and_one_log(
    any_database: Database, tmp_path: Path
) -> None:
    with (
        _server(any_database, tmp_path / "a") as (first, key),
        _server(any_database, tmp_path / "b") as (second, no_key),
    ):
        assert key
        assert not no_key

        def work(url: str) -> None:
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(base_url=url, headers=headers, timeout=60, verify=False) as client:
                for number in range(_EVENTS):
                    answer = client.post("/epcis/events", json=body(number))
                    assert answer.status_code in (200, 201), answer.text
                    seen = client.get(answer.headers["Location"])
                    assert seen.status_code == 200, seen.text

        threads = [threading.Thread(target=work, args=(url,)) for url in (first, second) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        checkpoints = set()
        for url in (first, second):
            checkpoints.add(httpx.get(f"{url}log/default/key").text)
    assert len(checkpoints) == 1
    tenant_id = any_database.tenant_id("default")
    report = verify_journal(any_database, tenant_id, processes=1)
    assert (report.problems, report.entries, report.covered) == ([], _EVENTS, _EVENTS)
    assert (tmp_path / "a" / "keys").is_dir()


@pytest.mark.slow
def test_a_second_server_on_the_same_folder_says_who_holds_it_and_exits_3(
    database: Database, tmp_path: Path
) -> None:
    with _server(database, tmp_path) as (url, _):
        second = subprocess.run(
            [sys.executable, "-m", "suyuan.cli", "serve", "--data", tmp_path],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "SUYUAN_LANG": "en"},
        )
    assert second.returncode == 3
    assert f"already served by {url}" in second.stdout + second.stderr
