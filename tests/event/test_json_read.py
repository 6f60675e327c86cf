"""Reading JSON: every kind of text, of any size, in pieces, broken in any place."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from suyuan.event import (
    DEFAULT_LIMITS,
    DOCUMENT_POSITION,
    Event,
    Rejected,
    read,
    read_json,
    read_json_stream,
    read_stream,
)
from suyuan.event import _json_source as json_source
from suyuan.event._codec import encode_json
from tests.event.strategies import CONTEXT, FULL, bodies, document


class Trickle(io.RawIOBase):
    """A file that cannot go back, and gives little at a time."""

    def __init__(self, data: bytes, size: int = 7) -> None:
        self._file = io.BytesIO(data)
        self._size = size

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(min(size, self._size) if size >= 0 else -1)


@pytest.fixture
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files look much larger than the window."""
    monkeypatch.setattr(json_source, "CHUNK_BYTES", 64)


def plain(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "epcList": [f"urn:epc:id:sgtin:4012345.011111.{number}"],
        "bizTransactionList": [
            {"type": "po", "bizTransaction": "urn:x:1"},
            {"type": "inv", "bizTransaction": "urn:x:2"},
        ],
        **fields,
    }


def stream(data: bytes, **limits: int) -> list[Event | Rejected]:
    return list(read_json_stream(Trickle(data), limits=replace(DEFAULT_LIMITS, **limits)))  # type: ignore[arg-type]


def problems(data: bytes | str, **limits: int) -> list[tuple[str, str]]:
    """Read a text whole and as a stream, and give the same problems of both."""
    text = data if isinstance(data, bytes) else data.encode()
    found = read_json(text, limits=replace(DEFAULT_LIMITS, **limits))
    pieces = stream(text, **limits)
    assert [item for item in pieces if isinstance(item, Event)] == found.events
    streamed = [item for item in pieces if isinstance(item, Rejected)]
    assert [problem for item in streamed for problem in item.problems] == found.problems
    return [(problem.where, problem.code) for problem in found.problems]


# -- kinds of texts --------------------------------------------------------------------------


def test_a_document_keeps_its_header() -> None:
    text = document(plain(1), plain(2)) | {
        "sender": "urn:epc:id:sgln:4012345.00001.0",
        "ex:note": "x",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": "urn:x:place"}]}},
    }
    found = read_json(encode_json(text))
    assert found.is_valid
    assert found.kind == "document"
    assert found.positions == [0, 1]
    expected = {key: value for key, value in text.items() if key != "epcisBody"}
    assert found.header == expected


def test_a_query_document_keeps_what_was_asked() -> None:
    results = {
        "queryName": "SimpleEventQuery",
        "subscriptionID": "7",
        "resultsBody": {
            "eventList": [plain(1)],
            "vocabularyList": [{"type": "urn:x:place"}],
        },
    }
    text = document() | {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": results}}
    found = read_json(encode_json(text))
    assert found.problems == []
    assert found.kind == "query_document"
    assert len(found.events) == 1
    assert found.header["queryResults"] == {
        "queryName": "SimpleEventQuery",
        "subscriptionID": "7",
        "resultsBody": {"vocabularyList": [{"type": "urn:x:place"}]},
    }


def test_a_single_event_needs_a_context() -> None:
    found = read_json(
        encode_json({"@context": "https://example.org/epcis-context.jsonld"} | plain())
    )
    assert found.kind == "event"
    assert found.is_valid
    assert "@context" not in found.events[0].body
    assert problems(encode_json(plain())) == [("", "event.context_missing")]


def test_a_list_of_events_needs_nothing_else() -> None:
    found = read_json(encode_json([plain(1), plain(2, action="x"), plain(3)]))
    assert found.kind == "list"
    assert found.positions == [0, 2]
    assert [problem.where for problem in found.problems] == ["/1/action"]
    assert read_json(b" [ ] ").is_valid


def test_lines_are_read_one_by_one() -> None:
    lines = [encode_json(plain(1)), b"", b"nonsense", encode_json(plain(2, action="x")), b"  "]
    lines += [encode_json(plain(3)), b"[]", encode_json(plain(4))]
    for ending in (b"\n", b"\r\n"):
        for last in (b"", ending):
            text = ending.join(lines) + last
            found = read_json(text)
            assert found.kind == "lines"
            assert found.positions == [0, 3, 5]
            assert problems(text) == [
                ("line 3", "event.json_malformed"),
                ("line 4/action", "event.action_unknown"),
                ("line 7", "event.value_kind_wrong"),
            ]


def test_a_mark_of_utf_8_at_the_start_is_no_fault() -> None:
    assert read_json(b"\xef\xbb\xbf" + encode_json(document(plain()))).is_valid


def test_the_format_is_guessed_or_told() -> None:
    text = encode_json(document(plain()))
    assert read(text).is_valid
    assert read(text, media_type="application/ld+json; charset=utf-8").is_valid
    assert not read(text, media_type="application/xml").is_valid
    zipped = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(text)))
    for file in (io.BytesIO(text), Trickle(text), zipped):
        assert len(list(read_stream(file))) == 1  # type: ignore[arg-type]


# -- context ---------------------------------------------------------------------------------


def test_an_event_is_given_what_it_uses_of_the_context() -> None:
    text = document(
        plain(1),
        plain(2, **{"ex:a": "x", "ilmd:x": "y"}),
        plain(3, **{"ex:a": {"plant:b": 1}}),
        plain(4, bizStep="plant:washing"),
        plain(5, **{"@context": [{"ex": "https://other.example.com/"}], "ex:a": "x"}),
        plain(6, **{"@context": {"gs1": "https://gs1.org/voc/"}, "gs1:a": "cbv:b"}),
    )
    text["@context"] = [
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://example.org/foreign.jsonld",
        {"ex": "https://ns.example.com/epcis/", "plant": {"@id": "urn:example:plant:"}},
        {"ex:a": {"@type": "xsd:string"}, "urn": "https://no.example.com/", "@version": 1.1},
    ]
    found = read_json(encode_json(text))
    assert found.problems == []
    ex = {"ex": "https://ns.example.com/epcis/", "ex:a": {"@type": "xsd:string"}}
    plant = {"plant": "urn:example:plant:"}
    assert [event.body.get("@context") for event in found.events] == [
        None,
        ["https://example.org/foreign.jsonld", ex],
        [ex | plant],
        [plant],
        [{"ex": "https://other.example.com/", "ex:a": {"@type": "xsd:string"}}],
        None,
    ]
    assert found.events[3].business_step == "urn:example:plant:washing"


def test_a_word_is_understood_by_the_context_of_its_own_document() -> None:
    steps = []
    for context in ([], CONTEXT, [{"ex": "urn:other:"}], []):
        text = document(plain(bizStep="ex:washing"), plain(bizStep="packing"))
        text["@context"] = context
        steps.append([event.business_step for event in read_json(encode_json(text)).events])
    packing = "https://ref.gs1.org/cbv/BizStep-packing"
    assert steps == [
        ["ex:washing", packing],
        ["https://ns.example.com/epcis/washing", packing],
        ["urn:other:washing", packing],
        ["ex:washing", packing],
    ]


def test_a_compact_identifier_is_the_full_one() -> None:
    text = document(plain(1, epcList=["ex:thing/1", "urn:epc:id:sscc:4012345.0000000333"]))
    found = read_json(encode_json(text))
    assert found.problems == []
    assert [mention[1] for mention in found.events[0].mentions[:2]] == [
        "https://ns.example.com/epcis/thing/1",
        "https://id.gs1.org/00/040123450000003338",
    ]
    assert found.events[0].body["@context"] == [{"ex": "https://ns.example.com/epcis/"}]


@pytest.mark.parametrize("make", [io.BytesIO, Trickle])
def test_a_context_told_after_the_events_counts(make: Callable[[bytes], Any]) -> None:
    before = document(*(plain(number, **{"ex:a": "x"}) for number in range(50)))
    after = {key: value for key, value in before.items() if key != "@context"}
    after |= {"@context": before["@context"]}
    expected = read_json(encode_json(before))
    found = list(read_json_stream(make(encode_json(after))))
    assert found == expected.events
    assert read_json(encode_json(after)).header == expected.header


# -- any size --------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_window")
@given(st.lists(bodies(), max_size=8), st.sampled_from([None, 0, 1, 4]), st.integers(1, 500))
@settings(max_examples=60, deadline=None)
def test_pieces_give_what_the_whole_gives(
    listed: list[dict[str, Any]], indent: int | None, size: int
) -> None:
    text = json.dumps(document(*listed), default=float, indent=indent).encode()
    whole = read_json(text)
    assert whole.problems == []
    assert len(whole.events) == len(listed)
    assert list(read_json_stream(Trickle(text, size))) == whole.events  # type: ignore[arg-type]


@pytest.mark.usefixtures("small_window")
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n\t ", " : ")])
def test_boundaries_that_only_look_like_some_do_no_harm(separators: tuple[str, str]) -> None:
    odd = {"type": "ObjectEvent", "ex:text": '"},{"type":"ObjectEvent","x":"}]}'}
    listed = []
    for number in range(300):
        event = plain(number, **{"ex:inner": [odd, odd], "ex:text": odd["ex:text"]})
        if number % 7 == 0:
            event = {"eventID": f"urn:x:{number}"} | event
        listed.append(event)
    text = json.dumps(document(*listed), separators=separators).encode()
    found = list(read_json_stream(Trickle(text, 1000)))  # type: ignore[arg-type]
    assert [event.body["epcList"] for event in found if isinstance(event, Event)] == [
        event["epcList"] for event in listed
    ]


def test_a_large_file_takes_little_memory() -> None:
    import tracemalloc

    event = encode_json(plain(1, **{"ex:text": "x" * 800}))
    start, end = encode_json(document(plain())).split(encode_json(plain()))

    class Long(io.RawIOBase):
        parts = iter([start, *[event + b","] * 12_000, event, end])

        def seekable(self) -> bool:
            return False

        def read(self, size: int = -1, /) -> bytes:
            found, length = [], 0
            while length < size and (part := next(self.parts, b"")):
                found.append(part)
                length += len(part)
            return b"".join(found)

    tracemalloc.start()
    count = sum(1 for item in read_json_stream(Long()) if isinstance(item, Event))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 12_001
    assert peak < 8_000_000


# -- broken texts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1, column 1"),
        ("  \n ", "line 2, column 2"),
        ("5", "line 1, column 1"),
        ('"x"', "line 1, column 1"),
        ("{", "line 1, column 2"),
        ("[", "line 1, column 2"),
        ("[\n\n1 2]", "line 3, column 3"),
        ("{1}", "line 1, column 2"),
        ('{"a" 1}', "line 1, column 6"),
        ('{"a":}', "line 1, column 6"),
        ('{"a":1,\n"b":nul}', "line 2, column 5"),
        ('{"a":"中","b":nul}', "line 1, column 14"),
        ("[]]", "line 1, column 3"),
        ("[1,]", "line 1, column 4"),
        ('{"epcisBody":{"eventList":[]}', "line 1, column 30"),
        ('{"epcisBody":{"eventList":[}]}', "line 1, column 28"),
        ('{"epcisBody":{"eventList":[]]}', "line 1, column 29"),
        ('{"epcisBody":{"eventList":[]},"a":01}', "line 1, column 36"),
        ("<x/>", "line 1, column 1"),
    ],
)
def test_a_broken_text_is_pointed_at(text: str, where: str) -> None:
    assert problems(text)[-1] == (where, "event.json_malformed")


@given(st.binary(max_size=60))
@example(b"\xff\xfe{\x00}\x00")
@example(b'{"type":"ObjectEvent","\xff":1}')
@example(b'["\\ud800"]')
@example(b'{"a":"\\u0000"}')
def test_no_bytes_break_the_reader(data: bytes) -> None:
    problems(data)
    problems(b'{"epcisBody":{"eventList":[' + data)
    problems(b"[" + data)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_no_cut_or_changed_byte_breaks_the_reader(data: st.DataObject) -> None:
    text = encode_json(document(FULL[0], FULL[3]))
    place = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.binary(max_size=1))
    problems(text[:place] + byte + text[place + 1 :])
    assert problems(text[:place])


def test_deep_nesting_is_refused_and_breaks_nothing() -> None:
    for depth in (70, 500, 5_000, 200_000):
        deep = b'{"ex:a":' * depth + b"1" + b"}" * depth
        text = encode_json(document(plain(1, **{"ex:deep": 0}), plain(2))).replace(b":0,", b":")
        text = text.replace(b'"ex:deep":0', b'"ex:deep":' + deep)
        found = read_json(text)
        assert len(found.events) == 1, found.problems
        codes = {problem.code for problem in found.problems}
        assert codes <= {"event.nesting_too_deep", "event.json_malformed"}
        assert codes
    for opening in (b"[", b'{"a":', b'{"epcisBody":', b'{"epcisBody":{"eventList":['):
        assert problems(opening * 100_000)


def test_text_that_cannot_be_stored_is_refused() -> None:
    text = encode_json(document(plain(1, **{"ex:a": {"ex:b": ["x", "y"]}})))
    assert problems(text.replace(b'"y"', b'"\\u0000"')) == [
        ("/epcisBody/eventList/0/ex:a/ex:b/1", "event.text_forbidden")
    ]
    assert problems(text.replace(b'"ex:b"', b'"ex:b\\u0000"'))
    assert problems(text.replace(b'"y"', b'"\\ud83d"'))
    assert problems(text.replace(b'"y"', b'"\\ud83d\\ude00 \\\\u0000"')) == []


def test_numbers_that_cannot_be_stored_are_refused() -> None:
    text = encode_json(document(plain(1, **{"ex:a": 7})))
    for number in (b"1e308", b"-1E400", b"1e-1001", b"9" * 400, b"0." + b"1" * 20_000):
        assert problems(text.replace(b":7", b":" + number)) == [
            ("/epcisBody/eventList/0/ex:a", "event.number_out_of_range")
        ]
    assert problems(text.replace(b":7", b":-12345678901234567890.12345678901234567890e-5")) == []


def test_a_key_that_stands_twice_in_a_document_is_refused() -> None:
    text = b'{"type":"EPCISDocument",' + encode_json(document(plain()))[1:]
    assert problems(text) == [("/type", "event.key_repeated")]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (b'"action"', b'"epcList":[],"action"', "/epcList"),
        (b'{"ex:b":1', b'{"ex:b":2,"ex:b":1', "/ex:a/ex:b"),
        (b'"quantity":1', b'"quantity":2,"quantity":1', "/quantityList/0/quantity"),
        (b'{"id":', b'{"id":"urn:x:1","id":', "/readPoint/id"),
        (b'"type":"inv"', b'"type":"po","type":"inv"', "/bizTransactionList/1/type"),
        (b'{"ex":"urn:x:"', b'{"ex":"urn:y:","ex":"urn:x:"', "/@context/0/ex"),
        (b'"value":1', b'"value":2,"value":1', "/sensorElementList/0/sensorReport/0/value"),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (" , ", " : "), (",\n", "\n:")])
def test_a_key_that_stands_twice_in_an_event_is_refused(
    old: bytes, new: bytes, where: str, separators: tuple[str, str]
) -> None:
    body = plain(
        quantityList=[{"epcClass": "urn:epc:class:lgtin:4012345.011111.L1", "quantity": 1}],
        readPoint={"id": "urn:epc:id:sgln:4012345.00005.1"},
        sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 1}]}],
    )
    body |= {"ex:a": {"ex:b": 1}, "ex:c": 'x":y', "@context": [{"ex": "urn:x:"}]}
    del body["epcList"]
    body["epcList"] = ["urn:epc:id:sgtin:4012345.011111.1"]
    compact = encode_json(body)
    assert old in compact

    def spaced(text: bytes) -> bytes:
        pairs = json.loads(text, object_pairs_hook=lambda members: Pairs(members))
        return json.dumps(pairs, separators=separators).encode()

    assert problems(b"[" + spaced(compact) + b"]") == []
    twice = spaced(compact.replace(old, new, 1))
    assert problems(b"[" + twice + b"]") == [(f"/0{where}", "event.key_repeated")]
    if "\n" in "".join(separators):
        return  # one event a line, so no event on two lines
    assert problems(twice + b"\n" + spaced(compact)) == [(f"line 1{where}", "event.key_repeated")]


class Pairs(dict[str, Any]):
    """An object that json.dumps writes with the members as they were given."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        self._members = members

    def items(self) -> Any:
        return self._members


def test_an_event_id_that_stands_twice_is_taken_as_in_the_example_of_gs1() -> None:
    text = b'[{"eventID":"urn:x:1",' + encode_json(plain(1, eventID="urn:x:2"))[1:] + b"]"
    assert problems(text) == []
    assert read_json(text).events[0].event_id == "urn:x:2"


def test_one_event_after_another_is_no_document() -> None:
    text = json.dumps(plain(1), indent=2) + "\n" + json.dumps(plain(2), indent=2)
    assert [code for _, code in problems(text)] == ["event.json_malformed"]


# -- limits ----------------------------------------------------------------------------------


def test_limits_are_held() -> None:
    text = encode_json(document(*(plain(number) for number in range(10))))
    assert [code for _, code in problems(text, event_bytes_max=5_000)] == []
    found = read_json(text, limits=replace(DEFAULT_LIMITS, document_bytes_max=100))
    assert [problem.code for problem in found.problems] == ["event.document_too_large"]
    found = read_json(text, limits=replace(DEFAULT_LIMITS, events_max=9))
    assert [problem.code for problem in found.problems] == ["event.events_too_many"]
    assert read_json(text, limits=replace(DEFAULT_LIMITS, events_max=10)).is_valid
    long_list = document(plain(1, epcList=[f"urn:x:{number}" for number in range(1_001)]))
    assert problems(encode_json(long_list), list_length_max=1_000) == [
        ("/epcisBody/eventList/0/epcList", "event.list_too_long")
    ]
    long_text = document(plain(1, **{"ex:a": "x" * 20_000}))
    assert problems(encode_json(long_text), text_length_max=19_999) == [
        ("/epcisBody/eventList/0/ex:a", "event.text_too_long")
    ]


def test_an_event_that_is_too_large_is_left_out() -> None:
    listed = [plain(1), plain(2), plain(3, **{"ex:a": "x" * 5_000}), plain(4)]
    lines = b"\n".join(encode_json(event) for event in listed)
    assert problems(lines, event_bytes_max=4_000) == [("line 3", "event.event_too_large")]
    assert len(read_json(lines, limits=replace(DEFAULT_LIMITS, event_bytes_max=4_000)).events) == 3
    text = encode_json(document(*listed))
    codes = [code for _, code in problems(text, event_bytes_max=4_000)]
    assert codes == ["event.event_too_large"]


@pytest.mark.usefixtures("small_window")
def test_a_line_without_end_is_left_out() -> None:
    text = encode_json(plain(1)) + b"\n" + b"x" * 100_000 + b"\n" + encode_json(plain(2))
    found = stream(text, event_bytes_max=4_000)
    assert [isinstance(item, Event) for item in found] == [True, False, True]


def test_problems_are_not_without_end() -> None:
    text = encode_json(document(plain(1, epcList=["x"] * 500), plain(2, epcList=["x"] * 500)))
    assert len(read_json(text, limits=replace(DEFAULT_LIMITS, problems_max=600)).problems) == 600


def test_positions_of_a_stream_name_the_event() -> None:
    text = encode_json(document(plain(1), plain(2, action="x"), plain(3)) | {"odd": 1})
    found = stream(text)
    assert [item.position for item in found if isinstance(item, Rejected)] == [
        1,
        DOCUMENT_POSITION,
    ]
