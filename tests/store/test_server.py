"""The embedded server: shared by processes, stopped by the last, started again after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from suyuan.errors import Unavailable
from suyuan.store import EmbeddedServer, open_database

_USE = """
import sys
from pathlib import Path
from suyuan.store import open_database
with open_database(Path(sys.argv[1])) as database:
    database.make_tenant("from-another-process")
    print(database.server.postmaster_pid(), flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def server(data: Path) -> EmbeddedServer:
    return EmbeddedServer(data)


def test_data_checksums_are_on_and_commits_are_durable(data: Path) -> None:
    with open_database(data) as database, database.owner() as connection:
        for setting, expected in (
            ("data_checksums", "on"),
            ("synchronous_commit", "on"),
            ("fsync", "on"),
            ("full_page_writes", "on"),
            ("listen_addresses", ""),
        ):
            assert connection.execute(f"SHOW {setting}").fetchone() == (expected,)


def test_only_its_own_user_may_enter_the_folder(server: EmbeddedServer) -> None:
    server.open()
    try:
        assert server.folder.stat().st_mode & 0o777 == 0o700
    finally:
        server.close()


def test_two_processes_share_one_server_and_the_last_one_stops_it(data: Path) -> None:
    with open_database(data) as database:
        assert database.server is not None
        pid = database.server.postmaster_pid()
        other = subprocess.Popen(
            [sys.executable, "-c", _USE, data],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert other.stdout is not None
        assert int(other.stdout.readline()) == pid
        assert "from-another-process" in database.tenant_names()
    assert database.server.postmaster_pid() == pid, "stopped although another process uses it"
    other.communicate("\n")
    assert database.server.postmaster_pid() is None


def test_a_user_that_was_killed_leaves_a_server_that_is_used_again(data: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _USE, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    pid = int(other.stdout.readline())
    other.kill()
    other.communicate()
    with open_database(data) as database:
        assert database.server is not None
        assert database.server.postmaster_pid() == pid
        assert "from-another-process" in database.tenant_names()


def test_a_killed_server_is_started_again_with_all_that_was_committed(data: Path) -> None:
    with open_database(data) as database:
        assert database.server is not None
        database.make_tenant("before")
        pid = database.server.postmaster_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert database.server.ensure_running()
        assert list(database.tenant_names()) == ["before"]


def test_an_interrupted_first_start_is_begun_again(server: EmbeddedServer) -> None:
    (server.folder / "cluster").mkdir(parents=True)
    (server.folder / "cluster" / "half").write_text("")
    server.open()
    try:
        with psycopg.connect(server.connection_string("postgres")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.close()


def test_a_very_long_path_works(data: Path) -> None:
    with open_database(data / ("long" * 20) / ("路径" * 15)) as database:
        assert database.tenant_names() == {}


def test_a_data_folder_that_is_a_file_is_a_clear_error(data: Path) -> None:
    data.write_text("")
    with pytest.raises(Unavailable) as caught:
        open_database(data)
    assert caught.value.code == "store.folder_unusable"
