"""Signed notes and keys: the example of Go's own implementation, and every damage refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.tlog import (
    VerifierKey,
    generate_key,
    open_note,
    parse_signing_key,
    parse_verifier_key,
    sign_note,
)
from tests.tlog import oracle
from tests.tlog.keys import KEY, ORIGIN, OTHER_KEY, fixed_key

# The example in the documentation of golang.org/x/mod/sumdb/note: key, text and signature.
GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURES = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n",
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n",
)

TEXT = "first line\n\nthird line\n"
NOTE = sign_note(TEXT, KEY)


def test_keys_of_go_are_read_and_written():
    assert str(parse_verifier_key(GO_VERIFIER)) == GO_VERIFIER
    assert parse_signing_key(GO_SECRET).secret_text() == GO_SECRET
    assert parse_signing_key(GO_SECRET).verifier_key == parse_verifier_key(GO_VERIFIER)


def test_note_of_go_is_signed_alike_and_opened():
    note = GO_TEXT + "\n" + GO_SIGNATURES[0]
    assert sign_note(GO_TEXT, parse_signing_key(GO_SECRET)) == note
    opened = open_note(note, [parse_verifier_key(GO_VERIFIER)])
    assert (opened.text, opened.unknown_signatures) == (GO_TEXT, ())


def test_signature_of_an_unknown_key_is_kept_but_not_believed():
    note = GO_TEXT + "\n" + "".join(GO_SIGNATURES)
    opened = open_note(note, [parse_verifier_key(GO_VERIFIER), KEY.verifier_key])
    assert [key.name for key in opened.verified_by] == ["PeterNeumann"]
    assert [one.name for one in opened.unknown_signatures] == ["EnochRoot"]
    with pytest.raises(
        InvalidInput, match=r"PeterNeumann\+c74f20a3, EnochRoot\+af0cfe78"
    ) as refusal:
        open_note(note, [KEY.verifier_key])
    assert refusal.value.code == "tlog.signature_unknown"
    with pytest.raises(InvalidInput):
        open_note(note, [])


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.just("\n")))
def test_text_is_what_was_signed(text):
    note = sign_note(text + "\n", KEY, OTHER_KEY)
    opened = open_note(note, [KEY.verifier_key, OTHER_KEY.verifier_key])
    assert opened.text == text + "\n"
    assert opened.verified_by == (KEY.verifier_key, OTHER_KEY.verifier_key)


def test_damaged_note_is_refused():
    """One key knows the text, so every byte counts, those of the signature line too."""
    codes = set()
    for damaged in oracle.damaged(NOTE.encode()):
        with pytest.raises(InvalidInput) as refusal:
            open_note(damaged.decode(errors="surrogateescape"), [KEY.verifier_key])
        codes.add(refusal.value.code)
    assert codes == {
        "tlog.note_malformed",
        "tlog.key_name_invalid",
        "tlog.signature_wrong",
        "tlog.signature_unknown",
    }


def test_known_key_with_a_wrong_signature_spoils_the_note():
    forged = sign_note("another text\n", OTHER_KEY).split("\n\n")[1]
    with pytest.raises(InvalidInput, match=r"signature of other\.example/log") as refusal:
        open_note(NOTE + forged, [KEY.verifier_key, OTHER_KEY.verifier_key])
    assert refusal.value.code == "tlog.signature_wrong"
    assert open_note(NOTE + forged, [KEY.verifier_key]).text == TEXT


def test_key_that_only_shares_a_name_or_a_hash_is_unknown():
    same_name = fixed_key(first_byte=7)
    assert same_name.name == KEY.name
    with pytest.raises(InvalidInput) as refusal:
        open_note(NOTE, [same_name.verifier_key])
    assert refusal.value.code == "tlog.signature_unknown"


@pytest.mark.parametrize(
    "text", ["", "no end", "tab\tinside\n", "nul\0\n", "cr\r\n", "half \ud800\n", "vt\x0b\n"]
)
def test_text_that_no_note_can_hold_is_not_signed(text):
    with pytest.raises(InvalidInput) as refusal:
        sign_note(text, KEY)
    assert refusal.value.code == "tlog.note_malformed"


def test_note_without_end_of_size_or_signatures_is_refused():
    line = NOTE.split("\n\n")[-1]
    head = NOTE.removesuffix(line)
    assert open_note(head + line * 100, [KEY.verifier_key]).text == TEXT
    with pytest.raises(InvalidInput) as refusal:
        open_note(head + line * 101, [KEY.verifier_key])
    assert refusal.value.code == "tlog.signatures_too_many"
    with pytest.raises(InvalidInput) as refusal:
        open_note("é" * 500_001 + NOTE, [KEY.verifier_key])
    assert refusal.value.code == "tlog.note_too_long"


def test_signature_has_one_spelling_in_base64():
    """The last character before `=` carries two bits that mean nothing; they must be zero."""
    line = NOTE.split(" ")[-1]
    assert line.endswith("=\n")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(line[-3])
    for other in range(last + 1, last + 4):
        note = NOTE.removesuffix(line) + line[:-3] + alphabet[other] + "=\n"
        assert base64.b64decode(note.split(" ")[-1]) == base64.b64decode(line)
        with pytest.raises(InvalidInput) as refusal:
            open_note(note, [KEY.verifier_key])
        assert refusal.value.code == "tlog.note_malformed"


@pytest.mark.parametrize("count", [0, 1, 4])
def test_signature_line_without_a_signature_is_refused(count):
    line = f"— {ORIGIN} {base64.b64encode(KEY.verifier_key.key_hash[:count]).decode()}\n"
    for note in (NOTE + line, TEXT + "\n" + line):
        with pytest.raises(InvalidInput) as refusal:
            open_note(note, [KEY.verifier_key])
        assert refusal.value.code == "tlog.note_malformed"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u3000", "a\n", "a\0", "\ud800"])
def test_name_that_no_key_may_have_is_refused(name):
    with pytest.raises(InvalidInput) as refusal:
        generate_key(name)
    assert refusal.value.code == "tlog.key_name_invalid"


def test_two_generated_keys_differ():
    assert generate_key(ORIGIN).verifier_key != generate_key(ORIGIN).verifier_key


@given(st.binary(min_size=32, max_size=32))
def test_key_is_read_back_from_its_text(seed):
    key = generate_key("厂.example/log", random_bytes=lambda count: seed[:count])
    assert parse_signing_key(key.secret_text()) == key
    assert parse_verifier_key(str(key.verifier_key)) == key.verifier_key


def test_damaged_keys_are_refused():
    for damaged in oracle.damaged(str(KEY.verifier_key).encode()):
        with pytest.raises(InvalidInput):
            parse_verifier_key(damaged.decode(errors="surrogateescape"))
    for damaged in oracle.damaged(KEY.secret_text().encode()):
        with pytest.raises(InvalidInput):
            parse_signing_key(damaged.decode(errors="surrogateescape"))


def test_secret_is_shown_by_nothing_but_its_text():
    secret = KEY.secret_text()
    assert secret.rpartition("+")[2] not in repr(KEY) + str(KEY)
    assert repr(bytes(range(32))) not in repr(KEY) + str(KEY)
    for broken in (secret[:-1], secret.replace("KEY", "KEX"), secret[:-2] + "AA"):
        with pytest.raises(InvalidInput) as refusal:
            parse_signing_key(broken)
        assert secret[-20:-2] not in str(refusal.value)


def test_secret_key_in_place_of_the_verifier_key_is_recognised():
    with pytest.raises(InvalidInput, match="do not show it to anyone") as refusal:
        parse_verifier_key(KEY.secret_text())
    assert refusal.value.code == "tlog.key_is_secret"
    with pytest.raises(InvalidInput):
        parse_signing_key(str(KEY.verifier_key))


def test_key_of_another_kind_is_refused():
    """Type 0x04 is the cosignature of a witness: other rules, not an Ed25519 note key."""
    key = KEY.verifier_key
    other = base64.b64encode(b"\x04" + key.public_key).decode()
    with pytest.raises(InvalidInput) as refusal:
        parse_verifier_key(f"{key.name}+{key.key_hash.hex()}+{other}")
    assert refusal.value.code == "tlog.key_malformed"
    with pytest.raises(InvalidInput):
        VerifierKey(ORIGIN, bytes(31))
