"""No input makes the server fail: requests made up from our own OpenAPI, valid and not."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import BaseSchema, Case
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from suyuan.api import openapi_document
from tests.api.conftest import Server
from tests.api.documents import document, object_event

pytestmark = pytest.mark.slow

# For a long run by hand: SUYUAN_FUZZ_EXAMPLES=1000 pytest tests/api/test_no_server_error.py
EXAMPLES = int(os.environ.get("SUYUAN_FUZZ_EXAMPLES", "4"))
ALIKE = r"/epcis/((eventTypes|bizSteps|bizLocations|readPoints|dispositions)|.*/.*/events)"
AS_DESCRIBED = [content_type_conformance, response_schema_conformance, status_code_conformance]


def described() -> dict[str, Any]:
    """Describe the API; where time is short, not twice what two resources read by one function.

    `/api/events` takes every parameter of `/epcis/events`, and one of its own.
    """
    document: dict[str, Any] = openapi_document()
    if EXAMPLES < 100:
        asked = document["paths"]["/api/events"]["get"]
        standard = document["paths"]["/epcis/events"]["get"]["parameters"]
        own = [one for one in asked["parameters"] if one not in standard]
        assert len(own) == 1
        asked["parameters"] = [*own, *standard[::10]]
    return document


DESCRIPTION = described()
# It answers for as long as one listens. And one resource stands for the others, unless there
# is time: what answers them is the same code.
LEFT_OUT = r"/api/live" if EXAMPLES >= 100 else rf"/api/live|{ALIKE}"
OPERATIONS = [
    (path, method)
    for path, operations in DESCRIPTION["paths"].items()
    for method in operations
    if not re.match(LEFT_OUT, path)
]


@pytest.fixture(scope="module")
def description() -> BaseSchema:
    return schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    server.capture(document(object_event(), object_event()))
    server.client.post("/epcis/queries", json={"name": "a", "query": {"EQ_bizStep": ["shipping"]}})
    return server


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def check(case: Case, session: requests.Session, base_url: str) -> None:
    response = case.call(base_url=base_url, session=session)
    is_refused_politely = response.status_code in (501, 503)
    assert response.status_code < 500 or is_refused_politely, response.text
    if response.status_code >= 400 and case.method.upper() != "HEAD":
        kind = response.headers["content-type"][0]
        assert kind.startswith("application/problem+"), kind
    case.validate_response(response, checks=AS_DESCRIBED)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_makes_the_server_fail_or_answer_otherwise_than_described(
    description: BaseSchema, filled: Server, path: str, method: str
) -> None:
    # What `description.parametrize()` does as tests are collected, in each of the workers:
    # making thousands of cases up takes long, and one worker has use for them.
    made = build_operation_test(
        config=description.config,
        operation=description[path][method],
        test_func=check,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    with requests.Session() as session:
        session.trust_env = False  # It would look for a proxy at every request.
        session.headers.update(filled.client.headers)
        made(session=session, base_url=str(filled.client.base_url))
