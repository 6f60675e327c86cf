"""How what is wrong with a document is shown, the same by every command. 错误显示"""

from __future__ import annotations

from typing import TextIO

from suyuan.errors import Language, Problem

__all__ = ["say_problem"]

_LABELS = {"en": ("rule", "expected", "found"), "zh": ("规则", "应为", "实为")}


def say_problem(
    stream: TextIO, name: str, problem: Problem, language: Language, *, position: int | None = None
) -> None:
    """Say one problem: a line to read, and below it the facts one by one.

    `position` counts the events of a document from 0; it is said where the problem itself
    does not say where it is.
    """
    is_chinese = language == "zh"
    colon = "：" if is_chinese else ": "
    names_file = problem.where == name  # Then its text says which file.
    place = "" if names_file else problem.said("where", language)
    if not problem.where and position is not None and position >= 0:
        place = f"第 {position + 1} 个事件" if is_chinese else f"event {position + 1}"
    said = ["" if names_file else name, place, problem.text(language)]
    lines = [colon.join(filter(None, said))]
    lines[0] += f"  [{problem.code}]"
    facts = (problem.said(name, language) for name in ("rule", "expected", "found"))
    for label, fact in zip(_LABELS[language], facts, strict=True):
        if fact:
            lines.append(f"    {label}{colon}{fact}")
    stream.write("\n".join(lines) + "\n")
