"""`suyuan common`: what suspects share, the most telling first. 共同点"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from suyuan.cli._aligned import say_rows
from suyuan.cli._genealogy import AsOfOption, open_genealogy
from suyuan.cli._spelling import moment_in, short_uri, whole_code
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    TenantOption,
    count_of,
    language_of,
    say,
    say_json,
    waiting,
)
from suyuan.cli._words import business_step_of
from suyuan.errors import Language, in_language

if TYPE_CHECKING:  # Only the question itself needs the compiled loops.
    from suyuan.trace import Common, Shared

__all__ = ["common_command"]

_SHOWN_OF_KIND = 5
_TIME = "%Y-%m-%d %H:%MZ"
_KINDS_ZH = {
    "lot": "批次",
    "instance": "单件",
    "container": "容器",
    "product": "产品",
    "supplier": "供方",
    "equipment": "设备",
    "operator": "操作工",
    "work_order": "工单",
    "operation": "工序",
    "place": "场所",
    "period": "时段",
}


_RestOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Compare with this; again for more [the others of the same products].",
        metavar="CODE",
        show_default=False,
    ),
]


def common_command(
    codes: Annotated[
        list[str],
        typer.Argument(
            help="The suspects: lots, serial numbers or containers, in any spelling.",
            metavar="CODE…",
            show_default=False,
        ),
    ],
    rest: _RestOption = None,
    until: Annotated[
        str | None,
        typer.Option(
            help="What stood behind them up to this moment, or a day's end in UTC.",
            metavar="TIME",
            show_default=False,
        ),
    ] = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Tell what suspects share: lots, equipment, people, places, periods.

    Ranked by how much more often it stands behind suspects than behind the rest. A small
    chance points to where to look, and proves nothing. Shows the first few of each kind; all
    with --json.
    """
    from suyuan.trace import common

    language = language_of(lang)
    high = moment_in(until, "--until", is_end=True)
    known_at = moment_in(as_of, "--as-of", is_end=True)
    title = "共同点" if language == "zh" else "common"
    with open_genealogy(data, tenant) as genealogy, waiting(title):
        found = common(
            genealogy,
            [whole_code(code) for code in codes],
            rest=[whole_code(code) for code in rest] if rest else None,
            until=high,
            as_of=known_at,
        )
    if as_json:
        say_json(found)
    else:
        _show(found, language)


def _show(found: Common, language: Language) -> None:
    suspects = len(found.suspects)
    is_drawn = found.rest_taken < found.rest
    drawn = f", {found.rest_taken:,} of them taken by lot" if is_drawn else ""
    drawn_zh = f"（随机抽取 {found.rest_taken:,} 个）" if is_drawn else ""
    say(
        f"{count_of(suspects, 'suspect')} beside {count_of(found.rest, 'other')}{drawn}: "
        f"{count_of(len(found.shared), 'thing')} shared; "
        f"journal position {found.position:,}, {found.seconds:.1f} s",
        f"可疑对象 {suspects:,} 个，对照对象 {found.rest:,} 个{drawn_zh}："
        f"共同点 {len(found.shared):,} 项；"
        f"事件账序号 {found.position:,}，用时 {found.seconds:.1f} 秒",
        language,
    )
    telling = [one for one in found.shared if one.chance < 1]
    if not telling:
        say(
            "nothing stands behind the suspects more often than behind the rest",
            "没有任何因素在可疑对象背后比在对照对象背后更常见",
            language,
        )
        return
    heads: tuple[str, ...] = (
        ("", "kind", "what", "suspects", "rest", "lift", "chance", "when")
        if language == "en"
        else ("", "类别", "内容", "可疑", "对照", "倍数", "偶然概率", "时间")
    )
    rows = [heads]
    shown: Counter[str] = Counter()
    for one in telling:
        shown[one.kind] += 1
        if shown[one.kind] <= _SHOWN_OF_KIND:
            rows.append(_row(one, suspects, found.rest_taken, language))
    say_rows(rows, numbers=(0, *range(3, 7)))
    folded = sum(max(0, count - _SHOWN_OF_KIND) for count in shown.values())
    if folded:
        say(f"… and {folded:,} more: --json", f"……另有 {folded:,} 项，见 --json", language)


def _row(one: Shared, suspects: int, rest: int, language: Language) -> tuple[str, ...]:
    title = in_language(one.name, one.name_zh, language)
    what = short_uri(one.value)
    if one.kind == "period":
        what = business_step_of(one.value, language)
    when = "" if one.first is None else f"{one.first:{_TIME}}"
    if one.last is not None and one.last != one.first:
        when += f" … {one.last:{_TIME}}"
    return (
        str(one.rank),
        _KINDS_ZH[one.kind] if language == "zh" else one.kind.replace("_", " "),
        f"{title} {what}" if title else what,
        f"{one.suspects:,}/{suspects:,}",
        f"{one.rest:,}/{rest:,}",
        f"{one.lift:.1f}",
        f"{one.chance:.1e}" if one.chance < 0.001 else f"{one.chance:.3f}",
        when,
    )
