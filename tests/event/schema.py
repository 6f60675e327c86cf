"""The official JSON schema of EPCIS 2.0 as an oracle, with the formats it names checked.

The checks of formats are written from the grammars (RFC 3986, RFC 3339) once more, so that
they know nothing of the code they test.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema

from tests.conformance import conformance_dir

__all__ = ["schema_faults"]

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
    return jsonschema.Draft7Validator(schema, format_checker=formats)


def schema_faults(document: Any) -> list[str]:
    """Give what the official schema says against a document, as one line a fault."""
    plain = json.loads(json.dumps(document, default=float))
    return [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(plain)]
