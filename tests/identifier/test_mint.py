"""Keys we make: right by an independent calculation, or refused."""

import biip.checksums
import pytest
from biip.sscc import Sscc
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.identifier import (
    class_of,
    classes_of,
    gln_uri,
    gtin_check_digit,
    lot_in,
    mint_gln,
    mint_gtin,
    mint_lot,
    mint_serial,
    mint_sscc,
    parse,
    product_uri,
    sscc_uri,
)

ID = "https://id.gs1.org"
DIGITS = "0123456789"


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_a_check_digit_is_what_another_library_calculates(length: int, data) -> None:
    payload = data.draw(st.text(DIGITS, min_size=length, max_size=length))
    assert gtin_check_digit(payload) == str(biip.checksums.gs1_standard_check_digit(payload))


@given(st.text(DIGITS, min_size=4, max_size=12), st.integers(0), st.integers(0, 9))
def test_an_sscc_is_one_for_another_library(prefix: str, number: int, extension: int) -> None:
    number %= 10 ** (16 - len(prefix))
    sscc = mint_sscc(prefix, number, extension=extension)
    assert Sscc.parse(sscc).check_digit == int(sscc[-1])
    assert sscc[0] == str(extension)
    assert sscc[1 : 1 + len(prefix)] == prefix
    assert int(sscc[1 + len(prefix) : -1]) == number
    assert parse(sscc).canonical == sscc_uri(sscc)


def test_keys_are_made() -> None:
    assert mint_gtin("4012345", "12345") == "04012345123456"
    assert mint_gtin("4012345", "12345", indicator=1) == "14012345123453"
    assert mint_gln("4012345", "00002") == "4012345000023"
    assert mint_gln("401234500002", "") == "4012345000023"
    assert mint_sscc("0614141", 234567890, extension=1) == "106141412345678908"
    assert product_uri("04012345123456") == f"{ID}/01/04012345123456"
    assert mint_lot("04012345123456", "L/1") == f"{ID}/01/04012345123456/10/L%2F1"
    assert mint_serial("04012345123456", "S") == f"{ID}/01/04012345123456/21/S"
    assert gln_uri("4012345000023") == f"{ID}/414/4012345000023"
    assert gln_uri("4012345000023", "A") == f"{ID}/414/4012345000023/254/A"


@pytest.mark.parametrize(
    "make",
    [
        lambda: gtin_check_digit("123"),
        lambda: gtin_check_digit("١٢٣٤٥٦٧"),
        lambda: mint_gtin("401", "12345"),
        lambda: mint_gtin("4012345", "1234"),
        lambda: mint_gtin("4012345", "12345", indicator=10),
        lambda: mint_sscc("4012345", 10**9),
        lambda: mint_sscc("4012345", -1),
        lambda: mint_sscc("4012345", 1, extension=10),
        lambda: mint_gln("4012345", "1x345"),
        lambda: mint_lot("04012345123457", "L"),
        lambda: mint_lot("4012345123456", "L"),
        lambda: mint_lot("04012345123456", ""),
        lambda: mint_lot("04012345123456", "批"),
        lambda: mint_serial("04012345123456", "a" * 21),
        lambda: sscc_uri("106141412345678909"),
    ],
)
def test_what_would_be_wrong_is_not_made(make) -> None:
    with pytest.raises(InvalidInput):
        make()


@pytest.mark.parametrize(
    ("canonical", "product"),
    [
        (f"{ID}/01/04012345123456/10/L", f"{ID}/01/04012345123456"),
        (f"{ID}/01/04012345123456/21/S", f"{ID}/01/04012345123456"),
        (f"{ID}/01/04012345123456", None),
        (f"{ID}/8006/040123451234560102/21/S", f"{ID}/8006/040123451234560102"),
        (f"{ID}/8006/040123451234560102", None),
        (f"{ID}/8010/4012345ABC/8011/1", f"{ID}/8010/4012345ABC"),
        (f"{ID}/8010/4012345ABC", None),
        (f"{ID}/8003/0401234566666387", f"{ID}/8003/04012345666663"),
        (f"{ID}/253/401234555555498", f"{ID}/253/4012345555554"),
        (f"{ID}/00/106141412345678908", None),
        ("https://p.example/p/milk/l/1", "https://p.example/p/milk"),
        ("https://p.example/p/milk/s/1", "https://p.example/p/milk"),
        ("https://p.example/p/milk/l/", None),
        ("https://p.example/q/milk/s/1", None),
        ("urn:uuid:1", None),
    ],
)
def test_the_class_is_in_the_name(canonical: str, product: str | None) -> None:
    assert class_of(canonical) == product


_NAMES = st.sampled_from(
    [
        *(f"{ID}/01/04012345123456/21/{serial}" for serial in ("", "0", "1", "~")),
        *(
            f"{ID}/01/04012345123456/10/L",
            f"{ID}/01/04012345123456",
            f"{ID}/01/04012345123457/21/1",
        ),
        *(f"{ID}/01/0401234512345", f"{ID}/00/106141412345678908", "https://p.example/p/milk/l/1"),
        *(f"{ID}/8003/0401234566666387", f"{ID}/8006/040123451234560102/21/S", "urn:uuid:1"),
    ]
)


@given(st.lists(_NAMES, max_size=6))
def test_the_classes_of_many_are_those_of_each(canonical: list[str]) -> None:
    each = dict.fromkeys(class_of(one) for one in canonical)
    assert classes_of(canonical) == [one for one in each if one is not None]


@pytest.mark.parametrize(
    ("text", "lot"),
    [
        (f"{ID}/01/04012345123456/10/L/21/S", f"{ID}/01/04012345123456/10/L"),
        ("https://ex.com/gtin/04012345123456/lot/L/ser/S", f"{ID}/01/04012345123456/10/L"),
        (
            "https://ex.com/8006/040123451234560102/22/V/10/L/21/S",
            f"{ID}/8006/040123451234560102/10/L",
        ),
        (f"{ID}/01/04012345123456/10/L", None),
        (f"{ID}/01/04012345123456/21/S", None),
        (f"{ID}/01/04012345123457/10/L/21/S", None),
        ("https://ex.com/10/a/21/b", None),
        ("urn:x:/10/a/21/b", None),
    ],
)
def test_a_key_that_carries_both_names_the_lot_of_the_instance(text: str, lot: str | None) -> None:
    assert lot_in(text) == lot
