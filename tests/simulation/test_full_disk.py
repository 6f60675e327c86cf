"""A full disk: a clear error, nothing acknowledged that is not stored, recovery without a hand."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from suyuan.errors import Unavailable
from suyuan.journal import Journal, bring_log_up_to_date, signing_key, verify_journal
from suyuan.store import ServerWatch, open_database
from tests.events import event


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Give a file system of its own that holds hardly more than an empty database."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    with tempfile.TemporaryDirectory(prefix="suyuan-disk-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=110m", "tmpfs", folder], check=False
        )
        if mounted.returncode != 0:
            pytest.skip("this machine lets nobody mount a file system")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def _grow(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)


def test_a_full_disk_refuses_and_loses_nothing_and_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    stored: list[str] = []
    refused: Unavailable | None = None
    with open_database(small_disk / "data") as database:
        assert database.server is not None
        journal = Journal(database, database.make_tenant("default"))
        with ServerWatch(database.server):
            for chunk in range(400):
                batch = [
                    event(chunk * 20 + number, **{"plant:note": "x" * 4_000})
                    for number in range(20)
                ]
                try:
                    stored += [one.event_id for one in journal.capture(batch).outcomes]
                except Unavailable as error:
                    refused = error
                    break
            assert refused is not None, "the disk never became full"
            assert refused.code in ("store.disk_full", "store.connection_lost")
            _grow(small_disk, "400m")
            for _ in range(100):
                try:
                    again = journal.capture([event(90_000)])
                    break
                except Unavailable:
                    continue
            assert again.captured == 1
            stored.append(again.outcomes[0].event_id)
        with database.tenant(journal.tenant_id) as connection:
            rows = connection.execute("SELECT event_id FROM journal.event ORDER BY sequence")
            assert [row[0] for row in rows] == stored
        key = signing_key(database, journal.tenant_id, small_disk, origin="log.example/disk")
        assert key is not None
        bring_log_up_to_date(database, journal.tenant_id, key)
        assert verify_journal(database, journal.tenant_id, processes=1).problems == []
