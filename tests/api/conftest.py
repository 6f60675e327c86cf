"""One application on one database for the tests of a module, with a client that has a key."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from suyuan.account import make_api_key
from suyuan.api import create_app
from suyuan.settings import Settings
from suyuan.store import Database


@dataclass
class Server:
    """The application under test, and ways to talk to it."""

    app: FastAPI
    database: Database
    settings: Settings
    tenant_id: int
    secret: str
    client: httpx.Client
    stranger: httpx.Client

    def capture(self, document: Any, **headers: str) -> dict[str, Any]:
        """Capture a document and wait until its job is done."""
        arguments: dict[str, Any] = (
            {"content": document} if isinstance(document, bytes) else {"json": document}
        )
        if isinstance(document, bytes):
            headers.setdefault("Content-Type", "application/json")
        answer = self.client.post("/epcis/capture", headers=headers, **arguments)
        assert answer.status_code == 202, answer.text
        return self.wait_for(answer.headers["Location"])

    def wait_for(self, address: str) -> dict[str, Any]:
        """Wait until a capture job is done."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.client.get(address).json()
            if not job["running"]:
                return job
            time.sleep(0.01)
        raise AssertionError(f"the job at {address} does not end")

    def events(self, **parameters: Any) -> list[dict[str, Any]]:
        """Ask for the first page of events."""
        answer = self.client.get("/epcis/events", params=parameters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = event_list(answer.json())
        return found


def event_list(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the events of a query document."""
    events: list[dict[str, Any]] = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return events


@contextlib.contextmanager
def listening(app: FastAPI, **options: Any) -> Iterator[str]:
    """Let a real server answer on loopback, as `suyuan serve` does; give its address."""
    door = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, **options)
    answering = uvicorn.Server(config)
    thread = threading.Thread(target=answering.run, kwargs={"sockets": [door]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        app.state.services.pulse.stop()
        answering.should_exit = True
        thread.join()
        door.close()


def make_server(database: Database, **settings: Any) -> Iterator[Server]:
    """Run an application on a database."""
    chosen = Settings(log_level="error", **settings)
    app = create_app(database, chosen, demo=True)
    tenant_id = database.make_tenant("default")
    secret = make_api_key(database, tenant_id, name="test").secret
    key = {"Authorization": f"Bearer {secret}"}
    with (
        database,
        listening(app) as url,
        # There is no TLS here, and to load what it would trust takes longer than all the rest.
        httpx.Client(base_url=url, headers=key, timeout=30, verify=False) as client,
        httpx.Client(base_url=url, timeout=30, verify=False) as stranger,
    ):
        yield Server(app, database, chosen, tenant_id, secret, client, stranger)


@pytest.fixture(scope="module")
def server(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server whose database is shared by the tests of one module."""
    yield from make_server(embedded_databases())


@pytest.fixture
def fresh_server(embedded_databases: Callable[[], Database]) -> Iterator[Server]:
    """Give a server with an empty database."""
    yield from make_server(embedded_databases())
