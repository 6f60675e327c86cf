"""`suyuan at-place`: what is at a place and in its parts now. 现存量"""

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
from suyuan.cli._words import amount_of, disposition_of
from suyuan.errors import Language, in_language

if TYPE_CHECKING:  # Only the question itself needs the compiled loops.
    from suyuan.trace import AtPlace, There

__all__ = ["at_place_command"]

_SHOWN_MAX = 60
_TIME = "%Y-%m-%d %H:%MZ"
_STATUS = {"here": ("here", "在此"), "on_the_way": ("on the way", "在途")}


def at_place_command(
    code: Annotated[
        str,
        typer.Argument(help="A place, in any spelling.", metavar="CODE", show_default=False),
    ],
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    as_csv: ListCsvOption = False,
    as_xlsx: ListXlsxOption = False,
    out: OutOption = None,
    data: DataOption = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = None,
) -> None:
    """Tell what is at a place and in its parts: by product and lot, how much, in what status.

    A thing is where its last event, or that of its container, says. A lot that goes by quantity
    is told with what the books still have of it.
    """
    from suyuan.trace import at_place, export_at_place

    language = language_of(lang)
    with (
        open_genealogy(data, tenant) as genealogy,
        waiting("现存量" if language == "zh" else "what is there"),
    ):
        found = at_place(
            genealogy, whole_code(code), as_of=moment_in(as_of, "--as-of", is_end=True)
        )
    form = list_form(as_json=as_json, as_csv=as_csv, as_xlsx=as_xlsx)
    if form is None:
        _show(found, language)
        return
    pieces = export_at_place(found, form, language=language)
    write_list(pieces, found.row_count, form, out, language)


def _show(found: AtPlace, language: Language) -> None:
    say(
        f"here: {count_of(found.units, 'unit')}, {count_of(found.lots, 'lot')} by quantity, "
        f"{count_of(found.containers, 'container')}; {found.held:,} on hold; "
        f"{found.on_the_way:,} sent from here and not arrived; "
        f"journal position {found.position:,}",
        f"在此：单品 {found.units:,} 个，按数量计的批次 {found.lots:,} 个，"
        f"容器 {found.containers:,} 个；暂扣 {found.held:,} 个；"
        f"从这里发出尚未到达 {found.on_the_way:,} 个；事件账序号 {found.position:,}",
        language,
    )
    for one in found.parts:
        name = in_language(one.name, one.name_zh, language)
        say(
            f"  of these {one.objects:,} in {name or short_uri(one.place)}",
            f"  其中 {one.objects:,} 个在{name or short_uri(one.place)}",
            language,
        )
    heads: tuple[str, ...] = (
        ("product", "lot", "how much", "status", "since", "last seen")
        if language == "en"
        else ("产品", "批次", "数量", "状态", "自", "最近出现")
    )
    if found.rows:
        say_rows([heads, *(_row(one, language) for one in found.rows[:_SHOWN_MAX])], numbers=(2,))
    more = found.row_count - _SHOWN_MAX
    if more > 0:
        say(f"… and {more:,} more: --csv", f"……另有 {more:,} 行，见 --csv", language)


def _row(row: There, language: Language) -> tuple[str, ...]:
    name = in_language(row.name, row.name_zh, language)
    if name is None:
        nobody = "容器等" if language == "zh" else "containers and others"
        name = short_uri(row.product) if row.product else nobody
    amount = f"{row.objects:,}"
    if row.is_lot:
        amount = "?" if row.uom is None else amount_of(row.quantity, row.uom, language)
    words = [_STATUS[row.status][language == "zh"]]
    if row.disposition:
        words.append(disposition_of(row.disposition, language))
    if row.is_held:
        words.append("暂扣" if language == "zh" else "on hold")
    return (
        name,
        short_uri(row.lot) if row.lot else "–",
        amount,
        ("，" if language == "zh" else ", ").join(words),
        f"{row.since:{_TIME}}" if row.since else "",
        f"{row.last:{_TIME}}" if row.last else "",
    )
