"""Checkpoints: three lines, signed by the log they speak of."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.tlog import (
    SIZE_MAX,
    Checkpoint,
    empty_root,
    open_checkpoint,
    sign_checkpoint,
    sign_note,
)
from tests.tlog import oracle
from tests.tlog.keys import KEY, ORIGIN, OTHER_KEY, fixed_key

ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 20852163, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, KEY)
VERIFIERS = [KEY.verifier_key]


def test_bytes_of_a_checkpoint_never_change():
    assert (
        str(KEY.verifier_key)
        == "plant.example/log+182beb38+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    )
    assert NOTE == (
        "plant.example/log\n"
        "20852163\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        "\n"
        "— plant.example/log GCvrONP3gZ0hT77cdzneWcJ3daKsHzU8qRKCbFYzONTZAdXnPJgIyJCcjZeH88oY6BSj"
        "Zkb/NpYTQEUJgHndNeM/TQY=\n"
    )


def test_checkpoint_is_opened_by_the_key_of_its_log():
    assert open_checkpoint(NOTE, VERIFIERS) == CHECKPOINT


@given(
    st.integers(1, SIZE_MAX),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1), max_size=3),
)
def test_reading_gives_back_what_was_signed(size, root, extensions):
    checkpoint = Checkpoint(ORIGIN, size, root, tuple(extensions))
    assert open_checkpoint(sign_checkpoint(checkpoint, KEY), VERIFIERS) == checkpoint


def test_damaged_checkpoint_is_refused():
    for damaged in oracle.damaged(NOTE.encode()):
        with pytest.raises(InvalidInput):
            open_checkpoint(damaged.decode(errors="surrogateescape"), VERIFIERS)


def test_empty_log_has_a_checkpoint_with_the_one_root_it_can_have():
    empty = Checkpoint(ORIGIN, 0, empty_root())
    assert open_checkpoint(sign_checkpoint(empty, KEY), VERIFIERS) == empty
    with pytest.raises(InvalidInput) as refusal:
        Checkpoint(ORIGIN, 0, ROOT)
    assert refusal.value.code == "tlog.checkpoint_root_wrong"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (("", 1, ROOT), "tlog.checkpoint_line_invalid"),
        (("a\nb", 1, ROOT), "tlog.checkpoint_line_invalid"),
        ((ORIGIN, 1, ROOT, ("",)), "tlog.checkpoint_line_invalid"),
        ((ORIGIN, 1, ROOT, ("good", "a\0b")), "tlog.checkpoint_line_invalid"),
        ((ORIGIN, -1, ROOT), "tlog.size_out_of_range"),
        ((ORIGIN, SIZE_MAX + 1, ROOT), "tlog.size_out_of_range"),
        ((ORIGIN, 1, ROOT[1:]), "tlog.hash_length_wrong"),
        ((ORIGIN, 1, b""), "tlog.hash_length_wrong"),
    ],
)
def test_checkpoint_that_cannot_be_is_refused(fields, code):
    with pytest.raises(InvalidInput) as refusal:
        Checkpoint(*fields)
    assert refusal.value.code == code


ROOT_LINE = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        f"{ORIGIN}\n",
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n05\n{ROOT_LINE}\n",
        f"{ORIGIN}\n+5\n{ROOT_LINE}\n",
        f"{ORIGIN}\n-5\n{ROOT_LINE}\n",
        f"{ORIGIN}\n５\n{ROOT_LINE}\n",
        f"{ORIGIN}\n5 \n{ROOT_LINE}\n",
        f"{ORIGIN}\n\n{ROOT_LINE}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT_LINE}\n",
        f"{ORIGIN}\n5\n{ROOT_LINE[:-1]}\n",
        f"{ORIGIN}\n5\n{ROOT_LINE[:-4]}\n",
        f"{ORIGIN}\n5\n {ROOT_LINE}\n",
        f"{ORIGIN}\n5\n{base64.urlsafe_b64encode(bytes([255] * 32)).decode()}\n",
        f"{ORIGIN}\n5\n{ROOT_LINE}\n\n",
        f"{ORIGIN}\n5\n{ROOT_LINE}\nextension\n\nextension\n",
        f"\n5\n{ROOT_LINE}\n",
        f"{ORIGIN}\n0\n{ROOT_LINE}\n",
    ],
)
def test_signed_text_that_is_no_checkpoint_is_refused(text):
    with pytest.raises(InvalidInput):
        open_checkpoint(sign_note(text, KEY), VERIFIERS)


def test_log_cannot_sign_for_another_log():
    with pytest.raises(InvalidInput) as refusal:
        sign_checkpoint(CHECKPOINT, OTHER_KEY)
    assert refusal.value.code == "tlog.origin_wrong"
    forged = sign_note(CHECKPOINT.text, OTHER_KEY)
    with pytest.raises(InvalidInput) as refusal:
        open_checkpoint(forged, [OTHER_KEY.verifier_key, KEY.verifier_key])
    assert refusal.value.code == "tlog.origin_wrong"


def test_signatures_of_witnesses_do_no_harm():
    witnessed = NOTE + sign_note(CHECKPOINT.text, OTHER_KEY).split("\n\n")[1]
    assert open_checkpoint(witnessed, VERIFIERS) == CHECKPOINT
    assert open_checkpoint(witnessed, [*VERIFIERS, OTHER_KEY.verifier_key]) == CHECKPOINT


def test_either_key_of_a_log_that_changes_its_key_will_do():
    new_key = fixed_key(first_byte=50)
    note = sign_note(CHECKPOINT.text, KEY, new_key)
    for known in ([KEY], [new_key], [KEY, new_key]):
        assert open_checkpoint(note, [key.verifier_key for key in known]) == CHECKPOINT
