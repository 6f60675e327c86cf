"""The parts of a place: what the master data or the key itself says to be inside of it. 场所组成

A place is a part of another where its master data says so (`partOf` of a plant, `site` of CBV,
which is a GLN), where the other names it among its `children`, or where it is a GLN with an
extension of the other's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from suyuan.store import Connection
from suyuan.trace._happened import canonical

__all__ = ["part_of", "parts_of", "site_in", "sites_of"]

_PARTS_MAX = 5_000
_EXTENSION = "/254/"
_GLN_DIGITS = 13
_INSIDE = frozenset(
    (
        "https://ns.suyuan.dev/plant/partOf",
        *("urn:epcglobal:cbv:mda#site", "urn:epcglobal:cbv:mda:site", "cbvmda:site"),
        "https://ref.gs1.org/cbv/mda/site",
    )
)
# The newest of each; a place may stand as a read point and as a business location.
_PLACES = """
    SELECT DISTINCT ON (vocabulary, element_id) element_id, content
    FROM journal.master_data
    WHERE tenant_id = %s AND vocabulary ~ '(BusinessLocation|ReadPoint|Location)$'
    ORDER BY vocabulary, element_id, record_time DESC
"""
_EXTENDED = """
    SELECT uri FROM journal.object WHERE tenant_id = %s AND uri >= %s AND uri < %s
    ORDER BY uri LIMIT %s
"""


def parts_of(connection: Connection, tenant_id: int, uri: str) -> list[str]:
    """Give all parts of a place, and their parts, in order of their names."""
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for part, whole in _said(connection, tenant_id):
        inside[whole].add(part)
    found: set[str] = set()
    waiting = [uri]
    while waiting and len(found) < _PARTS_MAX:
        whole = waiting.pop()
        new = inside[whole] - found - {uri}
        if _EXTENSION not in whole:
            prefix = whole + _EXTENSION
            bounds = (tenant_id, prefix, prefix[:-1] + "0", _PARTS_MAX)
            new |= {str(one) for (one,) in connection.execute(_EXTENDED, bounds)} - found
        found |= new
        waiting += new
    return sorted(found)[:_PARTS_MAX]


def part_of(connection: Connection, tenant_id: int, uri: str) -> str | None:
    """Give what a place is a part of; None where nothing says it."""
    for part, whole in _said(connection, tenant_id):
        if part == uri:
            return whole
    return uri.partition(_EXTENSION)[0] if _EXTENSION in uri else None


def sites_of(connection: Connection, tenant_id: int) -> dict[str, str]:
    """Give by part of any place the outermost place that it is a part of."""
    whole_of = dict(_said(connection, tenant_id))
    found = {}
    for part in whole_of:
        whole, seen = part, {part}
        while whole in whole_of and whole_of[whole] not in seen:
            whole = whole_of[whole]
            seen.add(whole)
        found[part] = whole
    return found


def site_in(sites: Mapping[str, str], uri: str) -> str:
    """Give the site of a place, itself where it is a part of none."""
    whole = uri.partition(_EXTENSION)[0]
    return sites.get(uri) or sites.get(whole, whole)


def _said(connection: Connection, tenant_id: int) -> list[tuple[str, str]]:
    """Give the pairs of part and whole that the master data tells."""
    found = []
    for uri, content in connection.execute(_PLACES, (tenant_id,)):
        found += [(uri, whole) for whole in _wholes(content)]
        found += [(canonical(part), uri) for part in _texts(content.get("children"))]
        if _EXTENSION in uri:
            found.append((uri, uri.partition(_EXTENSION)[0]))
    return [(part, whole) for part, whole in found if part != whole]


def _wholes(content: Mapping[str, Any]) -> list[str]:
    attributes = content.get("attributes")
    return [
        _place_in(one["attribute"])
        for one in (attributes if isinstance(attributes, list) else [])
        if isinstance(one, dict)
        and one.get("id") in _INSIDE
        and isinstance(one.get("attribute"), str)
    ]


def _place_in(text: str) -> str:
    is_gln = text.isascii() and text.isdigit() and len(text) == _GLN_DIGITS
    return canonical(f"https://id.gs1.org/414/{text}" if is_gln else text)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
