"""Several processes answer at one door, count together, and make each other's loss good."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from suyuan.account import make_api_key
from suyuan.settings import Settings, processes_wanted
from suyuan.store import Database
from tests.api.documents import document, object_event

_PATIENCE_S = 60.0
_PER_MINUTE = 200


@dataclass
class _Running:
    process: subprocess.Popen[str]
    url: str
    database: Database
    tenant_id: int

    def __post_init__(self) -> None:
        self.key = make_api_key(self.database, self.tenant_id, name="test").secret

    def client(self, key: str = "") -> httpx.Client:
        """Give a client whose first request opens a connection of its own."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=False)

    def get(self, path: str, key: str = "") -> httpx.Response:
        with self.client(key) as client:
            return client.get(path)

    def answering(self) -> list[int]:
        """Give the processes that answer: they have the door open, as the one above has."""
        address = int(self.url.rsplit(":")[-1].strip("/"))
        (inode,) = [
            line.split()[9]
            for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
            if line.split()[1].endswith(f":{address:04X}") and line.split()[3] == "0A"
        ]
        holders = [pid for pid in _processes() if f"socket:[{inode}]" in _open_files(pid)]
        return sorted(pid for pid in holders if pid != self.process.pid)


def _processes() -> list[int]:
    return [int(page.name) for page in Path("/proc").iterdir() if page.name.isdecimal()]


def _open_files(pid: int) -> list[str]:
    found = []
    with contextlib.suppress(OSError):
        for page in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.append(os.readlink(page))
    return found


def _until(told: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextlib.contextmanager
def _serving(database: Database, data: Path) -> Iterator[_Running]:
    command = [sys.executable, "-m", "suyuan.cli", "serve", "--data", str(data), "--port", "0"]
    told = {
        "SUYUAN_LANG": "en",
        "SUYUAN_LOG_LEVEL": "error",
        "SUYUAN_DATABASE_URL": database.connection_string,
        "SUYUAN_REQUESTS_PER_MINUTE": str(_PER_MINUTE),
    }
    with subprocess.Popen(
        [*command, "--processes", "2"], env=os.environ | told, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            while "Suyuan is ready" not in (line := process.stdout.readline()):
                assert line, "it ended before it was ready"
            tenant_id = database.make_tenant("default")
            yield _Running(process, line.split()[-1], database, tenant_id)
        finally:
            process.terminate()
            process.communicate()


@pytest.fixture(scope="module")
def running(
    embedded_databases: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[_Running]:
    """Give a server of two processes."""
    with (
        embedded_databases() as database,
        _serving(database, tmp_path_factory.mktemp("serving") / "data") as running,
    ):
        yield running


def test_callers_are_shared_out_evenly(running: _Running) -> None:
    pids = running.answering()
    assert len(pids) == 2
    _until(lambda: running.get("/readyz").status_code == 200)
    # One that is busy with itself for long may let the other have some of its share.
    even = [_share_of_the_lesser(running, pids) >= 9 for _ in range(10)]
    assert sum(even) >= 8


def _share_of_the_lesser(running: _Running, pids: list[int]) -> int:
    """Let twenty come in, each after the last; give how many the one with fewer has of them."""

    def sockets() -> list[int]:
        return [sum("socket:" in one for one in _open_files(pid)) for pid in pids]

    before = sockets()
    address = ("127.0.0.1", int(running.url.rsplit(":")[-1].strip("/")))
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            door = stack.enter_context(socket.create_connection(address))
            door.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
            assert b" 200 " in door.recv(4096)
        taken = [now - then for now, then in zip(sockets(), before, strict=True)]
    time.sleep(0.2)  # By then each has said that they have left.
    return min(taken)


def test_a_document_that_is_taken_by_one_is_captured_by_the_process_above(
    running: _Running,
) -> None:
    def capture(client: httpx.Client, serial: str) -> None:
        event = object_event(epcList=[f"https://id.gs1.org/01/09506000134352/21/{serial}"])
        taken = client.post("/epcis/capture", json=document(event))
        assert taken.status_code == 202
        _until(lambda: not client.get(taken.headers["Location"]).json()["running"])

    with running.client() as client:
        began = time.monotonic()
        for number in range(8):
            capture(client, f"Q{number}")
        # Unwoken, whoever works on jobs looks once a second.
        assert time.monotonic() - began < 4.0
    assert running.get("/readyz").status_code == 200


def test_requests_are_limited_and_counted_over_all_processes(running: _Running) -> None:
    key = make_api_key(running.database, running.tenant_id, name="eager").secret
    with running.client(key) as one, running.client(key) as other:
        statuses = [client.get("/epcis").status_code for _ in range(110) for client in (one, other)]
    passed = statuses.count(200)
    # The allowance fills while they ask, by some three a second.
    assert _PER_MINUTE <= passed < 220
    assert set(statuses) == {200, 429}
    counted = running.get("/metrics").text
    (line,) = [
        one for one in counted.splitlines() if 'route="/epcis"' in one and 'status="200"' in one
    ]
    assert float(line.split()[-1]) == passed


def test_failed_keys_are_counted_over_all_processes(running: _Running) -> None:
    wrong = "suyuan_" + "a" * 52
    statuses = [running.get("/epcis", wrong).status_code for _ in range(130)]
    assert 120 <= statuses.count(401) < 130
    assert statuses[-1] == 429


def test_no_two_requests_have_the_same_number(running: _Running) -> None:
    numbers = [running.get("/healthz").headers["X-Request-ID"] for _ in range(40)]
    assert len(set(numbers)) == 40


def test_a_process_that_is_killed_is_made_anew(running: _Running) -> None:
    before = running.answering()
    os.kill(before[0], signal.SIGKILL)
    _until(lambda: len(running.answering()) == 2 and before[0] not in running.answering())
    assert before[1] in running.answering()
    assert {running.get("/healthz").status_code for _ in range(10)} == {200}


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGKILL])
def test_when_the_process_above_ends_the_others_end(
    embedded_databases: Callable[[], Database], tmp_path: Path, told: signal.Signals
) -> None:
    with embedded_databases() as database, _serving(database, tmp_path / "data") as running:
        pids = running.answering()
        assert len(pids) == 2
        running.process.send_signal(told)
        running.process.wait(20)
        _until(lambda: not set(pids) & set(_processes()))


def test_as_many_processes_answer_as_is_said_or_as_there_are_cores() -> None:
    cores = len(os.sched_getaffinity(0))
    assert processes_wanted(Settings(processes=3)) == 3
    assert 1 <= processes_wanted(Settings()) <= min(cores, 4)
