"""The same questions asked of PostgreSQL's recursive query, on the same edges."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString, NamedTuple

import numpy as np
import psycopg

from suyuan.bench._trace_plant import Edges, Plant
from suyuan.store import open_database

__all__ = ["Asked", "Recursive", "ask_in_sql"]

_COLUMNS = ("tail", "head", "until", "moment")
_LONG_AGO = -(2**62)

# What is reached, without a clock: less than the genealogy answers.
_REACHED = """
    WITH RECURSIVE reached (node) AS (
        SELECT %(start)s::bigint
        UNION
        SELECT edge.head FROM edge JOIN reached ON edge.tail = reached.node
    )
    SELECT count(*) FROM reached
"""
# What is reached, and from when on: who comes in time goes on with the time of the edge.
_IN_TIME = """
    WITH RECURSIVE reached (node, at) AS (
        SELECT %(start)s::bigint, %(since)s::bigint
        UNION
        SELECT edge.head, CASE edge.moment WHEN %(keep)s THEN reached.at ELSE edge.moment END
        FROM edge JOIN reached ON edge.tail = reached.node AND reached.at <= edge.until
    )
    SELECT count(*), sum(at::numeric) FROM (SELECT node, min(at) AS at FROM reached GROUP BY node)
"""


class Asked(NamedTuple):
    """What one question took, and how many nodes it reached, transformations included."""

    seconds: float
    reached: int
    walked_s: float
    """What the walk took just before and after, whichever was less."""


class Recursive(NamedTuple):
    """The recursive query without times, and with them."""

    plain: Asked
    in_time: Asked


def ask_in_sql(
    plant: Plant, starts: dict[str, int], walk: Callable[[int], float]
) -> dict[str, Recursive]:
    """Ask PostgreSQL what each start reaches, once without and once with times.

    `walk` asks the same of the index and gives the seconds that it took. It is asked beside each
    question: a machine that others share is another one a minute later.
    """
    with (
        tempfile.TemporaryDirectory(prefix="suyuan-bench-") as folder,
        open_database(Path(folder) / "data") as database,
        psycopg.connect(database.connection_string, autocommit=True) as connection,
    ):
        _copy(connection, plant.edges())
        return {
            name: Recursive(*(_asked(connection, one, start, walk) for one in (_REACHED, _IN_TIME)))
            for name, start in starts.items()
        }


def _copy(connection: psycopg.Connection, edges: Edges) -> None:
    columns = ", ".join(f"{name} bigint" for name in _COLUMNS)
    connection.execute(f"CREATE UNLOGGED TABLE edge ({columns})")
    kind = [("count", ">i2")]
    kind += [field for name in _COLUMNS for field in ((f"{name}_bytes", ">i4"), (name, ">i8"))]
    rows = np.empty(len(edges.tails), kind)
    rows["count"] = len(_COLUMNS)
    values = (edges.tails, edges.heads, edges.until, edges.then)
    for name, column in zip(_COLUMNS, values, strict=True):
        rows[f"{name}_bytes"], rows[name] = 8, column
    with connection.cursor() as cursor, cursor.copy("COPY edge FROM STDIN BINARY") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8)
        copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
    connection.execute("CREATE INDEX ON edge (tail) INCLUDE (head, until, moment)")
    connection.execute("VACUUM ANALYZE edge")


def _asked(
    connection: psycopg.Connection,
    question: LiteralString,
    start: int,
    walk: Callable[[int], float],
) -> Asked:
    values = {"start": start, "since": _LONG_AGO, "keep": Edges.KEEP}
    before = walk(start)
    started = time.perf_counter()
    row = connection.execute(question, values).fetchone()
    seconds = time.perf_counter() - started
    assert row is not None
    return Asked(seconds, int(row[0]), min(before, walk(start)))
