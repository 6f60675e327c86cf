"""Names of tiles and packing of entries, as C2SP tlog-tiles has them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.tlog import (
    ENTRY_BYTES_MAX,
    Tile,
    TileAddress,
    decode_entry_bundle,
    encode_entry_bundle,
    parse_tile_path,
)
from tests.tlog import oracle


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (TileAddress(0, 0), "tile/0/000"),
        (TileAddress(0, 999), "tile/0/999"),
        (TileAddress(0, 1000), "tile/0/x001/000"),
        (TileAddress(0, 1234067), "tile/0/x001/x234/067"),
        (TileAddress(2, 1234067, 1), "tile/2/x001/x234/067.p/1"),
        (TileAddress(63, 5, 255), "tile/63/005.p/255"),
        (TileAddress(None, 1234067), "tile/entries/x001/x234/067"),
        (TileAddress(None, 0, 17), "tile/entries/000.p/17"),
    ],
)
def test_paths_are_those_of_the_specification(address, path):
    assert address.path == path
    assert parse_tile_path(path) == address


@given(
    st.none() | st.integers(0, 63),
    st.integers(0, 2**63 - 1),
    st.integers(1, 256),
)
def test_every_tile_has_one_path(level, index, width):
    address = TileAddress(level, index, width)
    assert parse_tile_path(address.path) == address


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/0/000.p/1000",
        "tile/0/000.p/",
        "tile/0/000.p",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/8/0/000 ",
        "tile/ENTRIES/000",
        "tile/entries/../0/000",
        "tile/0/٠٠٠",
        "tile/0/" + "x999/" * 7 + "999",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
    ],
)
def test_other_spellings_are_refused(path):
    with pytest.raises(InvalidInput) as refusal:
        parse_tile_path(path)
    assert refusal.value.code == "tlog.tile_path_invalid"


def test_damaged_path_is_refused_or_names_another_tile():
    address = TileAddress(1, 1234067, 17)
    for damaged in oracle.damaged(address.path.encode()):
        try:
            found = parse_tile_path(damaged.decode(errors="replace"))
        except InvalidInput:
            continue
        assert found != address
        assert found.path.encode() == damaged


@pytest.mark.parametrize(
    ("address", "sizes_with", "sizes_without"),
    [
        (TileAddress(0, 0, 1), [1, 2, 256, 70_000], [0]),
        (TileAddress(0, 273, 112), [70_000, 71_000], [69_999]),
        (TileAddress(0, 273), [70_144], [70_143]),
        (TileAddress(1, 0, 1), [256], [255]),
        (TileAddress(1, 1, 17), [70_000], [69_887]),
        (TileAddress(2, 0, 1), [65_536], [65_535]),
        (TileAddress(None, 1, 44), [300], [299]),
        (TileAddress(63, 0, 1), [], [2**63 - 1]),
    ],
)
def test_tile_is_in_the_trees_that_reach_it(address, sizes_with, sizes_without):
    assert all(address.is_in_tree(size) for size in sizes_with)
    assert not any(address.is_in_tree(size) for size in sizes_without)


def test_tile_knows_its_address():
    assert Tile(1, 5, 3, bytes(96)).address == TileAddress(1, 5, 3)


def test_bundle_is_entries_behind_their_lengths():
    assert encode_entry_bundle([b"a", b"", b"bc" * 200]) == (
        b"\x00\x01a" + b"\x00\x00" + b"\x01\x90" + b"bc" * 200
    )


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundle_gives_back_its_entries(entries):
    assert decode_entry_bundle(encode_entry_bundle(entries), width=len(entries)) == entries


def test_longest_entry_fits_and_a_longer_one_is_named():
    entries = [b"", bytes(ENTRY_BYTES_MAX)]
    assert decode_entry_bundle(encode_entry_bundle(entries), width=2) == entries
    with pytest.raises(InvalidInput, match=r"entry\[1\] must be at most 65535"):
        encode_entry_bundle([b"", bytes(ENTRY_BYTES_MAX + 1)])


@pytest.mark.parametrize("count", [0, 257])
def test_bundle_of_no_or_too_many_entries_is_refused(count):
    with pytest.raises(InvalidInput) as refusal:
        encode_entry_bundle([b"x"] * count)
    assert refusal.value.code == "tlog.bundle_width_wrong"
    with pytest.raises(InvalidInput):
        decode_entry_bundle(b"\x00\x01x" * count, width=count)


def test_bundle_of_another_width_is_refused():
    data = encode_entry_bundle([b"x"] * 5)
    for width in (1, 4, 6, 256):
        with pytest.raises(InvalidInput) as refusal:
            decode_entry_bundle(data, width=width)
        assert refusal.value.code == "tlog.bundle_width_wrong"


def test_bundle_cut_anywhere_is_refused():
    data = encode_entry_bundle([b"first", b"second", b"third"])
    for end in range(len(data)):
        with pytest.raises(InvalidInput) as refusal:
            decode_entry_bundle(data[:end], width=3)
        assert refusal.value.code in {"tlog.bundle_truncated", "tlog.bundle_width_wrong"}


def test_damaged_bundle_never_gives_the_same_entries():
    entries = [b"first", b"second", b"third"]
    for damaged in oracle.damaged(encode_entry_bundle(entries)):
        with suppress(InvalidInput):
            assert decode_entry_bundle(damaged, width=3) != entries
