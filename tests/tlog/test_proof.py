"""The tlog-proof and the proof file: what a stranger gets, and that no byte can be changed."""

import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from suyuan.errors import IntegrityBroken, InvalidInput
from suyuan.tlog import (
    Checkpoint,
    LogEntry,
    TlogProof,
    TreeFrontier,
    encode_tlog_proof,
    inclusion_proof,
    leaf_hashes,
    make_proof_file,
    parse_tlog_proof,
    sign_checkpoint,
    sign_note,
    verify_proof_file,
    verify_tlog_proof,
)
from tests.tlog import oracle
from tests.tlog.keys import KEY, ORIGIN, OTHER_KEY, fixed_key
from tests.tlog.memory_tiles import MemoryTiles

GOLDEN = Path(__file__).parent / "golden" / "event.proof"
SIZE = 5
INDEX = 2


def body(number):
    event = {"type": "ObjectEvent", "eventID": f"urn:x:{number}", "note": "牛奶 \u2028 milk"}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def entry(number):
    return LogEntry(
        sequence=number,
        record_time_us=1735689600000000 + number,
        event_id=f"urn:x:{number}",
        event_hash=sha256(b"event %d" % number).digest(),
        body_digest=sha256(body(number)).digest(),
    )


ENTRIES = [entry(number).encode() for number in range(1, SIZE + 1)]
FRONTIER = TreeFrontier()
TILES = MemoryTiles(FRONTIER.append(leaf_hashes(ENTRIES)))
NOTE = sign_checkpoint(Checkpoint(ORIGIN, SIZE, FRONTIER.root()), KEY)
PARTS = {
    "entry": ENTRIES[INDEX],
    "index": INDEX,
    "checkpoint_note": NOTE,
    "inclusion_hashes": inclusion_proof(TILES, INDEX, SIZE),
    "body": body(INDEX + 1),
}
FILE = make_proof_file(**PARTS)
PROOF = TlogProof(
    index=INDEX, hashes=tuple(inclusion_proof(TILES, INDEX, SIZE)), checkpoint_note=NOTE
)
VERIFIER = KEY.verifier_key


def codes(error):
    return [problem.code for problem in error.value.problems]


def test_proof_file_proves_entry_event_and_place():
    for key in (VERIFIER, str(VERIFIER)):
        proven = verify_proof_file(FILE, key)
        assert proven.entry == entry(INDEX + 1)
        assert proven.body == body(INDEX + 1)
        assert proven.index == INDEX
        assert proven.checkpoint == Checkpoint(ORIGIN, SIZE, FRONTIER.root())


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_every_entry_of_every_size_can_be_proven(size):
    frontier = TreeFrontier()
    frontier.append(leaf_hashes(ENTRIES[:size]))
    note = sign_checkpoint(Checkpoint(ORIGIN, size, frontier.root()), KEY)
    for index in range(size):
        data = make_proof_file(
            entry=ENTRIES[index],
            index=index,
            checkpoint_note=note,
            inclusion_hashes=inclusion_proof(TILES, index, size),
            body=body(index + 1),
        )
        assert verify_proof_file(data, VERIFIER).index == index


def test_bytes_of_a_proof_file_never_change():
    assert GOLDEN.read_bytes() == FILE


def test_proof_file_tells_a_person_what_it_proves():
    first = FILE.decode().split("\n\n")[0].split("\n")
    assert first[0] == "suyuan/proof/v1"
    assert first[-4:] == [
        "log / 日志: plant.example/log",
        "entry / 条目: 3 of 5",
        "recorded / 记录时间: 2025-01-01T00:00:00.000003Z",
        "event / 事件: urn:x:3",
    ]


def test_last_part_of_a_proof_file_is_a_tlog_proof_of_its_entry():
    data = FILE[FILE.index(b"c2sp.org/tlog-proof@v1\n") :]
    log_entry = FILE[FILE.index(b"suyuan/entry/v1\n") :].split(b"\n\n")[0] + b"\n"
    assert verify_tlog_proof(data, entry=log_entry, verifiers=[VERIFIER])[0] == PROOF


def test_damaged_proof_file_is_refused():
    for damaged in oracle.damaged(FILE):
        with pytest.raises(InvalidInput):
            verify_proof_file(damaged, VERIFIER)


def test_damaged_tlog_proof_is_refused():
    for damaged in oracle.damaged(encode_tlog_proof(PROOF)):
        with pytest.raises(InvalidInput):
            verify_tlog_proof(damaged, entry=ENTRIES[INDEX], verifiers=[VERIFIER])


def test_tlog_proof_of_another_entry_is_refused():
    data = encode_tlog_proof(PROOF)
    for other in [*ENTRIES[:INDEX], *ENTRIES[INDEX + 1 :], b""]:
        with pytest.raises(InvalidInput) as refusal:
            verify_tlog_proof(data, entry=other, verifiers=[VERIFIER])
        assert codes(refusal) == ["tlog.proof_not_met"]


@pytest.mark.parametrize("extra", [None, b"x", bytes(range(256))])
def test_tlog_proof_is_read_back(extra):
    proof = replace(PROOF, extra=extra)
    data = encode_tlog_proof(proof)
    assert parse_tlog_proof(data) == proof
    assert (b"\nextra " in data) == (extra is not None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"extra": b""},
        {"extra": bytes(2**16 + 1)},
        {"index": -1},
        {"index": 2**63},
        {"hashes": (bytes(31),)},
        {"hashes": (b"",)},
        {"hashes": (bytes(32),) * 64},
        {"checkpoint_note": ""},
        {"checkpoint_note": "no note\n"},
        {"checkpoint_note": NOTE + "\ud800"},
    ],
)
def test_tlog_proof_that_nobody_could_read_is_not_written(wrong):
    with pytest.raises(InvalidInput):
        encode_tlog_proof(replace(PROOF, **wrong))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"index 2", b"index 02"),
        (b"index 2", b"index"),
        (b"index 2", b"indices 2"),
        (b"index 2\n", b""),
        (b"index 2", b"extra \nindex 2"),
        (b"index 2", b"extra ####\nindex 2"),
        (b"index 2", b"extra eA==\nextra eA==\nindex 2"),
        (b"index 2", b"index 2\nextra eA=="),
        (b"@v1", b"@v2"),
        (b"\n\n", b"\n \n"),
        (b"plant", b"\xff"),
    ],
)
def test_text_that_is_no_tlog_proof_is_refused(old, new):
    data = encode_tlog_proof(PROOF)
    assert old in data
    with pytest.raises(InvalidInput):
        parse_tlog_proof(data.replace(old, new, 1))


def test_proof_is_for_one_log_only():
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(FILE, OTHER_KEY.verifier_key)
    assert codes(refusal) == ["tlog.signature_unknown"]
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(FILE, fixed_key(first_byte=1).verifier_key)
    assert codes(refusal) == ["tlog.signature_unknown"]


def test_key_that_is_no_key_is_named_first():
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(FILE, "plant.example/log")
    assert codes(refusal) == ["tlog.key_malformed"]
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(FILE, KEY.secret_text())
    assert codes(refusal) == ["tlog.key_is_secret"]


def test_everything_that_is_wrong_is_said_at_once():
    changed = FILE.replace(b"milk", b"wine").replace(b"event_hash ", b"event_hash 0")
    changed = re.sub(rb"event_hash 0([0-9a-f]{63})[0-9a-f]", rb"event_hash 0\1", changed)
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(changed, OTHER_KEY.verifier_key)
    assert codes(refusal) == [
        "tlog.body_digest_wrong",
        "tlog.signature_unknown",
        "tlog.proof_not_met",
    ]


def test_forged_sentence_in_the_first_part_is_refused():
    changed = FILE.replace("entry / 条目: 3 of 5".encode(), "entry / 条目: 4 of 5".encode())
    assert changed != FILE
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(changed, VERIFIER)
    assert codes(refusal) == ["tlog.proof_text_wrong"]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}", b"suyuan/proof/v2\n", b"\xff\xfe", b"x" * 1000]
)
def test_file_that_is_no_proof_is_refused(data):
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(data, VERIFIER)
    assert codes(refusal) == ["tlog.proof_malformed"]


def test_file_that_an_editor_gave_other_line_ends_is_told_so():
    with pytest.raises(InvalidInput, match="must be LF, found CR LF"):
        verify_proof_file(FILE.replace(b"\n", b"\r\n"), VERIFIER)


def test_cut_file_is_told_so():
    with pytest.raises(InvalidInput, match=r"must have 4 parts .* found 3"):
        verify_proof_file(FILE[: FILE.index(b"{")], VERIFIER)


def test_endless_file_is_refused_before_it_is_read():
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(bytes(64 * 2**20 + 1), VERIFIER)
    assert codes(refusal) == ["tlog.proof_too_long"]


def test_witnesses_may_sign_the_checkpoint_in_a_proof_file():
    witnessed = NOTE + sign_note(NOTE.split("\n\n")[0] + "\n", OTHER_KEY).split("\n\n")[1]
    data = make_proof_file(**(PARTS | {"checkpoint_note": witnessed}))
    assert verify_proof_file(data, VERIFIER).index == INDEX


def test_entry_must_stand_at_its_sequence():
    """A log whose leaf n - 1 is not entry n has gaps or repeats: its proofs are not written."""
    leaves = leaf_hashes([ENTRIES[0], ENTRIES[2]])
    frontier = TreeFrontier()
    tiles = MemoryTiles(frontier.append(leaves))
    note = sign_checkpoint(Checkpoint(ORIGIN, 2, frontier.root()), KEY)
    misplaced = {
        "entry": ENTRIES[2],
        "index": 1,
        "checkpoint_note": note,
        "inclusion_hashes": inclusion_proof(tiles, 1, 2),
        "body": body(3),
    }
    with pytest.raises(InvalidInput, match="must be the entry with sequence 2, found 3") as refusal:
        make_proof_file(**misplaced)
    assert codes(refusal) == ["tlog.entry_misplaced"]
    tail = TlogProof(index=1, hashes=tuple(inclusion_proof(tiles, 1, 2)), checkpoint_note=note)
    forged = FILE[: FILE.index(b"c2sp.org")].replace(b"3 of 5", b"3 of 2") + encode_tlog_proof(tail)
    with pytest.raises(InvalidInput) as refusal:
        verify_proof_file(forged, VERIFIER)
    assert codes(refusal) == ["tlog.entry_misplaced"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"body": b"{}"}, "tlog.body_digest_wrong"),
        ({"body": b""}, "tlog.proof_event_invalid"),
        ({"body": b"\xff"}, "tlog.proof_event_invalid"),
        ({"body": b"{\n}"}, "tlog.proof_event_invalid"),
        ({"entry": b"x"}, "tlog.entry_malformed"),
        ({"index": 1}, "tlog.entry_misplaced"),
        ({"checkpoint_note": "x"}, "tlog.note_malformed"),
        ({"inclusion_hashes": []}, "tlog.proof_length_wrong"),
    ],
)
def test_proof_file_of_wrong_parts_is_not_written(wrong, code):
    with pytest.raises(InvalidInput) as refusal:
        make_proof_file(**(PARTS | wrong))
    assert codes(refusal) == [code]


def test_log_that_disagrees_with_its_checkpoint_gives_no_proof():
    hashes = [bytes(32) for _ in PARTS["inclusion_hashes"]]
    with pytest.raises(IntegrityBroken) as refusal:
        make_proof_file(**(PARTS | {"inclusion_hashes": hashes}))
    assert codes(refusal) == ["tlog.inclusion_not_proven"]
