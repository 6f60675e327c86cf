"""Watching over the embedded server: when it was killed, it is started again. 看护"""

from __future__ import annotations

import threading

import structlog

from suyuan.errors import SuyuanError
from suyuan.store._server import EmbeddedServer

__all__ = ["ServerWatch"]

_logger = structlog.get_logger(__name__)
_PERIOD_S = 0.5


class ServerWatch:
    """A thread that starts the embedded server again whenever it does not answer."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server-watch", daemon=True)

    def __enter__(self) -> ServerWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_PERIOD_S):
            try:
                if self._server.ensure_running():
                    _logger.warning("database_restarted")
            except (SuyuanError, OSError) as error:
                _logger.error("database_down", error=str(error))
