"""The table of application identifiers, against the standard's own dictionary and vectors."""

import json
import re
from collections.abc import Iterator

import pytest

from suyuan.identifier._application_identifiers import application_identifiers, value_faults
from suyuan.identifier._characters import CHARACTER_SETS, first_stranger
from suyuan.identifier._content import CONTENT_RULES
from tests.conformance import conformance_dir

FOLDER = conformance_dir("gs1-syntax")
VECTORS = json.loads((FOLDER / "lint_vectors.json").read_text(encoding="utf-8"))["linters"]
# The dictionary's word for a rule, and ours.
RULES = {
    "csum": "check",
    "csumalpha": "pair",
    "gcppos1": "prefix",
    "hasnondigit": "not_all_digits",
    "hh": "hour",
    "hhmi": "time",
    "hyphen": "hyphen",
    "iban": "iban",
    "importeridx": "importer",
    "iso3166": "country",
    "iso3166999": "country_or_999",
    "iso3166alpha2": "country_letters",
    "iso4217": "currency",
    "iso5218": "sex",
    "latitude": "latitude",
    "longitude": "longitude",
    "mediatype": "media_type",
    "mi": "minute",
    "nonzero": "not_zero",
    "nozeroprefix": "no_zero_first",
    "pcenc": "percent_encoded",
    "pieceoftotal": "piece_of_total",
    "posinseqslash": "place_of_total",
    "ss": "minute",
    "winding": "winding",
    "yesno": "yes_no",
    "yymmd0": "date0",
    "yymmdd": "date",
    "yyyymmdd": "date8",
    "zero": "zero",
}
# What is said in `_content` not to be looked into.
UNCHECKED = {"couponcode", "couponposoffer", "packagetype", "gcppos2"}
LENGTHS = {"date": {6}, "date0": {6}, "date8": {8}, "country": {3}, "currency": {3}}


def dictionary() -> Iterator[tuple[str, str, list[str]]]:
    """Give each identifier of the dictionary with its flags and components."""
    page = (FOLDER / "gs1-syntax-dictionary.txt").read_text(encoding="utf-8")
    for line in page.splitlines():
        words = line.partition("#")[0].split()
        if words:
            first, _, last = words[0].partition("-")
            flags = "" if re.match(r"\[?[NXYZ][.\d]", words[1]) else words[1]
            components = [word for word in words[1:] if re.match(r"\[?[NXYZ][.\d]", word)]
            for number in range(int(first), int(last or first) + 1):
                yield f"{number:0{len(first)}d}", flags, components


def test_the_table_holds_the_identifiers_of_the_dictionary_and_no_others() -> None:
    assert set(application_identifiers()) == {ai for ai, _, _ in dictionary()}


@pytest.mark.parametrize(("ai", "flags", "components"), list(dictionary()))
def test_an_identifier_is_as_the_dictionary_says(
    ai: str, flags: str, components: list[str]
) -> None:
    entry = application_identifiers()[ai]
    assert entry.has_predefined_length == ("*" in flags)
    assert entry.is_link_attribute == ("?" in flags)
    assert len(entry.components) == len(components)
    for ours, theirs in zip(entry.components, components, strict=True):
        shape, *rules = theirs.strip("[]").replace("]", "").split(",")
        assert ours.character_set == shape[0]
        assert ours.is_optional == theirs.startswith("[")
        length = int(re.sub(r"\D", "", shape))
        assert (ours.length_min, ours.length_max) == (1 if ".." in shape else length, length)
        known = [RULES[rule] for rule in rules if rule not in UNCHECKED]
        if ours.character_set == "N":  # All digits: a company prefix cannot be missing.
            known = [rule for rule in known if rule != "prefix"]
        assert [rule for rule in ours.rules if rule != "padding"] == known


def vectors() -> Iterator[tuple[str, str, bool]]:
    for linter, rule in RULES.items():
        for vector in VECTORS.get(linter, ()):
            text = vector["input"]
            fits = len(text) in LENGTHS[rule] and text.isdecimal() if rule in LENGTHS else True
            if linter.startswith("gcp") or not text:
                continue  # These vectors name variables of their own test programme.
            if linter in ("csum", "nonzero", "zero"):
                fits = text.isdecimal()
            if linter == "csumalpha":
                fits = len(text) <= 25 and first_stranger(text[:-2], "X") < 0
            if fits:
                yield rule, text, vector["ok"]


@pytest.mark.parametrize("rule", sorted(set(RULES.values())))
def test_a_rule_agrees_with_every_vector_of_the_standard(rule: str) -> None:
    wrong = [
        text
        for name, text, is_right in vectors()
        if name == rule
        and not (rule == "pair" and is_right and len(text) < 3)  # No key is that short.
        and (CONTENT_RULES[rule](text) is None) != is_right
    ]
    assert not wrong


def test_enough_vectors_are_there_to_believe_it() -> None:
    assert sum(1 for _ in vectors()) > 1500


@pytest.mark.parametrize("name", ["X", "Y"])
def test_character_sets_are_those_of_the_standard(name: str) -> None:
    linter = {"X": "cset82", "Y": "cset39"}[name]
    for vector in VECTORS[linter]:
        is_right = first_stranger(vector["input"], name) < 0
        assert is_right == vector["ok"], vector
        if not is_right:
            at = vector["marked"].index("*") if "*" not in vector["input"] else None
            assert at is None or first_stranger(vector["input"], name) == at


def test_base64url_is_that_of_the_standard() -> None:
    for vector in VECTORS["cset64"]:
        text = vector["input"]
        if text:
            faults = first_stranger(text, "Z") >= 0 or CONTENT_RULES["padding"](text) is not None
            assert faults != vector["ok"], vector


@pytest.mark.parametrize(
    ("ai", "value", "fault"),
    [
        ("11", "251301", (2, "date_wrong", "251301")),
        ("11", "250200", None),
        ("7003", "2502001200", (4, "date_wrong", "250200")),
        ("7003", "2502282400", (6, "time_wrong", "2400")),
        ("7003", "2502282360", (8, "time_wrong", "2360")),
        ("8008", "25022823", None),
        ("8008", "2502282359", None),
        ("8008", "250228235960", (10, "number_too_large", "60")),
        ("8008", "25022823591", (11, "length_wrong", "11")),
        ("7258", "2/1", (0, "piece_of_total_wrong", "2/1")),
        ("7258", "1/2", None),
        ("8007", "GB82WEST12345698765432", None),
        ("8007", "GB83WEST12345698765432", (0, "iban_wrong", "GB83WEST12345698765432")),
        ("4307", "XY", (0, "word_unknown", "XY")),
        ("4307", "CN", None),
        ("7241", "11", (0, "word_unknown", "11")),
        ("4309", "18000000013600000000", (0, "number_too_large", "1800000001")),
        ("4309", "18000000003600000000", None),
        ("4330", "001234-", None),
        ("4330", "001234+", (6, "word_unknown", "+")),
        ("423", "156156", None),
        ("423", "15615", (5, "length_wrong", "5")),
        ("7040", "1ABC", None),
        ("7040", "1AB?", (3, "word_unknown", "?")),
        ("8014", "123456", None),
        ("8001", "00000001110000", (0, "number_zero", "0000")),
        ("8011", "0", None),
        ("8011", "01", (0, "zero_first", "0")),
        ("10", "", (0, "value_empty", "")),
        ("10", "a b", (1, "character_forbidden_x", " ")),
        ("10", "a" * 21, (20, "length_wrong", "21")),
        ("8004", "401A", (3, "company_prefix_missing", "401A")),
        ("8013", "1987654Ad4X4bL5ttr2310c2X", (23, "check_pair_wrong", "2X")),
        ("4300", "a%2", (1, "escape_broken", "%2")),
        ("4300", "a%20b", None),
    ],
)
def test_a_value_is_checked_to_its_last_part(
    ai: str, value: str, fault: tuple[int, str, str] | None
) -> None:
    faults = [(fault.at, fault.code, fault.found) for fault in value_faults(ai, value)]
    if ai == "8014":
        assert [code for _, code, _ in faults] == ["check_pair_wrong", "digits_only"]
    else:
        assert faults == ([fault] if fault else [])


def test_character_sets_have_the_sizes_they_are_called_by() -> None:
    assert {name: len(characters) for name, characters in CHARACTER_SETS.items()} == {
        "N": 10,
        "X": 82,
        "Y": 39,
        "Z": 65,
    }
