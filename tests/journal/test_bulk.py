"""Capturing texts of any length: short ones here, long ones with a reader beside us."""

from __future__ import annotations

import gzip
import io
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pytest

from suyuan.errors import Unavailable
from suyuan.event import DOCUMENT_POSITION, read_json, write_xml
from suyuan.journal import Journal, _bulk, capture_stream
from tests.events import body

pytestmark = pytest.mark.slow

_LONG_EVENTS = 8_200  # Three chunks.


@pytest.fixture
def soon_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a megabyte for a long text: how long it is makes no difference to the reader."""
    monkeypatch.setattr(_bulk, "_SHORT_BYTES", 1 << 20)


def _lines(count: int, **fields: Any) -> bytes:
    return b"".join(msgspec.json.encode(body(number, **fields)) + b"\n" for number in range(count))


def _document(count: int) -> bytes:
    return msgspec.json.encode(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-01T00:00:00Z",
            "epcisBody": {"eventList": [body(number) for number in range(count)]},
        }
    )


class _Pipe(io.RawIOBase):
    """A file that can only be read on, and does something of its own at one of its pieces."""

    def __init__(self, data: bytes, do: Callable[[], None] = lambda: None, *, at: int = 0) -> None:
        self._file = io.BytesIO(data)
        self._do = do
        self._left = at

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        self._left -= 1
        if self._left == 0:
            self._do()
        return self._file.read(min(size, 1 << 18) if size >= 0 else size)


def _readers() -> list[int]:
    """Give the process IDs of the readers that this process has."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and b"_reader" in (folder / "cmdline").read_bytes():
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                found += [int(folder.name)] if int(parent) == os.getpid() else []
        except OSError:
            continue  # Gone meanwhile.
    return found


def _plain_file(data: bytes, folder: Path) -> BinaryIO:
    (folder / "text").write_bytes(data)
    return (folder / "text").open("rb")


def _packed_file(data: bytes, folder: Path) -> BinaryIO:
    packed = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(data, 1)))
    return io.BufferedReader(packed)  # type: ignore[arg-type]


def _pipe(data: bytes, folder: Path) -> BinaryIO:
    return _Pipe(data)  # type: ignore[return-value]


@pytest.mark.usefixtures("soon_long")
@pytest.mark.parametrize("kind", [_plain_file, _packed_file, _pipe])
@pytest.mark.parametrize("text", [_lines, _document])
def test_a_long_text_is_captured_in_order_whatever_kind_of_file_it_is(
    journal: Journal,
    tmp_path: Path,
    kind: Callable[[bytes, Path], BinaryIO],
    text: Callable[[int], bytes],
) -> None:
    with kind(text(_LONG_EVENTS), tmp_path) as file:
        results = list(capture_stream(journal, file))
    assert sum(result.captured for result in results) == _LONG_EVENTS
    assert results[-1].sequence == journal.position() == _LONG_EVENTS
    with journal.database.tenant(journal.tenant_id) as connection:
        order = connection.execute("SELECT sequence, body FROM journal.event ORDER BY sequence")
        serials = [msgspec.json.decode(row[1])["epcList"][0] for row in order]
    assert serials == [body(number)["epcList"][0] for number in range(_LONG_EVENTS)]
    assert _readers() == []


@pytest.mark.usefixtures("soon_long")
def test_a_long_text_says_the_same_of_bad_events_as_a_short_one(journal: Journal) -> None:
    bad = msgspec.json.encode(body(1, action="SHOVE")) + b"\n"
    short = list(capture_stream(journal, io.BytesIO(_lines(2) + bad)))
    long = list(capture_stream(journal, io.BytesIO(_lines(_LONG_EVENTS) + bad)))
    ((_, said),) = short[0].rejected
    ((position, said_again),) = long[-1].rejected
    assert position == _LONG_EVENTS
    assert [(one.code, one.rule, one.expected, one.found) for one in said_again] == [
        (one.code, one.rule, one.expected, one.found) for one in said
    ]
    assert said_again[0].text("zh").replace(str(_LONG_EVENTS + 1), "3") == said[0].text("zh")
    assert sum(result.duplicates for result in long) == 2


@pytest.mark.usefixtures("soon_long")
def test_a_long_text_that_breaks_off_is_told_behind_what_was_captured(journal: Journal) -> None:
    results = list(capture_stream(journal, io.BytesIO(_document(_LONG_EVENTS)[:-400])))
    captured = sum(result.captured for result in results)
    assert _LONG_EVENTS - 2 <= captured < _LONG_EVENTS
    assert [one.code for _, problems in results[-1].rejected for one in problems] == [
        "event.json_malformed"
    ]
    assert results[-1].rejected[0][0] == DOCUMENT_POSITION


@pytest.mark.usefixtures("soon_long")
def test_what_stands_around_the_events_of_a_long_text_is_given_back(journal: Journal) -> None:
    header: dict[str, Any] = {}
    for _ in capture_stream(journal, io.BytesIO(_document(_LONG_EVENTS)), header=header):
        pass
    assert header["creationDate"] == "2026-03-01T00:00:00Z"


def test_long_xml_is_read_too(journal: Journal) -> None:
    text = write_xml(read_json(_lines(11_000)).events)
    assert len(text) > 4 * 2**20
    results = list(capture_stream(journal, io.BytesIO(text)))
    assert sum(result.captured for result in results) == 11_000


@pytest.mark.usefixtures("soon_long")
def test_a_reader_that_is_killed_is_told_and_what_was_captured_stays(journal: Journal) -> None:
    def kill() -> None:
        for reader in _readers():
            os.kill(reader, signal.SIGKILL)

    text = _Pipe(_lines(2 * _LONG_EVENTS), kill, at=12)  # The reader is well on its way by then.
    results = capture_stream(journal, text)  # type: ignore[arg-type]
    with pytest.raises(Unavailable) as caught:
        list(results)
    assert caught.value.problems[0].code == "journal.reader_lost"
    again = list(capture_stream(journal, io.BytesIO(_lines(2 * _LONG_EVENTS))))
    assert journal.position() == 2 * _LONG_EVENTS
    assert sum(one.duplicates + one.captured for one in again) == 2 * _LONG_EVENTS


@pytest.mark.usefixtures("soon_long")
def test_a_file_that_fails_midway_raises_its_own_error(journal: Journal) -> None:
    def fail() -> None:
        raise OSError(5, "Input/output error")

    text = _Pipe(_lines(2 * _LONG_EVENTS), fail, at=7)
    with pytest.raises(OSError, match="Input/output error"):
        list(capture_stream(journal, text))  # type: ignore[arg-type]


@pytest.mark.usefixtures("soon_long")
def test_a_capture_that_is_given_up_leaves_no_reader_behind(journal: Journal) -> None:
    for _ in capture_stream(journal, io.BytesIO(_lines(2 * _LONG_EVENTS))):
        assert len(_readers()) == 1
        break
    assert _readers() == []
