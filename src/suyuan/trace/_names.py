"""Between the names of objects and their numbers, and the facts that a name tells. 名称与编号"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import psycopg

from suyuan.errors import InvalidInput, NotFound, Problem
from suyuan.identifier import parse
from suyuan.store import Connection, Database, Function
from suyuan.trace._columns import Ints
from suyuan.trace._name_book import NameBook

__all__ = [
    "STARTS_MAX",
    "ReadNames",
    "all_known",
    "canonical_uris",
    "names_of",
    "numbers_asked",
    "numbers_of_codes",
    "numbers_of_uris",
    "plant_bases",
    "uris_of",
]

STARTS_MAX = 10_000
_AT_ONCE = 5_000
_EVER = 2**62
_ROOT = "https://id.gs1.org/"

_NAMES_OF = Function("suyuan_names_of", "SELECT object_id, uri FROM journal.names_of($1, $2)", int)

_Cursor = psycopg.Cursor[tuple[Any, ...]]


def plant_bases(connection: Connection, tenant_id: int) -> list[str]:
    """Give the addresses below which the plant's own keys stand."""
    row = connection.execute(
        "SELECT base_url FROM account.tenant WHERE tenant_id = %s", (tenant_id,)
    ).fetchone()
    return [row[0]] if row and row[0] else []


def numbers_of_codes(
    connection: Connection, tenant_id: int, codes: Sequence[str], position: int | None = None
) -> dict[str, int]:
    """Give canonical URI and number of what codes in any spelling name, in their order.

    Raises InvalidInput with all that is wrong with the codes; NotFound `trace.object_unknown`
    for what no event up to that position names, or no event that the transaction sees.
    """
    uris = canonical_uris(codes, lambda: plant_bases(connection, tenant_id))
    return numbers_asked(connection, tenant_id, uris, position)


def canonical_uris(codes: Sequence[str], bases_of_plant: Callable[[], list[str]]) -> list[str]:
    """Give what codes in any spelling name. Raises InvalidInput with all that is wrong."""
    if not 0 < len(codes) <= STARTS_MAX:
        code = "trace.starts_too_many" if codes else "trace.starts_missing"
        raise InvalidInput(Problem(code=code, expected=str(STARTS_MAX), found=str(len(codes))))
    # Most codes say of themselves what they are.
    is_plain = all(code.lstrip().startswith((_ROOT, "(", "/", "urn:")) for code in codes)
    bases = [] if is_plain else bases_of_plant()
    problems: list[Problem] = []
    uris: list[str] = []
    for code in codes:
        try:
            uris.append(parse(code, plant_bases=bases).canonical)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return list(dict.fromkeys(uris))


def numbers_asked(
    connection: Connection, tenant_id: int, uris: Sequence[str], position: int | None = None
) -> dict[str, int]:
    """Give the numbers of objects that an event up to a position names; raises as above."""
    asked = connection.execute(
        "SELECT uri, object_id FROM journal.object AS object WHERE tenant_id = %s "
        "AND uri = ANY(%s) AND EXISTS (SELECT FROM journal.posting AS posting "
        "WHERE posting.tenant_id = object.tenant_id "
        "AND posting.object_id = object.object_id AND posting.sequences[1] <= %s)",
        (tenant_id, list(uris), _EVER if position is None else position),
    )
    return all_known(uris, {str(uri): int(number) for uri, number in asked})


def all_known(uris: Sequence[str], found: dict[str, int]) -> dict[str, int]:
    """Give numbers in the order of URIs. Raises NotFound `trace.object_unknown`."""
    unknown = [uri for uri in uris if uri not in found]
    if unknown:
        raise NotFound([Problem(code="trace.object_unknown", found=uri) for uri in unknown])
    return {uri: found[uri] for uri in uris}


def uris_of(connection: Connection, tenant_id: int, numbers: Iterable[int]) -> dict[int, str]:
    """Give the canonical URIs of objects."""
    rows = _asked(connection, tenant_id, [int(number) for number in numbers])
    return {int(number): str(uri) for number, uri in rows}


def numbers_of_uris(connection: Connection, tenant_id: int, uris: Iterable[str]) -> dict[str, int]:
    """Give the numbers of canonical URIs; what no event names has none, and is left out."""
    every, found = sorted(set(uris)), dict[str, int]()
    for start in range(0, len(every), _AT_ONCE):
        rows = connection.execute(
            "SELECT uri, object_id FROM journal.object WHERE tenant_id = %s AND uri = ANY(%s)",
            (tenant_id, every[start : start + _AT_ONCE]),
        )
        found |= {str(uri): int(number) for uri, number in rows}
    return found


class ReadNames:
    """Names that were read before: the raw materials of one unit are those of the next.

    A number never gets another name. Threads may read and note at once.
    """

    def __init__(self, names_max: int = 200_000) -> None:
        self._names_max = names_max
        self._names: dict[int, str] = {}
        self.book: NameBook | None = None
        """What lies beside the index."""

    def of(self, database: Database, tenant_id: int, numbers: Iterable[int]) -> dict[int, str]:
        """Give the names of objects by their numbers; those that are not at hand are read."""
        known, book = self._names, self.book
        found, missing = dict[int, str](), list[int]()
        for number in numbers:
            name = known.get(number) or (book.get(number) if book else None)
            if name is not None:
                found[number] = name
            elif number:  # Nobody is number 0.
                missing.append(number)
        if missing:
            rows = database.call(_NAMES_OF, tenant_id, missing)
            new = {int(number): uri.decode() for number, uri in rows if number and uri}
            self.note(new)
            found |= new
        return found

    def note(self, new: dict[int, str]) -> None:
        """Keep names by numbers; when there are too many, these alone."""
        if len(self._names) + len(new) > self._names_max:
            self._names = {}  # Those who read the old ones go on with them.
        self._names |= new


def _asked(connection: Connection, tenant_id: int, numbers: list[int]) -> _Cursor:
    return connection.execute(
        "SELECT object_id, uri FROM journal.object WHERE tenant_id = %s "
        "AND object_id = ANY(%s::bigint[])",
        (tenant_id, numbers),
        binary=True,
    )


def names_of(
    connection: Connection, tenant_id: int, numbers: Ints
) -> Iterator[tuple[Ints, dict[int, str]]]:
    """Give objects some thousands at a time, with their canonical URIs."""
    for start in range(0, len(numbers), _AT_ONCE):
        some = np.asarray(numbers[start : start + _AT_ONCE])
        yield some, uris_of(connection, tenant_id, some.tolist())
