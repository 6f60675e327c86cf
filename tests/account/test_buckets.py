"""The table of buckets keeps what it is told, gives way to none but the oldest, and is shared."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from suyuan.account import Buckets


@given(st.dictionaries(st.text(max_size=20), st.floats(0, 1e6), max_size=200))
def test_each_name_has_a_level_of_its_own(levels: dict[str, float]) -> None:
    buckets = Buckets()
    for moment, (name, level) in enumerate(levels.items()):
        buckets.put(name, level, moment)
    for moment, (name, level) in enumerate(levels.items()):
        assert buckets.level(name) == (level, moment)
    assert buckets.level("another name, longer than those") is None


def test_a_name_that_is_forgotten_has_no_level() -> None:
    buckets = Buckets()
    buckets.put("a", 3.0, 1.0)
    buckets.put("b", 4.0, 1.0)
    buckets.forget("a")
    assert (buckets.level("a"), buckets.level("b")) == (None, (4.0, 1.0))
    buckets.put("a", 5.0, 2.0)
    assert buckets.level("a") == (5.0, 2.0)


def test_the_names_that_were_left_alone_longest_give_way() -> None:
    buckets = Buckets()
    names = [f"name {number}" for number in range(60_000)]
    for moment, name in enumerate(names):
        buckets.put(name, 1.0, moment)
        if moment % 100 == 0:
            buckets.put("asked all the time", 2.0, moment)
    kept = [name for name in names if buckets.level(name)]
    assert buckets.level("asked all the time") == (2.0, 59_900)
    assert 15_000 < len(kept) <= 16_384
    assert all(buckets.level(name) for name in names[-1_000:])


def test_who_shares_the_numbers_and_the_salt_shares_the_levels() -> None:
    cells = array("d", bytes(8 * Buckets.CELLS))
    one, other = Buckets(cells, salt=b"salt"), Buckets(cells, salt=b"salt")
    one.put("a", 1.5, 2.0)
    assert other.level("a") == (1.5, 2.0)
    assert Buckets(cells, salt=b"another").level("a") is None
