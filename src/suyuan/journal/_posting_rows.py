"""Postings of one transaction: for each object and role the events in which it stands. 索引

What is said thousands of times in a transaction (a place, a work order) becomes one row, and
so does a unit that is made, packed and shipped in it. Made with numpy from flat arrays,
because there are many more mentions than events.
"""

from __future__ import annotations

from collections.abc import Iterable

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
_START = np.dtype(
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
    ]
)
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
    starts = _starts(tenant_id, commit, objects, roles, firsts, sizes)
    elements = np.empty(len(order), _ELEMENT)
    elements["length"] = 8
    elements["sequence"] = sequences
    return _interleaved(starts, elements, sizes)


def _starts(
    tenant_id: int,
    commit: range,
    objects: Numbers,
    roles: npt.NDArray[np.int16],
    firsts: Numbers,
    sizes: Numbers,
) -> npt.NDArray[np.void]:
    """Give what stands in each row before the elements of its array."""
    starts = np.empty(len(firsts), _START)
    starts["columns"] = 6
    starts["tenant_length"] = starts["role_length"] = 0
    starts["tenant_length"], starts["tenant"] = 4, tenant_id
    starts["object_length"], starts["object"] = 8, objects[firsts]
    starts["first_length"], starts["first"] = 8, commit[0]
    starts["last_length"], starts["last"] = 8, commit[-1]
    starts["role_length"], starts["role"] = 2, roles[firsts]
    starts["array_length"] = _ARRAY_HEAD_BYTES + sizes * _ELEMENT.itemsize
    starts["dimensions"], starts["flags"], starts["element_type"] = 1, 0, _BIGINT_OID
    starts["size"], starts["lower_bound"] = sizes, 1
    return starts


def _interleaved(
    starts: npt.NDArray[np.void], elements: npt.NDArray[np.void], sizes: Numbers
) -> bytes:
    """Put each start before its elements."""
    before = np.cumsum(sizes) - sizes  # elements before those of each row
    rows = np.arange(len(starts))
    out = np.empty(starts.nbytes + elements.nbytes, np.uint8)
    places = rows * _START.itemsize + before * _ELEMENT.itemsize
    out[places[:, None] + np.arange(_START.itemsize)] = starts.view(np.uint8).reshape(
        len(starts), _START.itemsize
    )
    row_of_element = np.repeat(rows, sizes)
    places = (row_of_element + 1) * _START.itemsize + np.arange(len(elements)) * _ELEMENT.itemsize
    out[places[:, None] + np.arange(_ELEMENT.itemsize)] = elements.view(np.uint8).reshape(
        len(elements), _ELEMENT.itemsize
    )
    return out.tobytes()


def detailed_posting_rows(tenant_id: int, commit: range, details: Iterable[PlacedDetail]) -> bytes:
    """Give rows of `journal.posting` with quantity, unit and word, in COPY's text format."""
    groups: dict[tuple[int, int, str | None], list[PlacedDetail]] = {}
    for detail in sorted(details, key=lambda one: one[:3]):
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
    if not any(value is not None for value in values):
        return _NULL_FIELD
    texts = [
        "NULL" if value is None else f'"{value.translate(_ELEMENT_ESCAPES)}"' for value in values
    ]
    return f"{{{','.join(texts)}}}".translate(_FIELD_ESCAPES)
