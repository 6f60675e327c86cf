"""Whereabouts: what the record says last of where something is, with whom, in which state. 位置"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from suyuan.event import BUSINESS_STEP, SOURCE_DESTINATION_TYPE
from suyuan.identifier import canonical_uri
from suyuan.trace._history import Party, Seen

__all__ = ["ON_ITS_WAY", "Whereabouts", "holder_of", "last_said"]

_IN_HAND = frozenset(BUSINESS_STEP.spellings[word] for word in ("receiving", "accepting"))
_SHIPPING = BUSINESS_STEP.spellings["shipping"]
ON_ITS_WAY = frozenset(
    BUSINESS_STEP.spellings[word]
    for word in (
        *("consigning", "departing", "loading", "sensor_reporting"),
        *("staging_outbound", "transporting"),
    )
)
_PARTIES = tuple(
    SOURCE_DESTINATION_TYPE.spellings[word] for word in ("possessing_party", "owning_party")
)


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where something is: all as said by the last event of its history that says it.

    `place` is the business location, or the read point where there is none. `holder` is the
    possessing party, else the owning party: of the destination once received, else of the
    source. `containers` are what it is inside of, from the innermost outwards.
    """

    uri: str
    position: int
    place: str | None = None
    holder: str | None = None
    disposition: str | None = None
    containers: list[str] = []
    hold: list[str] = []
    """The dispositions for which it or its lot is on hold, and `holding` where that is the step."""
    sent_time: datetime | None = None
    """When it was shipped, while nothing tells that it has arrived."""
    is_overdue: bool = False
    """Whether it has been under way for longer than goods may be."""
    last_event: Seen | None = None


def last_said(
    uri: str, seen: Sequence[Seen], containers: list[str], *, hold: list[str], position: int
) -> Whereabouts:
    """Fold a history into what it says last."""
    sent_time = _sent_time(seen)
    place = holder = disposition = None
    for event in seen:
        here = event.business_location or event.read_point
        place = canonical_uri(here) if here else place
        holder = holder_of(event.business_step, event.sources, event.destinations) or holder
        disposition = event.disposition or disposition
    return Whereabouts(
        uri=uri,
        position=position,
        place=place,
        holder=holder,
        disposition=disposition,
        containers=containers,
        hold=hold,
        sent_time=sent_time,
        last_event=seen[-1] if seen else None,
    )


def _sent_time(seen: Sequence[Seen]) -> datetime | None:
    """Give the time of the shipment after which nothing was seen of it but on its way."""
    sent = None
    for event in seen:
        if event.business_step == _SHIPPING:
            sent = event.event_time
        elif event.business_step is not None and event.business_step not in ON_ITS_WAY:
            sent = None
    return sent


def holder_of(
    business_step: str | None, sources: Sequence[Party], destinations: Sequence[Party]
) -> str | None:
    """Tell who has something after an event, where the event says it."""
    is_in_hand = business_step in _IN_HAND
    parties = destinations if is_in_hand else sources
    for kind in _PARTIES:
        for party in parties:
            if SOURCE_DESTINATION_TYPE.spellings.get(party.type) == kind:
                return str(canonical_uri(party.destination if is_in_hand else party.source))
    return None
