"""One reading for everything people type, scanners read and partners send."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput, message_catalogue
from suyuan.identifier import Identifier, canonical_uri, parse

ID = "https://id.gs1.org"
PLANT = "https://plant.example"


def lenient(code: Identifier) -> list[str]:
    return [note.removeprefix("identifier.lenient_") for note in code.lenient]


@pytest.mark.parametrize(
    ("text", "kind", "level", "canonical", "notes"),
    [
        ("09521141012345", "gtin", "class", "/01/09521141012345", []),
        ("9521141012345", "gtin", "class", "/01/09521141012345", ["gtin_padded", "read_as_gtin"]),
        ("614141123452", "gtin", "class", "/01/00614141123452", ["gtin_padded"]),
        ("12345670", "gtin", "class", "/01/00000012345670", ["gtin_padded"]),
        ("]E09521141012345", "gtin", "class", "/01/09521141012345", ["gtin_padded"]),
        ("]E412345670", "gtin", "class", "/01/00000012345670", ["gtin_padded"]),
        ("106141412345678908", "sscc", "instance", "/00/106141412345678908", ["read_as_sscc"]),
        ("40123459999876541", "gsin", "instance", "/402/40123459999876541", []),
        ("00106141412345678908", "sscc", "instance", "/00/106141412345678908", []),
        ("]C100106141412345678908", "sscc", "instance", "/00/106141412345678908", []),
        ("(01)9521141012345", "gtin", "class", "/01/09521141012345", ["gtin_padded"]),
        ("019521141012345", "gtin", "class", "/01/09521141012345", ["gtin_padded"]),
        ("(01)09521141012345(10)L", "lgtin", "lot", "/01/09521141012345/10/L", []),
        ("(01)09521141012345(21)a/b", "sgtin", "instance", "/01/09521141012345/21/a%2Fb", []),
        ("(01)09521141012345(235)T", "upui", "instance", "/01/09521141012345/235/T", []),
        ("(8006)040123451234560102", "itip", "class", "/8006/040123451234560102", []),
        ("(8006)040123451234560102(10)L", "itip", "lot", "/8006/040123451234560102/10/L", []),
        ("(8006)040123451234560102(21)S", "itip", "instance", "/8006/040123451234560102/21/S", []),
        ("(414)9521141111116", "gln", "place", "/414/9521141111116", []),
        ("(414)9521141111116(254)A", "sgln", "place", "/414/9521141111116/254/A", []),
        ("(417)9521141111116", "pgln", "party", "/417/9521141111116", []),
        ("(8003)04012345666663", "grai", "class", "/8003/04012345666663", []),
        ("(8003)0401234566666387", "grai", "instance", "/8003/0401234566666387", []),
        ("(8004)4012345AAbb", "giai", "instance", "/8004/4012345AAbb", []),
        ("(253)4012345555554", "gdti", "class", "/253/4012345555554", []),
        ("(253)401234555555498", "gdti", "instance", "/253/401234555555498", []),
        ("(255)401234599999044", "gcn", "instance", "/255/401234599999044", []),
        ("(8010)4012345ABC", "cpid", "class", "/8010/4012345ABC", []),
        ("(8010)4012345ABC(8011)123", "cpid", "instance", "/8010/4012345ABC/8011/123", []),
        ("(8017)401234500000987658", "gsrnp", "party", "/8017/401234500000987658", []),
        ("(8018)401234598765400000", "gsrn", "party", "/8018/401234598765400000", []),
        ("(401)4012345333", "ginc", "instance", "/401/4012345333", []),
        ("(8013)1987654Ad4X4bL5ttr2310c2K", "gmn", "class", "/8013/1987654Ad4X4bL5ttr2310c2K", []),
        ("(415)9521141111116(8020)R", "pay_to", "party", "/415/9521141111116", []),
        (f"{ID}/01/09521141012345", "gtin", "class", "/01/09521141012345", []),
        (f"{ID}/01/09521141012345#a", "gtin", "class", "/01/09521141012345", ["fragment_dropped"]),
        (f"{ID}/01/09521141012345?a", "gtin", "class", "/01/09521141012345", ["query_dropped"]),
        (f"{ID}/gtin/09521141012345", "gtin", "class", "/01/09521141012345", ["name_for_number"]),
        (f"{ID}/01/09521141012345/10/a:b", "lgtin", "lot", "/01/09521141012345/10/a%3Ab",
         ["escape_added"]),
        ("HTTPS://ID.GS1.ORG/01/09521141012345", "gtin", "class", "/01/09521141012345",
         ["letter_case"]),
        ("shop.example/01/09521141012345", "gtin", "class", "/01/09521141012345",
         ["scheme_added"]),
        ("urn:epc:id:sgln:4012345.00002.0", "gln", "place", "/414/4012345000023", []),
        ("URN:EPC:id:sgln:4012345.00002.0", "gln", "place", "/414/4012345000023", ["letter_case"]),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "gtin", "class", "/01/04012345987652", []),
        (" 9 521141 012345\n", "gtin", "class", "/01/09521141012345",
         ["space_dropped", "grouping_dropped", "gtin_padded", "read_as_gtin"]),
        ("\uff0801\uff0909521141012345\uff0810\uff09\uff2c", "lgtin", "lot",
         "/01/09521141012345/10/L", ["full_width"]),
        ("010952114101234510L^21S", "sgtin", "instance", "/01/09521141012345/21/S",
         ["separator"]),
        ("(01) 09521141012345 (10) L", "lgtin", "lot", "/01/09521141012345/10/L",
         ["space_dropped"]),
    ],
)  # fmt: skip
def test_every_spelling_of_a_key_is_understood(
    text: str, kind: str, level: str, canonical: str, notes: list[str]
) -> None:
    code = parse(text)
    assert (code.kind, code.level) == (kind, level)
    assert code.canonical == ID + canonical
    assert lenient(code) == notes


def test_every_note_on_leniency_has_a_text_in_both_languages() -> None:
    for text in ("9521141012345", "(01) 9521141012345"):
        for note in parse(text).lenient:
            assert set(message_catalogue()[note]) == {"en", "zh"}


def test_a_code_is_taken_apart() -> None:
    code = parse("https://ex.com/01/09521141012345/22/V/10/L%2F1/21/S?17=251231&3103=000195")
    assert code.gtin == "09521141012345"
    assert (code.product, code.lot, code.serial) == ("09521141012345", "L/1", "S")
    assert [(e.ai, e.value) for e in code.qualifiers] == [("22", "V"), ("10", "L/1"), ("21", "S")]
    assert [(e.ai, e.value) for e in code.attributes] == [("17", "251231"), ("3103", "000195")]


def test_a_code_gives_distinct_keys() -> None:
    code = parse("(01)09521141012345(10)L/1(21)S")
    assert code.lot_key == f"{ID}/01/09521141012345/10/L%2F1"
    assert code.product_key == f"{ID}/01/09521141012345"
    assert code.sscc is code.gln is None
    assert parse(code.lot_key).lot_key == code.lot_key
    assert parse(code.product_key).product_key == code.product_key
    assert parse(code.product_key).lot_key is None
    assert parse("106141412345678908").sscc == "106141412345678908"
    assert parse("(414)9521141111116(254)A").gln == "9521141111116"
    assert parse(f"{PLANT}/p/milk/l/1", plant_bases=[PLANT]).product_key == f"{PLANT}/p/milk"
    assert parse(f"{PLANT}/p/milk/l/1", plant_bases=[PLANT]).lot_key == f"{PLANT}/p/milk/l/1"
    assert parse("(8003)0401234566666387").product_key == f"{ID}/8003/04012345666663"


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("9521141111116", [f"{ID}/414/9521141111116", f"{ID}/417/9521141111116"]),
        ("106141412345678908", [f"{ID}/8017/106141412345678908", f"{ID}/8018/106141412345678908"]),
        ("(401)9521141A(00)106141412345678908", [f"{ID}/401/9521141A"]),
        ("(01)09521141012345", []),
    ],
)
def test_what_else_a_code_could_mean_is_said(text: str, alternatives: list[str]) -> None:
    assert list(parse(text).alternatives) == alternatives


def test_a_shipping_label_names_the_pallet_and_not_the_consignment_or_what_is_inside() -> None:
    code = parse("(401)9521141A(02)09521141012345(37)12(10)L(00)106141412345678908")
    assert code.canonical == f"{ID}/00/106141412345678908"
    assert code.lot == ""


@pytest.mark.parametrize(
    "link",
    [
        "https://ex.com/01/9521141012345",
        "https://ex.com/01/614141123452",
        "https://ex.com/01/12345670",
        "https://ex.com/01/09521141012345?10=L",
        "https://ex.com/01/09521141012345?17=251231&17=260101",
        "https://ex.com/01/09521141012345?1234=1",
        "https://ex.com/01/09521141012345?17=",
        "https://ex.com/01/09521141012345/10/",
    ],
)
def test_a_link_that_is_nearly_right_is_refused(link: str) -> None:
    with pytest.raises(InvalidInput):
        parse(link)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "code_empty 1"),
        ("  ", "code_empty 1"),
        ("milk", "code_unknown 1"),
        ("  LOT-2024-001", "code_unknown 3"),
        ("20240101A", "code_unknown 1"),
        ("12345", "code_unknown 1"),
        ("9521141012346", "check_digit_wrong 13"),
        ("12345671", "check_digit_wrong 8"),
        (" 106141412345678909", "check_digit_wrong 19"),
        ("https://ex.com/00/106141412345678909", "check_digit_wrong 36"),
        (" ex.com/00/106141412345678909", "check_digit_wrong 29"),
        ("https://ex.com/a b", "uri_character_forbidden 17"),
        ("urn:epc:id:sgtin:1.2.3", "prefix_length_wrong 18"),
        (" urn:epc:id:sgtin:1.2.3", "prefix_length_wrong 19"),
        ("a" * 9000, "code_too_long 8193"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_in_the_code_as_given(
    text: str, expected: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    (problem,) = caught.value.problems
    assert f"{problem.code.removeprefix('identifier.')} {problem.values['position']}" == expected
    assert problem.where == f"position {problem.values['position']}"
    for language in ("en", "zh"):
        assert not re.search(r"\{[a-z]+\}", problem.text(language))


CODES = st.one_of(
    st.text(max_size=60),
    st.text("()01 2346789\x1dAZaz/:.%?&=urnepcidsgtin", max_size=60),
    st.builds(
        "".join,
        st.lists(
            st.sampled_from(
                ["https://", "id.gs1.org", "ex.com", "/01/", "09521141012345", "/10/", "L", "?",
                 "17=251231", "&", "(01)", "(10)", "\x1d", "]d2", "01", "10", "urn:epc:id:",
                 "sgtin:", "4012345.", "012345.", "*", "%2F", "%", "/p/", "/l/", "/s/", "1", " "]
            ),
            max_size=9,
        ),
    ),
)  # fmt: skip


@given(CODES)
def test_any_text_is_understood_or_refused_with_a_reason(text: str) -> None:
    try:
        code = parse(text, plant_bases=[PLANT])
    except InvalidInput as error:
        for problem in error.problems:
            assert 1 <= problem.values["position"] <= len(text) + 1
            assert not re.search(r"\{[a-z]+\}", problem.text("zh"))
        return
    assert code.canonical
    assert canonical_uri(code.canonical) == code.canonical
    again = parse(code.canonical, plant_bases=[PLANT])
    assert again.canonical == code.canonical


@given(CODES)
def test_a_uri_has_one_canonical_form_whoever_asks(text: str) -> None:
    try:
        code = parse(text)
    except InvalidInput:
        return
    respelled = {"identifier.lenient_scheme_added", "identifier.lenient_space_dropped"}
    is_as_sent = not respelled & {*code.lenient} and not text.startswith("]")
    if is_as_sent and code.spelling in ("digital_link", "epc_urn", "uri"):
        assert canonical_uri(text) == code.canonical


@given(CODES)
def test_a_code_refused_in_events_is_refused_everywhere(text: str) -> None:
    try:
        canonical_uri(text)
    except InvalidInput:
        if text == text.strip() and text.lower().startswith(("http:", "https:", "urn:")):
            with pytest.raises(InvalidInput):
                parse(text)
