"""Keeping the logs up to date while the server runs: a checkpoint within two seconds. 日志守护"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from suyuan.errors import IntegrityBroken, SuyuanError
from suyuan.journal._keys import signing_key
from suyuan.journal._log import bring_log_up_to_date
from suyuan.store import Database
from suyuan.tlog import SigningKey

__all__ = ["LogKeeper"]

_logger = structlog.get_logger(__name__)


class LogKeeper:
    """A thread that takes new entries of every tenant into its log, again and again.

    A log whose stored parts disagree is left alone from then on: that needs a person. Anything
    that passes (a lost database) is tried again.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        origin_of: Callable[[str], str],
        period_s: float,
    ) -> None:
        self.broken: set[int] = set()
        """The tenants whose logs are broken."""
        self._database = database
        self._folder = folder
        self._origin_of = origin_of
        self._period_s = period_s
        self._keys: dict[int, SigningKey | None] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-keeper", daemon=True)

    def __enter__(self) -> LogKeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            is_last = self._stopping.wait(self._period_s)
            try:
                for name, tenant_id in self._database.tenant_names().items():
                    if tenant_id not in self.broken:
                        self._update(name, tenant_id)
            except SuyuanError as error:
                _logger.warning("log_update_failed", error=str(error))
            if is_last:
                return

    def _update(self, name: str, tenant_id: int) -> None:
        try:
            if tenant_id not in self._keys:
                self._keys[tenant_id] = signing_key(
                    self._database, tenant_id, self._folder, origin=self._origin_of(name)
                )
            key = self._keys[tenant_id]
            if key is not None:
                bring_log_up_to_date(self._database, tenant_id, key)
        except IntegrityBroken as error:
            self.broken.add(tenant_id)
            _logger.critical("log_broken", tenant=name, error=str(error))
