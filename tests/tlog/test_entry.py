"""The bytes of a log entry are set in stone and have one spelling."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.tlog import (
    ENTRY_BYTES_MAX,
    EVENT_ID_BYTES_MAX,
    RECORD_TIME_US_MAX,
    LogEntry,
    entry_bytes,
    entry_leaf_hashes,
    entry_tail,
    leaf_hash,
    parse_entry,
)
from tests.tlog import oracle

ENTRY = LogEntry(
    sequence=42,
    record_time_us=1735689600123456,
    event_id="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    event_hash=bytes(range(32)),
    body_digest=bytes(range(32, 64)),
)
BYTES = (
    b"suyuan/entry/v1\n"
    b"sequence 42\n"
    b"record_time_us 1735689600123456\n"
    b"event_id urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8\n"
    b"event_hash 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    b"body_digest 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
)

EVENT_IDS = st.text(
    st.characters(
        blacklist_categories=("Cs",),
        blacklist_characters=[chr(c) for c in (*range(32), *range(127, 160), 0x2028, 0x2029)],
    ),
    min_size=1,
    max_size=500,
)
ENTRIES = st.builds(
    LogEntry,
    sequence=st.integers(1, 2**63 - 1),
    record_time_us=st.integers(0, RECORD_TIME_US_MAX),
    event_id=EVENT_IDS,
    event_hash=st.binary(min_size=32, max_size=32),
    body_digest=st.binary(min_size=32, max_size=32),
)


def test_bytes_of_an_entry_never_change():
    assert ENTRY.encode() == BYTES
    assert parse_entry(BYTES) == ENTRY
    assert (
        leaf_hash(BYTES).hex() == "e1f7ee33fd42a44b874a11fd79ad0596d66dd12289002cba118cfd48d200dc8f"
    )


@given(ENTRIES)
def test_reading_gives_back_what_was_written(entry):
    data = entry.encode()
    assert parse_entry(data) == entry
    assert data.count(b"\n") == 6


@given(ENTRIES, ENTRIES)
def test_different_entries_have_different_bytes(one, other):
    assert (one == other) == (one.encode() == other.encode())


def test_damaged_entry_is_refused_or_another_entry():
    """A digit may turn into another digit; no second spelling of the same entry exists."""
    damages = refused = 0
    for damaged in oracle.damaged(BYTES):
        damages += 1
        try:
            found = parse_entry(damaged)
        except InvalidInput:
            refused += 1
        else:
            assert found != ENTRY
            assert found.encode() == damaged
    assert refused > damages * 0.6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        BYTES[:-1],
        BYTES + b"\n",
        BYTES.replace(b"\n", b"\r\n"),
        BYTES.replace(b"v1", b"v2"),
        BYTES.replace(b"42", b"042"),
        BYTES.replace(b"42", b"+42"),
        BYTES.replace(b"42", b"0"),
        BYTES.replace(b"42", b"4_2"),
        BYTES.replace(b"42", b"9223372036854775808"),
        BYTES.replace(b"1735689600123456", b"253402300800000000"),
        BYTES.replace(b"0a0b", b"0A0b"),
        BYTES.replace(b"urn:", b"\xff\xfe:"),
        BYTES.replace(b"urn:", "\u2028".encode()),
        BYTES.replace(b"urn:", b"\x7f"),
        BYTES.replace(b"urn:", b"\xed\xa0\x80"),
        BYTES.replace(b"374d95fc", b"a" * EVENT_ID_BYTES_MAX),
        BYTES.replace(b"sequence 42\nrecord", b"record"),
        b"\n".join(BYTES.split(b"\n")[::-1]),
    ],
)
def test_other_texts_are_no_entry(data):
    with pytest.raises(InvalidInput) as refusal:
        parse_entry(data)
    assert refusal.value.code == "tlog.entry_malformed"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sequence": 0}, "tlog.entry_number_invalid"),
        ({"sequence": -1}, "tlog.entry_number_invalid"),
        ({"sequence": 2**63}, "tlog.entry_number_invalid"),
        ({"record_time_us": -1}, "tlog.entry_number_invalid"),
        ({"record_time_us": RECORD_TIME_US_MAX + 1}, "tlog.entry_number_invalid"),
        ({"event_id": ""}, "tlog.event_id_length_wrong"),
        ({"event_id": "é" * (EVENT_ID_BYTES_MAX // 2 + 1)}, "tlog.event_id_length_wrong"),
        ({"event_id": "a\nb"}, "tlog.event_id_character_wrong"),
        ({"event_id": "a\x00"}, "tlog.event_id_character_wrong"),
        ({"event_id": "a\x7f"}, "tlog.event_id_character_wrong"),
        ({"event_id": "a\x85"}, "tlog.event_id_character_wrong"),
        ({"event_id": "a\u2029"}, "tlog.event_id_character_wrong"),
        ({"event_id": "a\ud800"}, "tlog.event_id_character_wrong"),
        ({"event_hash": bytes(31)}, "tlog.hash_length_wrong"),
        ({"body_digest": bytes(33)}, "tlog.hash_length_wrong"),
    ],
)
def test_wrong_field_is_named(wrong, code):
    with pytest.raises(InvalidInput) as refusal:
        replace(ENTRY, **wrong).encode()
    assert [problem.code for problem in refusal.value.problems] == [code]
    assert refusal.value.problems[0].where in wrong


def test_all_wrong_fields_are_named_at_once():
    with pytest.raises(InvalidInput) as refusal:
        entry_bytes(
            sequence=0, record_time_us=-1, event_id="\ud800", event_hash=b"", body_digest=b""
        )
    assert [problem.where for problem in refusal.value.problems] == [
        "sequence",
        "record_time_us",
        "event_id",
        "event_hash",
        "body_digest",
    ]


def test_longest_entry_fits_into_an_entry_bundle():
    longest = replace(
        ENTRY,
        sequence=2**63 - 1,
        record_time_us=RECORD_TIME_US_MAX,
        event_id="x" * EVENT_ID_BYTES_MAX,
    )
    assert parse_entry(longest.encode()) == longest
    assert len(longest.encode()) < ENTRY_BYTES_MAX


@given(entries=st.lists(ENTRIES, min_size=1, max_size=5))
def test_leaf_hashes_made_from_tails_are_those_of_the_entries(entries: list[LogEntry]):
    moment = entries[0].record_time_us
    tails = [
        entry_tail(
            event_id=entry.event_id, event_hash=entry.event_hash, body_digest=entry.body_digest
        )
        for entry in entries
    ]
    sequences = [entry.sequence for entry in entries]
    assert entry_leaf_hashes(sequences, tails, record_time_us=moment) == [
        leaf_hash(replace(entry, record_time_us=moment).encode()) for entry in entries
    ]


@pytest.mark.parametrize("event_id", ["", "x" * (EVENT_ID_BYTES_MAX + 1), "a\nb", "\u2028"])
def test_a_tail_refuses_what_an_entry_refuses(event_id: str):
    with pytest.raises(InvalidInput) as caught:
        entry_tail(event_id=event_id, event_hash=bytes(32), body_digest=bytes(31))
    with pytest.raises(InvalidInput) as of_entry:
        replace(ENTRY, event_id=event_id, body_digest=bytes(31)).encode()
    assert caught.value.problems == of_entry.value.problems


@pytest.mark.parametrize("sequence", [0, 2**63])
def test_leaf_hashes_refuse_numbers_that_no_entry_has(sequence: int):
    with pytest.raises(InvalidInput) as caught:
        entry_leaf_hashes([1, sequence], [b"", b""], record_time_us=0)
    assert [one.code for one in caught.value.problems] == ["tlog.entry_number_invalid"]
