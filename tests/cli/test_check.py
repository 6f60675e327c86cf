"""`suyuan check` says everything that is wrong; `suyuan hash` names events by their hash."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgspec
import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from suyuan.cli.check import check_command, hash_command
from tests.conformance import conformance_dir
from tests.events import body

app = typer.Typer()
app.command("check")(check_command)
app.command("hash")(hash_command)


def run(*words: object, data: bytes | None = None, language: str = "en") -> Result:
    environment = {"SUYUAN_LANG": language}
    return CliRunner().invoke(app, [str(word) for word in words], input=data, env=environment)


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    page = tmp_path / "valid.json"
    page.write_bytes(msgspec.json.encode([body(1), body(2, action="ADD")]))
    return page


@pytest.fixture
def invalid(tmp_path: Path) -> Path:
    page = tmp_path / "invalid.json"
    page.write_bytes(msgspec.json.encode([body(1), body(2, action="EAT", bizStep="shiping")]))
    return page


def test_a_valid_file_gets_one_line(valid: Path) -> None:
    result = run("check", valid)
    assert result.exit_code == 0
    assert result.stdout == f"OK {valid}: 2 events (2 ObjectEvent)\n"
    chinese = run("check", valid, language="zh")
    assert chinese.stdout == f"有效 {valid}：2 个事件（2 ObjectEvent）\n"


def test_everything_that_is_wrong_is_said(valid: Path, invalid: Path) -> None:
    result = run("check", valid, invalid)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"OK {valid}")
    assert lines[1].startswith(f"{invalid}: /1/action: ")
    assert "    expected: ADD, OBSERVE or DELETE" in lines
    assert "    found: EAT" in lines
    assert any("(shipping?)" in line for line in lines)
    assert lines[-1] == f"INVALID {invalid}: 2 problems; valid: 1 event (1 ObjectEvent)"


def test_it_is_said_in_chinese(invalid: Path, tmp_path: Path) -> None:
    result = run("check", invalid, language="zh")
    assert result.exit_code == 1
    assert "动作应为 ADD、OBSERVE 或 DELETE，实为 EAT" in result.stdout
    assert "    应为：其中的词（shipping？），或自定义的 URI" in result.stdout
    broken = tmp_path / "broken.json"
    broken.write_text('{"type": "EPCISDocument",')
    said = run("check", broken, tmp_path / "none", language="zh").stdout
    assert "第 1 行第 26 列：不是有效的 JSON：应为带引号的键，实为文本结束" in said
    assert f"无法读取 {tmp_path / 'none'}：文件或目录不存在" in said
    assert run("check", invalid, "--lang", "en").stdout.startswith(f"{invalid}: /1/action: action")


def test_the_answer_can_be_json(valid: Path, invalid: Path) -> None:
    result = run("check", valid, invalid, "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["is_valid"] is False
    assert [(one["is_valid"], one["events"], one["problems"]) for one in answer["files"]] == [
        (True, 2, 0),
        (False, 1, 2),
    ]
    first = answer["files"][1]["errors"][0]
    assert first.keys() == {"code", "message", "where", "rule", "expected", "found"}
    assert (first["where"], first["found"]) == ("/1/action", "EAT")
    assert run("check", valid, "--json").exit_code == 0


@pytest.mark.parametrize("command", ["check", "hash"])
def test_a_file_that_cannot_be_read_is_an_error_and_no_traceback(
    command: str, valid: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json.gz"
    broken.write_bytes(gzip.compress(valid.read_bytes())[:-9])
    for name in ("missing.json", tmp_path, broken):
        result = run(command, name, valid)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)
        assert f"{name} can't be read" in result.output
        assert "OK" in result.output or "ni:///" in result.output


def test_files_may_be_zipped_or_come_from_a_pipe(valid: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "valid.json.gz"
    zipped.write_bytes(gzip.compress(valid.read_bytes()))
    assert run("check", zipped).exit_code == 0
    for data in (valid.read_bytes(), zipped.read_bytes()):
        assert run("check", "-", data=data).stdout == "OK -: 2 events (2 ObjectEvent)\n"
    lines = b"\n".join(msgspec.json.encode(body(number)) for number in range(1, 4))
    assert run("check", "-", data=lines).stdout == "OK -: 3 events (3 ObjectEvent)\n"


def test_xml_is_checked_too() -> None:
    page = conformance_dir("gs1-epcis", "XML") / "Example_9.6.1-ObjectEvent-2020_06_18a.xml"
    assert run("check", page).stdout == f"OK {page}: 2 events (2 ObjectEvent)\n"


def test_hashes_come_one_a_line_in_the_order_of_events() -> None:
    folder = conformance_dir("event-hash", "examples")
    pages = [folder / f"ReferenceEventHashAlgorithm{n}.{kind}" for n, kind in
             (("", "jsonld"), ("2", "xml"), ("3", "jsonld"))]  # fmt: skip
    result = run("hash", *pages)
    assert result.exit_code == 0
    expected = [page.with_suffix(".hashes").read_text().split()[0] for page in pages]
    assert result.stdout.split() == expected
    shown = run("hash", "--prehash", *pages)
    assert shown.stdout.splitlines() == [
        page.with_suffix(".prehashes").read_text().split("\n")[0] for page in pages
    ]
    listed = json.loads(run("hash", *pages, "--json").stdout)
    assert [one["hash"] for one in listed["events"]] == expected
    assert {one["position"] for one in listed["events"]} == {0}


def test_an_invalid_event_has_no_hash(invalid: Path) -> None:
    result = run("hash", invalid)
    assert result.exit_code == 1
    assert len(result.stdout.split()) == 1
    assert "/1/action" in result.stderr
    listed = json.loads(run("hash", invalid, "--json").stdout)
    assert listed["is_valid"] is False
    assert [one["position"] for one in listed["events"]] == [0]
