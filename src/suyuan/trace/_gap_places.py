"""Gaps between places: seen there without leaving here, shipped and never received. 地点断点"""

from __future__ import annotations

import re

import numpy as np

from suyuan.event import EventType, Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._entries import Kind
from suyuan.trace._gap_scene import Found, Scene, each, grouped
from suyuan.trace._said import Mask, Word, latest_time, receiving_places
from suyuan.trace._tally import Flow
from suyuan.trace._where import destinations_at, places_at

__all__ = ["is_part_of", "never_received", "places_above", "seen_elsewhere"]

_DAY_US = 86_400_000_000
_NOTHING = 1e-9
_GLN = re.compile(r"https://id\.gs1\.org/414/\d+")
_ASSETS = ("https://id.gs1.org/8003/", "https://id.gs1.org/8004/")
_LEAVING = (int(Kind.LEFT), int(Kind.SENT_BACK))
_ARRIVING = (int(Kind.ARRIVED), int(Kind.ARRIVED_BACK), int(Kind.TAKEN_IN))
_SHIPPING = (int(Word.SHIPPING), int(Word.DEPARTING))


def seen_elsewhere(scene: Scene) -> Found:
    """Find things seen at another site than before that nobody saw leaving, or on the way."""
    objects, first, last = _moved(scene)
    lots, events, amounts = _arrived_lots(scene)
    none = np.full(len(events), -1)
    count = len(objects)
    return each(
        "seen_elsewhere",
        (np.concatenate((objects, lots)),),
        (np.concatenate((first, none)), np.concatenate((last, events))),
        quantities=np.concatenate((np.full(count, np.nan), amounts)),
        dimensions=np.concatenate((np.zeros(count, np.int64), scene.dimension_of[lots])),
    )


def _moved(scene: Scene) -> tuple[Ints, Ints, Ints]:
    """Give instances, the event at the one site, and the next one at another."""
    said = scene.said
    rows = np.flatnonzero((said.roles <= Role.OUTPUT) & scene.is_asked[said.objects])
    # Vehicles and crates are driven about, and nobody ships them.
    rows = rows[~scene.named_like(said.objects[rows], *_ASSETS)]
    place, names = _places(scene, np.unique(said.event_of[rows]))
    rows = rows[place[said.event_of[rows]] > 0]
    rows = rows[np.lexsort((said.event_of[rows], said.objects[rows]))]
    objects, events = said.objects[rows], said.event_of[rows]
    at = np.flatnonzero((objects[1:] == objects[:-1]) & (place[events[1:]] != place[events[:-1]]))
    objects, first, last = objects[at], events[at], events[at + 1]
    gone, when = scene.departures
    span = said.events + 2
    keys = np.sort(gone * span + when)
    low = np.searchsorted(keys, objects * span + first, "left")
    has_left = np.searchsorted(keys, objects * span + last, "left") > low
    kept = np.flatnonzero(~has_left)
    kept = kept[_are_sites_apart(scene, place[first[kept]], place[last[kept]], names)]
    return objects[kept], first[kept], last[kept]


def _arrived_lots(scene: Scene) -> tuple[Ints, Ints, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Give lots made in the record of which more arrived than had left, the event, how much."""
    tally = scene.tally
    rows = np.arange(len(tally.objects) - len(scene.instances.objects))
    rows = rows[np.isin(tally.kinds[rows], _ARRIVING[:2]) & tally.made[tally.objects[rows]]]
    taken = -tally.flows[rows, Flow.SHIPPED] - tally.flows[rows, Flow.RETURNED]
    over = tally.quantities[rows] - taken
    is_over = over > _NOTHING * tally.quantities[rows]  # Not-a-number is no more than anything.
    # What was under way has left, by whatever word.
    gone, when = scene.departures
    first = np.full(len(scene.is_asked), scene.said.events)
    np.minimum.at(first, gone, when)
    is_known = tally.flows[rows, Flow.SHIPPED] + tally.flows[rows, Flow.RETURNED] == 0
    is_over &= ~(is_known & (first[tally.objects[rows]] < tally.events[rows]))
    return tally.objects[rows][is_over], tally.events[rows][is_over], over[is_over]


def _places(scene: Scene, events: Ints) -> tuple[Ints, list[str]]:
    """Give by event the number of its place, 0 where none is told, and the name of each number."""
    said = scene.said
    told = places_at(
        scene.connection, scene.tenant_id, scene.known.position, said.sequences[events]
    )
    numbers = {"": 0}
    found = np.zeros(said.events, np.int64)
    for event, sequence in zip(events.tolist(), said.sequences[events].tolist(), strict=True):
        found[event] = numbers.setdefault(told.get(sequence, ""), len(numbers))
    return found, list(numbers)


def _are_sites_apart(scene: Scene, places: Ints, others: Ints, names: list[str]) -> Mask:
    """Tell which of two places are of two sites.

    A site is what the master data says that a place belongs to, else what has the same GLN.
    """
    if not len(places):
        return np.zeros(0, bool)
    above = places_above(scene.connection, scene.tenant_id)
    sites = [_site(name, above) for name in names]
    pairs = zip(places.tolist(), others.tolist(), strict=True)
    return np.array([sites[place] != sites[other] for place, other in pairs], bool)


def is_part_of(place: str, whole: str, above: dict[str, str]) -> bool:
    """Tell whether a place is another one, or a part of it."""
    seen: set[str] = set()
    while place not in seen:
        if place == whole or place.startswith(f"{whole}/254/"):
            return True
        seen.add(place)
        place = above.get(place, place)
    return False


def _site(uri: str, above: dict[str, str]) -> str:
    seen = {uri}
    while uri in above and above[uri] not in seen:
        uri = above[uri]
        seen.add(uri)
    found = _GLN.match(uri)
    return found[0] if found else uri


def places_above(connection: Connection, tenant_id: int) -> dict[str, str]:
    """Give what each place is a part of, as the newest master data says."""
    rows = connection.execute(
        "SELECT element_id, content->'children' FROM journal.master_data WHERE tenant_id = %s "
        "AND jsonb_typeof(content->'children') = 'array' ORDER BY record_time",
        (tenant_id,),
    )
    return {
        child: str(uri) for uri, children in rows for child in children if isinstance(child, str)
    }


def never_received(scene: Scene) -> Found:
    """Find what was shipped and did not arrive, where its arrival would be in the record."""
    parts = [_lost_instances(scene), _lost_lots(scene)]
    offset = len(parts[0].events)
    return Found(
        "never_received",
        np.concatenate((parts[0].of, parts[1].of + offset)),
        np.concatenate([part.objects for part in parts]),
        np.concatenate([part.events for part in parts]),
        np.concatenate([part.quantities for part in parts]),
        np.concatenate([part.dimensions for part in parts]),
        np.concatenate([part.hours for part in parts]),
        is_of_many=True,
    )


def _lost_instances(scene: Scene) -> Found:
    entries = scene.instances
    rows = np.flatnonzero(np.isin(entries.kinds, _LEAVING) & scene.is_asked[entries.objects])
    # Of a full container its contents tell.
    is_full = scene.is_filled(entries.objects[rows], entries.events[rows])
    rows = rows[~is_full]
    span = scene.said.events + 2
    arrived = np.flatnonzero(np.isin(entries.kinds, (*_ARRIVING, int(Kind.VOIDED))))
    keys = entries.objects[arrived] * span + entries.events[arrived]
    objects, events = entries.objects[rows], entries.events[rows]
    at = np.searchsorted(keys, objects * span + events, "left")
    is_there = at < len(keys)
    is_there[is_there] = keys[at[is_there]] // span == objects[is_there]
    objects, events = objects[~is_there], events[~is_there]
    is_lost = _expected(scene, events)[events]
    objects, events = objects[is_lost], events[is_lost]
    return grouped("never_received", objects, (np.full(len(events), -1), events))


def _lost_lots(scene: Scene) -> Found:
    """Find lots of which less arrived than left; none of them may have gone to a stranger."""
    tally = scene.tally
    rows = np.arange(len(tally.objects) - len(scene.instances.objects))
    rows = rows[scene.is_asked[tally.objects[rows]]]
    is_left = np.isin(tally.kinds[rows], _LEAVING)
    gone = tally.flows[rows, Flow.SHIPPED] + tally.flows[rows, Flow.RETURNED]
    is_moved = is_left & ~(gone <= 0)
    count = len(scene.is_asked)
    left, away = np.zeros(count), np.zeros(count)
    np.add.at(left, tally.objects[rows[is_moved]], gone[is_moved])
    np.add.at(away, tally.objects[rows], gone)  # Not-a-number where it can't be known.
    last = np.full(count, -1, np.int64)
    last[tally.objects[rows[is_moved]]] = tally.events[rows[is_moved]]
    has_arrived = np.zeros(count, bool)
    has_arrived[tally.objects[rows[np.isin(tally.kinds[rows], _ARRIVING)]]] = True
    is_lost = (away > _NOTHING * left) | (np.isnan(away) & ~has_arrived)
    is_lost &= last >= 0
    sent = rows[is_left & is_lost[tally.objects[rows]]]
    expected = _expected(scene, tally.events[sent])
    is_lost[tally.objects[sent[~expected[tally.events[sent]]]]] = False
    lots = np.flatnonzero(is_lost)
    return each(
        "never_received",
        (lots,),
        (np.full(len(lots), -1), last[lots]),
        quantities=away[lots],
        dimensions=scene.dimension_of[lots],
    )


def _expected(scene: Scene, events: Ints) -> Mask:
    """Tell which of some events are shipments that ought to have arrived by now.

    That is where no destination is told, or one at which something was ever received: else we
    would not know. By event.
    """
    said, position = scene.said, scene.known.position
    connection, tenant_id = scene.connection, scene.tenant_id
    result = np.zeros(said.events, bool)
    rows = np.unique(events)
    is_shipment = np.isin(said.words[rows], _SHIPPING) & (said.types[rows] == EventType.OBJECT)
    rows = rows[is_shipment]
    if not len(rows):
        return result
    latest = latest_time(connection, tenant_id, position)
    rows = rows[said.times[rows] <= latest - scene.limits.receipt_days * _DAY_US]
    if not len(rows):
        return result
    told = destinations_at(connection, tenant_id, position, said.sequences[rows])
    known = receiving_places(connection, tenant_id, position, {place for _, place in told})
    sent = {sequence for sequence, _ in told}
    strange = sent - {sequence for sequence, place in told if place in known}
    result[rows] = [sequence not in strange for sequence in said.sequences[rows].tolist()]
    return result
