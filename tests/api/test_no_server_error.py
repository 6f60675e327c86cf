"""No input makes the server fail: requests made up from our own OpenAPI, valid and not."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
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

description = schemathesis.openapi.from_dict(openapi_document())
description = description.exclude(path="/api/live")  # It answers for as long as one listens.
if EXAMPLES < 100:  # One resource stands for the others: what answers them is the same code.
    description = description.exclude(path_regex=ALIKE)


@pytest.fixture(scope="module")
def filled(server: Server) -> Server:
    server.capture(document(object_event(), object_event()))
    server.client.post("/epcis/queries", json={"name": "a", "query": {"EQ_bizStep": ["shipping"]}})
    return server


@description.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_makes_the_server_fail_or_answer_otherwise_than_described(case, filled):
    response = case.call(base_url=str(filled.client.base_url), headers=dict(filled.client.headers))
    is_refused_politely = response.status_code in (501, 503)
    assert response.status_code < 500 or is_refused_politely, response.text
    if response.status_code >= 400 and case.method.upper() != "HEAD":
        kind = response.headers["content-type"][0]
        assert kind.startswith("application/problem+"), kind
    case.validate_response(response, checks=AS_DESCRIBED)
