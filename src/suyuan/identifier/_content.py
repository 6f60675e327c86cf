"""What the parts of a GS1 value must say, beyond their characters and lengths. 内容规则

Source: GS1 General Specifications, section 3; each rule names what it is about. A rule
takes one part of a value, whose characters and length are right already, and gives the
first fault in it, or None. Contents of North American coupons (8110, 8112) and codes of
package types (7041) are not looked into.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping

from suyuan.identifier._characters import ESCAPE_BROKEN
from suyuan.identifier._check import check_digit, check_pair, has_check_digit
from suyuan.identifier._fault import Fault

__all__ = ["CONTENT_RULES"]

Rule = Callable[[str], Fault | None]

_RULE = "GS1 General Specifications, section 3"

# ISO 3166-1, numeric codes.
_COUNTRIES = """
    004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072
    074 076 084 086 090 092 096 100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162
    166 170 174 175 178 180 184 188 191 192 196 203 204 208 212 214 218 222 226 231 232 233 234
    238 239 242 246 248 250 254 258 260 262 266 268 270 275 276 288 292 296 300 304 308 312 316
    320 324 328 332 334 336 340 344 348 352 356 360 364 368 372 376 380 384 388 392 398 400 404
    408 410 414 417 418 422 426 428 430 434 438 440 442 446 450 454 458 462 466 470 474 478 480
    484 492 496 498 499 500 504 508 512 516 520 524 528 531 533 534 535 540 548 554 558 562 566
    570 574 578 580 581 583 584 585 586 591 598 600 604 608 612 616 620 624 626 630 634 638 642
    643 646 652 654 659 660 662 663 666 670 674 678 682 686 688 690 694 702 703 704 705 706 710
    716 724 728 729 732 740 744 748 752 756 760 762 764 768 772 776 780 784 788 792 795 796 798
    800 804 807 818 826 831 832 833 834 840 850 854 858 860 862 876 882 887 894
"""

# ISO 3166-1, alpha-2 codes.
_COUNTRY_LETTERS = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS YE YT ZA ZM ZW
"""

# ISO 4217, numeric codes.
_CURRENCIES = """
    008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144
    152 156 170 174 188 192 203 208 214 222 230 232 238 242 262 270 292 320 324 328 332 340 344
    348 352 356 360 364 368 376 388 392 396 398 400 404 408 410 414 417 418 422 426 430 434 446
    454 458 462 480 484 496 498 504 512 516 524 532 533 548 554 558 566 578 586 590 598 600 604
    608 634 643 646 654 682 690 702 704 706 710 728 748 752 756 760 764 776 780 784 788 800 807
    818 826 834 840 858 860 882 886 901 924 925 926 927 928 929 930 933 934 936 938 940 941 943
    944 946 947 948 949 950 951 952 953 955 956 957 958 959 960 961 962 963 964 965 967 968 969
    970 971 972 973 975 976 977 978 979 980 981 984 985 986 990 994 997 999
"""

_IMPORTERS = " ".join("-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_MEDIA_TYPES = " ".join(f"{number:02d}" for number in (*range(1, 11), *range(80, 100)))
_PLACE_OF_TOTAL = re.compile(r"([1-9])/([1-9])")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]+")


def _check(part: str) -> Fault | None:
    if has_check_digit(part):
        return None
    rule = "GS1 General Specifications, section 7.9.1"
    last = len(part) - 1
    return Fault(last, "check_digit_wrong", rule, check_digit(part[:-1]), part[last])


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
    rule = "GS1 General Specifications, section 1.4.2"
    at = next((i for i, character in enumerate(head) if not character.isdecimal()), len(head))
    return Fault(at, "company_prefix_missing", rule, "0000–9999", head)


def _not_all_digits(part: str) -> Fault | None:
    if part.isdecimal():
        return Fault(0, "digits_only", _RULE, "", part)
    return None


def _not_zero(part: str) -> Fault | None:
    if part.strip("0"):
        return None
    return Fault(0, "number_zero", _RULE, "", part)


def _zero(part: str) -> Fault | None:
    if part.strip("0"):
        return Fault(0, "word_unknown", _RULE, "0", part)
    return None


def _no_zero_first(part: str) -> Fault | None:
    if len(part) > 1 and part[0] == "0":
        return Fault(0, "zero_first", _RULE, "1–9", "0")
    return None


def _piece_of_total(part: str) -> Fault | None:
    piece, total = part[:2], part[2:]
    if "00" < piece <= total:
        return None
    return Fault(0, "piece_of_total_wrong", _RULE, "", f"{piece}/{total}")


def _place_of_total(part: str) -> Fault | None:
    match = _PLACE_OF_TOTAL.fullmatch(part)
    if match and match[1] <= match[2]:
        return None
    return Fault(0, "piece_of_total_wrong", _RULE, "", part)


def _date(part: str) -> Fault | None:
    if part[-2:] == "00":
        return Fault(len(part) - 2, "date_wrong", _RULE, "", part)
    return _date0(part)


def _date0(part: str) -> Fault | None:
    """Be a date; the day 00 stands for a whole month. Of two-digit years all are near 2000."""
    year, month, day = int(part[:-4]) or 2000, int(part[-4:-2]), int(part[-2:])
    if not 1 <= month <= 12:
        return Fault(len(part) - 4, "date_wrong", _RULE, "", part)
    if day > calendar.monthrange(year, month)[1]:
        return Fault(len(part) - 2, "date_wrong", _RULE, "", part)
    return None


def _time(part: str) -> Fault | None:
    if part[:2] > "23":
        return Fault(0, "time_wrong", _RULE, "", part)
    return Fault(2, "time_wrong", _RULE, "", part) if part[2:] > "59" else None


def _iban(part: str) -> Fault | None:
    """Be a bank account number whose check digits are right (ISO 13616, ISO 7064)."""
    if _IBAN.fullmatch(part):
        number = "".join(str(int(character, 36)) for character in part[4:] + part[:4])
        if int(number) % 97 == 1:
            return None
    return Fault(0, "iban_wrong", "ISO 13616", "", part)


def _percent_encoded(part: str) -> Fault | None:
    broken = ESCAPE_BROKEN.search(part)
    if broken is None:
        return None
    at = broken.start()
    return Fault(at, "escape_broken", _RULE, "%XX", part[at : at + 3])


def _padding(part: str) -> Fault | None:
    """Be base64url, whose padding fills the last group up."""
    bare = part.rstrip("=")
    padding = len(part) - len(bare)
    if "=" in bare:
        return Fault(bare.index("="), "padding_wrong", _RULE, "", part)
    if padding > 2 or (padding and len(part) % 3):
        return Fault(len(bare), "padding_wrong", _RULE, "", part)
    return None


def _one_of(words: str, expected: str) -> Rule:
    allowed = frozenset(words.split())

    def rule(part: str) -> Fault | None:
        return None if part in allowed else Fault(0, "word_unknown", _RULE, expected, part)

    return rule


def _at_most(limit: int) -> Rule:
    def rule(part: str) -> Fault | None:
        if int(part) <= limit:
            return None
        return Fault(0, "number_too_large", _RULE, str(limit), part)

    return rule


CONTENT_RULES: Mapping[str, Rule] = {
    "check": _check,
    "country": _one_of(_COUNTRIES, "ISO 3166-1"),
    "country_letters": _one_of(_COUNTRY_LETTERS, "ISO 3166-1"),
    "country_or_999": _one_of(f"{_COUNTRIES} 999", "ISO 3166-1, 999"),
    "currency": _one_of(_CURRENCIES, "ISO 4217"),
    "date": _date,
    "date0": _date0,
    "date8": _date,
    "hour": _at_most(23),
    "hyphen": _one_of("-", "-"),
    "iban": _iban,
    "importer": _one_of(_IMPORTERS, "- _ 0–9 A–Z a–z"),
    "latitude": _at_most(1_800_000_000),
    "longitude": _at_most(3_600_000_000),
    "media_type": _one_of(_MEDIA_TYPES, "01–10, 80–99"),
    "minute": _at_most(59),
    "no_zero_first": _no_zero_first,
    "not_all_digits": _not_all_digits,
    "not_zero": _not_zero,
    "padding": _padding,
    "pair": _pair,
    "percent_encoded": _percent_encoded,
    "piece_of_total": _piece_of_total,
    "place_of_total": _place_of_total,
    "prefix": _prefix,
    "sex": _one_of("0 1 2 9", "0, 1, 2, 9"),
    "time": _time,
    "winding": _one_of("0 1 9", "0, 1, 9"),
    "yes_no": _one_of("0 1", "0, 1"),
    "zero": _zero,
}
