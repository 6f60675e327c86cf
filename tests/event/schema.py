"""The official JSON schema of EPCIS 2.0 as an oracle, with the formats it names checked.

The checks of formats are written from the grammars (RFC 3986, RFC 3339) once more, so that
they know nothing of the code they test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema

from tests.conformance import conformance_dir

__all__ = ["iter_schema_faults", "schema_faults"]

UNRESERVED = r"A-Za-z0-9\-._~"
SUB_DELIMS = r"!$&'()*+,;="
PCHAR = rf"(?:[{UNRESERVED}{SUB_DELIMS}:@]|%[0-9A-Fa-f][0-9A-Fa-f])"
HOST = rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[{UNRESERVED}{SUB_DELIMS}]|%[0-9A-Fa-f][0-9A-Fa-f])*)"
AUTHORITY = rf"(?:(?:[{UNRESERVED}{SUB_DELIMS}:]|%[0-9A-Fa-f]{{2}})*@)?{HOST}(?::[0-9]*)?"
HIERARCHY = rf"(?://{AUTHORITY}(?:/{PCHAR}*)*|/?(?:{PCHAR}+(?:/{PCHAR}*)*)?)"
URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+\-.]*:{HIERARCHY}(?:\?(?:{PCHAR}|[/?])*)?(?:#(?:{PCHAR}|[/?])*)?"
)
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

formats = jsonschema.FormatChecker(formats=())


@formats.checks("uri")
def is_uri(value: Any) -> bool:
    return not isinstance(value, str) or URI.fullmatch(value) is not None


@formats.checks("date-time")
def is_time(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    match = TIME.fullmatch(value)
    if match is None:
        return False
    try:
        datetime.strptime(f"{match[1]} {match[2]}", "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return False
    return match[4] in "Zz" or (int(match[4][1:3]) < 24 and int(match[4][4:]) < 60)


@cache
def validator() -> jsonschema.Draft7Validator:
    page = conformance_dir("gs1-epcis") / "EPCIS-JSON-Schema.json"
    schema = json.loads(page.read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(inlined(schema, schema, ()), format_checker=formats)


def inlined(part: Any, schema: Any, within: tuple[str, ...]) -> Any:
    """Put in place of each reference what it refers to: looking that up takes most of the time.

    Those to what they stand in stay.
    """
    if isinstance(part, list):
        return [inlined(one, schema, within) for one in part]
    if not isinstance(part, dict):
        return part
    to = part.get("$ref")
    if not isinstance(to, str) or not to.startswith("#/") or to in within:
        return {name: inlined(one, schema, within) for name, one in part.items()}
    target = schema
    for name in unquote(to[2:]).split("/"):
        target = target[name]
    return inlined(target, schema, (*within, to))


def schema_faults(document: Any) -> list[str]:
    """Give all that the official schema says against a document, as one line a fault."""
    return list(iter_schema_faults(document))


def iter_schema_faults(document: Any) -> Iterator[str]:
    """Give one fault after the other, for who needs but the first."""
    plain = json.loads(json.dumps(document, default=float))
    for error in validator().iter_errors(plain):
        yield f"{error.json_path}: {error.message[:200]}"
