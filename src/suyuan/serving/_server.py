"""A process that answers: uvicorn, with what it can't know of us. 应答进程"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import uvicorn
from fastapi import FastAPI

from suyuan.serving._board import Board
from suyuan.serving._door import Door
from suyuan.serving._encrypted import Encryption

__all__ = ["Server", "Sharing", "config_of"]

_ENDS_S = 10


class Sharing(NamedTuple):
    """How a server shares its door with others."""

    board: Board
    process: int
    started: Callable[[], None]
    """Told once callers are let in."""


def config_of(app: FastAPI, encryption: Encryption | None) -> uvicorn.Config:
    """Say how an application is served."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_ENDS_S,
    )
    if encryption is not None:
        config.load()
        config.ssl = encryption.context
    return config


class Server(uvicorn.Server):
    """Serves an application of ours, alone or beside others at one door."""

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, sharing: Sharing | None = None
    ) -> None:
        super().__init__(config)
        self._pulse = app.state.services.pulse
        self._sharing = sharing
        self._doors: list[Door] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to let callers in."""
        if self._sharing is None:
            await super().startup(sockets)
            return
        await super().startup([])
        self._doors = [self._door(one) for one in sockets or []]
        self.servers += self._doors  # type: ignore[arg-type]
        self._say_callers()
        self._sharing.started()

    async def on_tick(self, counter: int) -> bool:
        """Look after what is to be done ten times a second."""
        self._say_callers()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send those home who watch before requests are waited for: theirs would never end."""
        if self._sharing is not None:
            self._sharing.board.say_callers(self._sharing.process, None)
        self._pulse.stop()
        await super().shutdown(sockets)

    def _door(self, listening: socket.socket) -> Door:
        def protocol() -> asyncio.Protocol:
            made: Any = self.config.http_protocol_class
            return made(  # type: ignore[no-any-return]
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state
            )

        return Door(
            listening,
            protocol,
            tls=self.config.ssl,
            is_others_turn=self._is_others_turn,
            say_callers=self._say_callers,
        )

    def _say_callers(self) -> None:
        if self._sharing is not None and not self.should_exit:
            half_in = sum(door.greeted for door in self._doors)
            callers = len(self.server_state.connections) + half_in
            self._sharing.board.say_callers(self._sharing.process, callers)

    def _is_others_turn(self) -> bool:
        assert self._sharing is not None
        self._say_callers()
        return self._sharing.board.has_more_than_others(self._sharing.process)
