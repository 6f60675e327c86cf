"""What the parts of a GS1 value must say, beyond their characters and lengths. 内容规则

Source: GS1 General Specifications, section 3; each rule names what it is about.
A rule takes one part of a value and gives the first fault in it, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from suyuan.identifier._check import check_digit, check_pair, has_check_digit
from suyuan.identifier._fault import Fault

__all__ = ["CONTENT_RULES"]


def _check(part: str) -> Fault | None:
    if has_check_digit(part):
        return None
    return Fault(
        len(part) - 1,
        "check_digit_wrong",
        "GS1 General Specifications, section 7.9.1",
        check_digit(part[:-1]),
        part[-1],
    )


def _pair(part: str) -> Fault | None:
    rule = "GS1 General Specifications, section 7.9.5"
    if len(part) < 3:
        return Fault(0, "length_wrong", rule, "3–25", str(len(part)))
    expected = check_pair(part[:-2])
    if part[-2:] == expected:
        return None
    return Fault(len(part) - 2, "check_pair_wrong", rule, expected, part[-2:])


def _prefix(part: str) -> Fault | None:
    """Start with a company prefix, of which even the shortest has four digits."""
    head = part[:4]
    if len(head) == 4 and head.isdecimal():
        return None
    index = next((i for i, character in enumerate(head) if not character.isdecimal()), len(head))
    return Fault(
        index,
        "company_prefix_missing",
        "GS1 General Specifications, section 1.4.2",
        "4 digits",
        head,
    )


def _zero(part: str) -> Fault | None:
    if part.strip("0"):
        return Fault(0, "zero_missing", "GS1 General Specifications, section 3", "0", part)
    return None


def _no_zero_first(part: str) -> Fault | None:
    if len(part) > 1 and part[0] == "0":
        return Fault(0, "zero_first", "GS1 General Specifications, section 3.9", "1–9", "0")
    return None


def _piece_of_total(part: str) -> Fault | None:
    piece, total = part[:2], part[2:]
    if "00" < piece <= total:
        return None
    rule = "GS1 General Specifications, section 3.9.7"
    return Fault(0, "piece_of_total_wrong", rule, "", f"{piece}/{total}")


CONTENT_RULES: Mapping[str, Callable[[str], Fault | None]] = {
    "check": _check,
    "pair": _pair,
    "prefix": _prefix,
    "zero": _zero,
    "no_zero_first": _no_zero_first,
    "piece_of_total": _piece_of_total,
}
