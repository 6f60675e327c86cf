"""Plant keys: made strictly, read back as the same, and never mistaken for another."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.identifier import (
    canonical_uri,
    class_of,
    mint_plant_lot,
    mint_plant_product,
    mint_plant_serial,
    parse,
)

BASE = "https://plant.example/t/dairy"
PARTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30)
    .map(lambda text: normalize("NFC", text).strip())
    .filter(lambda text: text not in ("", ".", ".."))
)


def code_of(action) -> str:
    with pytest.raises(InvalidInput) as caught:
        action()
    return caught.value.code.removeprefix("identifier.")


@given(PARTS, PARTS, st.sampled_from([mint_plant_lot, mint_plant_serial]))
def test_what_is_made_is_read_back(product: str, value: str, mint) -> None:
    key = mint(BASE, product, value)
    code = parse(key, plant_bases=["https://other.example", BASE])
    assert code.canonical == key == canonical_uri(key)
    assert code.product == product
    if mint is mint_plant_lot:
        assert (code.kind, code.level, code.lot, code.serial) == ("plant_lot", "lot", value, "")
    else:
        assert (code.kind, code.level, code.serial) == ("plant_serial", "instance", value)
    assert code.lenient == ()
    assert class_of(key) == mint_plant_product(BASE, product)


def test_letters_outside_ascii_and_slashes_are_escaped() -> None:
    assert mint_plant_lot(BASE, "牛奶 1L", "a/b") == (f"{BASE}/p/%E7%89%9B%E5%A5%B6%201L/l/a%2Fb")


def test_a_product_of_a_plant_is_a_class() -> None:
    code = parse(f"{BASE}/p/milk", plant_bases=[BASE])
    assert (code.kind, code.level, code.product) == ("plant_product", "class", "milk")
    assert class_of(code.canonical) is None


@pytest.mark.parametrize(
    "text",
    [
        f"{BASE}/p/milk/l/牛",
        f"{BASE}/p/milk/l/%e7%89%9b",
        "HTTPS://Plant.Example/t/dairy/p/milk/l/%E7%89%9B",
        f"{BASE}/p/milk/l/%E7%89%9B?utm=1#top",
        f"{BASE}/p/%6Dilk/l/%E7%89%9B",
    ],
)
def test_another_spelling_of_a_plant_key_is_understood_and_said(text: str) -> None:
    code = parse(text, plant_bases=[BASE])
    assert code.canonical == f"{BASE}/p/milk/l/%E7%89%9B"
    assert code.lenient == ("identifier.lenient_plant_key_respelled",)


@pytest.mark.parametrize(
    "text",
    [
        "https://plant.example/p/milk/l/1",
        "https://plant.example/T/dairy/p/milk/l/1",
        "https://plant.example.evil.example/t/dairy/p/milk/l/1",
        "http://plant.example/t/dairy/p/milk/l/1",
        f"{BASE}2/p/milk/l/1",
        f"{BASE}/q/milk",
    ],
)
def test_what_is_below_another_address_is_any_uri(text: str) -> None:
    assert parse(text, plant_bases=[BASE]).kind == "uri"


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        (f"{BASE}/p/", "value_empty", 33),
        (f"{BASE}/p/milk/l/", "value_empty", 40),
        (f"{BASE}/p/milk/", "plant_key_wrong", 33),
        (f"{BASE}/p/milk/x/1", "plant_key_wrong", 33),
        (f"{BASE}/p/milk/l/1/s/2", "plant_key_wrong", 33),
        (f"{BASE}/p/milk/l/a%00", "plant_part_wrong", 41),
    ],
)
def test_a_broken_plant_key_is_refused(text: str, code: str, position: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text, plant_bases=[BASE])
    (problem,) = caught.value.problems
    assert problem.code == f"identifier.{code}"
    assert problem.values["position"] == position


@pytest.mark.parametrize(
    ("product", "lot", "code"),
    [
        ("", "1", "value_empty"),
        ("milk", "", "value_empty"),
        (" milk", "1", "plant_part_wrong"),
        ("milk", "..", "plant_part_wrong"),
        ("milk", "a\n", "plant_part_wrong"),
        ("milk", "a\u200b", "plant_part_wrong"),
        ("milk", "\ud800", "plant_part_wrong"),
        ("milk", "e\u0301", "plant_part_wrong"),  # Two spellings would be two lots.
        ("milk", "a" * 101, "length_wrong"),
        ("牛" * 100, "奶" * 100, None),
        ("😀" * 100, "😀" * 100, "uri_too_long"),
    ],
)
def test_making_is_strict(product: str, lot: str, code: str | None) -> None:
    if code is None:
        assert parse(mint_plant_lot(BASE, product, lot), plant_bases=[BASE]).lot == lot
    else:
        assert code_of(lambda: mint_plant_lot(BASE, product, lot)) == code


@pytest.mark.parametrize(
    "base",
    [
        "",
        "plant.example",
        "https://Plant.example",
        f"{BASE}/",
        "https://a b",
        "ftp://a",
        f"{BASE}?",
    ],
)
def test_an_address_that_has_two_spellings_is_no_base(base: str) -> None:
    assert code_of(lambda: mint_plant_lot(base, "milk", "1")) == "plant_base_wrong"
