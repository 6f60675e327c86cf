"""Search: from a part of a name or of a code to the things that are meant. 查找

Names are looked through where they stand, in memory: there are few of them. Codes go by the
index over all identifiers, by how they begin: below each product for lots and serial numbers,
so that the part on a label that a person remembers is enough. No other index is needed, and
capture stays as fast as it is.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

import msgspec

from suyuan.errors import InvalidInput
from suyuan.identifier import parse
from suyuan.store import Connection, Database
from suyuan.trace._names import plant_bases
from suyuan.trace._titles import Title, titles_of

__all__ = ["Hit", "Search"]

HitKind = Literal[
    "code", "product", "place", "party", "equipment", "person", "lot", "serial", "other"
]

_ROOT = "https://id.gs1.org/"
_LAST = "\U0010ffff"
_TENANTS_MAX = 100
_NAMES_MAX = 200_000
_PRODUCTS_MAX = 5_000
_PRODUCTS_FRESH_S = 60.0
_NAMES_FRESH_S = 5.0
_CODE_CHARACTERS_MIN = 2

_KINDS: dict[str, HitKind] = {
    "EPCClass": "product",
    "BusinessLocation": "place",
    "ReadPoint": "place",
    "SourceDest": "party",
    "Location": "place",
    "Party": "party",
    "Equipment": "equipment",
    "Person": "person",
}
_NEWEST = """
    SELECT DISTINCT ON (element_id) element_id, vocabulary FROM journal.master_data
    WHERE tenant_id = %s ORDER BY element_id, record_time DESC LIMIT %s
"""
_STATE = """
    SELECT count(*), max(record_time)::text FROM journal.master_data WHERE tenant_id = %s
"""
# From one product to the next, each found by one look into the index. After a product that
# stands alone comes whatever follows: the name of another may begin with its own.
_PRODUCTS = """
    WITH RECURSIVE product (uri, found) AS (
        (SELECT uri, 1 FROM journal.object
         WHERE tenant_id = %(tenant)s AND uri > %(root)s AND uri < %(root)s || %(last)s
         ORDER BY uri LIMIT 1)
        UNION ALL
        SELECT following.uri, product.found + 1 FROM product CROSS JOIN LATERAL (
            SELECT uri FROM journal.object
            WHERE tenant_id = %(tenant)s AND uri < %(root)s || %(last)s
              AND uri > CASE WHEN strpos(substr(product.uri, length(%(root)s) + 1), '/') > 0
                  THEN %(root)s || split_part(substr(product.uri, length(%(root)s) + 1), '/', 1)
                       || '/' || %(last)s
                  ELSE product.uri END
            ORDER BY uri LIMIT 1) AS following
        WHERE product.found < %(limit)s
    )
    SELECT DISTINCT %(root)s || split_part(substr(uri, length(%(root)s) + 1), '/', 1)
    FROM product
"""
_BEGINNING = """
    SELECT found.uri FROM unnest(%(beginnings)s::text[]) AS beginning
    CROSS JOIN LATERAL (
        SELECT uri FROM journal.object
        WHERE tenant_id = %(tenant)s AND uri >= beginning COLLATE "C"
          AND uri < (beginning || %(last)s) COLLATE "C"
        ORDER BY uri LIMIT %(limit)s) AS found
    LIMIT %(limit)s
"""


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that may be meant; the names are its own, or those of its product."""

    kind: HitKind
    uri: str
    name: str | None = None
    name_zh: str | None = None


@dataclass(frozen=True)
class _Named:
    """Something with a name, and how it is spelled for looking through."""

    uri: str
    kind: HitKind
    title: Title
    spelled: str


@dataclass
class _Tenant:
    """What is remembered of one tenant, and since when."""

    state: tuple[int, str | None] = (-1, None)
    named: list[_Named] = field(default_factory=list)
    named_at: float = float("-inf")
    products: list[str] = field(default_factory=list)
    products_at: float = float("-inf")


class Search:
    """Finds things of any tenant. Any number of threads may ask at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tenants: dict[int, _Tenant] = {}
        self._lock = Lock()

    def find(self, tenant_id: int, text: str, *, limit: int) -> list[Hit]:
        """Give what a text may mean, at most so many of each kind: codes, names, beginnings."""
        wanted = " ".join(text.split())
        if not wanted:
            return []
        with self._database.tenant(tenant_id, read_only=True) as connection:
            remembered = self._remembered(connection, tenant_id)
            found = [*_exactly(connection, tenant_id, wanted)]
            found += _by_name(remembered.named, wanted.casefold(), limit)
            if len(wanted) >= _CODE_CHARACTERS_MIN:
                found += _by_beginning(connection, tenant_id, remembered.products, wanted, limit)
        return list({one.uri: one for one in reversed(found)}.values())[::-1]

    def _remembered(self, connection: Connection, tenant_id: int) -> _Tenant:
        with self._lock:
            if len(self._tenants) >= _TENANTS_MAX:
                self._tenants.clear()
            tenant = self._tenants.setdefault(tenant_id, _Tenant())
            now = time.monotonic()
            if now - tenant.named_at > _NAMES_FRESH_S:
                _learn_names(connection, tenant_id, tenant)
                tenant.named_at = now
            if now - tenant.products_at > _PRODUCTS_FRESH_S:
                tenant.products = _products(connection, tenant_id)
                tenant.products_at = time.monotonic()
            return tenant


def _learn_names(connection: Connection, tenant_id: int, tenant: _Tenant) -> None:
    row = connection.execute(_STATE, (tenant_id,)).fetchone()
    state = (int(row[0]), row[1]) if row else (0, None)
    if state == tenant.state:
        return
    kinds = {
        str(uri): _KINDS.get(re.split("[#/:]", vocabulary)[-1], "other")
        for uri, vocabulary in connection.execute(_NEWEST, (tenant_id, _NAMES_MAX))
    }
    titles = titles_of(connection, tenant_id, kinds)
    tenant.named = [
        _Named(uri, kinds[uri], title, f"{title.name or ''}\n{title.name_zh or ''}".casefold())
        for uri, title in titles.items()
    ]
    tenant.state = state


def _products(connection: Connection, tenant_id: int) -> list[str]:
    """Give the products that lots and instances in the record belong to by their keys."""
    roots = [f"{_ROOT}01/"]
    roots += [f"{base.rstrip('/')}/p/" for base in plant_bases(connection, tenant_id)]
    found: list[str] = []
    for root in roots:
        values = {"tenant": tenant_id, "root": root, "last": _LAST, "limit": _PRODUCTS_MAX}
        found += [str(uri) for (uri,) in connection.execute(_PRODUCTS, values)]
    return found


def _exactly(connection: Connection, tenant_id: int, text: str) -> list[Hit]:
    """Give what a text names as a whole, in whatever spelling, if the record knows it."""
    try:
        uri = parse(text, plant_bases=plant_bases(connection, tenant_id)).canonical
    except InvalidInput:
        return []
    known = connection.execute(
        "SELECT FROM journal.object WHERE tenant_id = %s AND uri = %s", (tenant_id, uri)
    ).fetchone()
    return _told(connection, tenant_id, "code", [str(uri)]) if known else []


def _by_name(named: list[_Named], text: str, limit: int) -> list[Hit]:
    """Give whatever has a text in its name: at the beginning first, short names before long."""
    found: list[tuple[bool, int, _Named]] = []
    for one in named:
        at = one.spelled.find(text)
        if at >= 0:
            is_begun = at == 0 or one.spelled[at - 1] in "\n "
            found.append((not is_begun, len(one.spelled), one))
    found.sort(key=lambda row: (*row[:2], row[2].uri))
    counts: dict[str, int] = {}
    hits = []
    for _, _, one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if counts[one.kind] <= limit:
            title = one.title
            hits.append(Hit(kind=one.kind, uri=one.uri, name=title.name, name_zh=title.name_zh))
    return hits


def _by_beginning(
    connection: Connection, tenant_id: int, products: list[str], text: str, limit: int
) -> list[Hit]:
    """Give lots, serial numbers and other codes that begin with a text."""
    typed = _as_uri(text)
    below: tuple[tuple[HitKind, list[str]], ...] = (
        ("lot", [f"{one}/{'10' if one.startswith(_ROOT) else 'l'}/{typed}" for one in products]),
        ("serial", [f"{one}/{'21' if one.startswith(_ROOT) else 's'}/{typed}" for one in products]),
        ("other", _whole_beginnings(text)),
    )
    hits: list[Hit] = []
    for kind, beginnings in below:
        if not beginnings:
            continue
        values = {"tenant": tenant_id, "beginnings": beginnings, "last": _LAST, "limit": limit}
        uris = [str(uri) for (uri,) in connection.execute(_BEGINNING, values)]
        hits += _told(connection, tenant_id, kind, uris)
    return hits


def _as_uri(text: str) -> str:
    """Spell a text as it stands in the path of a Digital Link."""
    return "".join(
        one if one.isascii() and (one.isalnum() or one in "-._") else _escaped(one) for one in text
    )


def _escaped(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())


def _whole_beginnings(text: str) -> list[str]:
    """Give how the whole URI may begin that is typed here."""
    if "://" in text or text.startswith("urn:"):
        return [text]
    if text.startswith("("):
        path = text[1:].replace(")", "/").replace("(", "/")
        return [_ROOT + path]
    if text.isascii() and text.isdigit():
        padded = [f"{_ROOT}01/{'0' * zeros}{text}" for zeros in range(3)]
        return [*padded, *(f"{_ROOT}{key}/{text}" for key in ("00", "414", "417", "8003", "8004"))]
    return []


def _told(connection: Connection, tenant_id: int, kind: HitKind, uris: list[str]) -> list[Hit]:
    owners = {uri: _owner(uri) for uri in uris}
    titles = titles_of(connection, tenant_id, {*uris, *owners.values()})
    return [
        Hit(kind=kind, uri=uri, name=title.name, name_zh=title.name_zh)
        for uri in uris
        for title in [titles.get(uri) or titles.get(owners[uri]) or Title()]
    ]


def _owner(uri: str) -> str:
    """Give the product in a key that has one."""
    for mark in ("/10/", "/21/", "/l/", "/s/"):
        product, found, _ = uri.partition(mark)
        if found:
            return product
    return uri
