"""What our OpenAPI says about capture jobs: the members of the standard, and ours. 接口描述"""

from __future__ import annotations

from typing import Any

import msgspec

from suyuan.api._capture_progress import CaptureProgress

__all__ = ["JOB_SCHEMA"]

_MOMENT = {"type": "string", "format": "date-time"}

JOB_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["captureID", "running", "success", "captureErrorBehaviour"],
    "properties": {
        "captureID": {"type": "string", "format": "uuid"},
        "createdAt": _MOMENT,
        "finishedAt": _MOMENT,
        "running": {"type": "boolean"},
        "success": {"type": "boolean"},
        "captureErrorBehaviour": {"type": "string", "enum": ["rollback", "proceed"]},
        "errors": {"type": "array", "items": {"type": "object"}},
        "capturedEvents": {"type": "integer"},
        "duplicateEvents": {"type": "integer"},
        "position": {"type": "integer"},
        "progress": msgspec.json.schema(CaptureProgress)["$defs"]["CaptureProgress"],
    },
}
