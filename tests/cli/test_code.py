"""`suyuan code` explains codes to people and programs, in two languages."""

import json

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from suyuan.cli.code import code_command

app = typer.Typer()
app.command()(code_command)


def run(*words: str, text: str | bytes | None = None, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=text, env={"LANG": "C.UTF-8", **(env or {})})


def test_a_lot_is_explained_to_a_person() -> None:
    result = run("(01)04012345123456(10)L1(17)251231")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines == [
        "code (01)04012345123456(10)L1(17)251231",
        "kind lot of a product (GTIN and lot number)",
        "names a lot",
        "(01) 04012345123456 GTIN",
        "(10) L1 batch or lot number",
        "(17) 251231 expiration date",
        "canonical URI https://id.gs1.org/01/04012345123456/10/L1",
        "EPC URN urn:epc:class:lgtin:4012345.012345.L1",
    ]


def test_it_speaks_chinese_when_asked_or_when_the_terminal_does() -> None:
    for result in (
        run("9521141012345", "--lang", "zh"),
        run("9521141012345", env={"LANG": "zh_CN"}),
    ):
        assert "产品（GTIN）" in result.stdout
        assert "GTIN 前面补零到 14 位" in result.stdout
        assert "https://id.gs1.org/414/9521141012345" in result.stdout


def test_a_program_gets_json() -> None:
    result = run("https://ex.com/01/04012345123456/10/L/21/S?17=251231", "--json")
    answer = json.loads(result.stdout)
    assert answer["valid"] is True
    assert answer["kind"] == "sgtin"
    assert answer["key"] == {"ai": "01", "value": "04012345123456", "title": "GTIN"}
    assert [(e["ai"], e["value"]) for e in answer["qualifiers"]] == [("10", "L"), ("21", "S")]
    assert [(e["ai"], e["value"]) for e in answer["attributes"]] == [("17", "251231")]
    assert (answer["product"], answer["lot"], answer["serial"]) == ("04012345123456", "L", "S")
    assert answer["canonical"] == "https://id.gs1.org/01/04012345123456/21/S"
    assert answer["epc_urn"] == "urn:epc:id:sgtin:4012345.012345.S"
    assert answer["lenient"] == answer["alternatives"] == []


def test_a_wrong_code_is_shown_with_a_mark_under_the_place(monkeypatch) -> None:
    monkeypatch.setattr("suyuan.cli.code._is_terminal", lambda: True)
    result = run("(01)04012345123457(10)牛")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "(01)04012345123457(10)牛",
        "                 ^",
        "position 18: the check digit of (01) is 7; expected 6",
        "                      ^",
        "牛 at position 23 is none of the 82 characters that (10) may hold",
    ]


@pytest.mark.parametrize(("language", "word"), [("en", "position"), ("zh", "第 ")])
@pytest.mark.parametrize("code", ["(01)04012345123457", "(01)04012345123456(10)牛", "urn:a:b c"])
def test_the_place_of_a_mistake_is_said_once(code: str, language: str, word: str) -> None:
    (said,) = run(code, "--lang", language).stdout.splitlines()[1:]
    assert said.count(word) == 1


def test_a_mark_stands_right_behind_wide_characters(monkeypatch) -> None:
    monkeypatch.setattr("suyuan.cli.code._is_terminal", lambda: True)
    result = run("https://工厂.example/a b", "--lang", "zh")
    assert result.stdout.splitlines()[1] == " " * 22 + "^"


def test_in_a_pipe_there_are_no_marks() -> None:
    assert "^" not in run("(01)04012345123457").stdout


def test_a_wrong_code_is_told_to_a_program() -> None:
    result = run("(01)04012345123457", "--json", "--lang", "zh")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["valid"] is False
    (problem,) = answer["problems"]
    assert problem["code"] == "identifier.check_digit_wrong"
    assert problem["position"] == 18
    assert (problem["expected"], problem["found"]) == ("6", "7")
    assert problem["message"] == "(01) 的校验码为 7，应为 6"


def test_many_codes_come_one_a_line_and_all_are_answered() -> None:
    text = "9521141012345\n\nmilk\r\nurn:uuid:1\n]d2010401234512345610L\x1d21S\n"
    result = run("-", text=text)
    assert result.exit_code == 1
    marks = [line[0] for line in result.stdout.splitlines()]
    assert marks == ["✓", "✗", "✓", "✓"]
    result = run("-", "--json", text=text)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["valid"] for answer in answers] == [True, False, True, True]
    assert run("-", text="9521141012345\n").exit_code == 0


def test_bytes_that_are_no_text_are_refused_in_a_sentence() -> None:
    result = run("-", text=b"urn:a:\xff\n")
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert run("urn:a:\udcff", "--json").exit_code == 1


def test_a_key_of_a_plant_is_taken_apart() -> None:
    key = "https://plant.example/p/%E7%89%9B%E5%A5%B6/l/1"
    result = run(key, "--plant", "https://plant.example", "--lang", "zh")
    assert "工厂产品批次" in result.stdout
    assert "牛奶" in result.stdout
    assert "其他 URI" in run(key, "--lang", "zh").stdout


def test_an_unknown_company_prefix_is_said() -> None:
    assert "the length of the company prefix is not known" in run("12345670").stdout
    assert json.loads(run("12345670", "--json").stdout)["epc_urn"] is None


@pytest.mark.parametrize(
    "code",
    [
        "(00)106141412345678908", "(253)401234555555498", "(255)401234599999044",
        "(401)4012345333", "(402)40123459999876541", "(414)9521141111116(254)A",
        "(415)9521141111116(8020)R", "(417)9521141111116", "(8003)0401234566666387",
        "(8004)4012345AAbb", "(8006)040123451234560102(21)S", "(8010)4012345ABC(8011)123",
        "(8013)1987654Ad4X4bL5ttr2310c2K", "(8017)401234500000987658",
        "(8018)401234598765400000", "(01)04012345123456(235)A", "(01)04012345123456(21)A",
        "(414)9521141111116", "urn:epc:id:gid:1.2.3", "urn:epc:id:usdod:CAGEY.5678",
        "urn:epc:id:adi:W81X9C.3KL984PX1.2WMA52", "urn:epc:id:bic:CSQU3054383",
        "urn:epc:id:imovn:9176187",
    ],
)  # fmt: skip
def test_every_kind_has_a_name_in_both_languages(code: str) -> None:
    for language in ("en", "zh"):
        result = run(code, "--lang", language)
        assert result.exit_code == 0, result.output
        assert len(result.stdout.splitlines()) >= 4
