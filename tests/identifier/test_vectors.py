"""Tables, rules, element strings and links, held to the dictionary and vectors of the standard."""

import json
import re
from collections.abc import Iterator

import pytest

from suyuan.errors import InvalidInput
from suyuan.identifier import as_digital_link, as_element_string, parse
from suyuan.identifier._application_identifiers import application_identifiers
from suyuan.identifier._characters import first_stranger
from suyuan.identifier._content import CONTENT_RULES
from suyuan.identifier._element_string import read_bracketed
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


def parse_vectors(name: str) -> list[list[str]]:
    page = FOLDER / name
    return [v["args"] for v in json.loads(page.read_text(encoding="utf-8"))["vectors"]]


@pytest.mark.parametrize(("is_right", "text", "expected"), parse_vectors("ai_parseAIdata.json"))
def test_brackets_are_read_as_the_standard_reads_them(
    is_right: bool, text: str, expected: str
) -> None:
    if not is_right:
        with pytest.raises(InvalidInput):
            read_bracketed(text)
        return
    # The vectors look at the syntax of one element; we look at what it belongs to, too.
    key = "" if "(01)" in text else "(01)12345678901231"
    elements = read_bracketed(key + text).elements[1 if key else 0 :]
    assert "^" + as_element_string(elements).replace("\x1d", "^") == expected


@pytest.mark.parametrize(
    ("is_right", "stem", "text", "expected"), parse_vectors("dl_generate.json")
)
def test_links_are_written_as_the_standard_writes_them(
    is_right: bool, stem: str | None, text: str, expected: str
) -> None:
    def link() -> str:
        code = parse(text)
        return as_digital_link(code.elements, stem or "https://id.gs1.org")

    # One vector switches the check for unknown identifiers off, which we never do.
    if is_right and "(89)" not in text:
        assert link() == expected
    else:
        with pytest.raises(InvalidInput):
            link()
