"""What our problems say in English phrases can be said in Chinese, whoever raises them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from suyuan.errors import Problem
from tests.house.source import modules

# Arguments that carry a phrase, by the name of what is called with them.
CARRIERS = {"expected", "rule", "where"}
ENGLISH = re.compile(r"(?<![\w/#.<-])[a-z]{2,} [a-z]{2,}(?![\w/#>-])|\bor\b|\bat (?:most|least)\b")
STANDARDS = re.compile(r"EPCIS|GS1|RFC \d+|C2SP|UN/ECE|ISO|XML")


def phrases() -> Iterator[tuple[str, str, str]]:
    """Give each phrase that the source writes down, with 7 for what it fills in, and its place."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.keyword) and node.arg in CARRIERS:
                for text in texts(node.value):
                    yield node.arg, text, f"{module.place}:{node.value.lineno}"


def texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=pieces):
            yield "".join(p.value if isinstance(p, ast.Constant) else "7" for p in pieces)
        case ast.IfExp(body=body, orelse=other):
            yield from (*texts(body), *texts(other))
        case ast.BoolOp(values=values):
            for value in values:
                yield from texts(value)


def test_every_phrase_can_be_said_in_chinese() -> None:
    found = {(name, text): place for name, text, place in phrases() if ENGLISH.search(text)}
    assert len(found) > 40
    wrong = [(place, text) for (name, text), place in found.items() if not is_said(name, text)]
    assert not wrong, "src/suyuan/phrases.toml wants these"


def is_said(name: str, text: str) -> bool:
    if name == "rule" and STANDARDS.match(text) and ":" not in text:
        return True  # The name of a standard and its section.
    said = Problem(code="x", **{name: text}).said(name, "zh")
    return bool(re.search(r"[一-鿿]", said)) and not ENGLISH.search(said)


def test_somebody_s_data_is_never_said_otherwise() -> None:
    problem = Problem(code="cli.filter_malformed", found="at most 5", values={"a": 1})
    assert "at most 5" in problem.text("zh")


def test_what_the_system_says_is_said_in_chinese() -> None:
    problem = Problem(code="store.backup_failed", found="[Errno 2] No such file or directory: 'x'")
    assert problem.text("zh") == "备份失败：文件或目录不存在: 'x'"


def test_chinese_in_a_chinese_text_stands_close_to_it() -> None:
    problem = Problem(code="event.value_kind_wrong", expected="a number", found="牛 奶")
    assert problem.text("zh") == "应为数字，实为牛 奶"
    assert problem.text("en") == "expected a number, found 牛 奶"
