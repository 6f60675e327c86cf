"""Growing a tree by any steps, and its roots and proofs from stored tiles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.errors import IntegrityBroken, InvalidInput, NotFound
from suyuan.tlog import (
    HASH_BYTES,
    SIZE_MAX,
    TILE_WIDTH,
    Tile,
    TreeFrontier,
    consistency_proof,
    empty_root,
    inclusion_proof,
    root_from_tiles,
    verify_consistency,
    verify_inclusion,
)
from tests.tlog import oracle
from tests.tlog.memory_tiles import MemoryTiles

LEAVES = oracle.leaf_hashes(1200)
EDGES = [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1025, 1200]


def grown(size):
    tiles = MemoryTiles()
    frontier = TreeFrontier()
    tiles.store(frontier.append(LEAVES[:size]))
    return tiles, frontier


def test_root_is_right_after_every_single_leaf():
    frontier = TreeFrontier()
    assert frontier.root() == empty_root() == oracle.root([])
    for size, leaf in enumerate(LEAVES[:530], start=1):
        frontier.append([leaf])
        assert frontier.size == size
        assert frontier.root() == oracle.root(LEAVES[:size])


@given(st.lists(st.integers(0, 400), max_size=6), st.booleans())
@settings(deadline=None)
def test_steps_of_growth_leave_no_trace(steps, is_packed):
    tiles = MemoryTiles()
    frontier = TreeFrontier()
    for step in steps:
        leaves = LEAVES[frontier.size : frontier.size + step]
        tiles.store(frontier.append(b"".join(leaves) if is_packed else leaves))
    whole, at_once = grown(frontier.size)
    assert tiles.tiles == whole.tiles
    assert frontier.root() == at_once.root() == oracle.root(LEAVES[: frontier.size])
    assert frontier.edge_tiles() == at_once.edge_tiles()


@pytest.mark.parametrize("size", EDGES)
def test_restored_frontier_goes_on_as_if_never_stopped(size):
    tiles, frontier = grown(size)
    restored = TreeFrontier.restore(size, tiles)
    assert restored.root() == frontier.root()
    assert restored.append(LEAVES[size : size + 300]) == frontier.append(LEAVES[size : size + 300])
    assert restored.root() == frontier.root()


@pytest.mark.parametrize("size", EDGES)
def test_frontier_is_restored_from_its_edge_tiles_alone(size):
    _, frontier = grown(size)
    restored = TreeFrontier.restore(size, MemoryTiles(frontier.edge_tiles()))
    assert restored.root() == frontier.root()


def test_example_of_tlog_tiles_has_the_tiles_it_says():
    """C2SP tlog-tiles: a tree of 70,000 leaves, and one of 256."""
    frontier = TreeFrontier()
    tiles = {(tile.level, tile.index): tile.width for tile in frontier.append(bytes(32 * 70_000))}
    full = {(0, index): 256 for index in range(273)} | {(1, 0): 256}
    assert tiles == full | {(0, 273): 112, (1, 1): 17, (2, 0): 1}
    tiles = TreeFrontier().append(bytes(32 * 256))
    assert [(tile.level, tile.index, tile.width) for tile in tiles] == [(0, 0, 256), (1, 0, 1)]


def test_tree_of_three_levels_of_tiles_is_right():
    size = TILE_WIDTH**2 + 300
    leaves = oracle.leaf_hashes(size)
    tiles = MemoryTiles()
    frontier = TreeFrontier()
    for start in range(0, size, 10_000):
        tiles.store(frontier.append(leaves[start : start + 10_000]))
    for smaller in (TILE_WIDTH**2 - 1, TILE_WIDTH**2, TILE_WIDTH**2 + 1, size):
        root = oracle.root(leaves[:smaller])
        assert root_from_tiles(tiles, smaller) == root
        for index in (0, 255, 256, TILE_WIDTH**2 - 2, smaller - 1):
            proof = inclusion_proof(tiles, index, smaller)
            assert proof == oracle.path(index, leaves[:smaller])
        for old in (1, 256, 65_000, smaller):
            assert consistency_proof(tiles, old, smaller) == oracle.consistency(
                old, leaves[:smaller]
            )


def test_append_answers_only_with_tiles_that_changed():
    _, frontier = grown(600)
    assert frontier.append([]) == []
    assert frontier.append(b"") == []
    changed = frontier.append(LEAVES[600:601])
    assert changed == [Tile(0, 2, 89, b"".join(LEAVES[512:601]))]
    changed = frontier.append(LEAVES[601:768])
    assert [(tile.level, tile.index, tile.width) for tile in changed] == [(0, 2, 256), (1, 0, 3)]


def test_copy_of_a_frontier_is_independent():
    _, frontier = grown(300)
    root = frontier.root()
    twin = frontier.copy()
    twin.append(LEAVES[300:900])
    assert (frontier.size, frontier.root()) == (300, root)
    assert twin.root() == oracle.root(LEAVES[:900])


def test_largest_tree_takes_no_more_leaves():
    class Zeros(MemoryTiles):
        def read_tile(self, level, index, width):
            return bytes(width * HASH_BYTES)

    frontier = TreeFrontier.restore(SIZE_MAX, Zeros())
    root = frontier.root()
    with pytest.raises(InvalidInput) as refusal:
        frontier.append(LEAVES[:1])
    assert refusal.value.code == "tlog.size_out_of_range"
    assert (frontier.size, frontier.root()) == (SIZE_MAX, root)


@pytest.mark.parametrize("leaves", [b"x", bytes(33), [bytes(32), bytes(31)], [b""], [bytes(64)]])
def test_leaf_hash_of_wrong_length_changes_nothing(leaves):
    _, frontier = grown(5)
    with pytest.raises(InvalidInput) as refusal:
        frontier.append(leaves)
    assert refusal.value.code == "tlog.hash_length_wrong"
    assert (frontier.size, frontier.root()) == (5, oracle.root(LEAVES[:5]))


@given(st.integers(0, 1200))
@settings(deadline=None)
def test_root_of_every_earlier_size_comes_from_the_same_tiles(size):
    tiles, _ = grown(1200)
    assert root_from_tiles(tiles, size) == oracle.root(LEAVES[:size])


@given(st.integers(1, 1200), st.data())
@settings(deadline=None)
def test_inclusion_proofs_are_those_of_rfc_6962(size, data):
    tiles, _ = grown(1200)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(tiles, index, size)
    assert proof == oracle.path(index, LEAVES[:size])
    root = oracle.root(LEAVES[:size])
    verify_inclusion(LEAVES[index], index=index, size=size, root=root, proof=proof)


@given(st.integers(0, 1200), st.data())
@settings(deadline=None)
def test_consistency_proofs_are_those_of_rfc_6962(new_size, data):
    tiles, _ = grown(1200)
    old_size = data.draw(st.integers(0, new_size))
    proof = consistency_proof(tiles, old_size, new_size)
    assert proof == (oracle.consistency(old_size, LEAVES[:new_size]) if old_size else [])
    verify_consistency(
        old_size=old_size,
        old_root=oracle.root(LEAVES[:old_size]),
        new_size=new_size,
        new_root=oracle.root(LEAVES[:new_size]),
        proof=proof,
    )


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700, 1200])
def test_proofs_read_tiles_that_the_tree_has_and_each_once(size):
    tiles, _ = grown(1200)
    for ask in (
        lambda: inclusion_proof(tiles, size // 2, size),
        lambda: consistency_proof(tiles, size // 2, size),
        lambda: root_from_tiles(tiles, size),
    ):
        tiles.reads.clear()
        ask()
        assert len(tiles.reads) == len(set(tiles.reads)) <= 4
        assert all(read.is_in_tree(size) for read in tiles.reads)


def test_questions_about_leaves_that_are_not_there_are_refused():
    tiles, _ = grown(10)
    for index, size, code in (
        (0, 0, "tlog.tree_empty"),
        (10, 10, "tlog.index_out_of_range"),
        (-1, 10, "tlog.index_out_of_range"),
        (0, -1, "tlog.size_out_of_range"),
        (0, SIZE_MAX + 1, "tlog.size_out_of_range"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            inclusion_proof(tiles, index, size)
        assert refusal.value.code == code
    for old, new in ((11, 10), (-1, 10), (0, SIZE_MAX + 1)):
        with pytest.raises(InvalidInput) as refusal:
            consistency_proof(tiles, old, new)
        assert refusal.value.code == "tlog.size_out_of_range"
    with pytest.raises(InvalidInput):
        root_from_tiles(tiles, -1)
    with pytest.raises(InvalidInput):
        TreeFrontier.restore(-1, tiles)
    with pytest.raises(NotFound):
        root_from_tiles(tiles, 300)


@pytest.mark.parametrize("cut", [1, HASH_BYTES, 100 * HASH_BYTES])
def test_truncated_tile_is_named(cut):
    tiles, _ = grown(700)
    tiles.tiles[0, 1] = tiles.tiles[0, 1][:-cut]
    with pytest.raises(IntegrityBroken, match=r"tile/0/001 must be 8192 bytes") as refusal:
        inclusion_proof(tiles, 300, 700)
    assert refusal.value.code == "tlog.tile_length_wrong"


def test_over_long_tile_is_named():
    class TooMuch(MemoryTiles):
        def read_tile(self, level, index, width):
            return super().read_tile(level, index, width) + bytes(32)

    tiles = TooMuch(TreeFrontier().append(LEAVES[:700]))
    with pytest.raises(IntegrityBroken, match=r"tile/0/002\.p/188"):
        TreeFrontier.restore(700, tiles)


def test_flipped_bit_in_any_tile_spoils_root_or_proofs():
    size = 700
    root = oracle.root(LEAVES[:size])
    for key, width in (((0, 0), 256), ((0, 2), 188), ((1, 0), 2)):
        for position in range(0, width * HASH_BYTES, 37):
            tiles, _ = grown(size)
            data = bytearray(tiles.tiles[key])
            data[position] ^= 1 << position % 8
            tiles.tiles[key] = bytes(data)
            index = position // HASH_BYTES + (512 if key == (0, 2) else 0)
            if key == (1, 0):
                assert root_from_tiles(tiles, size) != root
                continue
            with pytest.raises(IntegrityBroken):
                verify_inclusion(
                    tiles.tiles[key][index % 256 * 32 :][:32],
                    index=index,
                    size=size,
                    root=root,
                    proof=inclusion_proof(tiles, index, size),
                )
