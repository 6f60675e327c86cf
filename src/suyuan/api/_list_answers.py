"""Answers that are a list with a head: a page of it as JSON, or whole as a table. 清单应答"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar, cast

import msgspec
from starlette.responses import Response, StreamingResponse

from suyuan.api._parameters import Read, choice
from suyuan.api.trace import PAGE, page_in
from suyuan.errors import Language
from suyuan.trace import LIST_FORMATS, MEDIA_TYPES, AtPlace, ListFormat, MockRecall

__all__ = ["LIST", "answer_list", "form_in", "table_answer"]

LIST: dict[str, Read] = {"format": choice(LIST_FORMATS, "api.format_unknown"), **PAGE}
"""What every list may be asked for with."""

_Found = TypeVar("_Found", AtPlace, MockRecall, contravariant=True)


class _Export(Protocol[_Found]):
    def __call__(
        self, found: _Found, form: ListFormat, /, *, language: Language
    ) -> Iterator[bytes]: ...


def form_in(values: Mapping[str, object]) -> ListFormat:
    """Give the format that is asked for."""
    return cast("ListFormat", values.get("format", "json"))


def answer_list(
    found: _Found,
    export: _Export[_Found],
    name: str,
    values: Mapping[str, object],
    language: Language,
) -> Response:
    """Give a list with the position that it was worked out at."""
    form, page = form_in(values), page_in(values)
    if page is not None and form == "json":
        found = msgspec.structs.replace(found, rows=page.of(found.rows))
    answer = table_answer(export(found, form, language=language), name, form)
    answer.headers["X-Suyuan-Position"] = str(found.position)
    return answer


def table_answer(pieces: Iterator[bytes], name: str, form: ListFormat) -> Response:
    """Give an export; a table comes as a file of a name."""
    headers = {}
    if form != "json":
        headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=headers)
