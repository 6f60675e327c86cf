"""Help and mistakes on the command line are told in the language asked for."""

from __future__ import annotations

import re
import sys

import pytest
import typer
from rich.cells import cell_len
from typer.main import get_command
from typer.testing import CliRunner

from suyuan.cli import _help, app, main

GROUP = get_command(app)
NAMES = GROUP.list_commands(typer.Context(GROUP))
CHINESE = re.compile(r"[一-鿿]")


def shown(*words: str, **environment: str) -> str:
    plain = {"COLUMNS": "80", "SUYUAN_LANG": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "C"}
    result = CliRunner().invoke(app, list(words), env=plain | environment)
    assert result.exit_code in (0, 2), result.output
    return result.stdout


def test_the_language_may_be_asked_for_before_and_behind_the_command_and_by_the_terminal() -> None:
    chinese = shown("code", "--help", "--lang", "zh")
    assert "解释一个编码" in chinese
    assert shown("--lang", "zh", "code", "--help") == chinese
    assert shown("code", "--lang=zh", "--help") == chinese
    assert shown("code", "--help", SUYUAN_LANG="zh") == chinese
    assert shown("code", "--help", LANG="zh_CN.UTF-8") == chinese
    assert shown("--lang", "zh", "code", "--help", "--lang", "en") == shown("code", "--help")
    assert "启动服务" in shown("--lang", "zh")


def test_a_language_before_the_command_holds_for_its_answer() -> None:
    assert "产品（GTIN）" in shown("--lang", "zh", "code", "9521141012345")


@pytest.mark.parametrize("name", NAMES)
def test_all_that_help_says_of_a_command_is_said_in_chinese(name: str) -> None:
    command = GROUP.get_command(typer.Context(GROUP), name)
    said = {"help", *(param.name for param in command.params)}
    own = _help._chinese().get(name, {})
    assert own.keys() <= said
    assert said <= _help.texts_in_chinese(name).keys()
    assert all(CHINESE.search(text) for text in own.values())


@pytest.mark.parametrize("words", [[], *([name] for name in NAMES)])
def test_help_is_in_one_language_and_fits_its_terminal(words: list[str]) -> None:
    for width in (60, 100):
        english = shown(*words, "--help", COLUMNS=str(width))
        assert not CHINESE.search(english.replace("溯源", ""))
        chinese = shown(*words, "--help", "--lang", "zh", COLUMNS=str(width))
        assert not re.search(r"[A-Za-z]+ [a-z]{2,} [a-z]{2,} [a-z]{2,}", chinese)
        for line in (english + chinese).splitlines():
            assert cell_len(line) <= width or line.startswith(("Usage", "用法"))
            assert not re.match(r" *[，。；：、！？）]", line)


@pytest.mark.parametrize("name", NAMES)
def test_usage_is_written_as_a_person_would(name: str) -> None:
    usage = shown(name, "--help").splitlines()[0]
    assert usage.startswith("Usage: ")
    assert not re.search(r"[{}<>]|\.\.\.|\]\]", usage)


@pytest.mark.parametrize(
    ("words", "code", "english", "chinese"),
    [
        ("evnts", "cli.command_unknown", "expected events", "没有命令 evnts"),
        ("code --jsno 1", "cli.option_unknown", "no option --jsno", "没有选项 --jsno"),
        ("code", "cli.argument_missing", "CODE is missing: Any code", "缺少 CODE：任意编码"),
        ("convert a", "cli.option_missing", "--to json|xml is missing", "缺少选项 --to json|xml"),
        ("events --limit x", "cli.option_value_wrong", "a whole number, found x", "整数，实际为 x"),
        ("events --limit 0", "cli.option_value_wrong", "at least 1, found 0", "不小于 1 的数"),
        ("convert a --to pdf", "cli.option_value_wrong", "json|xml, found pdf", "实际为 pdf"),
        ("events --limit", "cli.option_value_missing", "needs a value", "缺少值"),
        ("verify --json=1", "cli.option_value_unexpected", "takes no value", "不带值"),
        ("code a b", "cli.argument_unexpected", "no use for b", "多余的参数 b"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_with_its_code(
    words: str,
    code: str,
    english: str,
    chinese: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for language, said in (("en", english), ("zh", chinese)):
        monkeypatch.setattr(sys, "argv", ["suyuan", "--lang", language, *words.split()])
        with pytest.raises(SystemExit) as left:
            main()
        told = capsys.readouterr()
        assert left.value.code == 2
        assert said in told.err + told.out
        assert code in told.err + told.out


def test_an_end_of_input_that_no_command_expected_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(*_: object, **__: object) -> None:
        raise EOFError

    monkeypatch.setattr("suyuan.cli.code._answer", ended)
    monkeypatch.setattr(sys, "argv", ["suyuan", "code", "1"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 1
    assert "Traceback" not in capsys.readouterr().err
