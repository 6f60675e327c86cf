"""`suyuan trace`, `history`, `whereabouts`, `contents`: the questions of traceability. 追溯"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import msgspec
import typer

from suyuan.cli._aligned import say_rows
from suyuan.cli._files import write_pieces
from suyuan.cli._gap_lines import say_gaps_of_answer
from suyuan.cli._genealogy import AsOfOption, CsvOption, open_genealogy
from suyuan.cli._spelling import moment_in, short_uri, whole_code
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    TenantOption,
    count_of,
    language_of,
    output,
    say,
    say_json,
    waiting,
)
from suyuan.cli._words import amount_of, business_step_of, disposition_of, hold_of
from suyuan.errors import InvalidInput, Language, Problem, in_language

if TYPE_CHECKING:  # Only the trace itself needs the compiled loops.
    from suyuan.trace import Format, Seen, Trace, Whereabouts

__all__ = ["contents_command", "history_command", "trace_command", "whereabouts_command"]

_TIME = "%Y-%m-%d %H:%MZ"
_GAPS_UNASKED_MAX = 20_000  # The gaps of more objects are found by going over the whole record.

_CodesArgument = Annotated[
    list[str],
    typer.Argument(
        help="Lots, serial numbers or containers to start from, in any spelling.",
        metavar="CODE…",
        show_default=False,
    ),
]
_CodeArgument = Annotated[
    str,
    typer.Argument(help="The code, in any spelling.", metavar="CODE", show_default=False),
]
_AtOption = Annotated[
    str | None,
    typer.Option("--at", help="At this moment [now].", metavar="TIME", show_default=False),
]


_BackOption = Annotated[bool, typer.Option("--back", help="Only where it came from.")]
_ForwardOption = Annotated[bool, typer.Option("--forward", help="Only where it went.")]
_SinceOption = Annotated[
    str | None,
    typer.Option(
        help="Forward from this moment, or the beginning of this day in UTC, on.",
        metavar="TIME",
        show_default=False,
    ),
]
_UntilOption = Annotated[
    str | None,
    typer.Option(
        help="Back from this moment, or from a day's end in UTC.",
        metavar="TIME",
        show_default=False,
    ),
]
_NdjsonOption = Annotated[
    bool, typer.Option("--ndjson", help="As lines of JSON, for large answers.")
]
_XlsxOption = Annotated[bool, typer.Option("--xlsx", help="As an Excel workbook.")]
_GraphmlOption = Annotated[bool, typer.Option("--graphml", help="As a graph for network tools.")]
_EpcisOption = Annotated[
    bool, typer.Option("--epcis", help="As an EPCIS document of all events involved.")
]
_DetailsOption = Annotated[
    bool,
    typer.Option("--details", help="Export times, quantity, whereabouts and hold of each too."),
]
_GapsOption = Annotated[
    bool,
    typer.Option("--gaps", help="Tell every gap of the record, not only the first few."),
]
_OutOption = Annotated[
    Path | None,
    typer.Option("-o", "--out", help="Write to this file.", metavar="FILE", show_default=False),
]


def trace_command(
    codes: _CodesArgument,
    back: _BackOption = False,
    forward: _ForwardOption = False,
    since: _SinceOption = None,
    until: _UntilOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    as_ndjson: _NdjsonOption = False,
    as_csv: CsvOption = False,
    as_xlsx: _XlsxOption = False,
    as_graphml: _GraphmlOption = False,
    as_epcis: _EpcisOption = False,
    details: _DetailsOption = False,
    every_gap: _GapsOption = False,
    out: _OutOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = None,
) -> None:
    """Trace: where things came from, where they went, whole and timed.

    Shows a summary and a tree that folds what repeats; the whole answer, however large, goes
    into any of the formats. Grades: certain, or possible where identity was lost on the way.
    Gaps tell where the record is not whole, so that the answer may not be either.
    """
    from suyuan.trace import trace_back, track_forward

    language = language_of(lang)
    chosen = _format(
        json=as_json, ndjson=as_ndjson, csv=as_csv, xlsx=as_xlsx, graphml=as_graphml, epcis=as_epcis
    )
    directions = [name for name, is_on in (("back", back), ("forward", forward)) if is_on]
    directions = directions or (["back", "forward"] if chosen is None else [])
    if chosen is not None and len(directions) != 1:
        raise InvalidInput(Problem(code="cli.direction_missing"))
    asked = {"-o": out is not None, "--details": details}
    _check_options(directions, {"--since": since, "--until": until}, chosen, asked)
    if every_gap and chosen in ("graphml", "epcis"):
        raise InvalidInput([Problem(code="cli.option_idle", found="--gaps")])
    low, high = moment_in(since, "--since"), moment_in(until, "--until", is_end=True)
    known_at = moment_in(as_of, "--as-of", is_end=True)
    with open_genealogy(data, tenant) as genealogy:
        for direction in directions:
            starts = [whole_code(code) for code in codes]
            with waiting("追溯" if language == "zh" else "trace"):
                if direction == "back":
                    trace = trace_back(genealogy, starts, until=high, as_of=known_at, portions=True)
                else:
                    trace = track_forward(
                        genealogy, starts, since=low, as_of=known_at, portions=True
                    )
            if chosen is None:
                _show(trace, language)
                _say_gaps(trace, language, is_every=every_gap)
            else:
                gaps = every_gap or trace.count <= _GAPS_UNASKED_MAX
                _write(trace, chosen, out, language, details=details, gaps=gaps)


def _check_options(
    directions: list[str],
    bounds: dict[str, str | None],
    chosen: Format | None,
    asked: dict[str, bool],
) -> None:
    """Refuse options that would change nothing, rather than let them seem to have worked."""
    idle = [
        option
        for option, direction in (("--since", "forward"), ("--until", "back"))
        if bounds[option] is not None and direction not in directions
    ]
    if chosen is None:
        idle += [option for option, is_asked in asked.items() if is_asked]
    if idle:
        raise InvalidInput([Problem(code="cli.option_idle", found=option) for option in idle])


def _format(**asked: bool) -> Format | None:
    wanted = [name for name, is_asked in asked.items() if is_asked]
    if len(wanted) > 1:
        found = ", ".join(f"--{name}" for name in wanted)
        raise InvalidInput(Problem(code="cli.format_unclear", found=found))
    return cast("Format", wanted[0]) if wanted else None


def _write(
    trace: Trace,
    form: Format,
    out: Path | None,
    language: Language,
    *,
    details: bool,
    gaps: bool,
) -> None:
    from suyuan.trace import export_trace

    pieces = export_trace(
        trace,
        form,
        by_place=True,
        by_lot=True,
        by_day=True,
        details=details,
        gaps=gaps,
        language=language,
    )
    write_pieces(
        pieces,
        out,
        language,
        english=count_of(trace.count, "object"),
        chinese=f"{trace.count:,} 个追溯单元",
        option="--xlsx" if form == "xlsx" else "",
    )


def _show(trace: Trace, language: Language) -> None:
    from suyuan.cli._trace_tree import trace_tree

    possible = trace.count - trace.certain
    title = {
        ("back", "en"): "came from",
        ("back", "zh"): "来源（溯源）",
        ("forward", "en"): "went into",
        ("forward", "zh"): "去向（追踪）",
    }[trace.direction, language]
    carriers = len(trace.carriers.objects)
    say(
        f"{', '.join(map(short_uri, trace.starts))} {title} {count_of(trace.count, 'object')}: "
        f"{trace.certain:,} certain, {possible:,} possible; {count_of(carriers, 'carrier')}; "
        f"journal position {trace.position:,}, {trace.seconds * 1000:,.1f} ms",
        f"{', '.join(map(short_uri, trace.starts))} {title}：{trace.count:,} 个追溯单元"
        f"（确定 {trace.certain:,}，可能 {possible:,}），载体 {carriers:,} 个；"
        f"事件账序号 {trace.position:,}，用时 {trace.seconds * 1000:,.1f} 毫秒",
        language,
    )
    if not trace.count:
        bound = None if trace.bound is None else f"{trace.bound:{_TIME}}"
        say(
            f"  nothing is recorded that way{f' within the bound {bound}' if bound else ''}",
            f"  此方向没有记录{f'（时间界限 {bound}）' if bound else ''}",
            language,
        )
        return
    for product in trace.products():
        name = _titled(product.product or "–", product.name, product.name_zh, language)
        say(
            f"  {name}: {product.certain:,} certain, {product.possible:,} possible, "
            f"{count_of(product.lots, 'lot')}",
            f"  {name}：确定 {product.certain:,}，可能 {product.possible:,}，批次 {product.lots:,}",
            language,
        )
    _say_balance(trace, language)
    for place in trace.places():
        name = _titled(place.place, place.name, place.name_zh, language)
        span = f"{place.first:{_TIME}} … {place.last:{_TIME}}"
        say(
            f"  at {name}: {place.objects:,} seen, {place.received:,} received, {span}",
            f"  地点 {name}：出现 {place.objects:,}，收货 {place.received:,}，{span}",
            language,
        )
    # A code that was cut at the edge would look like another one.
    output.print(trace_tree(trace, language), crop=False, no_wrap=True, overflow="ignore")


def _say_gaps(trace: Trace, language: Language, *, is_every: bool) -> None:
    """Say under an answer whether the record that it rests on is whole."""
    if trace.count > _GAPS_UNASKED_MAX and not is_every:
        say(
            "  whether the record is whole takes a while to tell of so much: --gaps",
            "  结果很大，查找断点需要一些时间：用 --gaps 查看",
            language,
        )
        return
    with waiting("断点" if language == "zh" else "gaps"):
        found = trace.gaps(language)
    say_gaps_of_answer(found, language, is_every=is_every)


def _say_balance(trace: Trace, language: Language) -> None:
    """Say where all of a single start is now."""
    from suyuan.trace import head_of

    balance = head_of(trace).balance
    if balance is not None:
        uom = balance.pop("uom")
        told = {
            name: value if isinstance(value, str) else f"{value:,.3f} {uom}"
            for name, value in balance.items()
        }
        say(
            "  all of it {whole}: in stock {in_stock}, shipped {shipped}, scrapped {scrapped}, "
            "unexplained {unexplained}".format_map(told),
            "  全部 {whole}：库存 {in_stock}，已发运 {shipped}，报废 {scrapped}，"
            "去向不明 {unexplained}".format_map(told),
            language,
        )


def _titled(uri: str, name: str | None, name_zh: str | None, language: Language) -> str:
    """Say what people call something, with its code."""
    title = in_language(name, name_zh, language)
    return f"{title} {short_uri(uri)}" if title else short_uri(uri)


def history_command(
    code: _CodeArgument,
    as_of: AsOfOption = None,
    with_corrections: Annotated[
        bool,
        typer.Option(
            "--corrections", help="Also show what was declared in error, and mark what is right."
        ),
    ] = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Tell what happened to a thing: its events, and those of its containers meanwhile."""
    from suyuan.trace import history

    language = language_of(lang)
    known_at = moment_in(as_of, "--as-of", is_end=True)
    with open_genealogy(data, tenant) as genealogy:
        seen = history(
            genealogy, whole_code(code), as_of=known_at, with_corrections=with_corrections
        )
    if as_json:
        say_json(seen)
        return
    for event in seen:
        output.print(_line(event, language), markup=False)
    if not seen:
        say("nothing is recorded", "没有记录", language)


def _line(event: Seen, language: Language) -> str:
    """Say one event in a line: number, when, by which step, where, through what."""
    step = business_step_of(event.business_step or event.type, language)
    where = event.business_location or event.read_point or ""
    action = f" {event.action}" if event.action else ""
    through = ", ".join(map(short_uri, event.through))
    return (
        f"{event.sequence:>8,}  {event.event_time:%Y-%m-%d %H:%M:%SZ}  {step}{action}"
        f"  {short_uri(where)}  [{through}]{_correction(event, language)}"
    )


def _correction(event: Seen, language: Language) -> str:
    """Say that an event was declared in error, or stands in the place of one that was."""
    said = event.corrected or event.replaces
    if said is None:
        return ""
    why = said.why or said.reason or ""
    if event.corrected:
        words = ("in error, declared", "有误，声明于")
    else:
        words = ("right instead of another since", "更正于")
    return f"  ({words[language == 'zh']} {said.declared:%Y-%m-%d}: {why})"


def whereabouts_command(
    code: _CodeArgument,
    at: _AtOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Tell where a thing is or was: place, holder, containers, state."""
    from suyuan.trace import whereabouts

    language = language_of(lang)
    moment, known_at = moment_in(at, "--at", is_end=True), moment_in(as_of, "--as-of", is_end=True)
    with open_genealogy(data, tenant) as genealogy:
        found = whereabouts(genealogy, whole_code(code), at=moment, as_of=known_at)
    if as_json:
        say_json(found)
        return
    disposition = found.disposition and disposition_of(found.disposition, language)
    rows = (
        ("place", "地点", found.place),
        ("holder", "持有方", found.holder),
        ("disposition", "处置状态", disposition),
        ("on hold", "暂扣", hold_of(found.hold, language) or ("否" if language == "zh" else "no")),
        ("inside", "所在容器", " < ".join(map(short_uri, found.containers))),
        ("under way", "在途", _under_way(found, language)),
        ("last event", "最近事件", found.last_event and _line(found.last_event, language).strip()),
    )
    nothing = "未记录" if language == "zh" else "not recorded"
    say_rows(
        [
            (chinese if language == "zh" else english, short_uri(value) if value else nothing)
            for english, chinese, value in rows
        ]
    )


def _under_way(found: Whereabouts, language: Language) -> str:
    """Say since when something is under way, and whether it should have arrived."""
    if found.sent_time is None:
        return "否" if language == "zh" else "no"
    when = f"{found.sent_time:{_TIME}}"
    if language == "zh":
        return f"{when} 起{'，逾期未收货' if found.is_overdue else ''}"
    return f"since {when}{', overdue' if found.is_overdue else ''}"


def contents_command(
    code: _CodeArgument,
    at: _AtOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Tell what is inside a container, or was at a moment, however deep."""
    from suyuan.trace import contents

    language = language_of(lang)
    moment, known_at = moment_in(at, "--at", is_end=True), moment_in(as_of, "--as-of", is_end=True)
    with open_genealogy(data, tenant) as genealogy:
        found = contents(genealogy, whole_code(code), at=moment, as_of=known_at)
    if as_json:
        say_json(msgspec.to_builtins(found))
        return
    say_rows(
        [
            (
                short_uri(one.uri),
                amount_of(one.quantity, one.uom, language),
                f"< {short_uri(one.inside)}",
            )
            for one in found
        ]
    )
    say(f"{len(found):,} inside", f"共 {len(found):,} 项", language)
