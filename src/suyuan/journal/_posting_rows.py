"""Postings of one transaction: for each object and role the events in which it stands. 索引

What is said thousands of times in a transaction (a place, a work order) becomes one row, and
so does a unit that is made, packed and shipped in it. Made with numpy from flat arrays,
because there are many more mentions than events.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

import numpy as np
import numpy.typing as npt

__all__ = [
    "DETAILED_COLUMNS",
    "PLAIN_COLUMNS",
    "PlacedDetail",
    "detailed_posting_rows",
    "plain_posting_rows",
]

Numbers = npt.NDArray[np.int64]
PlacedDetail = tuple[int, int, int, str | None, str | None, str | None]
"""Sequence number, object number, role, quantity, unit, word."""

PLAIN_COLUMNS = "tenant_id, object_id, first_sequence, last_sequence, role, sequences"
DETAILED_COLUMNS = f"{PLAIN_COLUMNS}, quantities, uoms, word"

_BIGINT_OID = 20
_ROW = np.dtype(
    [
        ("columns", ">i2"),
        ("tenant_length", ">i4"),
        ("tenant", ">i4"),
        ("object_length", ">i4"),
        ("object", ">i8"),
        ("first_length", ">i4"),
        ("first", ">i8"),
        ("last_length", ">i4"),
        ("last", ">i8"),
        ("role_length", ">i4"),
        ("role", ">i2"),
        ("array_length", ">i4"),
        ("dimensions", ">i4"),
        ("flags", ">i4"),
        ("element_type", ">i4"),
        ("size", ">i4"),
        ("lower_bound", ">i4"),
        ("length", ">i4"),
        ("sequence", ">i8"),
    ]
)
"""A row with the first element of its array."""
_ELEMENT = np.dtype([("length", ">i4"), ("sequence", ">i8")])
_ARRAY_HEAD_BYTES = 20


def plain_posting_rows(
    tenant_id: int,
    commit: range,
    sequences: Numbers,
    objects: Numbers,
    roles: npt.NDArray[np.int16],
) -> bytes:
    """Give rows of `journal.posting` without quantity and word, in COPY's binary format.

    The three arrays tell of each mention the event, the object and the role; `commit` are the
    numbers that the transaction gave out. Rows come in the order of the objects, which keeps
    the index over them growing in few places.
    """
    order = np.lexsort((sequences, roles, objects))
    sequences, objects, roles = sequences[order], objects[order], roles[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (objects[1:] != objects[:-1]) | (roles[1:] != roles[:-1])
    firsts = np.flatnonzero(is_first)
    sizes = np.diff(firsts, append=len(order))
    rows = _rows(tenant_id, commit, objects, roles, firsts, sizes)
    rows["length"], rows["sequence"] = 8, sequences[firsts]
    if len(rows) == len(order):
        return rows.tobytes()
    others = np.empty(len(order) - len(rows), _ELEMENT)
    others["length"], others["sequence"] = 8, sequences[~is_first]
    return _interleaved(rows, others, sizes - 1)


def _rows(
    tenant_id: int,
    commit: range,
    objects: Numbers,
    roles: npt.NDArray[np.int16],
    firsts: Numbers,
    sizes: Numbers,
) -> npt.NDArray[np.void]:
    """Give each row as far as the first element of its array, which is still to be filled in."""
    rows = np.empty(len(firsts), _ROW)
    rows["columns"] = 6
    rows["tenant_length"] = rows["role_length"] = 0
    rows["tenant_length"], rows["tenant"] = 4, tenant_id
    rows["object_length"], rows["object"] = 8, objects[firsts]
    rows["first_length"], rows["first"] = 8, commit[0]
    rows["last_length"], rows["last"] = 8, commit[-1]
    rows["role_length"], rows["role"] = 2, roles[firsts]
    rows["array_length"] = _ARRAY_HEAD_BYTES + sizes * _ELEMENT.itemsize
    rows["dimensions"], rows["flags"], rows["element_type"] = 1, 0, _BIGINT_OID
    rows["size"], rows["lower_bound"] = sizes, 1
    return rows


def _interleaved(
    rows: npt.NDArray[np.void], others: npt.NDArray[np.void], counts: Numbers
) -> bytes:
    """Put after each row as many of the other elements as are its own."""
    lengths = np.empty(2 * len(rows), np.int64)
    lengths[::2], lengths[1::2] = _ROW.itemsize, counts * _ELEMENT.itemsize
    is_row = np.repeat(np.arange(len(lengths)) % 2 == 0, lengths)
    out = np.empty(len(is_row), np.uint8)
    out[is_row] = rows.view(np.uint8)
    out[~is_row] = others.view(np.uint8)
    return out.tobytes()


def detailed_posting_rows(tenant_id: int, commit: range, details: Iterable[PlacedDetail]) -> bytes:
    """Give rows of `journal.posting` with quantity, unit and word, in COPY's text format."""
    groups: dict[tuple[int, int, str | None], list[PlacedDetail]] = {}
    for detail in sorted(details, key=itemgetter(0)):
        groups.setdefault((detail[1], detail[2], detail[5]), []).append(detail)
    return "".join(
        [
            "\t".join(
                (
                    *(f"{tenant_id}", f"{object_id}", f"{commit[0]}", f"{commit[-1]}"),
                    f"{role}",
                    _array([f"{one[0]}" for one in group]),
                    _array([one[3] for one in group]),
                    _array([one[4] for one in group]),
                    _NULL_FIELD if word is None else word.translate(_FIELD_ESCAPES),
                )
            )
            + "\n"
            for (object_id, role, word), group in sorted(groups.items(), key=_by_object)
        ]
    ).encode()


def _by_object(item: tuple[tuple[int, int, str | None], object]) -> tuple[int, int, str]:
    object_id, role, word = item[0]
    return object_id, role, word or ""


_NULL_FIELD = "\\N"
_FIELD_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ELEMENT_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"'})


def _array(values: list[str | None]) -> str:
    """Spell an array as PostgreSQL reads it, as a field of COPY; NULL where it is all NULL."""
    told = [value for value in values if value is not None]
    if not told:
        return _NULL_FIELD
    if len(told) == len(values) and "".join(told).replace(".", "").isalnum():
        return '{"' + '","'.join(told) + '"}'  # Nothing to escape.
    texts = [
        "NULL" if value is None else f'"{value.translate(_ELEMENT_ESCAPES)}"' for value in values
    ]
    return f"{{{','.join(texts)}}}".translate(_FIELD_ESCAPES)
