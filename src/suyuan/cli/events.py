"""`suyuan events`: ask the journal, by the parameters of EPCIS queries. 查询事件"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any

import msgspec
import typer

from suyuan.cli._own_words import with_own_words
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    hint,
    language_of,
    open_record,
    output,
)
from suyuan.errors import InvalidInput, Language, Problem
from suyuan.event import BUSINESS_STEP
from suyuan.identifier import parse
from suyuan.journal import EventQuery, StoredEvent, iterate_events, parse_query, stored_json

__all__ = ["events_command"]

_SHOWN = 20
_ROOT = "https://id.gs1.org"
_PLACE = f"{_ROOT}/414/"
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
_OF_INSTANCES = ("MATCH_anyEPC", "MATCH_epc", "MATCH_inputEPC", "MATCH_outputEPC")

_Asked = dict[str, tuple[str, ...]]

_EpcOption = Annotated[
    str | None,
    typer.Option(
        help="Events of this thing, lot, class or pattern, in any spelling.",
        metavar="CODE",
        show_default=False,
    ),
]
_StepOption = Annotated[
    str | None,
    typer.Option(help="Business step, such as shipping.", metavar="WORD", show_default=False),
]
_PlaceOption = Annotated[
    str | None,
    typer.Option(help="Read point, with all inside it.", metavar="CODE", show_default=False),
]
_SinceOption = Annotated[
    str | None,
    typer.Option(
        help="Event time from this moment on, such as 2026-01-31T08:00:00+08:00.",
        metavar="TIME",
        show_default=False,
    ),
]
_UntilOption = Annotated[
    str | None,
    typer.Option(help="Event time before this moment.", metavar="TIME", show_default=False),
]
_LimitOption = Annotated[
    int | None,
    typer.Option(
        min=1, help="At most so many [20; all with --json].", metavar="NUMBER", show_default=False
    ),
]


def events_command(
    parameters: Annotated[
        list[str] | None,
        typer.Argument(
            help="Query parameters of EPCIS as NAME=VALUE; | stands between alternatives.",
            metavar="NAME=VALUE",
            show_default=False,
        ),
    ] = None,
    epc: _EpcOption = None,
    step: _StepOption = None,
    place: _PlaceOption = None,
    since: _SinceOption = None,
    until: _UntilOption = None,
    limit: _LimitOption = None,
    ids: Annotated[bool, typer.Option("--ids", help="Show the ID of each event below it.")] = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Find events: those last recorded, or what the filters ask for.

    One event a line: its number in the journal, when, what, by which step, which things, and
    where. What a line shows can be pasted into a filter, and `suyuan proof` takes the number.
    With --json one event a line, in EPCIS 2.0 JSON, however many there are.
    """
    asked = _asked(parameters or [])
    options = {}
    for option, name, value in (
        ("--step", "EQ_bizStep", step),
        ("--place", "WD_readPoint", None if place is None else _place_of(place)),
        ("--since", "GE_eventTime", since),
        ("--until", "LT_eventTime", until),
    ):
        if value is not None:
            asked[name], options[name] = (value,), option
    if not as_json:
        asked.setdefault("orderBy", ("recordTime",))
        limit = limit or _SHOWN
    with open_record(data, tenant, must_exist=True) as record:
        is_found = False
        for event in islice(_events(record, _attempts(asked, epc), options, limit), limit):
            is_found = True
            if as_json:
                sys.stdout.buffer.write(stored_json(event) + b"\n")
            else:
                _say(event, with_id=ids)
        sys.stdout.flush()
    if not is_found:
        language = language_of(lang)
        if not as_json:
            hint("no event fits", "没有符合条件的事件", language)
        _say_how_to_ask(asked, epc, language)


def _asked(parameters: list[str]) -> _Asked:
    """Take NAME=VALUE apart. Raises InvalidInput `cli.filter_malformed`."""
    found: _Asked = {}
    problems = []
    for text in parameters:
        name, sign, value = text.partition("=")
        if not name or (not sign and not name.startswith("EXISTS_")):
            problems.append(Problem(code="cli.filter_malformed", found=text[:200]))
        found[name] = (*found.get(name, ()), *map(_whole, value.split("|")))
    if problems:
        raise InvalidInput(problems)
    return found


def _attempts(asked: _Asked, epc: str | None) -> list[_Asked]:
    """Ask for a code as what it names; where nothing is found, as the other kind of thing."""
    if epc is None:
        return [asked]
    uri = _uri_of(epc)
    names = ("MATCH_anyEPC", "MATCH_anyEPCClass")
    return [asked | {name: (uri,)} for name in (names[::-1] if _is_class(uri) else names)]


def _events(
    record: Record, attempts: list[_Asked], options: Mapping[str, str], limit: int | None
) -> Iterator[StoredEvent]:
    """Give the events of the first attempt that finds any."""
    pages = min(limit or 1_000, 1_000)
    for asked in attempts:
        query = _query(with_own_words(record, asked, options), options)
        found = iterate_events(record.database, record.tenant_id, query, page_events=pages)
        first = next(found, None)
        if first is not None:
            yield first
            yield from found
            return


def _query(asked: _Asked, options: Mapping[str, str]) -> EventQuery:
    """Read the parameters; what is wrong with an option is told under its name."""
    try:
        return parse_query(asked)
    except InvalidInput as error:
        raise InvalidInput(
            replace(problem, where=options.get(problem.where, problem.where))
            for problem in error.problems
        ) from error


def _whole(value: str) -> str:
    """Give the whole of what the listing shows without its beginning."""
    return _ROOT + value if value.startswith("/") else value


def _uri_of(code: str) -> str:
    """Take a code as it stands on a label or in the listing; URIs go as they are."""
    code = _whole(code)
    return code if ":" in code else str(parse(code).canonical)


def _place_of(code: str) -> str:
    """Take the code of a place; thirteen bare digits are a GLN here, not a GTIN."""
    code = _whole(code)
    if ":" in code:
        return code
    identifier = parse(code)
    spellings = (str(identifier.canonical), *map(str, identifier.alternatives))
    return next((uri for uri in spellings if uri.startswith(_PLACE)), spellings[0])


def _is_class(uri: str) -> bool:
    """Tell whether a code names a class of things or a lot, and no single thing."""
    if uri.startswith("urn:epc:idpat:"):
        return False  # Every single thing of the class.
    try:
        return parse(uri).level in ("class", "lot")
    except InvalidInput:
        return False


def _is_product(uri: str) -> bool:
    try:
        return parse(uri).kind == "gtin" and "*" not in uri
    except InvalidInput:
        return False


def _say_how_to_ask(asked: _Asked, epc: str | None, language: Language) -> None:
    """Where a class was taken for a thing, or a product for its lots, say what finds them."""
    if epc is not None and _is_product(uri := _uri_of(epc)):
        hint(
            f"{uri} is a product; its lots: --epc '{uri}/10/*', its serial numbers: "
            f"--epc '{uri}/21/*'",
            f"{uri} 是一种产品；查其批次：--epc '{uri}/10/*'，查其序列号：--epc '{uri}/21/*'",
            language,
        )
    for name in _OF_INSTANCES:
        for value in asked.get(name, ()):
            if _is_class(value):
                hint(
                    f"{value} is a class or a lot, and {name} asks for single things; "
                    f"{name}Class asks for it",
                    f"{value} 是一类物品或一个批次，而 {name} 只查询单个物品，请改用 {name}Class",
                    language,
                )


def _say(event: StoredEvent, *, with_id: bool) -> None:
    """Show one event in one line, however long: no code is cut."""
    body = msgspec.json.decode(event.body)
    what = str(body["type"]).removesuffix("Event")
    action = "ERROR" if "errorDeclaration" in body else body.get("action", "")
    step = BUSINESS_STEP.short(body["bizStep"]) if "bizStep" in body else ""
    place = (body.get("readPoint") or body.get("bizLocation") or {}).get("id", "")
    line = (
        f"{event.sequence:>8}  {body['eventTime']:<29}  {f'{what} {action}':<22}  "
        f"{step:<18}  {_objects(body)}"
    )
    output.print(f"{line}  @ {_short(place)}" if place else line, markup=False)
    if with_id:
        output.print(f"{'':10}{event.event_id}", markup=False)


def _objects(body: dict[str, Any]) -> str:
    names: list[str] = []
    for field in _OBJECT_FIELDS:
        value = body.get(field, [])
        for one in value if isinstance(value, list) else [value]:
            names.append(one["epcClass"] if isinstance(one, dict) else one)
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return " ".join(map(_short, names[:2])) + more


def _short(uri: str) -> str:
    return uri.removeprefix(_ROOT)
