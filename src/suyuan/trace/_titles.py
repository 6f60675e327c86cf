"""What people call products, places and parties: names out of the master data. 名称"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from suyuan.store import Connection

__all__ = ["Title", "names_in", "title_in", "titles_asked", "titles_of"]

_NAMES = (
    "urn:epcglobal:cbv:mda#name",
    "urn:epcglobal:cbv:mda:name",
    "urn:epcglobal:cbv:mda#descriptionShort",
    "urn:epcglobal:cbv:mda:descriptionShort",
    "https://gs1.org/voc/productName",
)
_CHINESE_NAMES = ("https://ns.suyuan.dev/plant/nameChinese",)


class Title(msgspec.Struct, frozen=True):
    """A name, and the Chinese one where it has one of its own."""

    name: str | None = None
    name_zh: str | None = None


def titles_of(connection: Connection, tenant_id: int, uris: Iterable[str]) -> dict[str, Title]:
    """Give the names that the newest master data has for these; what has none is left out."""
    rows = connection.execute(
        "SELECT DISTINCT ON (element_id) element_id, content->'attributes' "
        "FROM journal.master_data WHERE tenant_id = %s AND element_id = ANY(%s::text[]) "
        "ORDER BY element_id, record_time DESC",
        (tenant_id, list(uris)),
    )
    return _read(rows)


def titles_asked(
    connection: Connection, tenant_id: int, numbers: Iterable[int]
) -> Callable[[], dict[str, Title]]:
    """Ask for the names of objects by their numbers; what is given waits for them."""
    rows = connection.execute(
        "SELECT DISTINCT ON (element_id) element_id, content->'attributes' "
        "FROM journal.object JOIN journal.master_data "
        "ON master_data.tenant_id = object.tenant_id AND element_id = uri "
        "WHERE object.tenant_id = %s AND object_id = ANY(%s::bigint[]) "
        "ORDER BY element_id, record_time DESC",
        (tenant_id, list(numbers)),
    )
    return lambda: _read(rows)


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[str, Title]:
    found = {}
    for uri, attributes in rows:
        said = {
            one["id"]: one["attribute"]
            for one in attributes or ()
            if isinstance(one, dict) and isinstance(one.get("attribute"), str)
        }
        title = Title(_first(said, _NAMES), _first(said, _CHINESE_NAMES))
        if title != Title():
            found[uri] = title
    return found


def title_in(titles: Mapping[str, Title], uri: str | None) -> dict[str, str | None]:
    """Give the two names of something as fields of an answer."""
    title = titles.get(uri or "", Title())
    return {"name": title.name, "name_zh": title.name_zh}


def names_in(titles: Mapping[str, Title]) -> dict[str, dict[str, str]]:
    """Give the names by URI and language."""
    told = {uri: {"en": title.name, "zh": title.name_zh} for uri, title in titles.items()}
    return {
        uri: {language: name for language, name in names.items() if name}
        for uri, names in told.items()
    }


def _first(said: dict[str, str], names: Iterable[str]) -> str | None:
    return next((said[name] for name in names if name in said), None)
