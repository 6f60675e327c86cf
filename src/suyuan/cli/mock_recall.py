"""`suyuan mock-recall`: what would have to come back, from where and from whom. 模拟召回"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from suyuan.cli._aligned import say_rows
from suyuan.cli._genealogy import (
    AsOfOption,
    ListCsvOption,
    ListXlsxOption,
    OutOption,
    list_form,
    open_genealogy,
    write_list,
)
from suyuan.cli._spelling import moment_in, short_uri, whole_code
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    TenantOption,
    count_of,
    language_of,
    say,
    waiting,
)
from suyuan.cli._words import amount_of
from suyuan.errors import Language, in_language

if TYPE_CHECKING:  # Only the question itself needs the compiled loops.
    from suyuan.trace import MockRecall, RecallRow

__all__ = ["mock_recall_command"]

_SHOWN_MAX = 40
_STAGES = {
    "on_site": ("on site", "在厂内"),
    "on_the_way": ("on the way", "在途"),
    "delivered": ("delivered", "已送达"),
    "sold": ("sold", "已售出"),
    "used": ("used", "已投入使用"),
    "destroyed": ("destroyed", "已销毁"),
    "in_units": ("counted by units", "按单品计"),
}

_CodesArgument = Annotated[
    list[str],
    typer.Argument(
        help="Lots, serial numbers or containers to recall, in any spelling; or places.",
        metavar="CODE…",
        show_default=False,
    ),
]
_SinceOption = Annotated[
    str | None,
    typer.Option(
        help="From this moment on, or from a day's beginning in UTC.",
        metavar="TIME",
        show_default=False,
    ),
]
_UntilOption = Annotated[
    str | None,
    typer.Option(
        help="Of places: up to this moment, or to a day's end in UTC.",
        metavar="TIME",
        show_default=False,
    ),
]


def mock_recall_command(
    codes: _CodesArgument,
    since: _SinceOption = None,
    until: _UntilOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    as_csv: ListCsvOption = False,
    as_xlsx: ListXlsxOption = False,
    out: OutOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = None,
) -> None:
    """Count what a recall would hit: lots, units, places and recipients, by how far they came.

    The starts count too. A start may be a place: then it is everything seen there in a period.
    """
    from suyuan.account import own_parties
    from suyuan.trace import export_recall, mock_recall

    language = language_of(lang)
    with (
        open_genealogy(data, tenant) as genealogy,
        waiting("模拟召回" if language == "zh" else "mock recall"),
    ):
        found = mock_recall(
            genealogy,
            [whole_code(code) for code in codes],
            since=moment_in(since, "--since"),
            until=moment_in(until, "--until", is_end=True),
            ours=own_parties(genealogy.database, genealogy.tenant_id),
            as_of=moment_in(as_of, "--as-of", is_end=True),
        )
    form = list_form(as_json=as_json, as_csv=as_csv, as_xlsx=as_xlsx)
    if form is None:
        _show(found, language)
        return
    write_list(export_recall(found, form, language=language), found.row_count, form, out, language)


def _show(found: MockRecall, language: Language) -> None:
    say(
        f"to come back: {count_of(found.lots, 'lot')}, {count_of(found.units, 'unit')}; "
        f"{found.out:,} of {found.objects:,} have left, "
        f"with {count_of(found.parties, 'recipient')}; {found.possible:,} only possible; "
        f"journal position {found.position:,}, {found.seconds:.1f} s",
        f"需召回：批次 {found.lots:,} 个，单品 {found.units:,} 个；"
        f"{found.objects:,} 个对象中 {found.out:,} 个已离开，收货方 {found.parties:,} 个；"
        f"其中 {found.possible:,} 个仅为可能；"
        f"事件账序号 {found.position:,}，用时 {found.seconds:.1f} 秒",
        language,
    )
    if found.counted_starts:
        say(
            f"{count_of(found.counted_starts, 'start')} counted with what was reached, which "
            "a trace leaves out",
            f"其中含起点 {found.counted_starts:,} 个，追踪结果不计起点",
            language,
        )
    if found.without_recipient:
        say(
            f"{found.without_recipient:,} have left, and nothing tells to whom",
            f"{found.without_recipient:,} 个已发出，但没有记录发给了谁",
            language,
        )
    heads: tuple[str, ...] = (
        ("recipient", "stage", "what", "lot", "in all", "sent", "not shipped", "place")
        if language == "en"
        else ("收货方", "状态", "产品", "批次", "总量", "发给该方", "未发出", "位置")
    )
    say_rows([heads, *(_row(one, language) for one in found.rows[:_SHOWN_MAX])], numbers=(4, 5, 6))
    more = found.row_count - _SHOWN_MAX
    if more > 0:
        say(f"… and {more:,} more: --csv", f"……另有 {more:,} 行，见 --csv", language)


def _row(row: RecallRow, language: Language) -> tuple[str, ...]:
    def named(name: str | None, name_zh: str | None, uri: str | None) -> str:
        return in_language(name, name_zh, language) or (short_uri(uri) if uri else "–")

    amount, uom = f"{row.objects:,}", row.uom or ""
    if row.is_lot:
        amount = "?" if row.quantity is None else amount_of(row.quantity, uom, language)
    party = named(row.party_name, row.party_name_zh, row.party)
    return (
        (f"{party} (ours)" if language == "en" else f"{party}（本企业）") if row.is_ours else party,
        _STAGES[row.stage][language == "zh"],
        named(row.name, row.name_zh, row.product),
        short_uri(row.lot) if row.lot else "–",
        amount,
        "" if row.sent is None else amount_of(row.sent, uom, language),
        "" if row.remaining is None else amount_of(row.remaining, uom, language),
        named(row.place_name, row.place_name_zh, row.place),
    )
