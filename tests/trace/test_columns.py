"""Columns have room for what comes, and not for much more."""

from __future__ import annotations

import pytest

from suyuan.trace._columns import Columns


@pytest.mark.parametrize("here", [10, 5_000, 300_000])
def test_room_made_ahead_is_for_twice_what_is_here_at_most(here: int) -> None:
    columns = Columns()
    columns.reserve(events=here, mentions=3 * here, objects=here, edges=2 * here)
    columns.counts |= {"events": here, "mentions": 3 * here, "objects": here, "edges": 2 * here}
    before = dict(columns.room)
    columns.reserve_ahead(200_000)
    ahead = min(here, 200_000)
    for axis, rows in columns.counts.items():
        wanted = rows + max(rows * ahead // here, ahead)
        assert columns.room[axis] == max(before[axis], wanted), axis
    arrays = columns.arrays
    columns.reserve(events=ahead, mentions=3 * ahead, objects=ahead, minus=ahead, edges=2 * ahead)
    assert columns.arrays is arrays
