"""Proving that nothing was changed: everything is worked out again from the events. 校验

Every event is decoded, hashed and compared with its row, its postings, its event key and
its leaf; the leaves make the tree again, which must have the root of every signed
checkpoint and the stored tiles. The work is split by ranges of the journal over processes.
What an attacker who controls the database could still do: cut off events newer than the
last checkpoint that anybody outside has seen.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from typing import Any, NamedTuple

import msgspec
import psycopg

from suyuan.errors import Problem, SuyuanError
from suyuan.event import Mention, decode_body, event_hash
from suyuan.journal._log import LogReader
from suyuan.journal._prepare import event_key, hash_digest
from suyuan.store import Connection, Database, translated_errors
from suyuan.tlog import (
    Tile,
    TreeFrontier,
    entry_bytes,
    leaf_hash,
    open_checkpoint,
    parse_verifier_key,
)

__all__ = ["VerifyReport", "verify_journal"]

_RANGE_EVENTS = 10_000
_PROBLEMS_MAX = 100
_HASH_BYTES = 32


@dataclass(slots=True)
class VerifyReport:
    """What was checked, and what was found wrong (at most a hundred of it, first first)."""

    entries: int = 0
    postings: int = 0
    checkpoints: int = 0
    tiles: int = 0
    root: str = ""
    covered: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Tell whether everything agrees with everything."""
        return not self.problems


class _Checked(msgspec.Struct):
    """What one process found in one range of the journal."""

    leaves: bytes
    postings: int
    problems: list[tuple[str, int, str, str, str]]


def verify_journal(
    database: Database,
    tenant_id: int,
    *,
    verifier_key: str | None = None,
    processes: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    report: VerifyReport | None = None,
) -> VerifyReport:
    """Check the whole journal of a tenant against itself and its signed checkpoints.

    `verifier_key` is the public key to trust; without it the one in the database is taken,
    which an attacker could have exchanged together with the whole log. A `report` that is
    given fills as the work goes on; what `progress` raises ends the work.
    """
    report = VerifyReport() if report is None else report
    with database.tenant(tenant_id, read_only=True) as connection:
        total = _last_sequence(connection, tenant_id)
        tree = _Tree(connection, tenant_id, verifier_key, report)
        for first, checked in _check_ranges(database, tenant_id, total, processes):
            _take_problems(report, checked)
            report.postings += checked.postings
            report.entries += len(checked.leaves) // _HASH_BYTES
            tree.append(checked.leaves)
            progress(min(first + _RANGE_EVENTS - 1, total), total)
        tree.finish()
    return report


def _last_sequence(connection: Connection, tenant_id: int) -> int:
    row = connection.execute(
        "SELECT last_sequence FROM journal.head WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    assert row is not None
    return int(row[0])


def _take_problems(report: VerifyReport, checked: _Checked) -> None:
    for code, sequence, rule, expected, found in checked.problems:
        if len(report.problems) < _PROBLEMS_MAX:
            report.problems.append(
                Problem(code=code, where=str(sequence), rule=rule, expected=expected, found=found)
            )


def _check_ranges(
    database: Database, tenant_id: int, total: int, processes: int | None
) -> Iterator[tuple[int, _Checked]]:
    """Check range by range, in order, a few ahead at once."""
    starts = range(1, total + 1, _RANGE_EVENTS)
    count = processes or min(os.cpu_count() or 1, len(starts), 8)
    arguments = [
        (database.connection_string, tenant_id, s, min(s + _RANGE_EVENTS - 1, total))
        for s in starts
    ]
    if count <= 1:
        for argument in arguments:
            yield argument[2], _check_range(*argument)
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        running: dict[int, Future[_Checked]] = {}
        for position, argument in enumerate(arguments):
            for ahead in arguments[position : position + 2 * count]:
                if ahead[2] not in running:
                    running[ahead[2]] = pool.submit(_check_range, *ahead)
            yield argument[2], running.pop(argument[2]).result()
            running[argument[2]] = Future()  # Done: never to be submitted again.


def _check_range(connection_string: str, tenant_id: int, first: int, last: int) -> _Checked:
    """Check the entries first to last; runs in a process of its own."""
    with translated_errors(), psycopg.connect(connection_string) as connection:
        connection.execute("SET ROLE suyuan_app")
        connection.execute("SELECT set_config('suyuan.tenant_id', %s, false)", (str(tenant_id),))
        connection.execute("SET enable_seqscan = off")
        checked = _Checked(b"", 0, [])
        leaves = []
        keys: dict[bytes, int] = {}
        postings = _postings(connection, tenant_id, first, last, checked)
        expected = first
        for row in _event_rows(connection, tenant_id, first, last):
            if row[0] != expected:
                checked.problems.append(
                    ("journal.sequence_broken", expected, "dense", str(expected), str(row[0]))
                )
            expected = row[0] + 1
            leaves.append(_check_event(row, postings.pop(row.sequence, []), checked, keys))
        if expected != last + 1:
            checked.problems.append(
                ("journal.sequence_broken", expected, "dense", str(last), str(expected - 1))
            )
        for sequence in postings:
            checked.problems.append(
                ("journal.posting_broken", sequence, "event exists", "an event", "none")
            )
        _check_keys(connection, tenant_id, keys, checked)
        checked.leaves = b"".join(leaves)
        return checked


class _Row(NamedTuple):
    sequence: int
    record_time: int
    event_time: int
    event_type: int
    action: int
    is_error_declaration: bool
    business_step: str | None
    disposition: str | None
    event_id: str
    event_hash: bytes
    leaf_hash: bytes
    body: str


def _event_rows(connection: Connection, tenant_id: int, first: int, last: int) -> Iterator[_Row]:
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT sequence, (extract(epoch FROM record_time) * 1000000)::bigint, "
            "       (extract(epoch FROM event_time) * 1000000)::bigint, event_type, action, "
            "       is_error_declaration, business_step, disposition, event_id, event_hash, "
            "       leaf_hash, body "
            "FROM journal.event WHERE tenant_id = %s AND sequence BETWEEN %s AND %s "
            "ORDER BY sequence",
            (tenant_id, first, last),
        )
        while rows := cursor.fetchmany(1_000):
            yield from map(_Row._make, rows)


def _postings(
    connection: Connection, tenant_id: int, first: int, last: int, checked: _Checked
) -> dict[int, list[Mention]]:
    """Give what the index says that each event mentions."""
    found: dict[int, list[Mention]] = {}
    with connection.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT p.first_sequence, p.last_sequence, p.sequences, p.role, "
            "       coalesce(o.uri, ''), p.quantities, p.uoms, p.word "
            "FROM journal.posting AS p LEFT JOIN journal.object AS o USING (tenant_id, object_id) "
            # Commits do not overlap: begin with the one that the first event is in.
            "WHERE p.tenant_id = %s AND p.first_sequence <= %s AND p.first_sequence >= coalesce("
            "(SELECT max(first_sequence) FROM journal.posting "
            "WHERE tenant_id = %s AND first_sequence <= %s), 0)",
            (tenant_id, last, tenant_id, first),
        )
        while rows := cursor.fetchmany(1_000):
            for low, high, sequences, role, uri, quantities, uoms, word in rows:
                if not low <= sequences[0] <= sequences[-1] <= high:
                    checked.problems.append(_ill_bounded(low, high, sequences))
                for at, sequence in enumerate(sequences):
                    if first <= sequence <= last:
                        found.setdefault(sequence, []).append(
                            (
                                role,
                                uri,
                                quantities[at] if quantities else None,
                                uoms[at] if uoms else None,
                                word,
                            )
                        )
                        checked.postings += 1
    return found


def _ill_bounded(low: int, high: int, sequences: list[int]) -> tuple[str, int, str, str, str]:
    found = f"{sequences[0]}…{sequences[-1]}"
    return ("journal.posting_broken", low, "bounds", f"{low}…{high}", found)


def _check_event(
    row: _Row, mentions: list[Mention], checked: _Checked, keys: dict[bytes, int]
) -> bytes:
    """Compare one row with what its body says; give the leaf that the body makes."""
    try:
        event = decode_body(row.body.encode())
        hash_uri = event_hash(event)
    except (SuyuanError, msgspec.DecodeError, ValueError, KeyError, TypeError) as error:
        checked.problems.append(
            ("journal.entry_broken", row.sequence, "body", "an event", str(error)[:200])
        )
        return row.leaf_hash
    digest = hash_digest(hash_uri)
    leaf = leaf_hash(
        entry_bytes(
            sequence=row.sequence,
            record_time_us=row.record_time,
            event_id=row.event_id,
            event_hash=digest,
            body_digest=sha256(row.body.encode()).digest(),
        )
    )
    for rule, expected, found in (
        ("event hash", digest, row.event_hash),
        ("event ID", event.event_id or hash_uri, row.event_id),
        ("event time", event.event_time, row.event_time),
        ("event type", event.event_type, row.event_type),
        ("action", event.action, row.action),
        ("error declaration", event.is_error_declaration, row.is_error_declaration),
        ("business step", event.business_step, row.business_step),
        ("disposition", event.disposition, row.disposition),
        ("leaf hash", leaf, row.leaf_hash),
    ):
        if expected != found:
            checked.problems.append(
                ("journal.entry_broken", row.sequence, rule, _plain(expected), _plain(found))
            )
    _check_mentions(row.sequence, event.mentions, mentions, checked)
    keys[event_key(row.event_id, is_error_declaration=row.is_error_declaration)] = row.sequence
    return leaf


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _check_mentions(
    sequence: int, expected: list[Mention], found: list[Mention], checked: _Checked
) -> None:
    if expected == found or Counter(expected) == Counter(found):
        return
    missing = Counter(expected) - Counter(found)
    surplus = Counter(found) - Counter(expected)
    checked.problems.append(
        (
            "journal.posting_broken",
            sequence,
            "postings",
            _shown(missing),
            _shown(surplus),
        )
    )


def _shown(mentions: Counter[Mention]) -> str:
    return "; ".join(
        " ".join(str(part) for part in mention if part is not None) for mention in mentions
    )


def _check_keys(
    connection: Connection, tenant_id: int, keys: dict[bytes, int], checked: _Checked
) -> None:
    rows: Any = connection.execute(
        "SELECT event_key, sequence FROM journal.event_key "
        "WHERE tenant_id = %s AND event_key = ANY(%s::uuid[])",
        (tenant_id, [key.hex() for key in keys]),
        binary=True,
    )
    stored = {key.bytes: sequence for key, sequence in rows}
    for key, sequence in keys.items():
        if stored.get(key) != sequence:
            checked.problems.append(
                (
                    "journal.entry_broken",
                    sequence,
                    "event key",
                    str(sequence),
                    str(stored.get(key)),
                )
            )


class _Tree:
    """The Merkle tree made again, compared with tiles and checkpoints as it grows."""

    def __init__(
        self,
        connection: Connection,
        tenant_id: int,
        verifier_key: str | None,
        report: VerifyReport,
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._report = report
        self._frontier = TreeFrontier()
        self._edges: dict[tuple[int, int], Tile] = {}
        self._checkpoints: list[tuple[int, str]] = connection.execute(
            "SELECT size, note FROM tlog.checkpoint WHERE tenant_id = %s ORDER BY size DESC",
            (tenant_id,),
        ).fetchall()
        self._covered = self._checkpoints[0][0] if self._checkpoints else 0
        self._verifier = verifier_key
        if verifier_key is None and self._checkpoints:
            self._verifier = LogReader(connection, tenant_id).verifier_key()

    def append(self, leaves: bytes) -> None:
        """Grow by packed leaf hashes, halting at each checkpoint on the way."""
        while leaves:
            room = len(leaves) // _HASH_BYTES
            if self._checkpoints:
                room = min(room, self._checkpoints[-1][0] - self._frontier.size)
            step, leaves = leaves[: room * _HASH_BYTES], leaves[room * _HASH_BYTES :]
            self._check_tiles(self._frontier.append(step))
            while self._checkpoints and self._checkpoints[-1][0] <= self._frontier.size:
                self._check_checkpoint(*self._checkpoints.pop())

    def finish(self) -> None:
        """Compare what is left: unfinished tiles, and checkpoints beyond the journal."""
        for size, _ in self._checkpoints:
            self._fault(size, "size of the journal", str(size), str(self._frontier.size))
        report = self._report
        report.root = self._frontier.root().hex()
        report.covered = self._covered
        if self._covered == self._frontier.size:
            self._compare(list(self._edges.values()))

    def _check_tiles(self, tiles: list[Tile]) -> None:
        full = []
        for tile in tiles:
            if tile.width == 256:
                full.append(tile)
                self._edges.pop((tile.level, tile.index), None)
            else:
                self._edges[tile.level, tile.index] = tile
        self._compare([t for t in full if (t.index + 1) << (8 * (t.level + 1)) <= self._covered])

    def _compare(self, tiles: list[Tile]) -> None:
        for tile in tiles:
            row = self._connection.execute(
                "SELECT data FROM tlog.tile WHERE tenant_id = %s AND level = %s "
                "AND tile_index = %s",
                (self._tenant_id, tile.level, tile.index),
                binary=True,
            ).fetchone()
            self._report.tiles += 1
            if row is None or row[0] != tile.data:
                self._fault(
                    ((tile.index << 8) << (8 * tile.level)) + 1,
                    f"tile {tile.level}/{tile.index}",
                    sha256(tile.data).hexdigest(),
                    "none" if row is None else sha256(row[0]).hexdigest(),
                )

    def _check_checkpoint(self, size: int, note: str) -> None:
        self._report.checkpoints += 1
        try:
            signed = open_checkpoint(note, [parse_verifier_key(self._verifier or "")])
        except SuyuanError as error:
            self._report.problems.extend(error.problems)
            return
        root = self._frontier.root()
        if signed.size != size or signed.root != root:
            self._report.problems.append(
                Problem(
                    code="journal.root_broken",
                    where=str(size),
                    expected=signed.root.hex(),
                    found=root.hex(),
                )
            )

    def _fault(self, sequence: int, rule: str, expected: str, found: str) -> None:
        self._report.problems.append(
            Problem(
                code="journal.entry_broken",
                where=str(sequence),
                rule=rule,
                expected=expected,
                found=found,
            )
        )
