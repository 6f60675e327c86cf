"""`suyuan bench`: measure this machine against the budgets. 性能测试"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from suyuan.bench import BENCHES, Report, machine
from suyuan.cli._terminal import JsonOption, output, say_json
from suyuan.errors import InvalidInput, Problem

__all__ = ["bench_command"]


def bench_command(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(BENCHES)}.", metavar="NAME")],
    quick: Annotated[
        bool, typer.Option("--quick", help="A small run, within half a minute.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure one thing, with a baseline in the same run. 性能测试

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
        _show(report)
    if any(figure.ok is False for figure in report.figures):
        raise typer.Exit(1)


def _show(report: Report) -> None:
    table = Table(title=f"bench {report.bench}", box=None, pad_edge=False)
    for title, side in (("figure", "left"), ("value", "right"), ("unit", "left")):
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    table.add_column("budget")
    table.add_column("")
    marks = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
    for figure in report.figures:
        value = f"{figure.value:,.4g}" if figure.value < 1_000 else f"{figure.value:,.0f}"
        table.add_row(figure.name, value, figure.unit, figure.budget or "", marks[figure.ok])
    output.print(table)
    output.print(", ".join(f"{key} {value}" for key, value in report.machine.items()))
