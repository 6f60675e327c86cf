"""A store of tiles in memory, which keeps the newest width of each tile only."""

from collections.abc import Iterable

from suyuan.errors import NotFound, Problem
from suyuan.tlog import HASH_BYTES, Tile, TileAddress


class MemoryTiles:
    def __init__(self, tiles: Iterable[Tile] = ()) -> None:
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads: list[TileAddress] = []
        self.store(tiles)

    def store(self, tiles: Iterable[Tile]) -> None:
        for tile in tiles:
            old = self.tiles.get((tile.level, tile.index), b"")
            assert tile.data.startswith(old), "a tile may only grow"
            assert len(tile.data) == tile.width * HASH_BYTES
            self.tiles[tile.level, tile.index] = tile.data

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        self.reads.append(TileAddress(level, index, width))
        if (level, index) not in self.tiles:
            raise NotFound(Problem(code="store.tile_missing"))
        return self.tiles[level, index][: width * HASH_BYTES]
