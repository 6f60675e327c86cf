"""`suyuan bench`: measure this machine against the budgets. 性能测试"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from suyuan.bench import BENCHES, Report, machine
from suyuan.cli._terminal import (
    JsonOption,
    LanguageOption,
    language_of,
    output,
    say_json,
)
from suyuan.errors import InvalidInput, Language, Problem

__all__ = ["bench_command"]


def bench_command(
    name: Annotated[
        str, typer.Argument(help=f"What to measure: {', '.join(BENCHES)}.", metavar="NAME")
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small run, within half a minute.")
    ] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    """Measure one thing, with a baseline in the same run.

    Works in a temporary folder of its own. Exit 1 when a budget is missed.
    """
    if name not in BENCHES:
        raise InvalidInput(
            Problem(code="cli.bench_unknown", expected=", ".join(BENCHES), found=name)
        )
    about = machine()
    report = Report(name, about, BENCHES[name](quick=quick))
    if as_json:
        say_json(report)
    else:
        _show(report, language_of(lang))
    if any(figure.ok is False for figure in report.figures):
        raise typer.Exit(1)


def _show(report: Report, language: Language) -> None:
    is_chinese = language == "zh"
    table = Table(
        title=f"{'性能测试' if is_chinese else 'bench'} {report.bench}", box=None, pad_edge=False
    )
    titles = (
        ("指标", "数值", "单位", "预算") if is_chinese else ("figure", "value", "unit", "budget")
    )
    for title in titles:
        table.add_column(title, justify="right" if title == titles[1] else "left")
    table.add_column("")
    met, missed = ("达标", "未达标") if is_chinese else ("met", "missed")
    marks = {True: f"[green]{met}[/]", False: f"[red]{missed}[/]", None: ""}
    for figure in report.figures:
        value = f"{figure.value:,.4g}" if figure.value < 1_000 else f"{figure.value:,.0f}"
        table.add_row(figure.name, value, figure.unit, figure.budget or "", marks[figure.ok])
    output.print(table)
    output.print(", ".join(f"{key} {value}" for key, value in report.machine.items()))
