"""Transparency log: Merkle tree, checkpoints, proofs. 透明日志

Anyone who holds a checkpoint can find out later whether the log was changed behind it, and
anyone who holds a proof can check one event, without trusting us and without our database.
Tree of RFC 6962; formats of C2SP (tlog-tiles, tlog-checkpoint, signed-note, tlog-proof). See
docs/design/transparency-log.md.

Set in stone: every byte that this package hashes, signs or writes.

Pure: no clock, no files, no network; the only randomness is in `generate_key`.
"""

from suyuan.tlog._merkle import (
    HASH_BYTES,
    SIZE_MAX,
    empty_root,
    leaf_hash,
    leaf_hashes,
    node_hash,
    verify_consistency,
    verify_inclusion,
)
from suyuan.tlog._tile import (
    ENTRY_BYTES_MAX,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    TileAddress,
    TileReader,
    decode_entry_bundle,
    encode_entry_bundle,
    parse_tile_path,
)
from suyuan.tlog._tree import TreeFrontier, consistency_proof, inclusion_proof, root_from_tiles

__all__ = [
    "ENTRY_BYTES_MAX",
    "HASH_BYTES",
    "SIZE_MAX",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tile",
    "TileAddress",
    "TileReader",
    "TreeFrontier",
    "consistency_proof",
    "decode_entry_bundle",
    "empty_root",
    "encode_entry_bundle",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes",
    "node_hash",
    "parse_tile_path",
    "root_from_tiles",
    "verify_consistency",
    "verify_inclusion",
]
