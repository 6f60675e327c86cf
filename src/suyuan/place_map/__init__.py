"""Maps of a tenant's own: a GeoJSON file on which its places are drawn. 位置地图

A map is in degrees (RFC 7946), or a plan in metres, y upwards. A feature that says which place
it is stands for that place; all others are the ground: walls, rooms, rivers, borders.
"""

from suyuan.place_map._compare import Comparison, compare_map
from suyuan.place_map._read import (
    MAP_BYTES_MAX,
    POSITIONS_MAX,
    Drawn,
    PlaceMap,
    read_map,
)
from suyuan.place_map._store import StoredMap, find_map, remove_map, set_map

__all__ = [
    "MAP_BYTES_MAX",
    "POSITIONS_MAX",
    "Comparison",
    "Drawn",
    "PlaceMap",
    "StoredMap",
    "compare_map",
    "find_map",
    "read_map",
    "remove_map",
    "set_map",
]
