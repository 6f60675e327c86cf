"""Backup and restore: the restored journal verifies and goes on."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from suyuan.attachment import Attachments
from suyuan.errors import InvalidInput, Refused
from suyuan.journal import Journal, bring_log_up_to_date, signing_key, verify_journal
from suyuan.store import open_database, restore_backup, write_backup
from tests.events import events

PICTURE = b"\x89PNG\r\n\x1a\n and so on"
PICTURE_ID = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture
def backup(data: Path) -> Path:
    """Give a backup of a record with forty events in two tenants."""
    with open_database(data) as database:
        for name in ("default", "other"):
            journal = Journal(database, database.make_tenant(name))
            journal.capture(events(1, 20))
            key = signing_key(database, journal.tenant_id, data, origin=f"log.example/{name}")
            assert key is not None
            bring_log_up_to_date(database, journal.tenant_id, key)
            Attachments(data).keep(journal.tenant_id, PICTURE_ID, PICTURE)
        file = data.parent / "record.backup"
        write_backup(database, data, file)
    return file


def test_a_restored_record_verifies_and_goes_on(backup: Path) -> None:
    data = backup.parent / "restored"
    manifest = restore_backup(backup, data)
    assert list(manifest["tenants"]) == ["default", "other"]
    with open_database(data) as database:
        for name, tenant_id in database.tenant_names().items():
            journal = Journal(database, tenant_id)
            result = journal.capture(events(11, 30))
            assert (result.captured, result.duplicates) == (10, 10)
            key = signing_key(database, tenant_id, data, origin="unused")
            assert key is not None
            assert key.name == f"log.example/{name}"
            assert bring_log_up_to_date(database, tenant_id, key) == 30
            assert Attachments(data).find(tenant_id, PICTURE_ID).path.read_bytes() == PICTURE
            report = verify_journal(database, tenant_id, processes=1)
            assert (report.problems, report.covered) == ([], 30)


def test_only_its_owner_can_read_a_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600


def test_nothing_is_restored_over_a_record(backup: Path, data: Path) -> None:
    with pytest.raises(Refused) as caught:
        restore_backup(backup, data)
    assert caught.value.code == "store.restore_target_occupied"


def test_a_file_that_is_no_backup_is_a_clear_error(tmp_path: Path) -> None:
    empty, other = tmp_path / "empty", tmp_path / "other.tar"
    empty.write_bytes(b"")
    with tarfile.open(other, "w") as archive:
        archive.addfile(tarfile.TarInfo("x"), io.BytesIO())
    for file in (empty, other, tmp_path / "missing"):
        with pytest.raises(InvalidInput) as caught:
            restore_backup(file, tmp_path / "data")
        assert caught.value.code == "store.backup_unreadable"


def test_a_backup_that_is_cut_short_leaves_no_file(data: Path) -> None:
    target = data.parent / "missing-folder" / "record.backup"
    with open_database(data) as database:
        database.make_tenant("default")
        with pytest.raises(Exception, match="backup failed"):
            write_backup(database, data, target)
    assert not target.parent.exists()
