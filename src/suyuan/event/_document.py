"""The document around the events: its fields, its header with master data, its context. 文档"""

from __future__ import annotations

import re
from typing import Any

from suyuan.errors import Problem
from suyuan.event import _checks as check
from suyuan.event._context import STANDARD_CONTEXT
from suyuan.event._model import Limits
from suyuan.event._reading import SCHEMA, Check, Path, Reading
from suyuan.event._validate import check_texts

__all__ = ["check_header"]

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def _version(reading: Reading, at: Path, value: Any) -> None:
    if type(value) is not str or _VERSION.fullmatch(value) is None:
        reading.fault(
            at,
            "version_malformed",
            rule=SCHEMA + "version",
            expected="a version, as 2.0",
            found=value,
        )


def _attribute_value(reading: Reading, at: Path, value: Any) -> None:
    """Master data may say anything, but must be storable."""
    if value is None or type(value) in (bool, list):
        reading.wrong_type(at, value, "a number, a text or an object", "attribute")
    else:
        check.extension(reading, at, value)


_vocabulary_list = check.member_list(
    check.Form(
        "vocabulary",
        {
            "type": check.uri,
            "vocabularyElementList": check.member_list(
                check.Form(
                    "vocabularyElement",
                    {
                        "id": check.uri,
                        "attributes": check.member_list(
                            check.Form(
                                "attribute",
                                {"id": check.uri, "attribute": _attribute_value},
                                ("id",),
                                others="anything",
                            )
                        ),
                        "children": check.uri_list,
                    },
                    ("id",),
                    others="anything",
                )
            ),
        },
        ("type",),
        others="anything",
    )
)
_master_data = check.members(
    check.Form("epcisHeader", {"vocabularyList": _vocabulary_list}, others="anything")
)
_COMMON: dict[str, Check] = {
    "@context": check.skip,
    "type": check.skip,
    "id": check.uri,
    "schemaVersion": _version,
    "creationDate": check.time,
    "epcisBody": check.skip,
}
_DOCUMENT = check.Form(
    "epcisDocument",
    {
        **_COMMON,
        "instanceIdentifier": check.text,
        "sender": check.text,
        "receiver": check.text,
        "epcisHeader": check.members(
            check.Form("epcisHeader", {"epcisMasterData": _master_data}, others="extensions")
        ),
    },
    ("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
    others="extensions",
)
_BODY = check.Form(
    "epcisDocument/properties/epcisBody",
    {"eventList": check.skip},
    ("eventList",),
    others="anything",
)

_RESULTS_BODY = check.Form(
    "resultsBody",
    {"eventList": check.skip, "vocabularyList": _vocabulary_list},
    ("eventList",),
    others="extensions",
)
_QUERY_RESULTS = check.Form(
    "queryResults",
    {
        "queryName": check.text,
        "subscriptionID": check.text,
        "resultsBody": check.members(_RESULTS_BODY),
    },
    ("queryName", "resultsBody"),
    others="extensions",
)
_QUERY_BODY = check.Form(
    "epcisQueryDocumentBody",
    {"queryResults": check.members(_QUERY_RESULTS)},
    ("queryResults",),
    others="extensions",
)
_QUERY_DOCUMENT = check.Form(
    "epcisQueryDocument", _COMMON, ("@context", "type", "epcisBody"), others="extensions"
)


def check_header(
    header: dict[str, Any], *, is_query: bool, problems: list[Problem], limits: Limits
) -> None:
    """Check what stands in a document beside its events.

    `header` is the document without its events: an `eventList` in it is there, and empty.
    """
    reading = Reading("", problems, STANDARD_CONTEXT, limits)
    check_texts(reading, header)
    name = "EPCISQueryDocument" if is_query else "EPCISDocument"
    if header.get("type", name) != name:
        reading.fault(
            ("type",),
            "document_type_unknown",
            rule=SCHEMA + "EPCIS-Document",
            expected=name,
            found=header["type"],
        )
    check.check_members(reading, (), header, _QUERY_DOCUMENT if is_query else _DOCUMENT)
    if "epcisBody" in header:
        body_form = _QUERY_BODY if is_query else _BODY
        check.check_members(reading, ("epcisBody",), header["epcisBody"], body_form)
