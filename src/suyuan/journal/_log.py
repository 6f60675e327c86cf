"""The journal's transparency log: tiles and checkpoints that follow the journal. 透明日志

Leaf i of the log (counted from 0) is entry i + 1 of the journal. A keeper brings the log up
to date in a transaction of its own, under a lock, from the leaf hashes that stand beside the
events; what it stores is always a whole tree with a signed checkpoint over it. Whoever
controls the database can withhold the newest events, but can't change an old one without
the key, and not even with the key without contradicting a checkpoint that others have seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from suyuan.errors import IntegrityBroken, NotFound, Problem
from suyuan.store import Connection, Database
from suyuan.tlog import (
    Checkpoint,
    SigningKey,
    Tile,
    TreeFrontier,
    encode_entry_bundle,
    entry_bytes,
    open_checkpoint,
    sign_checkpoint,
)

__all__ = ["LogReader", "StoredTiles", "bring_log_up_to_date"]

_ADVISORY_CLASS = 0x746C6F67  # "tlog"
_STEP_ENTRIES = 250_000
_TILE_WIDTH = 256
_HASH_BYTES = 32


class StoredTiles:
    """Reads tiles of one tenant's log: the `TileReader` of `suyuan.tlog`."""

    def __init__(self, connection: Connection, tenant_id: int) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile, fewer when it is not stored."""
        row = self._connection.execute(
            "SELECT substring(data FROM 1 FOR %s) FROM tlog.tile "
            "WHERE tenant_id = %s AND level = %s AND tile_index = %s",
            (width * _HASH_BYTES, self._tenant_id, level, index),
            binary=True,
        ).fetchone()
        return bytes(row[0]) if row else b""


def bring_log_up_to_date(database: Database, tenant_id: int, key: SigningKey) -> int:
    """Take all committed entries into the log and sign a checkpoint; give the log's size.

    Does nothing when another process is at it. Raises IntegrityBroken when the stored log
    is not the one that was signed.
    """
    while True:
        with database.writer(tenant_id) as connection:
            lock = connection.execute(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", (_ADVISORY_CLASS, tenant_id)
            ).fetchone()
            size = _newest_size(connection, tenant_id)
            if lock is None or not lock[0]:
                return size
            grown = _grow(connection, tenant_id, key, size)
        if grown - size < _STEP_ENTRIES:
            return grown


def _newest_size(connection: Connection, tenant_id: int) -> int:
    row = connection.execute(
        "SELECT size FROM tlog.checkpoint WHERE tenant_id = %s ORDER BY size DESC LIMIT 1",
        (tenant_id,),
    ).fetchone()
    return row[0] if row else 0


def _grow(connection: Connection, tenant_id: int, key: SigningKey, size: int) -> int:
    # In one piece: a row each would hold up whoever asks the server meanwhile.
    hashes, last = connection.execute(
        "SELECT string_agg(leaf_hash, ''::bytea ORDER BY sequence), max(sequence) FROM "
        "(SELECT leaf_hash, sequence FROM journal.event WHERE tenant_id = %s AND sequence > %s "
        "ORDER BY sequence LIMIT %s) AS entry",
        (tenant_id, size, _STEP_ENTRIES),
        binary=True,
    ).fetchall()[0]
    if not hashes:
        return size
    grown = size + len(hashes) // _HASH_BYTES
    if last != grown:
        raise IntegrityBroken(
            Problem(code="journal.sequence_broken", expected=str(grown), found=str(last))
        )
    frontier = TreeFrontier.restore(size, StoredTiles(connection, tenant_id))
    if size:
        _check_root(connection, tenant_id, key, frontier)
    _store_tiles(connection, tenant_id, frontier.append(hashes))
    note = sign_checkpoint(Checkpoint(key.name, grown, frontier.root()), key)
    connection.execute(
        "INSERT INTO tlog.checkpoint (tenant_id, size, note) VALUES (%s, %s, %s)",
        (tenant_id, grown, note),
    )
    return grown


def _check_root(
    connection: Connection, tenant_id: int, key: SigningKey, frontier: TreeFrontier
) -> None:
    """Refuse to build upon tiles that are not what the last checkpoint was signed over."""
    row = connection.execute(
        "SELECT note FROM tlog.checkpoint WHERE tenant_id = %s AND size = %s",
        (tenant_id, frontier.size),
    ).fetchone()
    assert row is not None
    signed = open_checkpoint(row[0], [key.verifier_key])
    if signed.size != frontier.size or signed.root != frontier.root():
        raise IntegrityBroken(
            Problem(
                code="journal.root_broken",
                where=str(frontier.size),
                expected=signed.root.hex(),
                found=frontier.root().hex(),
            )
        )


def _store_tiles(connection: Connection, tenant_id: int, tiles: Iterable[Tile]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO tlog.tile (tenant_id, level, tile_index, data) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (tenant_id, level, tile_index) DO UPDATE SET data = excluded.data",
            [(tenant_id, tile.level, tile.index, tile.data) for tile in tiles],
        )


class LogReader:
    """What strangers may see of a tenant's log: checkpoint, tiles, entries, key."""

    def __init__(self, connection: Connection, tenant_id: int) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self.tiles = StoredTiles(connection, tenant_id)

    def verifier_key(self) -> str:
        """Give the public key of the log. Raises NotFound `journal.checkpoint_missing`."""
        row = self.connection.execute(
            "SELECT verifier_key FROM tlog.log_key WHERE tenant_id = %s", (self.tenant_id,)
        ).fetchone()
        if row is None:
            raise NotFound(Problem(code="journal.checkpoint_missing", where="1"))
        return str(row[0])

    def checkpoint(self) -> tuple[int, str]:
        """Give size and signed note of the newest checkpoint."""
        row = self.connection.execute(
            "SELECT size, note FROM tlog.checkpoint WHERE tenant_id = %s "
            "ORDER BY size DESC LIMIT 1",
            (self.tenant_id,),
        ).fetchone()
        if row is None:
            raise NotFound(Problem(code="journal.checkpoint_missing", where="1"))
        return int(row[0]), str(row[1])

    def note_at(self, size: int) -> str | None:
        """Give the signed note of the checkpoint at that size, if there ever was one."""
        row = self.connection.execute(
            "SELECT note FROM tlog.checkpoint WHERE tenant_id = %s AND size = %s",
            (self.tenant_id, size),
        ).fetchone()
        return None if row is None else str(row[0])

    def entry_bundle(self, index: int, width: int) -> bytes:
        """Give the leaves themselves, 256 to a bundle, as C2SP tlog-tiles has them."""
        first = index * _TILE_WIDTH + 1
        rows = self.connection.execute(
            "SELECT sequence, (extract(epoch FROM record_time) * 1000000)::bigint, event_id, "
            "       event_hash, sha256(convert_to(body, 'UTF8')) "
            "FROM journal.event WHERE tenant_id = %s AND sequence >= %s AND sequence < %s "
            "ORDER BY sequence",
            (self.tenant_id, first, first + width),
            binary=True,
        )
        return encode_entry_bundle(
            [
                entry_bytes(
                    sequence=sequence,
                    record_time_us=record_time_us,
                    event_id=event_id,
                    event_hash=event_hash,
                    body_digest=body_digest,
                )
                for sequence, record_time_us, event_id, event_hash, body_digest in rows
            ]
        )
