"""Reading a map: strict and bounded; whatever is wrong is said at once, with its place. 读取地图

Pure: the same text always gives the same map. Source: RFC 7946, with one member of our own,
`"plan": true`, for coordinates in metres.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.place_map._anchor import anchor_of
from suyuan.place_map._geometry import (
    GEOMETRY_TYPES,
    POSITIONS_MAX,
    Faults,
    Position,
    Shape,
    read_geometry,
)

__all__ = ["MAP_BYTES_MAX", "POSITIONS_MAX", "Drawn", "PlaceMap", "read_map"]

MAP_BYTES_MAX = 5_000_000
_FEATURES_MAX = 20_000
_NAME_CHARACTERS_MAX = 200
# What can be nothing but a location number; a spelling that can't be read is a fault there.
_STRICT_KEYS = ("gln", "sgln")
_KEYS = (*_STRICT_KEYS, "place", "code")
_ENGLISH = ("name", "name_en", "name:en")
_CHINESE = ("name_zh", "name:zh")

MapKind = Literal["degrees", "plan"]


class Drawn(Shape, kw_only=True):
    """One feature: what it looks like, what it is called, and which place it is, if any."""

    number: int
    """Which feature of the file it is, from 0."""
    place: str | None = None
    label: str | None = None
    """What the file itself calls it: its `id`, where that names no place."""
    name: str | None = None
    name_zh: str | None = None
    at: Position | None = None
    """Where its mark stands."""


class PlaceMap(msgspec.Struct):
    """A map that has been read."""

    kind: MapKind
    bounds: tuple[float, float, float, float]
    """The smallest and the largest coordinates: west, south, east, north."""
    features: list[Drawn]

    def places(self) -> list[str]:
        """Give the places that stand on it, each once."""
        return list(dict.fromkeys(one.place for one in self.features if one.place))


def read_map(data: bytes) -> PlaceMap:
    """Read a GeoJSON text. Raises InvalidInput with everything that is wrong."""
    if len(data) > MAP_BYTES_MAX:
        raise InvalidInput(
            Problem(code="place_map.too_large", expected=str(MAP_BYTES_MAX), found=str(len(data)))
        )
    try:
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError as error:
        raise InvalidInput(
            Problem(code="place_map.nested_too_deep", where="/", expected="8")
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(
            Problem(code="place_map.json_malformed", found=str(error)[:200])
        ) from error
    faults = Faults()
    features = _features(document, faults)
    is_plan = document.get("plan", False) if isinstance(document, dict) else False
    if not isinstance(is_plan, bool):
        faults.say("place_map.member_wrong", "/plan", expected="true or false", found=is_plan)
    if not faults.problems and not any(one.at for one in features):
        faults.say("place_map.empty", "/")
    if faults.problems:
        raise InvalidInput(faults.problems)
    bounds = _bounds(features)
    west, south, east, north = bounds
    is_degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    return PlaceMap("degrees" if is_degrees and not is_plan else "plan", bounds, features)


def _features(document: object, faults: Faults) -> list[Drawn]:
    """Read a collection, one feature, or a geometry by itself."""
    kind = document.get("type", msgspec.UNSET) if isinstance(document, dict) else msgspec.UNSET
    if not isinstance(document, dict):
        faults.say("place_map.member_wrong", "", expected="an object", found=document)
        return []
    if kind == "Feature":
        return [_feature(document, 0, "", faults)]
    if isinstance(kind, str) and kind in GEOMETRY_TYPES:
        return [_drawn({}, 0, document, "", faults)]
    if kind != "FeatureCollection":
        faults.say("place_map.type_wrong", "/type", expected="FeatureCollection", found=kind)
        return []
    features = document.get("features", msgspec.UNSET)
    if not isinstance(features, list):
        faults.say("place_map.member_wrong", "/features", expected="a list", found=features)
        return []
    if len(features) > _FEATURES_MAX:
        faults.say(
            "place_map.features_too_many",
            "/features",
            expected=str(_FEATURES_MAX),
            found=str(len(features)),
        )
        return []
    return [_feature(one, at, f"/features/{at}", faults) for at, one in enumerate(features)]


def _feature(value: object, number: int, where: str, faults: Faults) -> Drawn:
    if not isinstance(value, dict):
        faults.say("place_map.member_wrong", where, expected="a feature", found=value)
        return Drawn(number=number)
    kind = value.get("type", msgspec.UNSET)
    if kind != "Feature":
        faults.say("place_map.type_wrong", f"{where}/type", expected="Feature", found=kind)
    return _drawn(value, number, value.get("geometry", msgspec.UNSET), where, faults)


def _drawn(
    feature: dict[str, Any], number: int, geometry: object, where: str, faults: Faults
) -> Drawn:
    properties = feature.get("properties")
    properties = {} if properties is None else properties
    if not isinstance(properties, dict):
        faults.say(
            "place_map.member_wrong",
            f"{where}/properties",
            expected="an object",
            found=properties,
        )
        properties = {}
    own = feature.get("id")
    if isinstance(own, bool) or not isinstance(own, str | int | float | None):
        faults.say(
            "place_map.member_wrong", f"{where}/id", expected="a text or a number", found=own
        )
        own = None
    drawn = Drawn(
        number=number,
        place=_place(own, properties, where, faults),
        label=None if own is None else str(own)[:_NAME_CHARACTERS_MAX],
        name=_text(properties, _ENGLISH),
        name_zh=_text(properties, _CHINESE),
    )
    if geometry is not None:  # A feature without a location has none to be drawn at.
        is_feature = "geometry" in feature or feature.get("type") == "Feature"
        read_geometry(geometry, f"{where}/geometry" if is_feature else where, faults, drawn)
    if not faults.problems:
        drawn.at = anchor_of(drawn)
    return drawn


def _text(properties: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Give the first of some members that is a text."""
    for name in names:
        value = properties.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()[:_NAME_CHARACTERS_MAX]
    return None


def _place(
    own: str | int | float | None, properties: dict[str, Any], where: str, faults: Faults
) -> str | None:
    """Give the place that a feature says it is, by its canonical URI."""
    for key in _KEYS:
        value = properties.get(key)
        if value is None or value == "":
            continue
        place = _place_in(value)
        if place:
            return place
        if key in _STRICT_KEYS:
            faults.say("place_map.place_wrong", f"{where}/properties/{key}", found=value)
    return None if own is None else _place_in(own)


def _place_in(value: object) -> str | None:
    """Give the place that a code names: a GLN with or without an extension, or a URI."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:013d}"
    if not isinstance(value, str):
        return None
    try:
        found = parse(value.strip())
    except InvalidInput:
        return None
    if found.level == "place" or found.kind == "uri":
        return found.canonical
    # Thirteen bare digits may be an article; on a map they are a location.
    return next((one for one in found.alternatives if "/414/" in one), None)


def _bounds(features: list[Drawn]) -> tuple[float, float, float, float]:
    positions = [
        position
        for one in features
        for part in (one.points, *one.lines, *(ring for area in one.areas for ring in area))
        for position in part
    ]
    xs, ys = [x for x, _ in positions], [y for _, y in positions]
    return min(xs), min(ys), max(xs), max(ys)
