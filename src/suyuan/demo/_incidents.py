"""What goes wrong in the story, and on which day. 事件预案(异常)

Days are counted from the last one backwards, so that a visitor always finds the story fresh:
the bad news from the laboratory comes on the last afternoon, and nobody has acted yet.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CONTAMINATED_FARM", "DAYS_MIN", "REFUSED_FARM", "IncidentPlan"]

DAYS_MIN = 14
CONTAMINATED_FARM = 8  # Red Clay Farm, in the third round of the milk tankers.
REFUSED_FARM = 1
_NEVER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPlan:
    """The day of each incident, counted from 0; `-1` means never."""

    contamination: int = _NEVER  # the delivery itself
    correction: int = _NEVER  # a wrong scan of the contamination day is corrected
    repack: int = _NEVER  # a damaged case is opened and its cartons packed anew
    crates_returned: int = _NEVER  # unsold crates come back from the distribution centre
    rework: int = _NEVER  # they go into the rework tank, crate and all
    result: int = _NEVER  # the laboratory finds out
    cold_chain: int = _NEVER  # a cooling unit fails on the road
    sensor_replaced: int = _NEVER  # the truck's sensor is replaced afterwards
    lost_load: int = _NEVER  # a load leaves and never arrives
    wrong_clock: int = _NEVER  # the cup packer's clock is an hour slow
    refused_delivery: int = _NEVER  # antibiotics in the milk
    wrong_pallet: int = _NEVER  # a case is scanned onto the wrong pallet, corrected later
    forgotten_phone: int = _NEVER  # events that arrive two days late

    @classmethod
    def for_days(cls, days: int) -> IncidentPlan:
        """Lay the story out over the last fortnight of `days` days."""
        last = days - 1
        return cls(
            contamination=last - 7,
            correction=last - 6,
            repack=last - 6,
            crates_returned=last - 5,
            rework=last - 4,
            result=last,
            cold_chain=last - 3,
            sensor_replaced=last - 2,
            lost_load=last - 9,
            wrong_clock=last - 10,
            refused_delivery=last - 11,
            wrong_pallet=last - 3,
            forgotten_phone=last - 8,
        )
