"""A map of the demo's places: a plan in metres of a valley that never was. 演示地图

The plant stands in the middle, larger than life beside its neighbours, so that its rooms and
the shops can be read on one sheet; farms lie along the creek in the west, the town with
distribution centres and shops in the east.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from suyuan.demo._places import Place, Region

__all__ = ["map_of"]

Feature = dict[str, object]
_Position = tuple[float, float]

_WIDTH, _HEIGHT = 1_200.0, 760.0
_GAP = 80.0
_IN_A_ROW = 3
_REGIONS_MAX = 60  # More would be a carpet; and a map has its bounds.

# Rooms of the plant: left, bottom, width, height, from its lower left corner.
_ROOMS: dict[str, tuple[float, float, float, float]] = {
    "reception": (0, 200, 70, 90),
    "tank_farm": (0, 60, 70, 140),
    "laboratory": (0, 0, 70, 60),
    "processing": (70, 150, 130, 140),
    "filling": (70, 0, 210, 150),
    "ingredient_store": (200, 220, 80, 70),
    "returns": (200, 150, 80, 70),
    "cold_store": (280, 60, 90, 230),
    "dispatch": (280, 0, 90, 60),
    "pasteuriser": (80, 225, 50, 45),
    "fermentation": (140, 225, 50, 45),
    "churn": (80, 160, 50, 40),
    "rework": (140, 160, 50, 40),
    "carton_line": (80, 75, 80, 45),
    "cup_line": (80, 10, 80, 45),
    "carton_packer": (170, 75, 40, 45),
    "cup_packer": (170, 10, 40, 45),
    "palletiser": (225, 40, 45, 60),
    "crate_wash": (230, 160, 40, 30),
}
_PLANT: _Position = (400, 220)
_PLANT_SIZE = (370.0, 290.0)
_YARD = (60.0, 44.0)
_FARMS: tuple[_Position, ...] = (
    *((40, 640), (170, 690), (60, 520), (200, 560), (40, 400)),
    *((190, 430), (60, 270), (200, 300), (50, 130), (180, 160)),
)
_SUPPLIERS: tuple[_Position, ...] = ((420, 650), (540, 690), (660, 650), (780, 690))
_CENTRES: tuple[_Position, ...] = ((860, 520), (860, 160))
_SHOPS: tuple[_Position, ...] = (
    *((1010, 660), (1110, 690), (980, 580), (1120, 600), (1010, 500), (1120, 510)),
    *((1010, 330), (1120, 350), (980, 240), (1120, 260), (1010, 100), (1120, 130)),
)
_PARTNERS: tuple[_Position, ...] = ((660, 90), (420, 90))
_CREEK: tuple[_Position, ...] = (
    *((120, 760), (130, 650), (110, 560), (135, 470), (115, 360), (140, 260)),
    *((120, 180), (210, 80), (330, 30), (520, 20), (760, 40), (930, 0)),
)
_ROADS: tuple[tuple[str, str, tuple[_Position, ...]], ...] = (
    ("Farm road", "牧场路", ((290, 760), (280, 480), (300, 350), (290, 120))),
    ("Dairy road", "乳品厂路", ((300, 590), (560, 580), (830, 590), (930, 560))),
    ("Town road", "镇中路", ((930, 760), (930, 560), (940, 300), (930, 40))),
    ("Dock lane", "月台巷", ((770, 240), (850, 230), (935, 240))),
)


def map_of(regions: Iterable[Region]) -> dict[str, object]:
    """Draw the places of all regions as GeoJSON, one valley beside the other."""
    features: list[Feature] = []
    for number, region in zip(range(_REGIONS_MAX), regions, strict=False):
        row, column = divmod(number, _IN_A_ROW)
        features += _valley(region, column * (_WIDTH + _GAP), -row * (_HEIGHT + _GAP))
    return {"type": "FeatureCollection", "plan": True, "features": features}


def _valley(region: Region, east: float, north: float) -> Iterator[Feature]:
    def moved(line: Iterable[_Position]) -> list[list[float]]:
        return [[x + east, y + north] for x, y in line]

    def rectangle(left: float, bottom: float, width: float, height: float) -> Feature:
        right, top = left + width, bottom + height
        ring = ((left, bottom), (right, bottom), (right, top), (left, top), (left, bottom))
        return {"type": "Polygon", "coordinates": [moved(ring)]}

    yield _ground("Heron Creek", "鹭溪", {"type": "LineString", "coordinates": moved(_CREEK)})
    for english, chinese, road in _ROADS:
        yield _ground(english, chinese, {"type": "LineString", "coordinates": moved(road)})
    left, bottom = _PLANT
    yield _place(region.site, rectangle(left, bottom, *_PLANT_SIZE))
    for key, (x, y, width, height) in _ROOMS.items():
        yield _place(region.places[key], rectangle(left + x, bottom + y, width, height))
    for place, at in _around(region):
        yield _place(place, rectangle(*at, *_YARD))


def _around(region: Region) -> Iterator[tuple[Place, _Position]]:
    """Give everybody around a plant, with the lower left corner of their yard."""
    yield from zip((farm.place for farm in region.farms), _FARMS, strict=True)
    yield from zip(region.supplier_places.values(), _SUPPLIERS, strict=True)
    yield from zip(region.centres, _CENTRES, strict=True)
    yield from zip((shop.place for shop in region.shops), _SHOPS, strict=True)
    yield from zip((region.co_packer, region.feed_farm), _PARTNERS, strict=True)


def _place(place: Place, geometry: Feature) -> Feature:
    return {"type": "Feature", "id": place.uri} | _drawn(place.en, place.zh, geometry)


def _ground(english: str, chinese: str, geometry: Feature) -> Feature:
    return {"type": "Feature"} | _drawn(english, chinese, geometry)


def _drawn(english: str, chinese: str, geometry: Feature) -> Feature:
    return {"properties": {"name": english, "name_zh": chinese}, "geometry": geometry}
