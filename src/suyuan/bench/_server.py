"""A server of our own for a benchmark, and somebody who is signed in: gone when the block ends."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from secrets import token_urlsafe
from typing import Any

from suyuan.account import Actor, RoleGrant, add_user, enter, make_link
from suyuan.store import Database

__all__ = ["served", "signed_in"]


def signed_in(database: Database, tenant_id: int, *, role: str) -> str:
    """Make a user with a role; give the token of a session of theirs."""
    by = Actor(tenant_id=tenant_id, actor="command_line:bench", name="bench")
    made = add_user(database, by, name="bench", grants=[RoleGrant(role=role)])
    return enter(database, make_link(database, by, made.user_id).token, password=token_urlsafe(24))


@contextlib.contextmanager
def served(app: Any) -> Iterator[int]:
    """Serve an app until the block ends; give the port."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        # A server gets ready in its first seconds; what is measured is one that is.
        for other in threading.enumerate():
            if other.name == "warm-up":
                other.join()
        try:
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()
