"""Master data that came with documents: kept as sent, each change a new version. 主数据

What a place or a product is called is not an event and not in the transparency log; but it
has a record time, so that yesterday's answer can be given again with yesterday's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from suyuan.errors import InvalidInput
from suyuan.identifier import canonical_uri
from suyuan.store import Database

__all__ = ["capture_master_data", "vocabularies_of"]

_COUNTED = """
    INSERT INTO journal.master_data_version AS known VALUES (%s, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET version = known.version + 1
"""


def vocabularies_of(header: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the vocabularies in a document's header (EPCIS 2.0, 9.2: EPCISMasterData)."""
    inner = header.get("epcisHeader", {})
    found = inner.get("epcisMasterData", {}).get("vocabularyList", [])
    results = header.get("queryResults", {}).get("resultsBody", {}).get("vocabularyList", [])
    return [*found, *results, *header.get("epcisBody", {}).get("vocabularyList", [])]


def capture_master_data(
    database: Database,
    tenant_id: int,
    vocabularies: Iterable[Mapping[str, Any]],
    *,
    record_time: datetime,
) -> int:
    """Keep every element that is new or says something new; give how many that were."""
    rows = [
        (tenant_id, vocabulary["type"], element_id, record_time, content)
        for vocabulary in vocabularies
        for element_id, content in _elements(vocabulary)
    ]
    if not rows:
        return 0
    with database.tenant(tenant_id) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO journal.master_data "
            "SELECT %s, %s, %s, %s, %s::jsonb AS content WHERE %s::jsonb IS DISTINCT FROM ("
            "  SELECT content FROM journal.master_data "
            "  WHERE tenant_id = %s AND vocabulary = %s AND element_id = %s "
            "  ORDER BY record_time DESC LIMIT 1) "
            "ON CONFLICT (tenant_id, vocabulary, element_id, record_time) DO NOTHING",
            [(*row, row[4], row[0], row[1], row[2]) for row in rows],
        )
        new = cursor.rowcount
        if new:  # Last of all: whoever waits for this row waits for the commit alone.
            cursor.execute(_COUNTED, (tenant_id,))
        return new


def _elements(vocabulary: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for element in vocabulary.get("vocabularyElementList", []):
        try:
            element_id = canonical_uri(element["id"])
        except InvalidInput:
            element_id = element["id"]  # Not an identifier of ours, but the sender's own word.
        yield element_id, msgspec.json.encode(element).decode()
