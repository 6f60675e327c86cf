"""Times, URIs, numbers and names, against grammars and clocks that know nothing of our code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suyuan.event._text import (
    TIME_ZONE_OFFSETS,
    is_number_storable,
    is_uri,
    pointer_part,
    shown,
    time_microseconds,
)
from tests.event.schema import URI

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
offsets = st.sampled_from(["Z", *sorted(TIME_ZONE_OFFSETS)])


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 30)),
    st.sampled_from([0, 1, 2, 3, 6, 7, 9]),
    offsets,
)
def test_a_time_is_what_the_calendar_says(moment: datetime, digits: int, offset: str) -> None:
    fraction = f"{moment.microsecond:06}999"[:digits]
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + f".{fraction}" * bool(digits)
    kept = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    shift = timedelta()
    if offset != "Z":
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
    sign = -1 if offset[0] == "-" else 1
    expected = (kept.replace(tzinfo=UTC) - sign * shift - EPOCH) // timedelta(microseconds=1)
    for _ in range(2):  # the second time from what is known of the first
        assert time_microseconds(text + offset) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Z",
        "2026",
        "2026-03-01",
        "2026-03-01T08:00:00",
        "2026-03-01T08:00Z",
        "2026-03-01 08:00:00Z",
        "2026-03-01t08:00:00Z",
        "2026-03-01T08:00:00z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T08:60:00Z",
        "2026-03-01T08:00:60Z",
        "2026-02-29T08:00:00Z",
        "2026-13-01T08:00:00Z",
        "0000-01-01T08:00:00Z",
        "2026-W10-7T08:00:00Z",
        "20260301T080000Z",
        "2026-03-01T08:00:00.Z",
        "2026-03-01T08:00:00,5Z",
        "2026-03-01T08:00:00.12345678xZ",
        "2026-03-01T08:00:00.1234567٣Z",
        "2026-03-01T08:00:0٣Z",
        "2026-03-01T08:00:00+8:00",
        "2026-03-01T08:00:00+0800",
        "2026-03-01T08:00:00+14:01",
        "2026-03-01T08:00:00+08:00:30",
        "2026-03-01T08:00:00 Z",
        " 2026-03-01T08:00:00Z",
        "12026-03-01T08:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    time_microseconds("2026-03-01T08:00:00Z")
    time_microseconds("2026-03-01T08:00:00.5+08:00")
    with pytest.raises(ValueError, match=r".*"):
        time_microseconds(text)


@given(st.text("abZ09-._~:/?#[]@!$&'()*+,;=% <>\"{}|\\^`\t\x00\x7f", max_size=20))
@example("a:b#c#d")
@example("http://[::1]:80/a?b/c?d#e?f")
@example("urn:a%2")
@example("1a:b")
def test_ascii_text_is_a_uri_only_where_rfc_3986_says_so(rest: str) -> None:
    for text in (rest, f"http://{rest}", f"urn:x:{rest}"):
        if is_uri(text):
            assert URI.fullmatch(text), text


@given(st.from_regex(URI, fullmatch=True))
def test_a_uri_of_rfc_3986_is_one(text: str) -> None:
    assert is_uri(text) or text.endswith(":")


@pytest.mark.parametrize("text", ["https://例.测试/批次/甲", "urn:plant:操作工", "plant:时间"])
def test_a_uri_may_be_written_in_chinese(text: str) -> None:
    assert is_uri(text)


@pytest.mark.parametrize("text", ["urn:a\u200bb", "urn:a\u3000b", "urn:\ufffe", "中:a", "urn:"])
def test_what_nobody_can_see_is_no_part_of_a_uri(text: str) -> None:
    assert not is_uri(text)


@pytest.mark.parametrize(
    ("number", "is_fit"),
    [
        (0, True),
        (10**308 - 1, True),
        (-(10**308), False),
        (10**400, False),
        (Decimal("0"), True),
        (Decimal("9.99E+307"), True),
        (Decimal("1E+308"), False),
        (Decimal("-1E+400"), False),
        (Decimal("1E-1000"), True),
        (Decimal("1E-1001"), False),
        (Decimal("0E-99999"), False),
    ],
)
def test_a_number_is_kept_only_where_all_parts_can_hold_it(
    number: int | Decimal, is_fit: bool
) -> None:
    assert is_number_storable(number) is is_fit


@given(st.text(max_size=10))
def test_a_step_of_a_pointer_can_be_read_back(key: str) -> None:
    step = pointer_part(key)
    assert "/" not in step
    assert step.replace("~1", "/").replace("~0", "~") == key


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_anything_can_be_shown_in_one_short_line(value: object) -> None:
    line = shown(value)
    assert len(line) <= 80
    assert line.isprintable()
    assert shown(10**5000) == "a number of more than 4300 digits"
