"""Rows of postings: whatever was mentioned is found again, each object and role in one row."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suyuan.journal import Journal
from suyuan.journal._append import _copy
from suyuan.journal._posting_rows import (
    DETAILED_COLUMNS,
    PLAIN_COLUMNS,
    detailed_posting_rows,
    plain_posting_rows,
)
from suyuan.store import Connection

_MENTIONS = st.lists(
    st.tuples(st.integers(1, 2**40), st.integers(1, 6), st.integers(1, 15)), min_size=1, max_size=40
)
_ODD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_DETAILS = st.lists(
    st.tuples(
        st.integers(1, 50),
        st.integers(1, 3),
        st.integers(6, 9),
        st.none() | st.decimals(0, 10**9, places=3).map(str),
        st.none() | _ODD,
        st.none() | _ODD,
    ),
    min_size=1,
    max_size=30,
)


@pytest.fixture(scope="module")
def table(embedded_databases) -> Connection:  # type: ignore[no-untyped-def, misc]
    database = embedded_databases()
    journal = Journal(database, database.make_tenant("default"))
    with database.owner() as connection:
        connection.execute(
            "CREATE TABLE journal.rows (LIKE journal.posting); SET search_path TO journal"
        )
        assert journal.position() == 0
        yield connection
    database.close()


@settings(max_examples=150, deadline=None)
@given(mentions=_MENTIONS)
def test_plain_mentions_come_back_from_the_database(
    table: Connection, mentions: list[tuple[int, int, int]]
) -> None:
    table.execute("TRUNCATE journal.rows")
    columns = np.array(mentions, np.int64).T
    commit = range(1, 2**40 + 1)
    rows = plain_posting_rows(7, commit, columns[0], columns[1], columns[2].astype(np.int16))
    _copy(table, "rows", PLAIN_COLUMNS, [rows])
    found = table.execute(
        "SELECT s, object_id, role FROM journal.rows, unnest(sequences) AS s WHERE tenant_id = 7"
    ).fetchall()
    assert Counter(found) == Counter(mentions)
    bounds = table.execute(
        "SELECT object_id, role, first_sequence, last_sequence, "
        "sequences = ARRAY(SELECT s FROM unnest(sequences) AS s ORDER BY s) FROM journal.rows"
    ).fetchall()
    said = {(object_id, role) for _, object_id, role in mentions}
    assert sorted(bounds) == sorted((*key, 1, 2**40, True) for key in said)


@settings(max_examples=150, deadline=None)
@given(details=_DETAILS)
def test_quantities_units_and_words_come_back_whatever_characters_they_have(
    table: Connection,
    details: list[tuple[int, int, int, str | None, str | None, str | None]],
) -> None:
    table.execute("TRUNCATE journal.rows")
    rows = detailed_posting_rows(7, range(1, 51), details)
    _copy(table, "rows", DETAILED_COLUMNS, [rows], binary=False)
    found = table.execute(
        "SELECT s, object_id, role, q::text, u, word FROM journal.rows, "
        "unnest(sequences, quantities, uoms) AS m(s, q, u)"
    ).fetchall()
    assert Counter(found) == Counter(details)
