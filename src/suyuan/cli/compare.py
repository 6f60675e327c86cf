"""`suyuan compare`: what changed between two answers to one question. 对比"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from suyuan.cli._files import write_pieces
from suyuan.cli._genealogy import open_genealogy
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
    waiting,
)
from suyuan.errors import InvalidInput, Language, Problem

if TYPE_CHECKING:  # Only the question itself needs the compiled loops.
    from suyuan.trace import Change, Comparison, ComparisonFormat, Genealogy, Version

__all__ = ["compare_command"]

_SHOWN_MAX = 40
_TIME = "%Y-%m-%d %H:%MZ"
_GRADES_ZH = {"certain": "确定", "possible": "可能"}


_CodesArgument = Annotated[
    list[str],
    typer.Argument(
        help="Lots, serial numbers or containers to start from, in any spelling.",
        metavar="CODE…",
        show_default=False,
    ),
]
_BeforeOption = Annotated[
    str,
    typer.Option(
        help="The earlier answer: as of a moment, a day's end in UTC, or a journal position.",
        metavar="TIME",
        show_default=False,
    ),
]
_AfterOption = Annotated[
    str | None,
    typer.Option(
        help="The later answer, in the same way [now].", metavar="TIME", show_default=False
    ),
]


def compare_command(
    codes: _CodesArgument,
    before: _BeforeOption,
    after: _AfterOption = None,
    back: Annotated[
        bool, typer.Option("--back", help="Where it came from, not where it went.")
    ] = False,
    as_json: JsonOption = False,
    as_ndjson: Annotated[
        bool, typer.Option("--ndjson", help="As lines of JSON, for large answers.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As a table for spreadsheets.")] = False,
    as_xlsx: Annotated[bool, typer.Option("--xlsx", help="As an Excel workbook.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Write to this file.", metavar="FILE", show_default=False),
    ] = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = None,
) -> None:
    """Tell what changed between two answers to one question.

    What came, what went, and what has another grade, moment or portion: after a correction, a
    late event, or a day's work.
    """
    from suyuan.trace import compare, export_comparison, trace_back, track_forward

    language = language_of(lang)
    form = _format(out, json=as_json, ndjson=as_ndjson, csv=as_csv, xlsx=as_xlsx)
    ask = trace_back if back else track_forward
    with open_genealogy(data, tenant) as genealogy:
        starts = [whole_code(code) for code in codes]
        moments = (_known(genealogy, before, "--before"), _known(genealogy, after, "--after"))
        with waiting("对比" if language == "zh" else "compare"):
            answers = [ask(genealogy, starts, as_of=moment, portions=True) for moment in moments]
            found = compare(*answers)
            changes = sum(
                counts[what]
                for counts in (found.head.objects, found.head.carriers)
                for what in ("came", "went", "changed")
            )
        if form is None:
            _show(found, changes, language)
            return
        write_pieces(
            export_comparison(found, form),
            out,
            language,
            english=count_of(changes, "change"),
            chinese=f"{changes:,} 项变化",
            option="--xlsx" if form == "xlsx" else "",
        )


def _format(out: Path | None, **asked: bool) -> ComparisonFormat | None:
    wanted = [name for name, is_asked in asked.items() if is_asked]
    if len(wanted) > 1:
        found = ", ".join(f"--{name}" for name in wanted)
        raise InvalidInput(Problem(code="cli.format_unclear", found=found))
    if out is not None and not wanted:
        raise InvalidInput(Problem(code="cli.option_idle", found="-o"))
    return cast("ComparisonFormat", wanted[0]) if wanted else None


def _known(genealogy: Genealogy, text: str | None, option: str) -> datetime | None:
    from suyuan.trace import record_time_at

    if text is not None and text.isascii() and text.isdigit():
        return record_time_at(genealogy, int(text))
    return moment_in(text, option, is_end=True)


def _show(found: Comparison, changes: int, language: Language) -> None:
    head = found.head
    objects, carriers = head.objects, head.carriers
    say(
        f"{', '.join(map(short_uri, head.after.starts))}, {head.direction}, from journal position "
        f"{head.before.position:,} to {head.after.position:,}: "
        f"{count_of(head.before.objects, 'object')} before, {head.after.objects:,} after",
        f"{', '.join(map(short_uri, head.after.starts))}，"
        f"{'追踪' if head.direction == 'forward' else '溯源'}，事件账序号 {head.before.position:,} "
        f"至 {head.after.position:,}：之前 {head.before.objects:,} 个追溯单元，"
        f"之后 {head.after.objects:,} 个",
        language,
    )
    for english, chinese, counts in (
        ("objects", "追溯单元", objects),
        ("carriers", "载体", carriers),
    ):
        say(
            f"  {english}: {counts['came']:,} came, {counts['went']:,} went, "
            f"{counts['changed']:,} changed, {counts['unchanged']:,} as before",
            f"  {chinese}：新增 {counts['came']:,}，消失 {counts['went']:,}，"
            f"变化 {counts['changed']:,}，不变 {counts['unchanged']:,}",
            language,
        )
    for change in islice(found.changes(), _SHOWN_MAX):
        output.print(f"  {_line(change, language)}", markup=False)
    if changes > _SHOWN_MAX:
        more = changes - _SHOWN_MAX
        say(f"  … and {more:,} more: --csv", f"  ……另有 {more:,} 项，见 --csv", language)


def _line(change: Change, language: Language) -> str:
    """Say one change: a sign, what, and what is otherwise now."""
    sign = {"came": "+", "went": "-", "changed": "~"}[change.change]
    return f"{sign} {short_uri(change.uri)}  {_told(change, language)}"


def _told(change: Change, language: Language) -> str:
    was, now = change.before, change.after
    parts: list[Callable[[Version], str]] = [
        lambda one: _GRADES_ZH[one.grade] if language == "zh" else one.grade,
        lambda one: "" if one.moment is None else f"{one.moment:{_TIME}}",
        lambda one: _portion(one, language),
    ]
    if was is None or now is None:
        only = was or now
        return "  ".join(filter(None, (part(only) for part in parts))) if only else ""
    pairs = [(part(was), part(now)) for part in parts]
    return "  ".join(f"{old or '–'} → {new or '–'}" for old, new in pairs if old != new)


def _portion(version: Version, language: Language) -> str:
    if version.portion is None:
        return ""
    if version.portion == "unknown":
        return "未知" if language == "zh" else "unknown"
    return f"{version.portion:,.3f} {version.uom or ''}".strip()
