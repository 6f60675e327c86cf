"""`suyuan mass-balance`: what came in, what became of it, and what is missing. 物料平衡"""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from suyuan.cli._genealogy import AsOfOption, CsvOption, SinceOption, UntilOption, genealogy_of
from suyuan.cli._spelling import moment_in, short_uri, whole_code
from suyuan.cli._terminal import (
    DataOption,
    JsonOption,
    LanguageOption,
    Record,
    TenantOption,
    count_of,
    language_of,
    open_record,
    output,
    say,
    say_json,
    waiting,
)
from suyuan.errors import InvalidInput, Language, Problem

if TYPE_CHECKING:
    from suyuan.trace import MassBalance

__all__ = ["mass_balance_command"]

_EVENTS_SHOWN = 5
_CHINESE = {
    "opening": "期初",
    "received": "收货",
    "made": "制成",
    "adjusted": "调整",
    "used": "使用",
    "in_stock": "库存",
    "shipped": "发运",
    "scrapped": "报废",
    "sampled": "取样",
    "returned": "退回",
}


_CodeArgument = Annotated[
    str, typer.Argument(help="A lot or a product.", metavar="CODE", show_default=False)
]
_UomOption = Annotated[
    str | None,
    typer.Option(
        "--uom",
        help="Answer in this unit [the first one told].",
        metavar="CODE",
        show_default=False,
    ),
]
_LossOption = Annotated[
    float | None,
    typer.Option(
        "--expected-loss",
        help="The share that may be lost, such as 0.02 [what is set for the product].",
        metavar="SHARE",
        show_default=False,
    ),
]
_KeepOption = Annotated[
    bool, typer.Option("--keep", help="Set the expected loss of the product to this share.")
]


def mass_balance_command(
    code: _CodeArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    uom: _UomOption = None,
    expected_loss: _LossOption = None,
    is_kept: _KeepOption = False,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    data: DataOption = None,
    tenant: TenantOption = "default",
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Balance what came in of a lot or a product against what became of it.

    Without a count of the stock the books tell what is there, and nothing can be missing.
    """
    from suyuan.trace import balance_as_csv, mass_balance

    language = language_of(lang)
    if as_json and as_csv:
        raise InvalidInput(Problem(code="cli.format_unclear", found="--json, --csv"))
    if is_kept and expected_loss is None:
        raise InvalidInput(Problem(code="cli.option_idle", found="--keep"))
    with open_record(data, tenant, must_exist=True) as record:
        genealogy = genealogy_of(record)
        with waiting("物料平衡" if language == "zh" else "mass balance"):
            found = mass_balance(
                genealogy,
                whole_code(code),
                since=moment_in(since, "--since"),
                until=moment_in(until, "--until", is_end=True),
                uom=uom,
                expected_loss=expected_loss,
                as_of=moment_in(as_of, "--as-of", is_end=True),
            )
        if is_kept:
            _keep(record, found.product or found.uri, expected_loss)
    if as_json:
        say_json(found)
    elif as_csv:
        sys.stdout.write(balance_as_csv(found))
    else:
        _show(found, language)


def _keep(record: Record, product: str, share: float | None) -> None:
    """Set the expected loss, and note in the audit trail who did."""
    from suyuan.account import Actor, audited
    from suyuan.trace import put_expected_loss

    name = getpass.getuser()
    actor = Actor(tenant_id=record.tenant_id, actor=f"command_line:{name}", name=name)
    with audited(record.database, actor, "expected_loss.set", product) as change:
        before = put_expected_loss(change.connection, record.tenant_id, product, share)
        change.before, change.after = {"share": before.share}, {"share": share}


def _show(found: MassBalance, language: Language) -> None:
    from suyuan.trace import FIGURES

    say(
        f"{short_uri(found.uri)} in {found.uom}, {count_of(found.lots, 'lot')}; "
        f"journal position {found.position:,}",
        f"{short_uri(found.uri)}，单位 {found.uom}，批次 {found.lots:,}；"
        f"事件账序号 {found.position:,}",
        language,
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for name in FIGURES:
        figure = getattr(found, name)
        if figure.quantity == 0 and not figure.sequences:
            continue
        label = _CHINESE[name] if language == "zh" else name.replace("_", " ")
        table.add_row(label, _amount(figure.quantity), _events(figure.sequences, language))
        if figure.quantity is None:
            known = {"en": "known", "zh": "其中已知"}[language]
            table.add_row(f"  {known}", _amount(figure.known), f"+{figure.unknown:,} ?")
    table.add_row({"en": "unexplained", "zh": "去向不明"}[language], _amount(found.unexplained), "")
    output.print(table)
    if found.is_within_expected_loss is not None:
        limit = f"{found.expected_loss:.2%}"
        is_within = found.is_within_expected_loss
        say(
            f"{'within' if is_within else 'NOT within'} the expected loss of {limit}",
            f"{'在' if is_within else '超出'}预期损耗 {limit}{' 之内' if is_within else ''}",
            language,
        )
    if not found.is_counted:
        say(
            "the stock was not counted: it is what the books say",
            "库存未经盘点，为账面数",
            language,
        )


def _amount(quantity: float | None) -> str:
    return "?" if quantity is None else f"{quantity:,.12g}"


def _events(sequences: list[int], language: Language) -> str:
    some = ", ".join(f"{one:,}" for one in sequences[:_EVENTS_SHOWN])
    more = len(sequences) - _EVENTS_SHOWN
    word = {"en": "events", "zh": "事件"}[language]
    return f"{word} {some}{f' (+{more:,})' if more > 0 else ''}" if sequences else ""
