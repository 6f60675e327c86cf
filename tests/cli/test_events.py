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

LOT = "https://id.gs1.org/01/09521234123453/10/L1"

app = typer.Typer()
app.command()(events_command)


@pytest.fixture(scope="module")
def environment(embedded_databases) -> dict[str, str]:
    database: Database = embedded_databases()
    events = [
        object_event(bizStep=step, epcList=[f"urn:epc:id:sgtin:0614141.107346.{number}"])
        for number, step in enumerate(["shipping"] * 25 + ["receiving"])
    ]
    events[3]["bizStep"] = "https://ns.example/plant/filling"
    events[4]["bizStep"] = "https://ns.example/plant/%E7%81%8C%E8%A3%85"
    events[5]["bizStep"] = "https://ns.example/plant/shipping"
    events[6]["bizStep"] = "https://ns.example/plant/cutting"
    events[7]["bizStep"] = "https://other.example/cutting"
    del events[8]["epcList"]
    events[8]["quantityList"] = [{"epcClass": LOT, "quantity": 3}]
    own = object_event(quantityList=[{"epcClass": "https://plant.example/class", "quantity": 1}])
    del own["epcList"]
    events[:0] = [
        own,
        object_event(epcList=["https://plant.example/thing"]),
        object_event(readPoint={"id": "https://id.gs1.org/414/9521141012345"}),
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
    assert len(events) == 29
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


@pytest.mark.parametrize(
    ("shown", "number"),
    [("filling", 3), ("灌装", 4), ("https://ns.example/plant/shipping", 5)],
)
def test_a_step_is_found_by_what_the_listing_shows_of_it(
    environment: dict[str, str], shown: str, number: int
) -> None:
    for words in (("--step", shown), (f"EQ_bizStep={shown}",)):
        (line,) = run(environment, *words).stdout.splitlines()
        assert shown in line.split()
        assert f"urn:epc:id:sgtin:0614141.107346.{number} " in line + " "


def test_an_ending_that_two_steps_share_is_asked_about(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(environment, "--step", "cutting")
    assert caught.value.code == "cli.word_ambiguous"
    assert caught.value.problems[0].expected == (
        "https://ns.example/plant/cutting, https://other.example/cutting"
    )


def test_a_mistyped_step_is_told_the_nearest_of_the_standard_and_the_record(
    environment: dict[str, str],
) -> None:
    for typed, meant in (("filing", "filling"), ("shiping", "shipping")):
        with pytest.raises(InvalidInput) as caught:
            run(environment, "--step", typed)
        (problem,) = caught.value.problems
        assert (problem.where, problem.expected) == ("--step", meant)
        assert "不是业务步骤的词汇" in problem.text("zh")


@pytest.mark.parametrize(
    "code", [LOT, LOT.removeprefix("https://id.gs1.org"), "(01)09521234123453(10)L1"]
)
def test_a_lot_is_found_by_its_code(environment: dict[str, str], code: str) -> None:
    (line,) = run(environment, "--epc", code).stdout.splitlines()
    assert "/01/09521234123453/10/L1" in line


def test_a_code_of_a_plant_s_own_is_found_whether_it_names_a_class_or_a_thing(
    environment: dict[str, str],
) -> None:
    for uri in ("https://plant.example/class", "https://plant.example/thing"):
        (line,) = run(environment, "--epc", uri).stdout.splitlines()
        assert uri in line


def test_who_asks_for_a_lot_as_for_a_thing_is_told_how_to_ask(environment: dict[str, str]) -> None:
    result = run(environment, f"MATCH_anyEPC={LOT}", "--json")
    assert result.stdout == ""
    assert "MATCH_anyEPCClass asks for it" in result.stderr
    assert (
        "请改用 MATCH_anyEPCClass" in run(environment, f"MATCH_anyEPC={LOT}", "--lang", "zh").stderr
    )


def test_who_asks_for_a_product_is_told_how_to_ask_for_its_lots(
    environment: dict[str, str],
) -> None:
    told = run(environment, "--epc", "(01)09521234123453").stderr
    assert "no event fits" in told
    asked = "https://id.gs1.org/01/09521234123453/10/*"
    assert f"--epc '{asked}'" in told
    assert len(run(environment, "--epc", asked).stdout.splitlines()) == 1


def test_the_thirteen_digits_of_a_place_are_no_product(environment: dict[str, str]) -> None:
    (line,) = run(environment, "--place", "9521141012345").stdout.splitlines()
    assert line.endswith("@ /414/9521141012345")
    assert run(environment, "--place", "/414/9521141012345").stdout.splitlines() == [line]


def test_what_is_wrong_with_an_option_is_told_under_its_name(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(environment, "--since", "yesterday")
    assert caught.value.problems[0].where == "--since"


def test_ids_stand_below_their_events_and_fit_a_line(environment: dict[str, str]) -> None:
    _, second = run(environment, "--ids", "--limit", "1").stdout.splitlines()
    (event,) = run(environment, "--limit", "1", "--json", "orderBy=recordTime").stdout.splitlines()
    assert second.strip() == json.loads(event)["eventID"]
    assert len(second) <= 100


def test_a_limit_is_kept(environment: dict[str, str]) -> None:
    assert len(run(environment, "--json", "--limit", "3").stdout.splitlines()) == 3


def test_what_is_no_filter_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(environment, "shipping")
    assert caught.value.code == "cli.filter_malformed"
    with pytest.raises(InvalidInput) as caught:
        run(environment, "EQ_bisStep=shipping")
    assert caught.value.code == "query.parameter_misspelt"
