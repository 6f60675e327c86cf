"""Reading a JSON text of any size piece by piece, with flat memory.

A document with a million events is one JSON value, so no decoder that wants the whole value
at once can read it. Here only its outline is followed (objects, keys, where each value ends);
the values themselves are cut out as bytes and given to msgspec.

Most of the time goes into finding where events end. A sequence of events is cut at a place
that looks like a boundary between two of them, learned from the first two; whether it really
is one, msgspec tells: from a place between two values, a sequence of whole values ends at a
place between two values, or it does not parse. So a wrong guess costs time, never truth.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO

import msgspec

__all__ = ["CHUNK_BYTES", "JsonSource", "Malformed", "TooLarge"]

CHUNK_BYTES = 1 << 20

_SPACE = re.compile(rb"[ \t\n\r]*")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]"]', re.DOTALL)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}:{\[\"]+")
_NEXT_EVENT = re.compile(rb'\s*,\s*\{\s*"[^"\\]{1,100}"')
_BOUNDARY_TRIES = 6
_PATIENCE_MAX = 256

_raw_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_string = msgspec.json.Decoder(str).decode

Piece = bytes | msgspec.Raw


class Malformed(Exception):
    """The text is no JSON: where, and what was expected there."""

    def __init__(self, line: int, column: int, expected: str, found: str) -> None:
        super().__init__(line, column, expected, found)
        self.where = f"line {line}, column {column}"
        self.expected = expected
        self.found = found


class TooLarge(Exception):
    """One value is larger than allowed."""

    def __init__(self, line: int, bytes_max: int) -> None:
        super().__init__(line, bytes_max)
        self.where = f"line {line}"
        self.bytes_max = bytes_max


class JsonSource:
    """The bytes of a JSON text, of which only a window is in memory."""

    def __init__(self, file: IO[bytes], *, value_bytes_max: int) -> None:
        self._file = file
        self._kept: IO[bytes] | None = None
        self._value_bytes_max = value_bytes_max
        self._ended = False
        self._line = 1  # of the first byte in the window
        self._column = 1
        self.window = b""
        self.at = 0
        self.fill()
        if self.window.startswith(b"\xef\xbb\xbf"):
            self.at = 3

    # -- the window --------------------------------------------------------------------------

    def fill(self, bytes_min: int = CHUNK_BYTES) -> bool:
        """Read on, so that this many bytes more are in the window; tell whether any came."""
        if self._ended:
            return False
        pieces = [self.window[self.at :]]
        self._count(self.window[: self.at])
        wanted = bytes_min
        while wanted > 0:
            piece = self._file.read(wanted)
            if not piece:
                self._ended = True
                break
            pieces.append(piece)
            wanted -= len(piece)
        self.window = b"".join(pieces)
        self.at = 0
        return wanted < bytes_min

    def _count(self, gone: bytes) -> None:
        lines = gone.count(b"\n")
        self._line += lines
        if lines:
            self._column = 1
        self._column += len(gone[gone.rfind(b"\n") + 1 :].decode("utf-8", "ignore"))

    @property
    def line(self) -> int:
        """Give the number of the line that is being read."""
        return self._line + self.window.count(b"\n", 0, self.at)

    def malformed(self, expected: str) -> Malformed:
        """Make the error that something else was expected here."""
        start = self.window.rfind(b"\n", 0, self.at) + 1
        column = 1 if start > 0 else self._column
        column += len(self.window[start : self.at].decode("utf-8", "ignore"))
        rest = self.window[self.at : self.at + 20]
        found = ascii(rest.decode("utf-8", "replace"))[1:-1] if rest else "the end of the text"
        return Malformed(self.line, column, expected, found)

    def look_ahead(self) -> tuple[int, int, int]:
        """Remember this place, so that `go_back` can come back to it."""
        if not self._file.seekable():
            # Keep what cannot be read a second time.
            kept = tempfile.SpooledTemporaryFile(max_size=16 * CHUNK_BYTES)  # noqa: SIM115
            kept.write(self.window[self.at :])
            shutil.copyfileobj(self._file, kept)
            kept.seek(0)
            self._count(self.window[: self.at])
            self._file = self._kept = kept
            self.window, self.at, self._ended = b"", 0, False
        offset = self._file.tell() - (len(self.window) - self.at)
        self._count(self.window[: self.at])
        self.window = self.window[self.at :]
        self.at = 0
        return offset, self._line, self._column

    def go_back(self, place: tuple[int, int, int]) -> None:
        """Come back to a place that `look_ahead` gave."""
        offset, self._line, self._column = place
        self._file.seek(offset)
        self.window, self.at, self._ended = b"", 0, False

    def close(self) -> None:
        """Let go of what was kept; the file itself belongs to the caller."""
        if self._kept is not None:
            self._kept.close()

    # -- the outline -------------------------------------------------------------------------

    def peek(self) -> bytes:
        """Skip space and give the next byte, or nothing at the end."""
        while True:
            match = _SPACE.match(self.window, self.at)
            assert match is not None
            self.at = match.end()
            if self.at < len(self.window):
                return self.window[self.at : self.at + 1]
            if not self.fill():
                return b""

    def take(self, character: bytes) -> None:
        """Go past a character that must come next."""
        if self.peek() != character:
            raise self.malformed(repr(character.decode()))
        self.at += 1

    def member_keys(self, *, is_first: bool = True) -> Iterator[str]:
        """Give the keys of an object, after its `{`. Whoever asks reads each value."""
        while True:
            character = self.peek()
            if character == b"}":
                self.at += 1
                return
            if not is_first:
                self.take(b",")
                character = self.peek()
            if character != b'"':
                raise self.malformed("a key in quotes")
            is_first = False
            try:
                key = _string(self.value())
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise self.malformed("a valid key") from None
            self.take(b":")
            yield key

    def value(self) -> bytes:
        """Cut out the next value."""
        if not self.peek():
            raise self.malformed("a value")
        while True:
            end = self._end_of_value()
            if end > 0:
                break
            if len(self.window) - self.at > self._value_bytes_max:
                raise TooLarge(self.line, self._value_bytes_max)
            if not self.fill(max(CHUNK_BYTES, len(self.window) - self.at)):
                self.at = len(self.window)
                raise self.malformed("the rest of a value")
        if end - self.at > self._value_bytes_max:
            raise TooLarge(self.line, self._value_bytes_max)
        value = self.window[self.at : end]
        self.at = end
        return value

    def value_in_window(self) -> bytes | None:
        """Cut out the next value if it ends in this window, else stay where we are."""
        if not self.peek():
            return None
        end = self._end_of_value()
        if end == 0 or end - self.at > self._value_bytes_max:
            return None
        value = self.window[self.at : end]
        self.at = end
        return value

    def _end_of_value(self) -> int:
        """Find where the value ends that starts here; 0 when not in this window."""
        first = self.window[self.at]
        if first == 0x22:  # "
            match = _STRING.match(self.window, self.at)
            return match.end() if match else 0
        if first not in b"{[":
            match = _SCALAR.match(self.window, self.at)
            if match is None:
                raise self.malformed("a value")
            return match.end() if match.end() < len(self.window) or self._ended else 0
        depth = 0
        for match in _TOKEN.finditer(self.window, self.at):
            token = match[0]
            if token in (b"{", b"["):
                depth += 1
            elif token in (b"}", b"]"):
                depth -= 1
                if depth == 0:
                    return match.end()
            elif token == b'"':
                return 0  # a string that goes on past the window
        return 0

    # -- many values -------------------------------------------------------------------------

    def elements(self) -> Iterator[list[Piece]]:
        """Give the values of a list, after its `[`, as many at once as is cheap."""
        boundary: tuple[bytes, int] | None = None
        patience = waiting = 1
        is_first = True
        while True:
            character = self.peek()
            if character == b"]":
                self.at += 1
                return
            if not is_first:
                self.take(b",")
            is_first = False
            if boundary is not None:
                if len(self.window) - self.at < CHUNK_BYTES // 2:
                    self.fill()
                many = self._cut(*boundary)
                if many:
                    yield many
                    continue
                # Other events than the first two: guess again, less and less often.
                boundary, waiting = None, patience
                patience = min(2 * patience, _PATIENCE_MAX)
            self.peek()
            yield [self.value()]
            waiting -= 1
            if waiting <= 0:
                boundary = self._boundary()

    def _boundary(self) -> tuple[bytes, int] | None:
        """Learn, after a value, what the place between two of them looks like."""
        match = _NEXT_EVENT.match(self.window, self.at)
        if match is None or self.window[self.at - 1 : self.at] != b"}":
            return None
        start = self.at - 1
        while start > 0 and self.window[start - 1] in b" \t\r\n":
            start -= 1
        return self.window[start : match.end()], self.at - start

    def _cut(self, boundary: bytes, ending: int) -> list[Piece]:
        """Cut out whole values up to the last boundary in the window."""
        limit = len(self.window)
        for _ in range(_BOUNDARY_TRIES):
            found = self.window.rfind(boundary, self.at, limit)
            if found < 0:
                break
            end = found + ending
            try:
                values: list[Piece] = _raw_list(b"[%b]" % self.window[self.at : end])  # type: ignore[assignment]
            except (msgspec.DecodeError, RecursionError):
                limit = end
                continue
            self.at = end
            return values
        return []

    def lines(self) -> Iterator[tuple[int, list[bytes]]]:
        """Give the rest line by line, as many at once as is cheap, and the number of the first."""
        number = self.line
        while True:
            end = self.window.rfind(b"\n", self.at)
            if end < 0 and not self._ended:
                if len(self.window) - self.at <= self._value_bytes_max:
                    self.fill(max(CHUNK_BYTES, len(self.window) - self.at))
                    continue
                yield number, [self._skip_line()]
                number += 1
                continue
            block = self.window[self.at :] if self._ended else self.window[self.at : end]
            self.at += len(block) if self._ended else len(block) + 1
            lines = block.split(b"\n")
            yield number, lines
            number += len(lines)
            if self._ended:
                return
            self.fill()

    def _skip_line(self) -> bytes:
        """Go past a line that is too long, and give its beginning, still too long."""
        start = self.window[self.at :]
        while True:
            self.at = len(self.window)
            if not self.fill():
                return start
            end = self.window.find(b"\n")
            if end >= 0:
                self.at = end + 1
                return start
