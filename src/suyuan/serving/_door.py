"""A door that several processes share: a caller goes to the one that has fewest. 接入

All of them are told when somebody knocks. Whoever is quickest would let in all who came
together, and answer them one after the other while the others stand idle.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

import structlog

__all__ = ["Door"]

_log = structlog.get_logger()
_POLITE_S = 0.004
_POLITE_MAX = 10  # Times in a row. By then whoever has fewer is busy.
_FULL_S = 0.5


class Door:
    """Lets callers in, one at a time; to the server it is one of the listeners that it closes."""

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        *,
        tls: ssl.SSLContext | None,
        is_others_turn: Callable[[], bool],
        say_callers: Callable[[], None],
    ) -> None:
        """Begin to let in; `is_others_turn` tells whether another process has fewer callers."""
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._tls = tls
        self._is_others_turn = is_others_turn
        self._say_callers = say_callers
        self._was_polite = 0
        self._greetings: set[asyncio.Task[None]] = set()
        self._is_closed = False
        listening.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Let nobody in any more."""
        if not self._is_closed:
            self._is_closed = True
            self._loop.remove_reader(self._listening)

    async def wait_closed(self) -> None:
        """Wait for those who are half in."""
        await asyncio.gather(*self._greetings, return_exceptions=True)

    def _listen(self) -> None:
        if not self._is_closed:
            self._loop.add_reader(self._listening, self._knocked)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._loop.call_later(seconds, self._listen)

    def _knocked(self) -> None:
        if self._was_polite < _POLITE_MAX and self._is_others_turn():
            self._was_polite += 1
            self._pause(_POLITE_S)
            return
        self._was_polite = 0
        try:
            caller, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # Another process was quicker, or the caller has left.
        except OSError as error:  # Too many open files, most likely.
            _log.warning("nobody can be let in", error=str(error))
            self._pause(_FULL_S)
            return
        greeting = self._loop.create_task(self._let_in(caller))
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)
        self._say_callers()

    async def _let_in(self, caller: socket.socket) -> None:
        try:
            caller.setblocking(False)
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._protocol, caller, ssl=self._tls)
        except (OSError, ssl.SSLError):  # They left, or don't speak TLS.
            caller.close()

    @property
    def greeted(self) -> int:
        """How many are half in."""
        return len(self._greetings)
