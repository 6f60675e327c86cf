"""What people call products, places and parties: names out of the master data. 名称"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from suyuan.store import Connection, Database

__all__ = ["ReadTitles", "Title", "names_in", "title_in", "titles_of"]

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


_ByNumber = dict[int, tuple[str, Title] | None]


class ReadTitles:
    """Titles that were read before, which hold as long as nothing new was said.

    Threads may read and note at once.
    """

    def __init__(self, titles_max: int = 50_000) -> None:
        self._titles_max = titles_max
        self._kept: tuple[int, _ByNumber] = (-1, {})
        """The version, and what was read of it: together, so that nobody notes in another's."""

    def of(
        self, database: Database, tenant_id: int, numbers: Sequence[int], version: int | None
    ) -> dict[str, Title]:
        """Give what people call objects, by URI; what is not at hand is read.

        `version` is how often the master data had changed when the question began, as
        `journal.look_up` tells; None for those who don't know, and have all of it read.
        """
        known = self._of(version)
        missing = [number for number in numbers if number not in known]
        found = {number: known[number] for number in numbers if number in known}
        if missing:
            with database.tenant(tenant_id, read_only=True) as connection:
                new = _titles_by_number(connection, tenant_id, missing)
            known.update(new)
            found |= new
        return dict(one for one in found.values() if one)

    def _of(self, version: int | None) -> _ByNumber:
        """Give what is known of a version; of one that is over, nothing that others will see."""
        newest, titles = self._kept
        if version is None or version < newest:
            return {}
        if version > newest or len(titles) > self._titles_max:
            # Whoever reads the old ones notes in them, and goes on with them.
            titles = {}
            self._kept = version, titles
        return titles


def _titles_by_number(connection: Connection, tenant_id: int, numbers: list[int]) -> _ByNumber:
    rows = connection.execute(
        "SELECT DISTINCT ON (element_id) object_id, element_id, content->'attributes' "
        "FROM journal.object JOIN journal.master_data "
        "ON master_data.tenant_id = object.tenant_id AND element_id = uri "
        "WHERE object.tenant_id = %s AND object_id = ANY(%s::bigint[]) "
        "ORDER BY element_id, record_time DESC",
        (tenant_id, numbers),
    )
    found: _ByNumber = dict.fromkeys(numbers)
    for number, uri, attributes in rows:
        title = _title(attributes)
        found[number] = None if title == Title() else (uri, title)
    return found


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[str, Title]:
    read = {uri: _title(attributes) for uri, attributes in rows}
    return {uri: title for uri, title in read.items() if title != Title()}


def _title(attributes: Iterable[Any] | None) -> Title:
    said = {
        one["id"]: one["attribute"]
        for one in attributes or ()
        if isinstance(one, dict) and isinstance(one.get("attribute"), str)
    }
    return Title(_first(said, _NAMES), _first(said, _CHINESE_NAMES))


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
