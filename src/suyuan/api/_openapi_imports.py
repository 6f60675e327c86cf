"""What our OpenAPI says of imports: tables, their mappings, jobs, faults. 接口描述"""

from __future__ import annotations

from typing import Any

from suyuan.api._openapi import _good, _in_path, _in_query, _responses
from suyuan.importing import fields, templates

__all__ = [
    "CHANGE_IMPORT",
    "CHECK_IMPORT",
    "EDIT_CELLS",
    "FAILED_ROWS",
    "FAULTS",
    "FIELDS",
    "IMPORT",
    "IMPORTS",
    "MAPPING",
    "MAPPINGS",
    "PREVIEW",
    "REMOVE_IMPORT",
    "REMOVE_MAPPING",
    "RUN_IMPORT",
    "SAVE_MAPPING",
    "STOP_IMPORT",
    "UPLOAD",
]

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_COUNT: Extra = {"type": "integer", "minimum": 0}
_TRUTH: Extra = {"type": "boolean"}
_TIME: Extra = {"type": "string", "format": "date-time"}
_TIME_OR_NONE: Extra = {"type": ["string", "null"], "format": "date-time"}
_DONE = {"204": {"description": "Done."}}


def _all(**properties: Extra) -> Extra:
    return {"type": "object", "required": list(properties), "properties": properties}


def _some(required: tuple[str, ...] = (), **properties: Extra) -> Extra:
    schema: Extra = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(required)} if required else {})


def _list(items: Extra) -> Extra:
    return {"type": "array", "items": items}


def _map(values: Extra) -> Extra:
    return {"type": "object", "additionalProperties": values}


def _or_none(schema: Extra) -> Extra:
    return {"anyOf": [schema, {"type": "null"}]}


def _body(schema: Extra, *, is_required: bool = True) -> Extra:
    return {"required": is_required, "content": {"application/json": {"schema": schema}}}


_NAMES = _all(en=_TEXT, zh=_TEXT)
_TEMPLATE: Extra = {"type": "string", "enum": list(templates())}
_READING = _some(encoding=_TEXT, delimiter=_TEXT, quote=_TEXT, sheet=_TEXT, header_row=_COUNT)
_MAPPING = _some(
    ("template",),
    template=_TEMPLATE | {"description": "What a row means."},
    columns=_map(_TEXT) | {"description": "The column that holds a field, by the field."},
    values=_map(_TEXT) | {"description": "What a field is where its column has nothing."},
    group=_list(_TEXT) | {"description": "Rows in which these fields are the same are one event."},
    time_zone=_TEXT,
    date_order={"type": "string", "enum": ["ymd", "dmy", "mdy"]},
    decimal={"type": "string", "enum": [".", ","]},
    product_codes={"type": "string", "enum": ["any", "gs1", "plant"]},
    reading=_READING,
)
_FOUND = _all(
    kind={"type": "string", "enum": ["csv", "workbook"]},
    encoding=_TEXT,
    delimiter=_TEXT,
    quote=_TEXT,
    sheets=_list(_TEXT),
    hidden_sheets=_list(_TEXT),
    sheet=_TEXT,
    header_row=_COUNT,
    columns=_list(_TEXT),
    rows=_COUNT,
    filled=_COUNT,
)
_PROBLEM = {
    "type": "object",
    "required": ["code", "message"],
    "properties": dict.fromkeys(("code", "message", "where", "rule", "expected", "found"), _TEXT),
}
_FAULT = {
    "type": "object",
    "required": ["row", "column", "code", "message", "said"],
    "properties": {
        **_PROBLEM["properties"],  # type: ignore[dict-item]
        "row": _COUNT,
        "column": {"type": "integer", "description": "From 0; -1 is the row as a whole."},
        "said": {"type": "string", "description": "The message with the name of the column."},
    },
}
_RESULT = _all(
    rows=_COUNT,
    failed=_COUNT,
    events=_COUNT,
    captured=_COUNT,
    known=_COUNT,
    elements=_COUNT,
    counts=_map(_COUNT),
    sequence={"type": ["integer", "null"]},
    example={"type": ["string", "null"]},
    seconds={"type": "number"},
    amounts_unknown=_COUNT
    | {"description": "Rows without faults that do not say how much of a lot it was."},
)
_JOB = _all(
    kind={"type": "string", "enum": ["check", "run"]},
    actor_name=_TEXT,
    created=_TIME,
    started=_TIME_OR_NONE,
    finished=_TIME_OR_NONE,
    progress=_or_none(_all(phase=_TEXT, done=_COUNT, total=_COUNT)),
    result=_or_none(_RESULT),
    problems=_list(_PROBLEM),
)
_IMPORT = {
    "type": "object",
    "required": ["import", "file_name", "found", "mapping", "job"],
    "properties": {
        "import": {"type": "string", "format": "uuid"},
        "file_name": _TEXT,
        "size_bytes": _COUNT,
        "actor_name": _TEXT,
        "created": _TIME,
        "expires": _TIME,
        "reading": _READING,
        "found": _FOUND,
        "mapping": _MAPPING,
        "job": _or_none(_JOB),
    },
}
_ONE = _good("The table and how it stands.", _IMPORT)
_ID = _in_path("upload_id")
_ROW = _all(row=_COUNT, cells=_list(_TEXT))

IMPORTS: Extra = _responses({"200": _good("All tables.", _all(imports=_list(_IMPORT)))})
IMPORT: Extra = {"parameters": [_ID], **_responses({"200": _ONE}, "404")}
UPLOAD: Extra = {
    "parameters": [
        _in_query("file_name", "The name of the file.", schema=_TEXT),
        _in_query("mapping", "A saved mapping to begin with.", schema=_TEXT),
        _in_query("time_zone", "The zone of times without one.", schema=_TEXT),
    ],
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    **_responses({"201": _ONE}, "404", "409", "413", "422"),
}
CHANGE_IMPORT: Extra = {
    "parameters": [_ID],
    "requestBody": _body(
        _some(reading=_READING, mapping=_MAPPING, template=_TEMPLATE, time_zone=_TEXT)
    ),
    **_responses({"200": _ONE}, "404", "409", "413", "415", "422"),
}
REMOVE_IMPORT: Extra = {"parameters": [_ID], **_responses(_DONE, "404", "409")}
PREVIEW: Extra = {
    "parameters": [_ID],
    "requestBody": _body(_some(mapping=_MAPPING, after=_COUNT, rows=_COUNT)),
    **_responses(
        {
            "200": _good(
                "Rows, what would become of them, and what is wrong.",
                _all(
                    rows=_list(_ROW),
                    events=_list(_all(rows=_list(_COUNT), event={"type": "object"})),
                    faults=_list(_FAULT),
                    notes=_list(_FAULT)
                    | {"description": "What should be known and stops nothing."},
                    problems=_list(_PROBLEM),
                ),
            )
        },
        *("404", "413", "415", "422"),
    ),
}
EDIT_CELLS: Extra = {
    "parameters": [_ID],
    "requestBody": _body(
        _some(
            ("edits",),
            edits=_list(
                _some(
                    ("row", "column", "text"),
                    row=_COUNT,
                    column=_COUNT,
                    text={"type": ["string", "null"]},
                )
            ),
        )
    ),
    **_responses(_DONE, "404", "409", "413", "415", "422"),
}
_WORK: Extra = {
    "parameters": [_ID],
    "requestBody": _body(_some(mapping=_MAPPING, mapping_name=_TEXT), is_required=False),
    **_responses({"202": _ONE}, "404", "409", "413", "415", "422"),
}
CHECK_IMPORT: Extra = _WORK
RUN_IMPORT: Extra = _WORK
STOP_IMPORT: Extra = {"parameters": [_ID], **_responses(_DONE, "404")}
FAULTS: Extra = {
    "parameters": [
        _ID,
        _in_query("after", "The row that these are to follow.", schema=_COUNT),
        _in_query("limit", "How many rows at most.", schema=_COUNT),
    ],
    **_responses(
        {
            "200": _good(
                "Rows with faults, and how many there are in all.",
                _all(
                    rows=_list(_all(row=_COUNT, cells=_list(_TEXT), faults=_list(_FAULT))),
                    total=_COUNT,
                ),
            )
        },
        *("404", "422"),
    ),
}
FAILED_ROWS: Extra = {
    "parameters": [
        _ID,
        _in_query("format", "csv or xlsx.", schema={"type": "string", "enum": ["csv", "xlsx"]}),
    ],
    **_responses({"200": {"description": "The failed rows, as a file."}}, "404", "422"),
}
FIELDS: Extra = _responses(
    {
        "200": _good(
            "Templates and fields.",
            _all(
                templates=_list(
                    _all(
                        template=_TEMPLATE,
                        names=_NAMES,
                        texts=_NAMES,
                        fields=_list(_TEXT),
                        required=_list(_TEXT),
                        business_step=_TEXT,
                        disposition=_TEXT,
                        is_master_data=_TRUTH,
                    )
                ),
                fields=_list(
                    _all(
                        field={"type": "string", "enum": list(fields())},
                        names=_NAMES,
                        hints=_NAMES,
                        kind=_TEXT,
                    )
                ),
            ),
        )
    }
)
_SAVED = _all(name=_TEXT, mapping=_MAPPING, actor_name=_TEXT, changed=_TIME)
_NAME = _in_path("name")
MAPPINGS: Extra = _responses({"200": _good("Saved mappings.", _all(mappings=_list(_SAVED)))})
MAPPING: Extra = {
    "parameters": [_NAME],
    **_responses({"200": _good("The mapping.", _SAVED)}, "404"),
}
SAVE_MAPPING: Extra = {
    "parameters": [_NAME],
    "requestBody": _body(_some(("mapping",), mapping=_MAPPING, why=_TEXT)),
    **_responses({"200": _good("The mapping as it is saved.", _SAVED)}, "413", "415", "422"),
}
REMOVE_MAPPING: Extra = {"parameters": [_NAME], **_responses(_DONE, "404")}
