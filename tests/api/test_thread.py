"""The thin thread: a document goes in, its events come out."""

from tests.api.documents import document, object_event


def test_a_captured_event_is_found_by_epc_and_business_step(server):
    event = object_event(epcList=["urn:epc:id:sgtin:0614141.107346.2018"], bizStep="receiving")
    job = server.capture(document(event))
    assert job["success"], job
    for parameters in (
        {"MATCH_epc": "https://id.gs1.org/01/10614141073464/21/2018"},
        {"MATCH_epc": "urn:epc:id:sgtin:0614141.107346.2018"},
        {"EQ_bizStep": "receiving"},
    ):
        found = server.events(**parameters)
        assert [one["eventID"] for one in found] == [event["eventID"]]
        assert found[0]["recordTime"]
