"""What a map may hold, how it is read, and that every fault is found where it is."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.place_map import POSITIONS_MAX, PlaceMap, read_map

SITE = "https://id.gs1.org/414/9521001000109"
numbers = st.one_of(
    st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)
)
positions = st.lists(numbers, min_size=2, max_size=3)
lines = st.lists(positions, min_size=2, max_size=4)
rings = st.lists(positions, min_size=3, max_size=5).map(lambda ring: [*ring, ring[0]])
areas = st.lists(rings, min_size=1, max_size=2)
COORDINATES = {
    "Point": positions,
    "MultiPoint": st.lists(positions, min_size=1, max_size=3),
    "LineString": lines,
    "MultiLineString": st.lists(lines, min_size=1, max_size=2),
    "Polygon": areas,
    "MultiPolygon": st.lists(areas, min_size=1, max_size=2),
}
plain = st.one_of(
    *(
        st.fixed_dictionaries({"type": st.just(kind), "coordinates": coordinates})
        for kind, coordinates in COORDINATES.items()
    )
)
geometries = st.one_of(
    plain,
    st.fixed_dictionaries(
        {
            "type": st.just("GeometryCollection"),
            "geometries": st.lists(plain, min_size=1, max_size=2),
        }
    ),
)
features = st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": geometries, "properties": st.none() | st.just({})},
    optional={"id": st.text(max_size=5) | st.integers()},
)
collections = st.fixed_dictionaries(
    {"type": st.just("FeatureCollection"), "features": st.lists(features, min_size=1, max_size=4)}
)


def read(document: object) -> PlaceMap:
    return read_map(json.dumps(document).encode())


def faults(document: object) -> list[tuple[str, str]]:
    """Give the code and the place of everything that is wrong."""
    with pytest.raises(InvalidInput) as refused:
        read(document)
    for problem in refused.value.problems:
        assert problem.text("en")
        assert problem.text("zh")
    return [(one.code.removeprefix("place_map."), one.where) for one in refused.value.problems]


def collection(*drawn: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(drawn), **members}


def feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def nodes(value: Any, where: str = "") -> list[tuple[str, str]]:
    """Give the places of all coordinates and types below a geometry, as JSON Pointers."""
    found = []
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "type":
                found.append((f"{where}/type", "type"))
            elif key in ("geometry", "coordinates", "geometries", "features"):
                found += nodes(inner, f"{where}/{key}")
    elif isinstance(value, list):
        if value and not isinstance(value[0], list | dict):
            return [(where, "position")]
        for at, inner in enumerate(value):
            found += nodes(inner, f"{where}/{at}")
    return found


def put(document: Any, where: str, value: object) -> None:
    *path, last = where.split("/")[1:]
    for step in path:
        document = document[int(step) if isinstance(document, list) else step]
    document[int(last) if isinstance(document, list) else last] = value


@settings(max_examples=60, deadline=None)
@given(collections)
def test_every_map_is_read_and_each_mark_stands_within_its_bounds(document: Any) -> None:
    found = read(document)
    west, south, east, north = found.bounds
    assert [one.number for one in found.features] == list(range(len(document["features"])))
    room = 1e-6 * max(1.0, east - west, north - south)
    for one in found.features:
        assert one.at is not None
        assert west - room <= one.at[0] <= east + room
        assert south - room <= one.at[1] <= north + room


@settings(max_examples=80, deadline=None)
@given(collections, st.data())
def test_faults_at_any_places_are_all_found_where_they_are(document: Any, data: Any) -> None:
    broken = copy.deepcopy(document)
    places = nodes(document["features"], "/features")
    chosen = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))
    # What stands inside something that is replaced is gone with it.
    types = [where.removesuffix("type") for where, kind in chosen if kind == "type"]
    expected = set()
    for where, kind in chosen:
        if kind == "type":
            put(broken, where, "Circle")
            expected.add(("type_wrong", where))
        elif not any(where.startswith(above) for above in types if "geometr" in above):
            put(broken, where, data.draw(st.sampled_from([[1], ["1", 2], None, [1, 2, 3, 4], {}])))
            expected.add(("position_wrong", where))
    expected = {
        (code, where)
        for code, where in expected
        if not any(
            where.startswith(above) and where != f"{above}type"
            for above in types
            if "geometr" in above
        )
    }
    assert set(faults(broken)) == expected


def test_degrees_and_plans_are_told_apart() -> None:
    assert read(collection(feature("Point", [121.5, 31.2]))).kind == "degrees"
    assert read(collection(feature("Point", [121.5, 91]))).kind == "plan"
    assert read(collection(feature("Point", [12, 31]), plan=True)).kind == "plan"
    assert faults(collection(feature("Point", [1, 2]), plan="yes")) == [("member_wrong", "/plan")]


@pytest.mark.parametrize(
    "said",
    [
        {"gln": "9521001000109"},
        {"gln": 9521001000109},
        {"sgln": "urn:epc:id:sgln:9521001.00010.0"},
        {"place": "(414)9521001000109"},
        {"code": SITE},
        {"place": "harbour", "code": "(414) 9521001000109"},
    ],
)
def test_a_feature_says_in_any_spelling_which_place_it_is(said: dict[str, Any]) -> None:
    assert read(collection(feature("Point", [1, 2], **said))).places() == [SITE]


def test_an_id_may_name_a_place_or_be_anything_else() -> None:
    named = feature("Point", [1, 2]) | {"id": "urn:epc:id:sgln:9521001.00010.COLD-STORE"}
    other = feature("Point", [1, 2], name="Weir", name_zh="水坝") | {"id": "way/17"}
    drawn = read(collection(named, other)).features
    assert drawn[0].place == f"{SITE}/254/COLD-STORE"
    assert drawn[1].place is None
    assert (drawn[1].label, drawn[1].name, drawn[1].name_zh) == ("way/17", "Weir", "水坝")


def test_a_location_number_that_is_none_is_refused() -> None:
    document = collection(feature("Point", [1, 2], gln="9521001000101"))
    assert faults(document) == [("place_wrong", "/features/0/properties/gln")]


def test_the_mark_of_an_area_with_a_bay_stands_on_the_area() -> None:
    ring = [[0, 0], [10, 0], [10, 10], [9, 10], [9, 1], [1, 1], [1, 10], [0, 10], [0, 0]]
    at = read(collection(feature("Polygon", [ring]))).features[0].at
    assert at is not None
    x, y = at
    assert 0 <= x <= 1 or 9 <= x <= 10 or 0 <= y <= 1


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("member_wrong", "/")]),
        ({"type": "Topology"}, [("type_wrong", "/type")]),
        ({"type": "FeatureCollection"}, [("member_wrong", "/features")]),
        (collection(), [("empty", "/")]),
        (collection({"type": "Feature", "geometry": None}), [("empty", "/")]),
        (
            collection(feature("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]])),
            [("ring_open", "/features/0/geometry/coordinates/0/3")],
        ),
        (
            collection(feature("Polygon", [[[0, 0], [1, 0], [0, 0]]])),
            [("ring_short", "/features/0/geometry/coordinates/0")],
        ),
        (
            collection(feature("LineString", [[0, 0]]), 7),
            [("line_short", "/features/0/geometry/coordinates"), ("member_wrong", "/features/1")],
        ),
        (
            collection(feature("Point", [1e300, 2]), {"type": "Feature", "properties": []}),
            [
                ("position_wrong", "/features/0/geometry/coordinates"),
                ("member_wrong", "/features/1/properties"),
                ("member_wrong", "/features/1/geometry"),
            ],
        ),
        ({"type": "Point", "coordinates": [True, 1]}, [("position_wrong", "/coordinates")]),
    ],
)
def test_a_map_that_is_wrong_is_refused_with_all_its_faults(
    document: object, expected: list[tuple[str, str]]
) -> None:
    assert faults(document) == expected


def test_size_and_depth_are_bounded() -> None:
    line = [[0, at % 7] for at in range(POSITIONS_MAX + 1)]
    where = f"/features/0/geometry/coordinates/{POSITIONS_MAX}"
    assert faults(collection(feature("LineString", line))) == [("positions_too_many", where)]
    deep: dict[str, Any] = {"type": "Point", "coordinates": [1, 2]}
    for _ in range(9):
        deep = {"type": "GeometryCollection", "geometries": [deep]}
    assert [code for code, _ in faults(deep)] == ["nested_too_deep"]
    for text, code in (
        (b"[" * 100_000, "nested_too_deep"),
        (b'{"type":', "json_malformed"),
        (b"\xff\xfe", "json_malformed"),
        (b'{"type":"Point","coordinates":[NaN,1]}', "json_malformed"),
        (b" " * 5_000_001, "too_large"),
    ):
        with pytest.raises(InvalidInput) as refused:
            read_map(text)
        assert refused.value.code == f"place_map.{code}"
