"""Headers of GS1: versions, extensions, formats. 标准头

Source: the OpenAPI of the EPCIS 2.0 REST binding. We understand documents of EPCIS 1.2 and
2.0 and answer in 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request

from suyuan import __version__
from suyuan.api._problem import refuse
from suyuan.settings import Settings

__all__ = [
    "VERSION_HEADERS",
    "CaptureBehaviour",
    "EpcFormat",
    "WordFormat",
    "capture_behaviour",
    "check_versions",
    "discovery_headers",
    "epc_format",
    "extensions",
    "word_format",
]

VERSION_HEADERS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
_RANGES = {"EPCIS": ((1, 2, 0), (2, 0, 0)), "CBV": ((1, 2, 0), (2, 0, 0))}
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_EXTENSION = re.compile(r"([A-Za-z_][\w.-]*)=(\S+)")
_EXTENSIONS_MAX = 50


class EpcFormat(StrEnum):
    """How identifiers are spelled in an answer."""

    NO_PREFERENCE = "No_Preference"
    DIGITAL_LINK = "Always_GS1_Digital_Link"
    EPC_URN = "Always_EPC_URN"
    AS_SENT = "Never_Translates"


class WordFormat(StrEnum):
    """How the words of the vocabulary are spelled in an answer in XML."""

    NO_PREFERENCE = "No_Preference"
    WEB_URI = "Always_Web_URI"
    URN = "Always_URN"
    AS_SENT = "Never_Translates"


class CaptureBehaviour(StrEnum):
    """What becomes of a document's good events when others are bad."""

    ROLLBACK = "rollback"
    PROCEED = "proceed"


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(request: Request, name: str, kind: type[_Choice], default: _Choice) -> _Choice:
    text = request.headers.get(name, "").strip()
    if not text:
        return default
    try:
        return kind(text)
    except ValueError:
        raise refuse(
            "ValidationException",
            "api.header_wrong",
            where=name,
            expected=", ".join(kind),
            found=text[:100],
        ) from None


def epc_format(request: Request) -> EpcFormat:
    """Give how identifiers are wanted; Digital Link URIs when nothing is said (OpenAPI)."""
    return _choice(request, "GS1-EPC-Format", EpcFormat, EpcFormat.DIGITAL_LINK)


def word_format(request: Request) -> WordFormat:
    """Give how words are wanted in XML."""
    return _choice(request, "GS1-CBV-XML-Format", WordFormat, WordFormat.NO_PREFERENCE)


def capture_behaviour(request: Request) -> CaptureBehaviour:
    """Give what the sender wants when some events are bad."""
    return _choice(
        request, "GS1-Capture-Error-Behaviour", CaptureBehaviour, CaptureBehaviour.ROLLBACK
    )


def check_versions(headers: Mapping[str, str]) -> None:
    """Refuse versions that we can neither read nor write. Raises NotAcceptableException."""
    for standard, (oldest, newest) in _RANGES.items():
        for part in ("Version", "Min", "Max"):
            name = f"GS1-{standard}-{part}"
            text = headers.get(name, "").strip()
            if not text:
                continue
            version = _version(name, text)
            is_fine = {
                "Version": oldest <= version <= newest,
                "Min": version <= newest,
                "Max": version >= newest,  # Answers are in the newest alone.
            }[part]
            if not is_fine:
                raise refuse(
                    "NotAcceptableException",
                    "api.version_unsupported",
                    where=name,
                    expected=".".join(map(str, newest)),
                    found=text,
                )


def _version(name: str, text: str) -> tuple[int, ...]:
    if not _VERSION.fullmatch(text):
        raise refuse(
            "ValidationException",
            "api.header_wrong",
            where=name,
            expected="2.0.0",
            found=text[:100],
        )
    numbers = [int(part) for part in text.split(".")[:3]]
    return tuple(numbers + [0] * (3 - len(numbers)))


def extensions(headers: Mapping[str, str]) -> dict[str, str]:
    """Give the prefixes that the caller declares: `GS1-Extensions: prefix=namespace, …`."""
    found: dict[str, str] = {}
    text = headers.get("GS1-Extensions", "").strip()
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        match = _EXTENSION.fullmatch(part)
        if match is None or len(found) >= _EXTENSIONS_MAX:
            raise refuse(
                "ValidationException",
                "api.header_wrong",
                where="GS1-Extensions",
                expected="prefix=namespace",
                found=part[:100],
            )
        found[match[1]] = match[2]
    return found


def discovery_headers(settings: Settings, allow: str) -> dict[str, str]:
    """Give what OPTIONS tells."""
    return {
        "Allow": allow,
        "GS1-EPCIS-Min": "1.2.0",
        "GS1-EPCIS-Max": "2.0.0",
        "GS1-CBV-Min": "1.2.0",
        "GS1-CBV-Max": "2.0.0",
        "GS1-Vendor-Version": f"suyuan-{__version__}",
        "GS1-EPC-Format": EpcFormat.NO_PREFERENCE,
        "GS1-CBV-XML-Format": WordFormat.NO_PREFERENCE,
        "GS1-EPCIS-Capture-Limit": str(settings.capture_events_max),
        "GS1-EPCIS-Capture-File-Size-Limit": str(settings.document_bytes_max),
        "GS1-Capture-Error-Behaviour": "all",
    }
