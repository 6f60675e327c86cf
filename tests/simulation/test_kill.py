"""Kill -9 of the server and of PostgreSQL under load: nothing acknowledged is ever lost.

`SUYUAN_KILL_ROUNDS` and `SUYUAN_KILL_SEED` choose how often and at which moments.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from suyuan.journal import verify_journal
from suyuan.store import EmbeddedServer, open_database
from tests.events import body

_ROUNDS = int(os.environ.get("SUYUAN_KILL_ROUNDS", "3"))
_SEED = int(os.environ.get("SUYUAN_KILL_SEED", "1"))
_CLIENTS = 4


class _Server:
    """`suyuan serve` in a process of its own, started again whenever it was killed."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self._data = data
        self._environment = environment
        self.key = ""
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "suyuan.cli", "serve", "--data", self._data, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "SUYUAN_LANG": "en", **self._environment},
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("API key"):
                self.key = line.split()[-1]
            if line.startswith("Suyuan is ready"):
                self.url = line.split()[-1]
                return
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def _client(server: _Server, number: int, stop: threading.Event, kept: list[str]) -> None:
    """Capture event after event, keeping the ID of each that was acknowledged."""
    count = 0
    while not stop.is_set():
        try:
            with httpx.Client(
                base_url=server.url,
                headers={"Authorization": f"Bearer {server.key}"},
                timeout=10,
                verify=False,  # Without TLS; it takes long to load what that would trust.
            ) as client:
                while not stop.is_set():
                    answer = client.post(
                        "/epcis/events",
                        json=body(number * 1_000_000 + count, **{"plant:client": number}),
                    )
                    if answer.status_code == 503:
                        time.sleep(0.01)
                        continue
                    assert answer.status_code in (200, 201), answer.text
                    kept.append(answer.headers["Location"])
                    count += 1
        except httpx.HTTPError:
            time.sleep(0.01)


def _await_load(kept: list[list[str]]) -> None:
    """Wait until captures go on again, so that each kill meets some at work."""
    before = sum(map(len, kept))
    for _ in range(1_200):
        if sum(map(len, kept)) >= before + 2 * _CLIENTS:
            return
        time.sleep(0.05)
    raise AssertionError("captures did not go on again within a minute after a kill")


@pytest.mark.slow
def test_every_acknowledged_event_survives_kills_at_random_moments(data: Path) -> None:
    chance = random.Random(_SEED)
    server = _Server(data, {})
    stop = threading.Event()
    kept: list[list[str]] = [[] for _ in range(_CLIENTS)]
    threads = [
        threading.Thread(target=_client, args=(server, number, stop, kept[number]))
        for number in range(_CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for number in range(_ROUNDS):
        _await_load(kept)
        time.sleep(chance.uniform(0.1, 1.2))
        if number % 2:
            pid = EmbeddedServer(data).postmaster_pid()
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            server.kill()
            server.start()
    _await_load(kept)
    stop.set()
    for thread in threads:
        thread.join()
    server.kill()
    acknowledged = Counter(location for one in kept for location in one)
    assert len(acknowledged) > 20, "too little load to prove anything"
    with open_database(data) as database:
        tenant_id = database.tenant_id("default")
        with database.tenant(tenant_id) as connection:
            rows = connection.execute("SELECT event_id, sequence FROM journal.event").fetchall()
        stored = Counter(row[0] for row in rows)
        assert max(stored.values()) == 1
        lost = [one for one in acknowledged if unquote(one.rpartition("/")[2]) not in stored]
        assert lost == [], f"seed {_SEED}: {len(lost)} acknowledged events are gone"
        assert sorted(row[1] for row in rows) == list(range(1, len(rows) + 1))
        report = verify_journal(database, tenant_id, processes=1)
        assert report.problems == [], f"seed {_SEED}"
