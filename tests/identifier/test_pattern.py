"""Patterns of EPCs: what they mean is tried on the canonical form of real URNs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.errors import InvalidInput
from suyuan.identifier import canonical_pattern, canonical_uri, epc_pattern
from tests.identifier.test_canonical import urns

ID = "https://id.gs1.org"


@given(urns(), urns(), st.integers(0, 4))
def test_a_pattern_means_exactly_the_urns_it_could_be_filled_in_to(
    urn: str, other: str, stars: int
) -> None:
    _, _, kind, scheme, body = urn.split(":", 4)
    if kind == "class":  # There are no patterns of lots.
        return
    count = {"itip": 5} | dict.fromkeys(["sgtin", "upui", "sgln", "cpi", "grai", "gdti", "sgcn"], 3)
    count = count.get(scheme, 2)
    parts = body.split(".", count - 1)
    stars = min(stars, count)
    pattern = f"urn:epc:idpat:{scheme}:" + ".".join(parts[: count - stars] + ["*"] * stars)
    if stars and any(c in part for part in parts[: count - stars] for c in "*[]"):
        with pytest.raises(InvalidInput):
            epc_pattern(pattern)
        return
    if stars == 0 and re.search(r"[*\[\]]", body):
        return
    asked = epc_pattern(pattern)
    assert asked.matches(canonical_uri(urn))
    assert canonical_uri(urn).startswith(asked.prefix)
    if other.split(":")[3] != scheme and {scheme, other.split(":")[3]} != {"sgtin", "upui"}:
        assert not asked.matches(canonical_uri(other))


@pytest.mark.parametrize(
    ("pattern", "regex", "prefix", "class_uri"),
    [
        (
            "urn:epc:idpat:sgtin:4012345.066666.*",
            r"^https://id\.gs1\.org/01/04012345666663(/21/[^/]+)?$",
            f"{ID}/01/04012345666663",
            f"{ID}/01/04012345666663",
        ),
        (
            "urn:epc:idpat:sgtin:4012345.*.*",
            r"^https://id\.gs1\.org/01/[0-9]4012345[0-9]{6}(/21/[^/]+)?$",
            f"{ID}/01/",
            None,
        ),
        (
            "urn:epc:idpat:sscc:4012345.*",
            r"^https://id\.gs1\.org/00/[0-9]4012345[0-9]{10}$",
            f"{ID}/00/",
            None,
        ),
        (
            "urn:epc:idpat:sgln:4012345.00002.*",
            r"^https://id\.gs1\.org/414/4012345000023(/254/[^/]+)?$",
            f"{ID}/414/4012345000023",
            None,
        ),
        (
            "urn:epc:idpat:giai:4012345.*",
            r"^https://id\.gs1\.org/8004/4012345[^/]+$",
            f"{ID}/8004/4012345",
            None,
        ),
        (
            "urn:epc:idpat:grai:4012345.*.*",
            r"^https://id\.gs1\.org/8003/04012345[0-9]{6}[^/]*$",
            f"{ID}/8003/04012345",
            None,
        ),
        (
            "urn:epc:idpat:itip:4012345.012345.01.*.*",
            r"^https://id\.gs1\.org/8006/0401234512345601[0-9]{2}(/21/[^/]+)?$",
            f"{ID}/8006/0401234512345601",
            None,
        ),
    ],
)
def test_patterns_of_the_standard(
    pattern: str, regex: str, prefix: str, class_uri: str | None
) -> None:
    asked = epc_pattern(pattern)
    assert asked.regex.replace("\\-", "-") == regex
    assert asked.prefix == prefix
    assert asked.class_uri == class_uri


def test_a_pattern_does_not_mean_a_neighbour() -> None:
    asked = epc_pattern("urn:epc:idpat:sgtin:4012345.066666.*")
    assert not asked.matches(canonical_uri("urn:epc:id:sgtin:4012345.066667.1"))
    assert not asked.matches(canonical_uri("urn:epc:class:lgtin:4012345.066666.1"))
    asked = epc_pattern("urn:epc:idpat:sgtin:4012345.*.*")
    assert not asked.matches(canonical_uri("urn:epc:id:sgtin:4012346.066666.1"))
    assert not asked.matches(canonical_uri("urn:epc:id:sscc:4012345.0000000001"))


def test_a_single_thing_is_a_pattern_of_itself() -> None:
    for text in ("urn:epc:id:sgtin:4012345.066666.1", f"{ID}/01/04012345666663/21/1", "urn:x:a.b"):
        asked = epc_pattern(text)
        assert asked.matches(canonical_uri(text))
        assert not asked.matches(canonical_uri(text) + "1")
        assert asked.class_uri == canonical_uri(text)
    assert canonical_pattern("urn:epc:idpat:sgtin:4012345.066666.*") == f"{ID}/01/04012345666663"
    assert canonical_pattern("urn:epc:class:lgtin:4012345.066666.L") == (
        f"{ID}/01/04012345666663/10/L"
    )


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("urn:epc:idpat:sgtin:*.066666.*", "pattern_star_missing"),
        ("urn:epc:idpat:sgtin:4012345.*.1", "pattern_star_missing"),
        ("urn:epc:idpat:sgtin:4012345.[1-9].*", "pattern_wrong"),
        ("urn:epc:idpat:sgtin:4012345.06*.*", "pattern_wrong"),
        ("urn:epc:idpat:sgtin:40123.*.*", "prefix_length_wrong"),
        ("urn:epc:idpat:sgtin:4012345.1.*", "reference_wrong"),
        ("urn:epc:idpat:sgtin:4012345.*", "components_missing"),
        ("urn:epc:idpat:lgtin:4012345.066666.*", "scheme_unknown"),
        ("urn:epc:pat:sgtin-96:3.4012345.066666.*", "scheme_unknown"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        epc_pattern(pattern)
    assert caught.value.code == f"identifier.{code}"
