"""`suyuan convert` turns documents into the other format, or says all that is wrong."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from lxml import etree
from typer.testing import CliRunner

from suyuan.cli.convert import convert_command
from suyuan.errors import InvalidInput
from suyuan.event import event_hash, read
from tests.event.xml_samples import document, object_event

app = typer.Typer()
app.command()(convert_command)


def run(*words: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=data, env={"LANG": "C.UTF-8"})


def test_xml_becomes_json_and_xml_again_with_the_same_hash() -> None:
    xml = document(object_event(rest="<acme:a>溯源</acme:a>"))
    as_json = run("-", "--to", "json", data=xml)
    assert as_json.exit_code == 0
    assert json.loads(as_json.stdout)["epcisBody"]["eventList"][0]["acme:a"] == "溯源"
    as_xml = run("-", "--to", "xml", data=as_json.stdout_bytes)
    assert as_xml.exit_code == 0
    hashes = [
        event_hash(read(data).events[0])
        for data in (xml, as_json.stdout_bytes, as_xml.stdout_bytes)
    ]
    assert len(set(hashes)) == 1


def test_old_xml_becomes_xml_2_0(tmp_path: Path) -> None:
    source, target = tmp_path / "old.xml", tmp_path / "new.xml"
    event = object_event(first="<baseExtension><eventID>urn:uuid:1</eventID></baseExtension>")
    source.write_bytes(document(event).replace(b"epcis:xsd:2", b"epcis:xsd:1"))
    assert run(str(source), "--to", "xml", "-o", str(target)).exit_code == 0
    root = etree.fromstring(target.read_bytes())
    assert root.tag == "{urn:epcglobal:epcis:xsd:2}EPCISDocument"
    assert root.findtext(".//ObjectEvent/eventID") == "urn:uuid:1"


def test_a_bare_event_gets_a_document_around_it() -> None:
    result = run("-", "--to", "xml", data=object_event().encode())
    assert result.exit_code == 0
    assert read(result.stdout_bytes).kind == "document"


def test_an_invalid_document_is_not_converted_and_every_problem_is_said(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    bad = object_event(epcs="<epc>x y</epc>").replace("ADD", "EAT")
    result = run("-", "--to", "json", "-o", str(target), data=document(object_event(), bad))
    assert result.exit_code == 1
    assert not target.exists()
    assert result.stdout == ""
    path = "/epcis:EPCISDocument/EPCISBody/EventList/ObjectEvent[2]"
    assert f"-: {path}/action (line 15): " in result.stderr
    assert f"-: {path}/epcList/epc[1] (line 14): " in result.stderr


def test_problems_are_said_in_chinese_and_to_programs() -> None:
    bad = document(object_event().replace("ADD", "EAT"))
    assert "动作应为" in run("-", "--to", "json", "--lang", "zh", data=bad).stderr
    told = json.loads(run("-", "--to", "json", "--json", data=bad).stdout)
    assert [error["code"] for error in told["errors"]] == ["event.action_unknown"]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{", b"<", b"hello", b"[1]"])
def test_what_is_no_document_is_refused_in_a_sentence(data: bytes) -> None:
    result = run("-", "--to", "json", data=data)
    assert result.exit_code == 1
    assert result.stderr.count("\n") >= 1
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = run(str(tmp_path / "nothing.xml"), "--to", "json")
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.problems[0].where.endswith("nothing.xml")
    result = run("-", "--to", "json", "-o", str(tmp_path / "no" / "where"), data=document())
    assert isinstance(result.exception, InvalidInput)
    assert result.exception.problems[0].code == "cli.file_unwritable"
