"""Numbers of identifiers: every canonical URI gets a dense number a tenant, for ever. 标识编号

The genealogy works on these numbers, and so do queries; the URI is stored once. A number,
once committed, never changes, so each process may remember as many as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import islice
from threading import Lock

from suyuan.identifier import class_of
from suyuan.store import Connection

__all__ = ["NewObject", "ObjectNumbers"]

NewObject = tuple[int, str, int | None]
"""Number, canonical URI, and the number of the class it belongs to by its name."""

_LOOKED_UP_AT_ONCE = 50_000
_REMEMBERED_MAX = 400_000  # About 100 MB.


class ObjectNumbers:
    """What this process remembers of the numbers of each tenant's identifiers."""

    def __init__(self) -> None:
        self._remembered: dict[int, dict[str, int]] = {}
        self._lock = Lock()

    def resolve(
        self,
        connection: Connection,
        tenant_id: int,
        uris: Collection[str],
        last_number: int,
        told: Callable[[float], None] = lambda _: None,
    ) -> tuple[dict[str, int], list[NewObject]]:
        """Give the number of each URI, and which of them are new and must be stored.

        The class of a new object gets a number too. The caller holds the tenant's head, so
        nobody else hands out numbers meanwhile. What it gives is remembered only by
        `remember`, after the commit. `told` hears which share of the URIs was looked up.
        """
        found, unknown = self._look_up(connection, tenant_id, uris, told)
        classes = {uri: class_of(uri) for uri in unknown}
        wanted = {one for one in classes.values() if one is not None and one not in found}
        known_classes, new_classes = self._look_up(connection, tenant_id, wanted)
        found.update(known_classes)
        # In order of their text, which keeps the index of URIs growing in few places.
        new_uris = sorted({*unknown, *new_classes})
        numbers = range(last_number + 1, last_number + 1 + len(new_uris))
        found.update(zip(new_uris, numbers, strict=True))
        classes.update((uri, class_of(uri)) for uri in new_classes if uri not in classes)
        new = [
            (number, uri, found.get(classes[uri] or ""))
            for number, uri in zip(numbers, new_uris, strict=True)
        ]
        return found, new

    def _look_up(
        self,
        connection: Connection,
        tenant_id: int,
        uris: Collection[str],
        told: Callable[[float], None] = lambda _: None,
    ) -> tuple[dict[str, int], list[str]]:
        """Give the numbers that are known, and the URIs that have none yet."""
        remembered = self._remembered.get(tenant_id, {})
        found = {uri: remembered[uri] for uri in uris if uri in remembered}
        unknown = [uri for uri in uris if uri not in found]
        for start in range(0, len(unknown), _LOOKED_UP_AT_ONCE):
            told(start / len(unknown))
            # No URI has a line break in it, and one text is made far sooner than an array.
            rows = connection.execute(
                "SELECT uri, object_id FROM journal.object "
                "WHERE tenant_id = %s AND uri = ANY(string_to_array(%s, chr(10)))",
                (tenant_id, "\n".join(unknown[start : start + _LOOKED_UP_AT_ONCE])),
                binary=True,
            ).fetchall()
            found.update(rows)
        return found, [uri for uri in unknown if uri not in found]

    def remember(self, tenant_id: int, found: dict[str, int]) -> None:
        """Keep numbers that are committed; forget the oldest when there are too many."""
        with self._lock:
            remembered = self._remembered.setdefault(tenant_id, {})
            remembered.update(found)
            if len(remembered) > _REMEMBERED_MAX:
                newest = islice(remembered.items(), _REMEMBERED_MAX // 2, None)
                self._remembered[tenant_id] = dict(newest)
