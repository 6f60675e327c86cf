"""Answers: formats, spellings, pages, headers, problems, access."""

from __future__ import annotations

import json

import httpx
import pytest
from jsonschema import Draft7Validator
from lxml import etree

from suyuan.account import Buckets, make_api_key, revoke_api_key
from suyuan.api._gate import _Allowance
from suyuan.api._page_tokens import PageTokens
from suyuan.api._problem import HttpProblem
from tests.api.conftest import event_list, make_server
from tests.api.documents import document, object_event
from tests.conformance import conformance_dir

URN = "urn:epc:id:sgtin:0614141.107346.77"
LINK = "https://id.gs1.org/01/10614141073464/21/77"


@pytest.fixture(scope="module")
def filled(server):
    """A server with a few events, some of them with everything that is spelled in two ways."""
    rich = object_event(
        epcList=[URN],
        quantityList=[{"epcClass": "urn:epc:class:lgtin:4012345.012345.998877", "quantity": 1}],
        readPoint={"id": "urn:epc:id:sgln:0614141.00777.0"},
        bizLocation={"id": "https://own.example/places/1"},
        sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:0614141.00777"}],
        bizTransactionList=[{"type": "po", "bizTransaction": "urn:epc:id:gdti:0614141.00001.1"}],
        bizStep="inspecting",
    )
    plain = [object_event() for _ in range(20)]
    job = server.capture(document(rich, *plain))
    assert job["success"], job
    return server


def ask(server, **headers):
    answer = server.client.get(
        "/epcis/events", params={"EQ_bizStep": "inspecting"}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(
    ("wanted", "epc", "place"),
    [
        ("", LINK, "https://id.gs1.org/414/0614141007776"),
        ("Always_GS1_Digital_Link", LINK, "https://id.gs1.org/414/0614141007776"),
        ("Always_EPC_URN", URN, "urn:epc:id:sgln:0614141.00777.0"),
        ("Never_Translates", URN, "urn:epc:id:sgln:0614141.00777.0"),
        ("No_Preference", URN, "urn:epc:id:sgln:0614141.00777.0"),
    ],
)
def test_identifiers_are_spelled_as_the_caller_wants(filled, wanted, epc, place):
    answer = ask(filled, **({"GS1-EPC-Format": wanted} if wanted else {}))
    event = event_list(answer.json())[0]
    assert (event["epcList"], event["readPoint"]["id"]) == ([epc], place)
    assert event["bizLocation"]["id"] == "https://own.example/places/1"
    assert answer.headers["GS1-EPC-Format"] == (wanted or "Always_GS1_Digital_Link")


def test_links_become_urns_where_the_company_prefix_is_known(filled):
    event = object_event(epcList=["https://shop.example/01/04012345123456/21/9"], bizStep="packing")
    filled.capture(document(event))
    answer = filled.client.get(
        "/epcis/events",
        params={"EQ_bizStep": "packing"},
        headers={"GS1-EPC-Format": "Always_EPC_URN"},
    )
    assert event_list(answer.json())[0]["epcList"][0].startswith("urn:epc:id:sgtin:4012345.")


def test_answers_in_json_are_valid_by_the_official_schema(filled):
    schema = json.loads((conformance_dir("gs1-epcis") / "EPCIS-JSON-Schema.json").read_text())
    answer = filled.client.get("/epcis/events", params={"perPage": 100})
    errors = list(Draft7Validator(schema).iter_errors(answer.json()))
    assert errors == []


def test_answers_in_xml_hold_the_same_events(filled):
    answer = ask(filled, Accept="application/xml;q=0.9, text/html;q=0.1")
    assert answer.headers["Content-Type"] == "application/xml"
    document = etree.fromstring(answer.content)
    assert etree.QName(document).localname == "EPCISQueryDocument"
    assert document.findtext(".//{*}eventID") == event_list(ask(filled).json())[0]["eventID"]
    assert document.findtext(".//{*}recordTime")
    assert document.findtext(".//{*}epc") == LINK
    assert document.findtext(".//{*}queryName") == "SimpleEventQuery"


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ("Always_URN", "urn:epcglobal:cbv:bizstep:inspecting"),
        ("Always_Web_URI", "https://ref.gs1.org/cbv/BizStep-inspecting"),
    ],
)
def test_words_in_xml_are_spelled_as_the_caller_wants(filled, wanted, word):
    answer = ask(filled, Accept="text/xml", **{"GS1-CBV-XML-Format": wanted})
    assert etree.fromstring(answer.content).findtext(".//{*}bizStep") == word


def test_every_answer_says_its_versions_and_its_id(filled):
    answer = ask(filled)
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    assert answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert answer.headers["X-Request-ID"].startswith("urn:uuid:")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_large_answers_are_compressed_for_who_takes_it(filled):
    answer = filled.client.get(
        "/epcis/events", params={"perPage": 100}, headers={"Accept-Encoding": "gzip"}
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert event_list(answer.json())


def test_pages_lead_on_and_stay_as_they_were_while_events_come_in(filled):
    whole = [one["eventID"] for one in filled.events(perPage=1000)]
    found: list[str] = []
    address = "/epcis/events?perPage=6"
    while address:
        answer = filled.client.get(address)
        found += [one["eventID"] for one in event_list(answer.json())]
        assert len(event_list(answer.json())) <= 6
        following = answer.links.get("next", {})
        assert bool(following) == ("GS1-Next-Page-Token-Expires" in answer.headers)
        address = following.get("url", "")
        filled.capture(document(object_event()))
    assert found == whole


def next_address(server, **parameters) -> str:
    answer = server.client.get("/epcis/events", params={"perPage": 2} | parameters)
    return str(answer.links["next"]["url"])


def test_a_page_token_serves_its_own_question_alone(filled):
    address = next_address(filled, eventType="ObjectEvent")
    assert filled.client.get(address).status_code == 200
    assert filled.client.get(address.replace("perPage=2", "perPage=5")).status_code == 200
    other = filled.client.get(address.replace("ObjectEvent", "AggregationEvent"))
    # Of the last character not every bit counts.
    spoiled = "A" if address[-2] != "A" else "B"
    broken = filled.client.get(address[:-2] + spoiled + address[-1])
    assert (other.status_code, other.json()["code"]) == (400, "api.page_token_foreign")
    assert (broken.status_code, broken.json()["code"]) == (400, "api.page_token_wrong")


def test_a_page_token_given_back_is_no_use(filled):
    address = next_address(filled)
    token = httpx.URL(address).params["nextPageToken"]
    assert filled.client.delete(f"/epcis/nextPageToken/{token}").status_code == 204
    assert filled.client.delete(f"/epcis/nextPageToken/{token}").status_code == 204
    assert filled.client.get(address).json()["code"] == "api.page_token_expired"


def test_a_page_token_expires(database):
    tenant_id = database.make_tenant("default")
    now = [1000.0]
    tokens = PageTokens(database, 60, clock=lambda: now[0])
    token, expires = tokens.make(tenant_id, "question", ["state"])
    assert expires.timestamp() == 1060
    assert tokens.read(tenant_id, "question", token, list[str]) == ["state"]
    now[0] = 1061.0
    with pytest.raises(HttpProblem) as caught:
        tokens.read(tenant_id, "question", token, list[str])
    assert caught.value.problems[0].code == "api.page_token_expired"


def test_a_page_token_of_another_tenant_is_no_use(database):
    tokens = PageTokens(database, 60)
    token, _ = tokens.make(database.make_tenant("one"), "question", 1)
    with pytest.raises(HttpProblem):
        tokens.read(database.make_tenant("two"), "question", token, int)


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("/epcis", "events"),
        ("/epcis/", "queries"),
        ("/epcis/eventTypes", "TransformationEvent"),
        ("/epcis/epcs", LINK),
        ("/epcis/bizSteps", "inspecting"),
        ("/epcis/dispositions", "recalled"),
        ("/epcis/readPoints", "https://id.gs1.org/414/0614141007776"),
        ("/epcis/bizLocations", "https://own.example/places/1"),
        ("/epcis/epcs/x", "events"),
    ],
)
def test_a_resource_lists_its_members(filled, path, member):
    answer = filled.client.get(path, params={"perPage": 1000} if path.count("/") == 2 else None)
    assert answer.status_code == 200, answer.text
    assert answer.json()["type"] == "Collection"
    assert member in answer.json()["member"]


def test_members_are_listed_page_by_page(filled):
    whole = filled.client.get("/epcis/epcs", params={"perPage": 1000}).json()["member"]
    found: list[str] = []
    address = "/epcis/epcs?perPage=7"
    while address:
        answer = filled.client.get(address)
        found += answer.json()["member"]
        address = answer.links.get("next", {}).get("url", "")
    assert found == whole
    assert len(set(found)) == len(found) > 20


@pytest.mark.parametrize(
    "path",
    [
        f"/epcis/epcs/{URN}/events",
        "/epcis/epcs/https:%2F%2Fid.gs1.org%2F01%2F10614141073464%2F21%2F77/events",
        "/epcis/epcs/https%3A%2F%2Fid.gs1.org%2F01%2F10614141073464%2F21%2F77/events",
        "/epcis/epcs/https://id.gs1.org/01/10614141073464/21/77/events",
        "/epcis/epcs/https:%2F%2Fshop.example%2F01%2F10614141073464%2F21%2F77/events",
        "/epcis/bizSteps/inspecting/events",
        "/epcis/bizSteps/https:%2F%2Fref.gs1.org%2Fcbv%2FBizStep-inspecting/events",
        "/epcis/readPoints/urn:epc:id:sgln:0614141.00777.0/events",
        "/epcis/bizLocations/https:%2F%2Fown.example%2Fplaces%2F1/events",
        "/epcis/eventTypes/ObjectEvent/events?EQ_bizStep=inspecting",
    ],
)
def test_the_events_of_a_member_are_found_however_it_is_spelled(filled, path):
    found = event_list(filled.client.get(path).json())
    assert [one["epcList"] for one in found] == [[LINK]]


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/epcis/events/urn:uuid:nothing", 404, "NoSuchNameException"),
        ("/epcis/capture/nothing", 404, "NoSuchNameException"),
        ("/epcis/queries/nothing", 404, "NoSuchNameException"),
        ("/epcis/queries/nothing/events", 404, "NoSuchNameException"),
        ("/epcis/eventTypes/Nothing/events", 404, "NoSuchNameException"),
        ("/epcis/nothing", 404, "NoSuchNameException"),
        ("/epcis/epcs/nonsense/events", 400, "QueryParameterException"),
        ("/epcis/events?EQ_nothing=1", 400, "QueryParameterException"),
        ("/epcis/events?maxEventCount=1", 413, "QueryTooLargeException"),
        ("/epcis/events?a=" + "x" * 40_000, 414, "URITooLongException"),
        ("/epcis/events?EQ_bizStep=%ff", 400, "QueryParameterException"),
        ("/epcis/epcs/%00/events", 404, "NoSuchNameException"),
        ("/epcis/queries/q/subscriptions", 501, "ImplementationException"),
    ],
)
def test_what_is_wrong_is_told_with_the_type_of_the_standard(filled, path, status, kind):
    answer = filled.client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == f"epcisException:{kind}"
    assert answer.json()["status"] == status
    assert answer.json()["code"] == answer.json()["errors"][0]["code"]


def test_problems_are_told_in_the_language_and_format_of_the_caller(filled):
    address = "/epcis/events?EQ_bizStep=shiping&EQ_action=MAKE"
    chinese = filled.client.get(address, headers={"Accept-Language": "zh-CN,en;q=0.5"})
    assert chinese.headers["Content-Language"] == "zh"
    assert "可能是 shipping" in chinese.json()["detail"]
    assert len(chinese.json()["errors"]) == 2
    xml = filled.client.get(address, headers={"Accept": "application/xml"})
    assert xml.headers["Content-Type"] == "application/problem+xml"
    top = etree.fromstring(xml.content)
    assert top.findtext("type") == "epcisException:QueryParameterException"
    assert len(top.findall("{*}error")) == 2


def test_the_top_level_is_listed_in_xml_and_the_other_lists_are_not(filled):
    """As the OpenAPI of EPCIS 2.0 says, which gives XML for no other list."""
    wanted = {"Accept": "application/xml"}
    answer = filled.client.get("/epcis", headers=wanted)
    assert answer.headers["Content-Type"] == "application/xml"
    members = [one.text for one in etree.fromstring(answer.content).findall("member")]
    assert members == filled.client.get("/epcis").json()["member"]
    assert filled.client.get("/epcis/epcs", headers=wanted).status_code == 406


def test_what_cannot_be_given_is_not_acceptable(filled):
    for headers in ({"Accept": "text/csv"}, {"GS1-EPCIS-Max": "1.2"}, {"GS1-CBV-Min": "3.0"}):
        answer = filled.client.get("/epcis/events", headers=headers)
        assert answer.status_code == 406
        assert answer.json()["type"] == "epcisException:NotAcceptableException"


def test_a_method_that_is_not_there_is_told_with_those_that_are(filled):
    answer = filled.client.put("/epcis/events", json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, GET, POST")


def test_head_answers_like_get_without_a_body(filled):
    answer = filled.client.head("/epcis/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"


def test_named_queries_are_made_asked_and_removed(filled):
    body = {"name": "查询 1", "query": {"EQ_bizStep": ["inspecting"], "eventType": ["ObjectEvent"]}}
    made = filled.client.post("/epcis/queries", json=body)
    assert made.status_code == 201, made.text
    address = made.headers["Location"]
    assert filled.client.get(address).json() == body
    assert body in filled.client.get("/epcis/queries").json()
    assert filled.client.post("/epcis/queries", json=body).status_code == 409
    answer = filled.client.get(f"{address}/events")
    assert [one["epcList"] for one in event_list(answer.json())] == [[LINK]]
    assert answer.json()["epcisBody"]["queryResults"]["queryName"] == "查询 1"
    narrowed = filled.client.get(f"{address}/events", params={"EQ_action": "ADD"})
    assert event_list(narrowed.json()) == []
    assert filled.client.delete(address).status_code == 204
    assert filled.client.delete(address).status_code == 404


def test_a_named_query_keeps_the_prefixes_it_was_made_with(filled):
    event = object_event(**{"a:lot": "7"}) | {"@context": [{"a": "http://a.example/"}]}
    filled.capture(document(event))
    made = filled.client.post(
        "/epcis/queries",
        json={"name": "prefixes", "query": {"EQ_other:lot": ["7"]}},
        headers={"GS1-Extensions": "other=http://a.example/"},
    )
    found = event_list(filled.client.get(f"{made.headers['Location']}/events").json())
    assert [one["eventID"] for one in found] == [event["eventID"]]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a/b", "query": {}},
        {"name": "", "query": {}},
        {"name": "a", "query": {"EQ_nothing": ["1"]}},
        {"name": "a", "query": []},
        {"name": "a"},
        {"name": "a", "query": {"@context": {"a": "\x00"}}},
    ],
)
def test_a_named_query_that_means_nothing_is_refused(filled, body):
    assert filled.client.post("/epcis/queries", json=body).status_code == 400


# -- access ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/epcis/events", "/epcis", "/epcis/nothing", "/openapi.json", "/nothing", "/docs"]
)
def test_nothing_is_served_without_a_key(filled, path):
    for headers in (
        {},
        {"Authorization": "Bearer suyuan_" + "a" * 52},
        {"Authorization": "Basic !!!"},
        {"X-API-Key": b"\xff"},
    ):
        answer = filled.stranger.get(path, headers=headers)
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers
        assert answer.json()["type"] == "epcisException:SecurityException"
        assert "X-Content-Type-Options" in answer.headers


def test_a_key_opens_in_each_of_its_three_places(filled):
    for arguments in (
        {"headers": {"Authorization": f"Bearer {filled.secret}"}},
        {"headers": {"X-API-Key": filled.secret}},
        {"auth": ("anybody", filled.secret)},
    ):
        assert filled.stranger.get("/epcis", **arguments).status_code == 200


def test_health_needs_no_key(filled):
    assert filled.stranger.get("/healthz").json() == {"status": "alive"}
    assert filled.stranger.get("/readyz").json() == {"status": "ready"}


def test_a_revoked_key_is_refused_after_a_few_seconds(filled):
    key = make_api_key(filled.database, filled.tenant_id, name="short")
    revoke_api_key(filled.database, filled.tenant_id, key.api_key_id)
    answer = filled.stranger.get("/epcis", headers={"X-API-Key": key.secret})
    assert answer.status_code == 401


def test_metrics_count_requests_events_and_positions(filled):
    filled.client.get("/epcis/events")
    page = filled.stranger.get("/metrics").text
    assert 'route="/epcis/events",status="200"' in page
    assert "suyuan_captured_events_total" in page
    assert 'suyuan_journal_position{tenant="default"}' in page
    assert "suyuan_capture_jobs_waiting 0.0" in page


def test_too_many_requests_are_refused_with_the_time_to_come_again(embedded_databases):
    for server in make_server(embedded_databases(), requests_per_minute=3):
        answers = [server.client.get("/epcis") for _ in range(5)]
        statuses = [answer.status_code for answer in answers]
        assert statuses == [200, 200, 200, 429, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20


def test_an_allowance_fills_again_with_time():
    now = [0.0]
    allowance = _Allowance(Buckets(), "request", 60, lambda: now[0])
    assert [allowance.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert allowance.wait_s("a") == pytest.approx(1.0)
    assert allowance.wait_s("b") == 0.0
    now[0] = 1.0
    assert allowance.wait_s("a") == 0.0
