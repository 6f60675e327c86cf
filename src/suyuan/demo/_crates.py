"""Crates that come back: washed, filled, carried, emptied, and again. 周转箱"""

from __future__ import annotations

from collections import deque

from suyuan.demo._floor import Floor
from suyuan.demo._keys import returnable_asset_uri
from suyuan.demo._lots import Lot
from suyuan.demo._products import DAIRY_PREFIX
from suyuan.demo._stations import own_step
from suyuan.demo._times import MINUTE

__all__ = ["CratePool"]

_CRATE_TYPE = 700
_NEW_AT_ONCE = 40


class CratePool:
    """The clean crates beside the crate washer."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._clean: deque[str] = deque()
        self._made = 0
        self._washer = floor.station("crate_wash", "crate_washer")
        self._was_affected: set[str] = set()

    def take(self, moment: int, lot: Lot) -> str:
        """Take a clean crate for a lot; where none is left, buy new ones."""
        if not self._clean:
            self._buy(moment)
        crate = self._clean.popleft()
        if crate in self._was_affected and lot.reached_at is None:
            self._floor.story.note("reused_crate", crate)
        return crate

    def _buy(self, moment: int) -> None:
        floor = self._floor
        first = self._made + 1
        self._made += _NEW_AT_ONCE
        crates = [
            returnable_asset_uri(DAIRY_PREFIX, _CRATE_TYPE, f"{floor.region.letter}{number:05d}")
            for number in range(first, first + _NEW_AT_ONCE)
        ]
        self._washer.record_object(
            moment - MINUTE,
            "ADD",
            "commissioning",
            "active",
            epcs=crates,
            more=floor.order("CRATE", moment, "label_crates", "warehouse"),
        )
        self._clean.extend(crates)

    def remember(self, crate: str) -> None:
        """Remember that a crate carried affected goods on a trip that is over."""
        self._was_affected.add(crate)

    def wash(self, crates: list[str], moment: int) -> None:
        """Wash empty crates; they are clean at once."""
        self._washer.record_object(
            moment,
            "OBSERVE",
            own_step("washing"),
            "available",
            epcs=crates,
            more=self._floor.order("CRATE", moment, "wash_crates", "warehouse"),
        )
        self._clean.extend(crates)
