"""`/api/mock_recall`: what a recall would have to bring back, and from whom. 模拟召回接口"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import cast

import msgspec
from fastapi import Request
from starlette.responses import Response

from suyuan.account import own_parties
from suyuan.api import _openapi_workspace as describe
from suyuan.api._list_answers import LIST, answer_list
from suyuan.api._media import language_of
from suyuan.api._parameters import Read, moment, position, read_parameters, refusing, text
from suyuan.api._router import Router
from suyuan.api._services import caller_of, services_of
from suyuan.api.trace import SIEVE, SIEVE_LISTS, sieve_in
from suyuan.trace import export_recall, mock_recall

__all__ = ["router"]

router = Router(prefix="/api", tags=["Traceability"])
_SINGLE: dict[str, Read] = {
    **dict.fromkeys(("since", "until", "as_of"), moment),
    "not_before": position,
    "recipient": text,
    **SIEVE,
    **LIST,
}


@router.get("/mock_recall", openapi_extra=describe.MOCK_RECALL)
def ask_mock_recall(request: Request) -> Response:
    """Give how much would have to come back, where it is, and with whom."""
    with refusing():
        values, lists = read_parameters(
            request, _SINGLE, codes=["code", *SIEVE_LISTS], required={"code": "1 …"}
        )
        found = mock_recall(
            services_of(request).genealogy(caller_of(request).tenant_id),
            lists["code"],
            since=cast("datetime | None", values.get("since")),
            until=cast("datetime | None", values.get("until")),
            sieve=sieve_in(values, lists),
            zone=cast("tzinfo", values.get("time_zone", UTC)),
            ours=own_parties(services_of(request).database, caller_of(request).tenant_id),
            as_of=cast("datetime | None", values.get("as_of")),
            not_before=cast("int | None", values.get("not_before")),
        )
    recipient = values.get("recipient")
    if recipient is not None:
        rows = [row for row in found.rows if row.party == recipient]
        found = msgspec.structs.replace(found, rows=rows, row_count=len(rows))
    return answer_list(found, export_recall, "mock_recall", values, language_of(request))
