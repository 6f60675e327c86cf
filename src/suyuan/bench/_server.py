"""A server of our own for a benchmark: on loopback, in a thread, gone when the block ends."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

__all__ = ["served"]


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
