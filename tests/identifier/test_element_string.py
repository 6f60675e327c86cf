"""Element strings and brackets, against the vectors of the standard and as a round trip."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.identifier import Element, as_bracketed, as_digital_link, as_element_string, parse
from suyuan.identifier._application_identifiers import application_identifiers
from suyuan.identifier._element_string import read_bracketed, read_element_string

CHARACTERS_82 = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"


@st.composite
def readings(draw: st.DrawFn) -> list[Element]:
    """Elements of every shape that any order and any neighbour may follow."""
    elements = [Element("01", "09521141012345")]
    values = {
        "10": st.text(CHARACTERS_82, min_size=1, max_size=20),
        "21": st.text(CHARACTERS_82, min_size=1, max_size=20),
        "17": st.just("251231"),
        "3103": st.just("000195"),
        "30": st.text(string.digits, min_size=1, max_size=8),
        "423": st.sampled_from(["156", "156276"]),
        "8008": st.sampled_from(["25123123", "251231235959"]),
        "99": st.text(CHARACTERS_82, min_size=1, max_size=90),
    }
    for ai in draw(st.permutations(sorted(values))):
        if draw(st.booleans()):
            elements.append(Element(ai, draw(values[ai])))
    return draw(st.permutations(elements))


def pairs(elements: tuple[Element, ...]) -> list[tuple[str, str]]:
    return [(element.ai, element.value) for element in elements]


@given(readings())
def test_what_is_written_is_read_back(elements: list[Element]) -> None:
    expected = [(element.ai, element.value) for element in elements]
    assert pairs(read_element_string(as_element_string(elements)).elements) == expected
    assert pairs(read_bracketed(as_bracketed(elements)).elements) == expected


@given(readings())
def test_every_spelling_means_the_same(elements: list[Element]) -> None:
    code = parse(as_bracketed(elements))
    for text in (
        "]d2" + as_element_string(elements),
        "\x1d" + as_element_string(elements),
        "]C1" + as_element_string(elements) + "\x1d",
        as_digital_link(elements),
        as_digital_link(elements, "https://shop.example/a/b"),
        "]Q1" + as_digital_link(elements),
    ):
        other = parse(text)
        assert other.canonical == code.canonical
        assert other.kind == code.kind
        assert sorted(pairs(other.elements)) == sorted(pairs(code.elements))


def test_the_start_of_an_identifier_is_never_the_whole_of_another() -> None:
    table = application_identifiers()
    assert not [ai for ai in table for n in (2, 3) if ai[:n] != ai and ai[:n] in table]


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    return [
        f"{p.code.removeprefix('identifier.')} {p.values['position']}"
        for p in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(01)09521141012346", ["check_digit_wrong 18"]),
        ("(01)0952114101234", ["check_digit_wrong 17"]),  # Read as thirteen digits.
        ("(01)952114101234x(10)", ["character_forbidden_n 17", "value_empty 22"]),
        ("(01)09521141012345(17)251301", ["date_wrong 25"]),
        ("(01)09521141012345(10)a b(17)x", ["character_forbidden_x 24"]),
        ("(10)L", ["ai_without_key 2"]),
        ("(01)09521141012345(254)L", ["ai_without_key 20"]),
        ("(01)09521141012345(235)A(21)B", ["ai_excluded 26"]),
        ("(01)09521141012345(37)1", ["ai_excluded 20"]),
        ("(01)09521141012345(3102)000001(3103)000001", ["ai_excluded 32"]),
        ("(01)09521141012345(10)A(10)B", ["ai_repeated 25"]),
        ("(01)09521141012345(89)B", ["ai_unknown 20"]),
        ("(17)251231", ["key_missing 1"]),
        ("(01", ["bracket_wrong 1"]),
        ("(01)09521141012345x", ["length_wrong 19"]),
        ("]d20109521141012346", ["check_digit_wrong 19"]),
        ("]d2", ["key_missing 4"]),
        ("\x1d0109521141012345\x1d\x1d89", ["ai_unknown 20"]),
        ("010952114101234510L\x1d17251301", ["date_wrong 25"]),
        ("0109521141012345170000", ["length_wrong 23"]),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, expected: list[str]) -> None:
    got = problems(text)
    assert got[: len(expected)] == expected
