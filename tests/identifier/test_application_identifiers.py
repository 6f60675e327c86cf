"""Values of application identifiers are checked to their last part."""

import pytest

from suyuan.identifier._application_identifiers import value_faults
from suyuan.identifier._characters import CHARACTER_SETS


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
