"""Gaps: where the record is not whole, of which kind, since when, and by how much. 断点

The kinds are defined in docs/design/trace.md, their texts are in `gaps.toml`.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib.resources import files

import msgspec
import numpy as np

from suyuan.errors import InvalidInput, Language, NotFound, Problem
from suyuan.identifier import parse
from suyuan.store import Connection
from suyuan.trace._columns import Ints
from suyuan.trace._facts import base_unit, measure
from suyuan.trace._gap_places import is_part_of, places_above
from suyuan.trace._gap_rules import GAP_KINDS, RULES
from suyuan.trace._gap_scene import Found, GapLimits, Scene, open_scene, open_scene_of
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._index import Known
from suyuan.trace._mass_balance import objects_of_code
from suyuan.trace._names import plant_bases, uris_of
from suyuan.trace._said import Mask, is_named
from suyuan.trace._stays import FOREVER, LONG_AGO
from suyuan.trace._times import microseconds, moment_of
from suyuan.trace._where import places_at

__all__ = [
    "Gap",
    "GapCount",
    "GapEvent",
    "Gaps",
    "check_gap_question",
    "find_gaps",
    "gap_text",
    "gaps",
    "gaps_within",
    "wanted_kinds",
]

_DIGITS = 9
_FEW = 20_000  # The gaps of more objects are found among those of all.


class GapEvent(msgspec.Struct, frozen=True):
    """An event that a gap rests on: its number in the journal, and when it happened."""

    sequence: int
    event_time: datetime


class Gap(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place where the record is not whole.

    `objects` are what it is about, then the containers; `events` what came before where that
    matters, then where it shows, which is also what `place` is of. The texts are in the
    language asked for; `kind` never changes.
    """

    kind: str
    name: str
    objects: list[str]
    events: list[GapEvent]
    expected: str
    found: str
    place: str | None = None
    quantity: float | None = None
    uom: str | None = None
    hours: float | None = None


class GapCount(msgspec.Struct, frozen=True):
    """How many gaps there are of one kind."""

    kind: str
    name: str
    count: int


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """The gaps of a product, a place and a period, in the order of time."""

    position: int
    as_of: datetime | None
    count: int
    kinds: list[GapCount]
    gaps: list[Gap]


def gaps(
    genealogy: Genealogy,
    *,
    product: str | None = None,
    place: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[str] = (),
    limits: GapLimits | None = None,
    language: Language = "en",
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> Gaps:
    """Find where the record is not whole. 断点

    `product` is the code of a product or of a lot; `place` that of a place or a whole site; a
    gap stands in a period when it shows in it. Without any of them all of the record is looked
    at. Raises InvalidInput for codes and kinds that are none, and NotFound
    `trace.object_unknown`.
    """
    chosen = limits or GapLimits()
    check_gap_question(since, until, kinds, chosen)
    with genealogy.database.tenant(genealogy.tenant_id, read_only=True) as connection:
        tenant_id = genealogy.tenant_id
        known = genealogy.known(connection, as_of=as_of, not_before=not_before)
        objects = None
        if product is not None:
            _, _, objects = objects_of_code(connection, tenant_id, known, product)
        where = None if place is None else _place_uri(connection, tenant_id, place)
        scene, found = find_gaps(
            connection, tenant_id, known, objects, kinds=wanted_kinds(kinds), limits=chosen
        )
        low = LONG_AGO if since is None else microseconds(since)
        high = FOREVER if until is None else microseconds(until)
        told = _told(scene, [_between(scene, one, low, high) for one in found], language)
        above = places_above(connection, tenant_id)
    if where is not None:
        told = [gap for gap in told if gap.place and is_part_of(gap.place, where, above)]
    counts = Counter(gap.kind for gap in told)
    return Gaps(
        position=known.position,
        as_of=as_of,
        count=len(told),
        kinds=[
            GapCount(kind, gap_text(kind, language), counts[kind])
            for kind in GAP_KINDS
            if counts[kind]
        ],
        gaps=told,
    )


def wanted_kinds(kinds: Sequence[str]) -> Sequence[str]:
    """Give the kinds asked for, in their order; all where none is named."""
    return [kind for kind in GAP_KINDS if kind in kinds] if kinds else GAP_KINDS


def check_gap_question(
    since: datetime | None, until: datetime | None, kinds: Sequence[str], limits: GapLimits
) -> None:
    """Say everything that is wrong with a question."""
    problems = []
    if since is not None and until is not None and since > until:
        problems.append(
            Problem(code="trace.period_wrong", expected=since.isoformat(), found=until.isoformat())
        )
    problems += [
        Problem(code="trace.gap_unknown", expected=", ".join(GAP_KINDS), found=kind[:100])
        for kind in kinds
        if kind not in GAP_KINDS
    ]
    for name in ("late_hours", "caused_hours", "receipt_days"):
        value = getattr(limits, name)
        if not 0 <= value < math.inf:
            problems.append(Problem(code="trace.limit_wrong", where=name, found=str(value)))
    if problems:
        raise InvalidInput(problems)


def _place_uri(connection: Connection, tenant_id: int, code: str) -> str:
    """Give the URI of a place that the record has seen, or that the master data knows."""
    uri = parse(code, plant_bases=plant_bases(connection, tenant_id)).canonical
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM journal.object WHERE tenant_id = %(tenant)s "
        "AND (uri = %(uri)s OR starts_with(uri, %(within)s))) "
        "OR EXISTS (SELECT FROM journal.master_data "
        "WHERE tenant_id = %(tenant)s AND element_id = %(uri)s)",
        {"tenant": tenant_id, "uri": uri, "within": f"{uri}/254/"},
    ).fetchone()
    if row is None or not row[0]:
        raise NotFound(Problem(code="trace.object_unknown", found=uri))
    return uri


def find_gaps(
    connection: Connection,
    tenant_id: int,
    known: Known,
    objects: Ints | None,
    *,
    kinds: Iterable[str] = GAP_KINDS,
    limits: GapLimits | None = None,
) -> tuple[Scene, list[Found]]:
    """Find the gaps of some objects, or of all; each has one of them among its objects.

    Where an event shows a gap of many objects, those asked for are told.
    """
    chosen = limits or GapLimits()
    if objects is not None and len(objects) <= _FEW:
        scene = open_scene_of(connection, tenant_id, known, np.unique(objects), chosen)
        return scene, [_about(RULES[kind](scene), scene.is_asked) for kind in kinds]
    scene = open_scene(connection, tenant_id, known, chosen)
    found = [RULES[kind](scene) for kind in kinds]
    if objects is not None:
        is_asked = is_named(len(known.facts.classes), objects)
        found = [_about(one, is_asked) for one in found]
    return scene, found


def gaps_within(
    connection: Connection,
    tenant_id: int,
    known: Known,
    objects: Ints,
    carriers: Ints,
    sequences: Ints,
    language: Language,
) -> list[Gap]:
    """Give the gaps of an answer: of its objects, and of carriers in the events it rests on."""
    every = np.unique(np.concatenate((objects, carriers)))
    scene, found = find_gaps(connection, tenant_id, known, every)
    rests_on = np.isin(scene.said.sequences, sequences)
    kept = []
    for one in found:
        is_kept = rests_on[one.events[:, 1]]
        is_mine = np.isin(scene.numbers_of(one.objects), objects)
        is_kept[one.of[is_mine]] = True
        kept.append(_chosen(one, is_kept))
    return _told(scene, kept, language)


def _about(found: Found, is_asked: Mask) -> Found:
    """Keep the gaps of what is asked for, and of those of many objects these alone."""
    is_kept = np.zeros(len(found.events), bool)
    is_kept[found.of[is_asked[found.objects]]] = True
    if found.is_of_many:
        rows = is_asked[found.objects]
        found = replace(found, of=found.of[rows], objects=found.objects[rows])
    return _chosen(found, is_kept)


def _between(scene: Scene, found: Found, low: int, high: int) -> Found:
    times = scene.said.times[found.events[:, 1]]
    return _chosen(found, (times >= low) & (times <= high))


def _chosen(found: Found, is_kept: Mask) -> Found:
    """Keep some gaps."""
    number = np.cumsum(is_kept) - 1
    rows = is_kept[found.of]
    return Found(
        found.kind,
        number[found.of[rows]],
        found.objects[rows],
        found.events[is_kept],
        found.quantities[is_kept],
        found.dimensions[is_kept],
        found.hours[is_kept],
        found.is_of_many,
    )


def _told(scene: Scene, every: Sequence[Found], language: Language) -> list[Gap]:
    """Say gaps in words and names, in the order of time."""
    connection, tenant_id, said = scene.connection, scene.tenant_id, scene.said
    if not any(len(found.events) for found in every):
        return []
    shown = np.unique(np.concatenate([found.events[:, 1] for found in every]))
    where = places_at(connection, tenant_id, scene.known.position, said.sequences[shown])
    numbers = np.unique(np.concatenate([scene.numbers_of(found.objects) for found in every]))
    names = uris_of(connection, tenant_id, numbers.tolist())
    told: list[tuple[int, Gap]] = []
    for found in every:
        of: list[list[int]] = [[] for _ in range(len(found.events))]
        for gap, number in zip(found.of.tolist(), found.objects.tolist(), strict=True):
            of[gap].append(number)
        for row in range(len(found.events)):
            last = int(found.events[row, 1])
            place = where.get(int(said.sequences[last]))
            told.append((last, _gap(scene, found, row, of[row], names, place, language)))
    return [gap for _, gap in sorted(told, key=lambda one: one[0])]


def _gap(
    scene: Scene,
    found: Found,
    row: int,
    objects: list[int],
    names: Mapping[int, str],
    place: str | None,
    language: Language,
) -> Gap:
    said, texts = scene.said, _texts()[found.kind]
    quantity, uom = _measured(scene, objects, float(found.quantities[row]), found, row)
    hours = None if math.isnan(found.hours[row]) else round(float(found.hours[row]), 2)
    amount = "" if quantity is None else f"{quantity:,g} {uom}"
    values = {
        "quantity": amount,
        "amount": {"en": f": {amount}", "zh": f"：{amount}"}[language] if amount else "",
        "hours": "" if hours is None else f"{hours:,g}",
    }
    events = [int(event) for event in found.events[row] if event >= 0]
    return Gap(
        kind=found.kind,
        name=texts["name"][language],
        objects=[names[number] for number in scene.numbers_of(np.array(objects)).tolist()],
        events=[
            GapEvent(int(said.sequences[event]), _moment(int(said.times[event])))
            for event in events
        ],
        expected=texts["expected"][language],
        found=texts["found"][language].format_map(values),
        place=place,
        quantity=quantity,
        uom=uom,
        hours=hours,
    )


def _measured(
    scene: Scene, objects: list[int], amount: float, found: Found, row: int
) -> tuple[float | None, str | None]:
    """Give a quantity in the unit in which it was first told of what the gap is about."""
    if math.isnan(amount):
        return None, None
    uom = scene.known.unit_of(objects[0])
    dimension, size = measure(uom)
    if dimension != found.dimensions[row]:
        uom, size = base_unit(int(found.dimensions[row])), 1.0
    return float(f"{amount / size:.{_DIGITS}g}"), uom


def _moment(number: int) -> datetime:
    moment = moment_of(number)
    assert moment is not None
    return moment


@cache
def _texts() -> Mapping[str, Mapping[str, Mapping[Language, str]]]:
    page = files("suyuan.trace") / "gaps.toml"
    return tomllib.loads(page.read_text(encoding="utf-8"))


def gap_text(kind: str, language: Language = "en") -> str:
    """Say what a kind of gap is called."""
    return _texts()[kind]["name"][language]
