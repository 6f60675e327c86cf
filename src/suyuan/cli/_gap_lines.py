"""Gaps as lines on the terminal. 断点行"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from suyuan.cli._spelling import short_uri
from suyuan.cli._terminal import count_of, output, say
from suyuan.errors import Language

if TYPE_CHECKING:
    from suyuan.trace import Gap

__all__ = ["say_gap", "say_gaps_of_answer"]

_TIME = "%Y-%m-%d %H:%MZ"
_OBJECTS_SHOWN = 3
_GAPS_SHOWN = 5


def say_gap(gap: Gap, *, indent: str = "") -> None:
    """Say one gap in a line: event, when, kind, objects, place, and what was found."""
    more = len(gap.objects) - _OBJECTS_SHOWN
    objects = ", ".join(map(short_uri, gap.objects[:_OBJECTS_SHOWN]))
    last = gap.events[-1]
    output.print(
        f"{indent}{last.sequence:>8,}  {last.event_time:{_TIME}}  {gap.name}"
        f"  [{objects}{f' (+{more:,})' if more > 0 else ''}]"
        f"  {short_uri(gap.place or '')}  {gap.found}",
        markup=False,
    )


def say_gaps_of_answer(found: Sequence[Gap], language: Language, *, is_every: bool) -> None:
    """Say whether an answer rests on a whole record, and the first few gaps if it does not."""
    if not found:
        say(
            "  no gaps: the answer is complete, as far as the record can tell",
            "  无断点：就记录所及，结果完整",
            language,
        )
        return
    say(
        f"  {count_of(len(found), 'gap')}: the record is not whole, "
        "so the answer may not be complete",
        f"  断点 {len(found):,} 处：记录不完整，结果可能有遗漏",
        language,
    )
    shown = len(found) if is_every else _GAPS_SHOWN
    for gap in found[:shown]:
        say_gap(gap, indent="  ")
    if len(found) > shown:
        more = len(found) - shown
        say(
            f"    … and {more:,} more, with --gaps",
            f"    ……另有 {more:,} 处，用 --gaps 查看",
            language,
        )
