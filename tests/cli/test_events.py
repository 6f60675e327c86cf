"""`suyuan events` asks the journal by the parameters of EPCIS, for people and for programs."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from suyuan.cli.events import events_command
from suyuan.errors import InvalidInput
from suyuan.event import read_json
from suyuan.journal import Journal
from suyuan.store import Database
from tests.api.documents import CONTEXT, object_event

app = typer.Typer()
app.command()(events_command)


@pytest.fixture(scope="module")
def environment(embedded_databases) -> dict[str, str]:
    database: Database = embedded_databases()
    events = [
        object_event(bizStep=step, epcList=[f"urn:epc:id:sgtin:0614141.107346.{number}"])
        for number, step in enumerate(["shipping"] * 25 + ["receiving"])
    ]
    document = read_json(json.dumps([{"@context": [CONTEXT]} | one for one in events]).encode())
    assert document.is_valid, document.problems
    Journal(database, database.make_tenant("default")).capture(document.events)
    return {"LANG": "C.UTF-8", "SUYUAN_DATABASE_URL": url_of(database)}


def url_of(database: Database) -> str:
    pairs = dict(part.split("=", 1) for part in database.connection_string.split())
    return f"postgresql://{pairs['user']}@/{pairs['dbname']}?host={pairs['host']}"


def run(environment: dict[str, str], *words: str) -> Result:
    result = CliRunner().invoke(app, list(words), env=environment)
    if isinstance(result.exception, InvalidInput):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def test_every_event_is_written_as_a_line_of_json(environment: dict[str, str]) -> None:
    lines = run(environment, "--json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) == 26
    assert all(event["recordTime"] and event["eventID"] for event in events)


def test_filters_narrow_what_is_found(environment: dict[str, str]) -> None:
    for words in (
        ("--step", "receiving"),
        ("EQ_bizStep=receiving",),
        ("--epc", "https://id.gs1.org/01/10614141073464/21/25"),
        ("MATCH_epc=urn:epc:id:sgtin:0614141.107346.25", "EQ_bizStep=receiving|packing"),
    ):
        lines = run(environment, "--json", *words).stdout.splitlines()
        assert [json.loads(line)["bizStep"] for line in lines] == ["receiving"]


def test_a_person_sees_the_last_twenty_the_newest_first(environment: dict[str, str]) -> None:
    lines = run(environment).stdout.splitlines()
    assert len(lines) == 20
    assert "Object OBSERVE" in lines[0]
    assert "receiving" in lines[0]
    assert "urn:epc:id:sgtin:0614141.107346.25" in lines[0]


def test_a_limit_is_kept(environment: dict[str, str]) -> None:
    assert len(run(environment, "--json", "--limit", "3").stdout.splitlines()) == 3


def test_what_is_no_filter_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(environment, "shipping")
    assert caught.value.code == "cli.filter_malformed"
    with pytest.raises(InvalidInput) as caught:
        run(environment, "EQ_bisStep=shipping")
    assert caught.value.code == "query.parameter_misspelt"
