"""Verification finds and names whatever was changed behind the journal's back."""

from __future__ import annotations

from pathlib import Path

import pymerkle
import pytest

from suyuan.errors import IntegrityBroken, InvalidInput, NotFound
from suyuan.journal import (
    Journal,
    LogReader,
    bring_log_up_to_date,
    proof_of_event,
    signing_key,
    verify_journal,
    verify_proof,
)
from suyuan.store import Database
from suyuan.tlog import SigningKey, decode_entry_bundle, generate_key, open_checkpoint
from tests.events import event, events

_ENTRIES = 300


@pytest.fixture
def key(journal: Journal, tmp_path: Path) -> SigningKey:
    """Give the key of a log over three hundred captured events."""
    made = signing_key(journal.database, journal.tenant_id, tmp_path, origin="log.example/test")
    assert made is not None
    weighed = event(
        0,
        quantityList=[
            {"epcClass": "urn:epc:class:lgtin:9521234.012345.L1", "quantity": 3.25, "uom": "KGM"}
        ],
    )
    journal.capture([*events(1, 149), weighed])
    bring_log_up_to_date(journal.database, journal.tenant_id, made)
    journal.capture(events(150, _ENTRIES - 1))
    bring_log_up_to_date(journal.database, journal.tenant_id, made)
    return made


def _tamper(database: Database, statement: str) -> None:
    with database.owner() as connection:
        assert connection.execute(statement).rowcount > 0, "the tampering did nothing"


_FLIP = "overlay({0} PLACING set_byte(substring({0} FROM 7 FOR 1), 0, get_byte({0}, 6) # 1) FROM 7)"
_AT_77 = "WHERE sequence = 77"
_POSTED_77 = "WHERE sequences = '{77}' AND role = 1"


@pytest.mark.parametrize(
    ("statement", "entry", "rule"),
    [
        (
            f"UPDATE journal.event SET body = replace(body, 'packing', 'picking') {_AT_77}",
            77,
            "event hash",
        ),
        (f"UPDATE journal.event SET body = body || ' ' {_AT_77}", 77, "leaf hash"),
        (f"UPDATE journal.event SET body = left(body, 50) {_AT_77}", 77, "body"),
        (
            f"UPDATE journal.event SET event_hash = {_FLIP.format('event_hash')} {_AT_77}",
            77,
            "event hash",
        ),
        (
            f"UPDATE journal.event SET leaf_hash = {_FLIP.format('leaf_hash')} {_AT_77}",
            77,
            "leaf hash",
        ),
        (f"UPDATE journal.event SET event_id = 'urn:x:1' {_AT_77}", 77, "event ID"),
        (
            f"UPDATE journal.event SET record_time = record_time + '1 us' {_AT_77}",
            77,
            "leaf hash",
        ),
        (
            f"UPDATE journal.event SET event_time = event_time + '1 us' {_AT_77}",
            77,
            "event time",
        ),
        (f"UPDATE journal.event SET event_type = 2 {_AT_77}", 77, "event type"),
        (f"UPDATE journal.event SET action = 1 {_AT_77}", 77, "action"),
        (f"UPDATE journal.event SET is_error_declaration = true {_AT_77}", 77, "error declaration"),
        (f"UPDATE journal.event SET business_step = NULL {_AT_77}", 77, "business step"),
        (f"UPDATE journal.event SET disposition = 'x' {_AT_77}", 77, "disposition"),
        (f"DELETE FROM journal.posting {_POSTED_77}", 77, "postings"),
        (f"UPDATE journal.posting SET role = 3 {_POSTED_77}", 77, "postings"),
        (f"UPDATE journal.posting SET last_sequence = 76 {_POSTED_77}", 1, "bounds"),
        (
            f"UPDATE journal.posting SET sequences = '{{78}}' {_POSTED_77}",
            77,
            "postings",
        ),
        (
            "UPDATE journal.posting SET quantities = '{3.26}' WHERE quantities IS NOT NULL",
            150,
            "postings",
        ),
        ("UPDATE journal.posting SET uoms = '{GRM}' WHERE uoms IS NOT NULL", 150, "postings"),
        (
            "UPDATE journal.object SET uri = uri || '0' WHERE uri LIKE '%/21/77'",
            77,
            "postings",
        ),
        (f"UPDATE journal.event_key SET sequence = 78 {_AT_77}", 77, "event key"),
        (f"DELETE FROM journal.event_key {_AT_77}", 77, "event key"),
        (f"DELETE FROM journal.event {_AT_77}", 77, "dense"),
        (
            f"UPDATE tlog.tile SET data = {_FLIP.format('data')} WHERE level = 0 "
            "AND tile_index = 1",
            257,
            "tile 0/1",
        ),
        (
            f"UPDATE tlog.tile SET data = {_FLIP.format('data')} WHERE level = 0 "
            "AND tile_index = 0",
            1,
            "tile 0/0",
        ),
    ],
)
def test_a_change_is_found_and_the_entry_is_named(
    journal: Journal, key: SigningKey, statement: str, entry: int, rule: str
) -> None:
    _tamper(journal.database, statement)
    report = verify_journal(journal.database, journal.tenant_id, processes=1)
    assert (str(entry), rule) in {(one.where, one.rule) for one in report.problems}
    assert report.problems[0].where == str(entry)


def test_an_untouched_journal_is_sound_in_one_process_and_in_two(
    journal: Journal, key: SigningKey
) -> None:
    for processes in (1, 2):
        report = verify_journal(
            journal.database,
            journal.tenant_id,
            verifier_key=str(key.verifier_key),
            processes=processes,
        )
        assert report.problems == []
        assert (report.entries, report.covered, report.checkpoints) == (300, 300, 2)


def test_progress_reaches_the_end(journal: Journal, key: SigningKey) -> None:
    seen: list[tuple[int, int]] = []
    verify_journal(
        journal.database,
        journal.tenant_id,
        processes=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (_ENTRIES, _ENTRIES)


def test_a_journal_cut_off_behind_a_checkpoint_is_found(journal: Journal, key: SigningKey) -> None:
    _tamper(journal.database, "DELETE FROM journal.event WHERE sequence > 290")
    _tamper(journal.database, "DELETE FROM journal.posting WHERE sequences[1] > 290")
    _tamper(
        journal.database,
        "UPDATE journal.posting SET last_sequence = 290, sequences = "
        "ARRAY(SELECT s FROM unnest(sequences) AS s WHERE s <= 290) WHERE last_sequence > 290",
    )
    _tamper(journal.database, "DELETE FROM journal.event_key WHERE sequence > 290")
    _tamper(journal.database, "UPDATE journal.head SET last_sequence = 290")
    report = verify_journal(journal.database, journal.tenant_id, processes=1)
    assert [one.rule for one in report.problems if one.where == "300"] == ["size of the journal"]


def test_a_forged_checkpoint_is_found(journal: Journal, key: SigningKey) -> None:
    _tamper(
        journal.database,
        "UPDATE tlog.checkpoint SET note = overlay(note PLACING 'AAAA' FROM "
        "length(note) - 20) WHERE size = 300",
    )
    report = verify_journal(journal.database, journal.tenant_id, processes=1)
    assert not report.is_sound


def test_a_log_signed_by_another_key_is_refused_when_the_true_key_is_given(
    journal: Journal, key: SigningKey
) -> None:
    stranger = generate_key("log.example/test").verifier_key
    report = verify_journal(
        journal.database, journal.tenant_id, verifier_key=str(stranger), processes=1
    )
    assert not report.is_sound


def test_a_log_is_not_grown_upon_tiles_that_were_changed(journal: Journal, key: SigningKey) -> None:
    _tamper(
        journal.database,
        f"UPDATE tlog.tile SET data = {_FLIP.format('data')} WHERE level = 0 AND tile_index = 1",
    )
    journal.capture([event(5_000)])
    with pytest.raises(IntegrityBroken):
        bring_log_up_to_date(journal.database, journal.tenant_id, key)


def test_the_root_agrees_with_a_tree_made_by_strangers(journal: Journal, key: SigningKey) -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    with journal.database.tenant(journal.tenant_id) as connection:
        log = LogReader(connection, journal.tenant_id)
        for index, width in ((0, 256), (1, _ENTRIES - 256)):
            bundle = log.entry_bundle(index, width)
            for entry in decode_entry_bundle(bundle, width=width):
                tree.append_entry(entry)
        _, note = log.checkpoint()
    assert open_checkpoint(note, [key.verifier_key]).root == tree.get_root()


def test_a_proof_file_is_enough_for_a_stranger(journal: Journal, key: SigningKey) -> None:
    event_id = journal.capture([event(42)]).outcomes[0].event_id
    proof = proof_of_event(journal.database, journal.tenant_id, event_id)
    proven = verify_proof(proof, str(key.verifier_key))
    assert proven.proof.entry.event_id == event_id
    assert proven.event.body["plant:number"] == 42


def test_a_proof_file_with_any_byte_changed_is_refused(journal: Journal, key: SigningKey) -> None:
    event_id = journal.capture([event(42)]).outcomes[0].event_id
    proof = proof_of_event(journal.database, journal.tenant_id, event_id)
    for position in range(0, len(proof), 7):
        changed = bytearray(proof)
        changed[position] ^= 1
        with pytest.raises(InvalidInput):
            verify_proof(bytes(changed), str(key.verifier_key))


def test_an_unknown_event_has_no_proof(journal: Journal, key: SigningKey) -> None:
    with pytest.raises(NotFound) as caught:
        proof_of_event(journal.database, journal.tenant_id, "urn:x:none")
    assert caught.value.code == "journal.event_unknown"


def test_an_event_newer_than_the_checkpoint_has_no_proof_yet(
    journal: Journal, key: SigningKey
) -> None:
    event_id = journal.capture([event(5_000)]).outcomes[0].event_id
    with pytest.raises(NotFound) as caught:
        proof_of_event(journal.database, journal.tenant_id, event_id)
    assert caught.value.code == "journal.checkpoint_missing"


def test_the_key_is_made_once_and_readable_by_us_alone(journal: Journal, tmp_path: Path) -> None:
    first = signing_key(journal.database, journal.tenant_id, tmp_path, origin="log.example/a")
    again = signing_key(journal.database, journal.tenant_id, tmp_path, origin="log.example/b")
    assert first == again
    page = tmp_path / "keys" / f"{journal.tenant_id}.key"
    assert page.stat().st_mode & 0o777 == 0o600
    assert page.parent.stat().st_mode & 0o777 == 0o700


def test_a_second_data_folder_gets_no_key_and_does_not_sign(
    journal: Journal, tmp_path: Path
) -> None:
    signing_key(journal.database, journal.tenant_id, tmp_path / "a", origin="log.example/a")
    assert (
        signing_key(journal.database, journal.tenant_id, tmp_path / "b", origin="log.example/a")
        is None
    )
    assert not (tmp_path / "b" / "keys").exists() or not list((tmp_path / "b" / "keys").iterdir())


def test_a_key_file_that_is_not_the_log_s_key_stops_everything(
    journal: Journal, tmp_path: Path
) -> None:
    signing_key(journal.database, journal.tenant_id, tmp_path, origin="log.example/a")
    page = tmp_path / "keys" / f"{journal.tenant_id}.key"
    page.write_text(generate_key("log.example/a").secret_text())
    with pytest.raises(IntegrityBroken):
        signing_key(journal.database, journal.tenant_id, tmp_path, origin="log.example/a")
