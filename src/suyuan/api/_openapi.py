"""What our OpenAPI says beyond what the code says by itself: parameters, bodies, answers. 接口描述

Every problem is one schema; the parameters of queries come from the journal, which reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suyuan.api._openapi_capture import JOB_SCHEMA
from suyuan.api._openapi_sieve import PAGE, SIEVE
from suyuan.journal import QUERY_PARAMETERS
from suyuan.trace import COMPARISON_FORMATS, GAP_KINDS, MEDIA_TYPES, REST_MAX

__all__ = [
    "CAPTURE",
    "CAPTURE_EVENT",
    "CAPTURE_JOB",
    "CAPTURE_JOBS",
    "COMMON",
    "COMPARE",
    "COMPONENTS",
    "CONTENTS",
    "DEMO",
    "EVENT",
    "EVENTS",
    "EXPECTED_LOSS",
    "GAPS",
    "HEALTH",
    "HISTORY",
    "LOG_CHECKPOINT",
    "LOG_CONSISTENCY",
    "LOG_INCLUSION",
    "LOG_KEY",
    "LOG_TILE",
    "MAKE_QUERY",
    "MASS_BALANCE",
    "NAMES",
    "OBJECT",
    "PAGE_TOKEN",
    "QUERIES",
    "QUERY",
    "QUERY_EVENTS",
    "READINESS",
    "SECURITY",
    "SET_EXPECTED_LOSS",
    "TOP_LEVEL",
    "TRACE_BACK",
    "TRACE_READINESS",
    "TRACK_FORWARD",
    "WHEREABOUTS",
    "listing",
    "resource_events",
    "sub_resources",
]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_TIME: Extra = {"type": "string", "format": "date-time"}
_LISTS = frozenset({"eventType", "EQ_action"})
_ENUMS: dict[str, list[str]] = {
    "eventType": [
        "ObjectEvent",
        "AggregationEvent",
        "TransactionEvent",
        "TransformationEvent",
        "AssociationEvent",
    ],
    "EQ_action": ["ADD", "OBSERVE", "DELETE"],
}

COMPONENTS: Extra = {
    "schemas": {
        "Problem": {
            "type": "object",
            "description": "RFC 9457, with our stable code and everything that is wrong.",
            "required": ["type", "title", "status"],
            "properties": {
                "type": _TEXT,
                "title": _TEXT,
                "status": {"type": "integer"},
                "detail": _TEXT,
                "instance": _TEXT,
                "code": _TEXT,
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["code", "message"],
                        "properties": dict.fromkeys(
                            ("code", "message", "where", "rule", "expected", "found"), _TEXT
                        ),
                    },
                },
            },
        },
        "Collection": {
            "type": "object",
            "required": ["@context", "type", "member"],
            "properties": {
                "@context": _TEXT,
                "type": {"type": "string", "enum": ["Collection"]},
                "member": {"type": "array", "items": _TEXT},
            },
        },
        "CaptureJob": JOB_SCHEMA,
        "NamedQuery": {
            "type": "object",
            "required": ["name", "query"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 200},
                "query": {"type": "object"},
            },
            "additionalProperties": False,
        },
        "EPCISEvent": {"type": "object", "description": "As EPCIS-JSON-Schema.json defines it."},
        "EPCISDocument": {
            "type": "object",
            "description": "EPCISDocument or EPCISQueryDocument of EPCIS-JSON-Schema.json.",
        },
    },
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The API key."},
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "Any user name, the API key as password.",
        },
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "suyuan_session",
            "description": "A sign-in; changes need the header X-Suyuan-CSRF too.",
        },
    },
}
SECURITY: list[Extra] = [{"bearer": []}, {"header": []}, {"basic": []}, {"session": []}]


def _of(name: str) -> Extra:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem(description: str) -> Extra:
    return {
        "description": description,
        "content": {
            "application/problem+json": {"schema": _of("Problem")},
            "application/problem+xml": {"schema": _of("Problem")},
        },
    }


_PROBLEMS: dict[str, str] = {
    "400": "The request is not valid; everything that is wrong is listed.",
    "401": "No sign-in and no API key, or one that opens nothing.",
    "403": "Not with these permissions, or not from this page.",
    "404": "There is no such resource.",
    "406": "No format or version that is accepted can be given.",
    "409": "It exists already, or a rule refuses it for now.",
    "413": "The request, or the answer, is too large.",
    "414": "The address is too long.",
    "415": "The format of the body is not understood.",
    "422": "The question is not valid; everything that is wrong is listed.",
    "429": "Too many requests; Retry-After says when to come again.",
    "501": "Not supported.",
    "503": "The server can't answer now; Retry-After says when to come again.",
}
_ALWAYS = ("400", "401", "403", "406", "414", "429", "503")


def _responses(good: dict[str, Extra], *more: str) -> Extra:
    problems = {
        status: {"$ref": f"#/components/responses/Problem{status}"}
        for status in sorted({*_ALWAYS, *more})
    }
    return {"responses": good | problems}


def _good(description: str, schema: Extra | None = None, *, is_xml: bool = False) -> Extra:
    answer: Extra = {"description": description}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
        if is_xml:
            answer["content"]["application/xml"] = {"schema": _TEXT}
    return answer


def _in_path(name: str) -> Extra:
    return {"name": name, "in": "path", "required": True, "schema": _TEXT}


def _header(name: str, values: list[str]) -> Extra:
    return {"name": name, "in": "header", "schema": {"type": "string", "enum": values}}


_PAGING: list[Extra] = [
    {"name": "perPage", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": 30}},
    {"name": "nextPageToken", "in": "query", "schema": _TEXT},
]
_EPC_FORMAT = _header(
    "GS1-EPC-Format",
    ["No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates"],
)
_WORD_FORMAT = _header(
    "GS1-CBV-XML-Format", ["No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates"]
)
_EXTENSIONS: Extra = {
    "name": "GS1-Extensions",
    "in": "header",
    "description": "Prefixes used in names of parameters: prefix=namespace, …",
    "schema": _TEXT,
}


def _parameter(name: str) -> Extra:
    if name in _ENUMS:
        schema: Extra = {"type": "array", "items": {"type": "string", "enum": _ENUMS[name]}}
        return {"name": name, "in": "query", "style": "pipeDelimited", "explode": False} | {
            "schema": schema
        }
    schema = _TEXT
    if name.lower().endswith("time") and name not in ("EXISTS_time",):
        schema = _TIME
    elif name in ("eventCountLimit", "maxEventCount"):
        schema = {"type": "integer", "minimum": 1}
    elif name == "orderDirection":
        schema = {"type": "string", "enum": ["ASC", "DESC"]}
    elif name == "EQ_booleanValue" or name.startswith("EXISTS_"):
        schema = {"type": "boolean"}
    return {"name": name, "in": "query", "schema": schema}


def _query_parameters(without: str = "") -> list[Extra]:
    return [
        *_PAGING,
        *(
            {"$ref": f"#/components/parameters/{name}"}
            for name in QUERY_PARAMETERS
            if name != without
        ),
        _EPC_FORMAT,
        _WORD_FORMAT,
        _EXTENSIONS,
    ]


COMPONENTS["responses"] = {
    f"Problem{status}": _problem(description) for status, description in _PROBLEMS.items()
}
COMPONENTS["parameters"] = {name: _parameter(name) for name in QUERY_PARAMETERS}

_QUERY_DOCUMENT = _good(
    "A page of events; the Link header leads on.", _of("EPCISDocument"), is_xml=True
)
_DOCUMENT_BODY: Extra = {
    "required": True,
    "content": {
        "application/json": {"schema": _of("EPCISDocument")},
        "application/ld+json": {"schema": _of("EPCISDocument")},
        "application/xml": {"schema": _TEXT},
    },
}
_NO_BODY = _good("Done.")

CAPTURE: Extra = {
    "parameters": [_header("GS1-Capture-Error-Behaviour", ["rollback", "proceed"])],
    "requestBody": _DOCUMENT_BODY,
    **_responses(
        {"202": _good("Taken; Location says where to look.", _of("CaptureJob"))}, "413", "415"
    ),
}
CAPTURE_JOBS: Extra = {
    "parameters": _PAGING,
    **_responses({"200": _good("Capture jobs.", {"type": "array", "items": _of("CaptureJob")})}),
}
CAPTURE_JOB: Extra = {
    "parameters": [_in_path("capture_id")],
    **_responses({"200": _good("The capture job.", _of("CaptureJob"), is_xml=True)}, "404"),
}
CAPTURE_EVENT: Extra = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _of("EPCISEvent")},
            "application/ld+json": {"schema": _of("EPCISEvent")},
            "application/xml": {"schema": _TEXT},
        },
    },
    **_responses(
        {
            "200": _good("The journal had this very event already.", _of("EPCISEvent")),
            "201": _good("The event is in the journal.", _of("EPCISEvent")),
        },
        "409",
        "413",
        "415",
    ),
}
EVENTS: Extra = {
    "parameters": _query_parameters(),
    **_responses({"200": _QUERY_DOCUMENT}, "413"),
}
EVENT: Extra = {
    "parameters": [_in_path("event_id"), _EPC_FORMAT, _WORD_FORMAT],
    **_responses({"200": _QUERY_DOCUMENT}, "404"),
}
TOP_LEVEL: Extra = _responses(
    {"200": _good("The top-level resources.", _of("Collection"), is_xml=True)}
)
MAKE_QUERY: Extra = {
    "parameters": [_EXTENSIONS],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _of("NamedQuery")}},
    },
    **_responses({"201": _good("The query is made.", _of("NamedQuery"))}, "409", "413", "415"),
}
QUERIES: Extra = {
    "parameters": _PAGING,
    **_responses({"200": _good("Named queries.", {"type": "array", "items": _of("NamedQuery")})}),
}
QUERY: Extra = {
    "parameters": [_in_path("query_name")],
    **_responses({"200": _good("The query.", _of("NamedQuery")), "204": _NO_BODY}, "404"),
}
QUERY_EVENTS: Extra = {
    "parameters": [_in_path("query_name"), *_query_parameters()],
    **_responses({"200": _QUERY_DOCUMENT}, "404", "413", "501"),
}
_LOG = ("400", "404", "414", "503")


def _public(good: Extra, *parameters: Extra, problems: tuple[str, ...]) -> Extra:
    """Describe what needs no key, and whose successful answer the route itself describes."""
    refused = {status: {"$ref": f"#/components/responses/Problem{status}"} for status in problems}
    described = {"security": [], "responses": {"200": good, **refused}}
    return described | ({"parameters": list(parameters)} if parameters else {})


def _in_query(name: str, description: str, *, schema: Extra, required: bool = False) -> Extra:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": description,
        "schema": schema,
    }


_SIZE: Extra = {"type": "integer", "minimum": 0}
_HASHES: Extra = {"type": "array", "items": _TEXT}
HEALTH: Extra = _public(_good("The process lives."), problems=("503",))
READINESS: Extra = _public(
    _good("The database answers, and capture jobs are worked on."), problems=("503",)
)
LOG_CHECKPOINT: Extra = _public(_good("The signed checkpoint."), problems=_LOG)
LOG_KEY: Extra = _public(_good("The verifier key."), problems=_LOG)
LOG_TILE: Extra = _public(_good("The tile or bundle, in bytes."), problems=_LOG)
LOG_INCLUSION: Extra = _public(
    _good(
        "The proof, with hashes in Base64.",
        {
            "type": "object",
            "required": ["index", "size", "root", "hashes", "checkpoint"],
            "properties": {
                "index": _SIZE,
                "size": _SIZE,
                "root": _TEXT,
                "hashes": _HASHES,
                "checkpoint": {"type": ["string", "null"]},
            },
        },
    ),
    _in_query("event_id", "ID of the event.", schema=_TEXT, required=True),
    _in_query("size", "Size of the log; the newest unless given.", schema=_SIZE),
    problems=_LOG,
)
LOG_CONSISTENCY: Extra = _public(
    _good(
        "The proof, with hashes in Base64.",
        {
            "type": "object",
            "required": ["old_size", "new_size", "old_root", "new_root", "hashes"],
            "properties": {
                "old_size": _SIZE,
                "new_size": _SIZE,
                "old_root": _TEXT,
                "new_root": _TEXT,
                "hashes": _HASHES,
            },
        },
    ),
    _in_query("old", "Size of the smaller log.", schema=_SIZE, required=True),
    _in_query("new", "Size of the larger log; the newest unless given.", schema=_SIZE),
    problems=_LOG,
)
PAGE_TOKEN: Extra = {
    "parameters": [_in_path("token")],
    **_responses({"204": _NO_BODY}),
}


_MANY: Extra = {"type": "array", "items": _TEXT, "minItems": 1}
_FLAG: Extra = {"type": "boolean", "default": False}
_NOT_BEFORE: Extra = _in_query(
    "not_before",
    "A journal position that the caller has seen.",
    schema={"type": "integer", "minimum": 0},
)
_TRACE_FLAGS = {
    "by_place": "Count by place and party too.",
    "by_lot": "Count by lot too.",
    "by_day": "Count by day too.",
    "portions": "Tell how much of the start is in each object.",
    "details": "Tell of each object its first and last time, quantity, place, holder and hold.",
    "gaps": "Tell where the record is not whole that the answer rests on: `gaps` in the head, and "
    "`gap_list`; not with GraphML and EPCIS. Left out unless asked for, as it takes longer "
    "than a small answer itself.",
}


def _format(formats: Sequence[str]) -> Extra:
    schema = {"type": "string", "enum": list(formats), "default": "json"}
    return _in_query("format", "The format of the answer.", schema=schema)


def _codes(name: str, description: str, *, is_many: bool, required: bool = True) -> Extra:
    return _in_query(name, description, schema=_MANY if is_many else _TEXT, required=required)


def _times(*names: str) -> list[Extra]:
    return [{"name": name, "in": "query", "schema": _TEXT} for name in names]


def _asked(*times: str, is_trace: bool = False) -> Extra:
    """Describe a question of traceability."""
    parameters = [
        _codes("code", "A lot, a serial number or a container, in any spelling.", is_many=is_trace),
        *_times(*times),
        _NOT_BEFORE,
    ]
    if not is_trace:
        return _answered(parameters)
    parameters += [_in_query(*flag, schema=_FLAG) for flag in _TRACE_FLAGS.items()]
    formats = tuple(MEDIA_TYPES)
    return _answered([*parameters, *SIEVE, *PAGE, _format(formats)], formats)


def _answered(parameters: list[Extra], formats: Sequence[str] = ()) -> Extra:
    answer = _good("The answer.", {"type": "object"})
    answer["content"] |= {
        kind.partition(";")[0]: {"schema": _TEXT}
        for name, kind in MEDIA_TYPES.items()
        if name in formats and name != "json"
    }
    return {"parameters": parameters, **_responses({"200": answer}, "404", "422")}


TRACE_BACK: Extra = _asked("until", "as_of", is_trace=True)
TRACK_FORWARD: Extra = _asked("since", "as_of", is_trace=True)
HISTORY: Extra = _asked("as_of")
HISTORY["parameters"].append(
    _in_query(
        "corrections",
        "Also give what was declared in error (`corrected`), and mark what stands in its place "
        "(`replaces`).",
        schema=_FLAG,
    )
)
WHEREABOUTS: Extra = _asked("at", "as_of")
OBJECT: Extra = _asked("at", "as_of")
NAMES: Extra = _answered([_codes("id", "A canonical URI.", is_many=True)])
DEMO: Extra = _responses({"200": _good("The codes, with words.", {"type": "object"})})
CONTENTS: Extra = _asked("at", "as_of")
COMMON: Extra = _answered(
    [
        _codes("code", "The suspects: lots, serial numbers or containers.", is_many=True),
        _codes(
            "rest",
            "What to compare with; the other objects of the same products unless given.",
            is_many=True,
            required=False,
        ),
        _in_query(
            "rest_max",
            "Of more to compare with, so many are taken by lot.",
            schema={"type": "integer", "minimum": 1, "default": REST_MAX},
        ),
        *_times("until", "as_of"),
        _NOT_BEFORE,
    ]
)
_MOMENT_OR_POSITION = "A time, a day's end in UTC, or a position of the journal"
COMPARE: Extra = _answered(
    [
        _codes("code", "Lots, serial numbers or containers, in any spelling.", is_many=True),
        _in_query("before", f"{_MOMENT_OR_POSITION}.", schema=_TEXT, required=True),
        _in_query("after", f"{_MOMENT_OR_POSITION}; now unless given.", schema=_TEXT),
        _in_query(
            "direction",
            "Which question is asked twice.",
            schema={"type": "string", "enum": ["forward", "back"], "default": "forward"},
        ),
        *_times("since", "until"),
        _in_query("portions", _TRACE_FLAGS["portions"], schema=_FLAG),
        *(PAGE[0], _format(COMPARISON_FORMATS)),
    ],
    COMPARISON_FORMATS,
)


_NUMBER: Extra = {"type": "number", "minimum": 0}
_PERIOD = ("since", "until", "as_of")


def _about(*parameters: Extra, has_csv: bool = False) -> Extra:
    """Describe a question about the record as a whole, of a period."""
    answer = _good("The answer.", {"type": "object"})
    if has_csv:
        answer["content"] |= {"text/csv": {"schema": _TEXT}}
    formats = {"type": "string", "enum": ["json", "csv"], "default": "json"}
    return {
        "parameters": [
            *parameters,
            *({"name": name, "in": "query", "schema": _TEXT} for name in _PERIOD),
            _in_query("not_before", "A journal position that the caller has seen.", schema=_SIZE),
            *([_in_query("format", "How to answer.", schema=formats)] if has_csv else ()),
        ],
        **_responses({"200": answer}, "404", "422"),
    }


_PRODUCT = _in_query("product", "A product or a lot, in any spelling.", schema=_TEXT)
_GAP_PARAMETERS: tuple[Extra, ...] = (
    _in_query(
        "kind",
        "A kind of gap; all unless given.",
        schema={"type": "array", "items": {"type": "string", "enum": list(GAP_KINDS)}},
    ),
    _in_query("late_hours", "Recorded later than this is back-dated.", schema=_NUMBER),
    _in_query("caused_hours", "So is this, later than a use of what it gave.", schema=_NUMBER),
    _in_query("receipt_days", "How long goods may be under way.", schema=_NUMBER),
)
GAPS: Extra = _about(
    _PRODUCT,
    _in_query("place", "A place or a site, in any spelling.", schema=_TEXT),
    *_GAP_PARAMETERS,
    has_csv=True,
)
TRACE_READINESS: Extra = _about(_PRODUCT, *_GAP_PARAMETERS)
MASS_BALANCE: Extra = _about(
    _in_query("code", "A lot or a product, in any spelling.", schema=_TEXT, required=True),
    _in_query("uom", "The unit to answer in; the first one told unless given.", schema=_TEXT),
    _in_query("expected_loss", "The share that may be lost.", schema=_NUMBER | {"maximum": 1}),
    has_csv=True,
)
EXPECTED_LOSS: Extra = _answered([_PRODUCT | {"required": True}])
_SHARE: Extra = {"type": "object", "properties": {"share": {"type": ["number", "null"]}}}
SET_EXPECTED_LOSS: Extra = EXPECTED_LOSS | {
    "responses": EXPECTED_LOSS["responses"] | _responses({}, "413", "415")["responses"],
    "requestBody": {"required": True, "content": {"application/json": {"schema": _SHARE}}},
}


def listing(name: str) -> Extra:
    """Describe a list of members."""
    return {
        "parameters": [
            *_PAGING,
            *([_EPC_FORMAT] if name in ("epcs", "bizLocations", "readPoints") else []),
        ],
        **_responses({"200": _good(f"The {name}.", _of("Collection"))}),
    }


def sub_resources(variable: str) -> Extra:
    """Describe what there is about one member."""
    return {
        "parameters": [_in_path(variable)],
        **_responses({"200": _good("Its sub-resources.", _of("Collection"))}, "404"),
    }


def resource_events(variable: str, parameter: str) -> Extra:
    """Describe the events of one member."""
    return {
        "parameters": [_in_path(variable), *_query_parameters(without=parameter)],
        **_responses({"200": _QUERY_DOCUMENT}, "404", "413"),
    }
