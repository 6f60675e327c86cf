"""Transparency log: Merkle tree, checkpoints, proofs. 透明日志

Anyone who holds a checkpoint can find out later whether the log was changed behind it, and
anyone who holds a proof can check one event, without trusting us and without our database.
Tree of RFC 6962; formats of C2SP (tlog-tiles, tlog-checkpoint, signed-note, tlog-proof). See
docs/design/transparency-log.md.

Set in stone: every byte that this package hashes, signs or writes.

Pure: no clock, no files, no network; the only randomness is in `generate_key`.
"""

from suyuan.tlog._checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from suyuan.tlog._entry import (
    EVENT_ID_BYTES_MAX,
    RECORD_TIME_US_MAX,
    LogEntry,
    entry_bytes,
    entry_leaf_hashes,
    entry_tail,
    parse_entry,
)
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
from suyuan.tlog._note import (
    Note,
    NoteSignature,
    SigningKey,
    VerifierKey,
    generate_key,
    open_note,
    parse_signing_key,
    parse_verifier_key,
    sign_note,
)
from suyuan.tlog._proof_file import (
    PROOF_FILE_BYTES_MAX,
    VerifiedProof,
    make_proof_file,
    verify_proof_file,
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
from suyuan.tlog._tlog_proof import (
    TlogProof,
    encode_tlog_proof,
    parse_tlog_proof,
    verify_tlog_proof,
)
from suyuan.tlog._tree import TreeFrontier, consistency_proof, inclusion_proof, root_from_tiles

__all__ = [
    "ENTRY_BYTES_MAX",
    "EVENT_ID_BYTES_MAX",
    "HASH_BYTES",
    "PROOF_FILE_BYTES_MAX",
    "RECORD_TIME_US_MAX",
    "SIZE_MAX",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Checkpoint",
    "LogEntry",
    "Note",
    "NoteSignature",
    "SigningKey",
    "Tile",
    "TileAddress",
    "TileReader",
    "TlogProof",
    "TreeFrontier",
    "VerifiedProof",
    "VerifierKey",
    "consistency_proof",
    "decode_entry_bundle",
    "empty_root",
    "encode_entry_bundle",
    "encode_tlog_proof",
    "entry_bytes",
    "entry_leaf_hashes",
    "entry_tail",
    "generate_key",
    "inclusion_proof",
    "leaf_hash",
    "leaf_hashes",
    "make_proof_file",
    "node_hash",
    "open_checkpoint",
    "open_note",
    "parse_entry",
    "parse_signing_key",
    "parse_tile_path",
    "parse_tlog_proof",
    "parse_verifier_key",
    "root_from_tiles",
    "sign_checkpoint",
    "sign_note",
    "verify_consistency",
    "verify_inclusion",
    "verify_proof_file",
    "verify_tlog_proof",
]
