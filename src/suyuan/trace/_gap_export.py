"""Gaps and balances as tables for spreadsheets. 断点与物料平衡导出"""

from __future__ import annotations

import csv
import io

from suyuan.trace._gaps import Gaps
from suyuan.trace._mass_balance import FIGURES, MassBalance

__all__ = ["balance_as_csv", "gaps_as_csv"]


def gaps_as_csv(found: Gaps) -> str:
    """Give a row for each object of each gap."""
    page = io.StringIO()
    rows = csv.writer(page, lineterminator="\n")
    rows.writerow(
        (
            *("gap", "kind", "name", "object", "sequence", "event_time", "place"),
            *("quantity", "uom", "hours", "expected", "found"),
        )
    )
    for number, gap in enumerate(found.gaps, 1):
        last = gap.events[-1]
        for uri in gap.objects:
            rows.writerow(
                (
                    *(number, gap.kind, gap.name, uri, last.sequence, last.event_time.isoformat()),
                    *(gap.place, gap.quantity, gap.uom, gap.hours, gap.expected, gap.found),
                )
            )
    return page.getvalue()


def balance_as_csv(balance: MassBalance) -> str:
    """Give a row for each figure; events are numbers in the journal."""
    page = io.StringIO()
    rows = csv.writer(page, lineterminator="\n")
    rows.writerow(("figure", "quantity", "uom", "known", "unknown", "events"))
    for name in FIGURES:
        one = getattr(balance, name)
        events = " ".join(map(str, one.sequences))
        rows.writerow((name, one.quantity, balance.uom, one.known, one.unknown, events))
    rows.writerow(("unexplained", balance.unexplained, balance.uom, "", "", ""))
    return page.getvalue()
