"""Gaps between places: seen there without leaving here, shipped and never received. 地点断点"""

from __future__ import annotations

import re

import numpy as np

from suyuan.event import EventType, Role
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._entries import Kind
from suyuan.trace._facts import Step
from suyuan.trace._gap_scene import Found, Scene, each, grouped
from suyuan.trace._names import uris_of
from suyuan.trace._said import Mask, Word, destinations_of, events_naming, places_of
from suyuan.trace._tally import Flow

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
    site = _sites(scene)
    is_instance = said.roles <= Role.OUTPUT
    rows = np.flatnonzero(is_instance & scene.is_asked[said.objects] & (site[said.event_of] > 0))
    rows = rows[np.lexsort((said.event_of[rows], said.objects[rows]))]
    objects, events = said.objects[rows], said.event_of[rows]
    is_next = (objects[1:] == objects[:-1]) & (site[events[1:]] != site[events[:-1]])
    at = np.flatnonzero(is_next)
    objects, first, last = objects[at], events[at], events[at + 1]
    gone, when = scene.departures
    span = said.events + 2
    keys = np.sort(gone * span + when)
    low = np.searchsorted(keys, objects * span + first, "left")
    has_left = np.searchsorted(keys, objects * span + last, "left") > low
    # Vehicles and crates are driven about, and nobody ships them.
    kept = np.flatnonzero(~has_left)
    kept = kept[~_are_assets(scene, objects[kept])]
    return objects[kept], first[kept], last[kept]


def _are_assets(scene: Scene, objects: Ints) -> Mask:
    names = uris_of(scene.connection, scene.tenant_id, np.unique(objects).tolist())
    assets = [number for number, uri in names.items() if uri.startswith(_ASSETS)]
    result: Mask = np.isin(objects, assets)
    return result


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


def _sites(scene: Scene) -> Ints:
    """Give by event the number of its site, 0 where no place is told.

    A site is what the master data says that a place belongs to, else what has the same GLN.
    """
    said = scene.said
    sequences, places = places_of(
        scene.connection, scene.tenant_id, scene.known.position, said.sequences
    )
    names = uris_of(scene.connection, scene.tenant_id, np.unique(places).tolist())
    above = places_above(scene.connection, scene.tenant_id)
    numbers: dict[str, int] = {}
    site_of = {
        number: numbers.setdefault(_site(uri, above), len(numbers) + 1)
        for number, uri in names.items()
    }
    sites = np.zeros(said.events, np.int64)
    order = np.argsort(said.sequences)
    at = order[np.searchsorted(said.sequences[order], sequences)]
    unique, place = np.unique(places, return_inverse=True)
    sites[at] = np.array([site_of[int(one)] for one in unique], np.int64)[place.reshape(-1)]
    return sites


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
    expected = _expected(scene)
    parts = [_lost_instances(scene, expected), _lost_lots(scene, expected)]
    offset = len(parts[0].events)
    return Found(
        "never_received",
        np.concatenate((parts[0].of, parts[1].of + offset)),
        np.concatenate([part.objects for part in parts]),
        np.concatenate([part.events for part in parts]),
        np.concatenate([part.quantities for part in parts]),
        np.concatenate([part.dimensions for part in parts]),
        np.concatenate([part.hours for part in parts]),
    )


def _lost_instances(scene: Scene, expected: Mask) -> Found:
    entries = scene.instances
    rows = np.flatnonzero(np.isin(entries.kinds, _LEAVING))
    rows = rows[expected[entries.events[rows]]]
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
    return grouped("never_received", objects, (np.full(len(events), -1), events))


def _lost_lots(scene: Scene, expected: Mask) -> Found:
    """Find lots of which less arrived than left; none of them may have gone to a stranger."""
    tally = scene.tally
    rows = np.arange(len(tally.objects) - len(scene.instances.objects))
    is_left = np.isin(tally.kinds[rows], _LEAVING)
    gone = tally.flows[rows, Flow.SHIPPED] + tally.flows[rows, Flow.RETURNED]
    is_moved = is_left & ~(gone <= 0)
    count = len(scene.is_asked)
    is_strange = np.zeros(count, bool)
    is_strange[tally.objects[rows[is_left & ~expected[tally.events[rows]]]]] = True
    left, away = np.zeros(count), np.zeros(count)
    np.add.at(left, tally.objects[rows[is_moved]], gone[is_moved])
    np.add.at(away, tally.objects[rows], gone)  # Not-a-number where it can't be known.
    last = np.full(count, -1, np.int64)
    last[tally.objects[rows[is_moved]]] = tally.events[rows[is_moved]]
    has_arrived = np.zeros(count, bool)
    has_arrived[tally.objects[rows[np.isin(tally.kinds[rows], _ARRIVING)]]] = True
    is_lost = (away > _NOTHING * left) | (np.isnan(away) & ~has_arrived)
    lots = np.flatnonzero(is_lost & ~is_strange & (last >= 0))
    return each(
        "never_received",
        (lots,),
        (np.full(len(lots), -1), last[lots]),
        quantities=away[lots],
        dimensions=scene.dimension_of[lots],
    )


def _expected(scene: Scene) -> Mask:
    """Tell which shipments ought to have arrived by now, where we would know.

    That is where no destination is told, or one at which something was ever received.
    """
    said, facts = scene.said, scene.known.facts
    is_shipment = np.isin(said.words, _SHIPPING) & (said.types == EventType.OBJECT)
    latest = int(facts.times.max(initial=0))
    is_due = said.times <= latest - scene.limits.receipt_days * _DAY_US
    rows = np.flatnonzero(is_shipment & is_due)
    result = np.zeros(said.events + 1, bool)
    result[rows] = True
    position = scene.known.position
    sequences, destinations = destinations_of(
        scene.connection, scene.tenant_id, position, said.sequences[rows]
    )
    roles = (Role.READ_POINT, Role.BUSINESS_LOCATION, Role.DESTINATION)
    by, where = events_naming(
        scene.connection, scene.tenant_id, position, np.unique(destinations), *roles
    )
    receipts = facts.sequences[facts.steps == Step.RECEIVING]
    known = np.unique(where[np.isin(by, receipts)])
    is_strange = np.isin(sequences, sequences[np.isin(destinations, known)], invert=True)
    strange = np.unique(sequences[is_strange])
    result[:-1] &= ~np.isin(said.sequences, strange)
    return result
