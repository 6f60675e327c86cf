"""`suyuan events`: ask the journal, by the parameters of EPCIS queries. 查询事件"""

from __future__ import annotations

import sys
from itertools import islice
from typing import Annotated, Any

import msgspec
import typer

from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    TenantOption,
    open_record,
    output,
)
from suyuan.errors import InvalidInput, Problem
from suyuan.identifier import parse
from suyuan.journal import StoredEvent, iterate_events, parse_query, stored_json

__all__ = ["events_command"]

_SHOWN = 20
_OBJECT_FIELDS = (
    "epcList",
    "parentID",
    "childEPCs",
    "inputEPCList",
    "outputEPCList",
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputQuantityList",
)


_SinceOption = Annotated[
    str | None, typer.Option(help="Event time from this moment on.", show_default=False)
]
_UntilOption = Annotated[
    str | None, typer.Option(help="Event time before this moment.", show_default=False)
]


def events_command(
    parameters: Annotated[
        list[str] | None,
        typer.Argument(
            help="Query parameters of EPCIS as NAME=VALUE; | stands between alternatives.",
            metavar="[NAME=VALUE]…",
            show_default=False,
        ),
    ] = None,
    epc: Annotated[
        str | None,
        typer.Option(help="Events of this EPC, class or pattern.", show_default=False),
    ] = None,
    step: Annotated[
        str | None, typer.Option(help="Business step, such as shipping.", show_default=False)
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="Read point, with all inside it.", show_default=False)
    ] = None,
    since: _SinceOption = None,
    until: _UntilOption = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many [20; all with --json].", show_default=False),
    ] = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,  # Read by `main` for errors; events speak for themselves.
) -> None:
    """Find events: those last recorded, or what the filters ask for. 查询事件

    With --json one event a line, in EPCIS 2.0 JSON, however many there are.
    """
    named = {
        "EQ_bizStep": step,
        "WD_readPoint": place,
        "GE_eventTime": since,
        "LT_eventTime": until,
    }
    if epc is not None:
        uri = _uri_of(epc)
        named[_epc_parameter(uri)] = uri
    asked = _asked(parameters or []) | {
        name: (value,) for name, value in named.items() if value is not None
    }
    if not as_json:
        asked.setdefault("orderBy", ("recordTime",))
        limit = limit or _SHOWN
    query = parse_query(asked)
    with open_record(data, tenant, must_exist=True) as record:
        pages = min(limit or 1_000, 1_000)
        found = iterate_events(record.database, record.tenant_id, query, page_events=pages)
        for event in islice(found, limit):
            if as_json:
                sys.stdout.buffer.write(stored_json(event) + b"\n")
            else:
                _say(event)
        sys.stdout.flush()


def _asked(parameters: list[str]) -> dict[str, tuple[str, ...]]:
    """Take NAME=VALUE apart. Raises InvalidInput `cli.filter_malformed`."""
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for text in parameters:
        name, sign, value = text.partition("=")
        if not name or (not sign and not name.startswith("EXISTS_")):
            problems.append(Problem(code="cli.filter_malformed", found=text[:200]))
        found[name] = (*found.get(name, ()), *value.split("|"))
    if problems:
        raise InvalidInput(problems)
    return found


def _uri_of(code: str) -> str:
    """Take a code as it stands on a label; URIs, also patterns, go as they are."""
    return code if ":" in code else str(parse(code).canonical)


def _epc_parameter(epc: str) -> str:
    """Tell whether a code names instances or a class, by its look."""
    is_class = epc.startswith("urn:epc:class:") or (
        "/10/" in epc or ("/01/" in epc and "/21/" not in epc and "/235/" not in epc)
    )
    return "MATCH_anyEPCClass" if is_class else "MATCH_anyEPC"


def _say(event: StoredEvent) -> None:
    """Show one event in one line, however long: no code is cut."""
    body = msgspec.json.decode(event.body)
    what = str(body["type"]).removesuffix("Event")
    action = "ERROR" if "errorDeclaration" in body else body.get("action", "")
    step = str(body.get("bizStep", "")).rpartition(":")[2].rpartition("/")[2]
    place = (body.get("readPoint") or body.get("bizLocation") or {}).get("id", "")
    line = (
        f"{event.sequence:>8}  {body['eventTime']:<29}  {f'{what} {action}':<22}  "
        f"{step.removeprefix('BizStep-'):<18}  {_objects(body)}"
    )
    output.print(f"{line}  @ {_short(place)}" if place else line, markup=False)


def _objects(body: dict[str, Any]) -> str:
    names: list[str] = []
    for field in _OBJECT_FIELDS:
        value = body.get(field, [])
        for one in value if isinstance(value, list) else [value]:
            names.append(one["epcClass"] if isinstance(one, dict) else one)
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return " ".join(map(_short, names[:2])) + more


def _short(uri: str) -> str:
    return uri.removeprefix("https://id.gs1.org")
