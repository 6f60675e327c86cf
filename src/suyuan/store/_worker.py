"""Working on jobs that stand in the database, one after the other, in the background. 后台作业"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import ClassVar

import structlog

from suyuan.errors import Unavailable

__all__ = ["JobWorker", "Stopping"]

_log = structlog.get_logger()
_IDLE_S = 1.0
_PAUSE_S = 5.0


class Stopping(Exception):
    """Raised by work that is broken off since its worker stops."""


class JobWorker(ABC):
    """A thread that does one job after the other, and waits when there is none.

    What fails is logged and tried again later; nothing ends the thread but `stop()`.
    """

    name: ClassVar[str]
    """What the log calls it."""

    def __init__(self) -> None:
        self._wake = threading.Event()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    @abstractmethod
    def work_once(self) -> bool:
        """Work on the oldest job that waits; tell whether there was one."""

    def rest(self) -> None:  # noqa: B027 - most have nothing else to do
        """Do what is to be done when no job waits."""

    def start(self) -> None:
        """Begin to work."""
        self._is_stopping = False
        thread_name = self.name.replace(" ", "-")
        self._thread = threading.Thread(target=self._run, name=thread_name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is a new job."""
        self._wake.set()

    def stop(self, *, wait_s: float = 10.0) -> None:
        """Finish the job in hand, or break it off where it looks at `is_stopping`, and stop."""
        self._is_stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(wait_s)

    @property
    def is_alive(self) -> bool:
        """Tell whether jobs are worked on."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_stopping(self) -> bool:
        """Tell whether the job in hand should be broken off."""
        return self._is_stopping

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            pause_s = _IDLE_S
            try:
                if self.work_once():
                    continue
                self.rest()
            except Unavailable as error:
                if not self._is_stopping:
                    _log.warning(f"{self.name} waits", error=error.text())
                pause_s = _PAUSE_S
            except Stopping:
                return
            except Exception:  # noqa: BLE001 - the outermost loop of this thread
                _log.exception(f"{self.name} failed")
                pause_s = _PAUSE_S
            self._wake.wait(pause_s)
