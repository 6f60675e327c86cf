"""`suyuan gaps`, `readiness`: is the record whole, and what would a recall find. 断点与就绪度"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from suyuan.cli._gap_lines import say_gap
from suyuan.cli._genealogy import AsOfOption, CsvOption, SinceOption, UntilOption, open_genealogy
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
from suyuan.errors import InvalidInput, Language, Problem

if TYPE_CHECKING:
    from suyuan.trace import Gaps, Readiness

__all__ = ["gaps_command", "readiness_command"]

_ProductOption = Annotated[
    str | None,
    typer.Option(
        "--product", help="Only of this product or lot.", metavar="CODE", show_default=False
    ),
]
_PlaceOption = Annotated[
    str | None,
    typer.Option("--place", help="Only at this place or site.", metavar="CODE", show_default=False),
]
_KindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        help="Only gaps of this kind; may be repeated.",
        metavar="KIND",
        show_default=False,
    ),
]
_LateOption = Annotated[
    float,
    typer.Option("--late-hours", help="Recorded later than this is back-dated.", metavar="HOURS"),
]
_ReceiptOption = Annotated[
    float,
    typer.Option("--receipt-days", help="How long goods may be under way.", metavar="DAYS"),
]


def gaps_command(
    product: _ProductOption = None,
    place: _PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    kind: _KindOption = None,
    as_of: AsOfOption = None,
    late_hours: _LateOption = 24.0,
    receipt_days: _ReceiptOption = 7.0,
    as_csv: CsvOption = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Tell where the record is not whole: by product, place, period and kind."""
    from suyuan.trace import GapLimits, gaps, gaps_as_csv

    language = language_of(lang)
    if as_json and as_csv:
        raise InvalidInput(Problem(code="cli.format_unclear", found="--json, --csv"))
    title = "断点" if language == "zh" else "gaps"
    with open_genealogy(data, tenant) as genealogy, waiting(title):
        found = gaps(
            genealogy,
            product=product and whole_code(product),
            place=place and whole_code(place),
            since=moment_in(since, "--since"),
            until=moment_in(until, "--until", is_end=True),
            kinds=kind or (),
            limits=GapLimits(late_hours=late_hours, receipt_days=receipt_days),
            language=language,
            as_of=moment_in(as_of, "--as-of", is_end=True),
        )
    if as_json:
        say_json(found)
    elif as_csv:
        sys.stdout.write(gaps_as_csv(found))
    else:
        _show(found, language)


def _show(found: Gaps, language: Language) -> None:
    say(
        f"{count_of(found.count, 'gap')} at journal position {found.position:,}",
        f"断点 {found.count:,} 处，事件账序号 {found.position:,}",
        language,
    )
    for kind in found.kinds:
        output.print(f"  {kind.name}: {kind.count:,}", markup=False)
    for gap in found.gaps:
        say_gap(gap)


def readiness_command(
    product: _ProductOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    kind: _KindOption = None,
    as_of: AsOfOption = None,
    late_hours: _LateOption = 24.0,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Tell of how much that was shipped the whole way back is in the record."""
    from suyuan.trace import GapLimits, readiness

    language = language_of(lang)
    title = "追溯就绪度" if language == "zh" else "readiness"
    with open_genealogy(data, tenant) as genealogy, waiting(title):
        found = readiness(
            genealogy,
            product=product and whole_code(product),
            since=moment_in(since, "--since"),
            until=moment_in(until, "--until", is_end=True),
            kinds=kind or (),
            limits=GapLimits(late_hours=late_hours),
            language=language,
            as_of=moment_in(as_of, "--as-of", is_end=True),
        )
    if as_json:
        say_json(found)
    else:
        _show_readiness(found, language)


def _show_readiness(found: Readiness, language: Language) -> None:
    share = "–" if found.share is None else f"{found.share:.1%}"
    say(
        f"{share} of {count_of(found.shipped, 'shipped unit')} ready: {found.ready:,} traced back "
        f"to received lots without a gap, {found.not_ready:,} not; "
        f"journal position {found.position:,}",
        f"已发运 {found.shipped:,} 个单元，就绪 {share}：{found.ready:,} 个可无断点溯源至收货批次，"
        f"{found.not_ready:,} 个不能；事件账序号 {found.position:,}",
        language,
    )
    for one in found.by_uom:
        share = "–" if one.share is None else f"{one.share:.1%}"
        say(
            f"  {one.ready:,g} of {one.shipped:,g} {one.uom} ({share})",
            f"  {one.uom}：{one.shipped:,g} 中就绪 {one.ready:,g}（{share}）",
            language,
        )
    for cost in found.costs:
        say(
            f"  {cost.name}: costs {count_of(cost.units, 'unit')}",
            f"  {cost.name}：影响 {cost.units:,} 个单元",
            language,
        )
    for worst in found.worst:
        output.print(f"    {short_uri(worst.uri)}  {worst.units:,}", markup=False)
    if not found.is_weighed:
        say(
            "  too many gaps to follow each; ask for one kind with --kind",
            "  断点过多，未逐一计算影响；可用 --kind 指定一种",
            language,
        )
