"""Jobs: documents to capture and files to import, which wait in the database. 后台作业"""

from __future__ import annotations

from collections.abc import Callable

from suyuan.api._capture_jobs import CaptureWorker
from suyuan.api._metrics import Metrics
from suyuan.importing import ImportWorker
from suyuan.journal import Journal
from suyuan.settings import Settings
from suyuan.store import Database

__all__ = ["Jobs"]


class Jobs:
    """The workers of a server. One process of it has them, so that jobs keep their order."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        metrics: Metrics,
        journal_of: Callable[[int], Journal],
    ) -> None:
        self._capture = CaptureWorker(database, settings, metrics, journal_of)
        self._import = ImportWorker(database, settings.data, settings.base_url, journal_of)

    def start(self) -> None:
        """Begin to work on what waits."""
        self._capture.start()
        self._import.start()

    def stop(self) -> None:
        """Finish what is in hand, or break it off, and stop."""
        self._import.stop()
        self._capture.stop()

    def wake_capture(self) -> None:
        """Say that there is a document to capture."""
        self._capture.wake()

    def wake_import(self) -> None:
        """Say that there is a file to import."""
        self._import.wake()

    def is_capturing(self) -> bool:
        """Tell whether documents are worked on."""
        return self._capture.is_alive
