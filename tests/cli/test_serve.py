"""`suyuan serve` takes its database with it when it is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_stops_its_database(data: Path, told: signal.Signals) -> None:
    command = [sys.executable, "-m", "suyuan.cli", "serve", "--data", str(data), "--port", "0"]
    environment = os.environ | {"SUYUAN_LANG": "en", "SUYUAN_LOG_LEVEL": "error"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stdout is not None
        while "Suyuan is ready" not in (line := server.stdout.readline()):
            assert line, "it ended before it was ready"
        url = line.split()[-1]
        with (
            httpx.HTTPTransport(retries=5) as transport,
            httpx.Client(transport=transport) as client,
        ):
            assert client.get(f"{url}healthz").status_code == 200
        (running,) = data.rglob("postmaster.pid")
        server.send_signal(told)
        rest = server.stdout.read()
    assert rest == "stopping …\n"
    assert server.returncode == 128 + told
    assert not running.exists()
