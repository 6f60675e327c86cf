"""EPCIS 2.0 events: types, JSON and XML readers and writers, stored form, hash. 事件"""

from suyuan.event._model import (
    DEFAULT_LIMITS,
    DOCUMENT_POSITION,
    Action,
    Document,
    DocumentKind,
    Event,
    EventType,
    Limits,
    Mention,
    Rejected,
    Role,
)

__all__ = [
    "DEFAULT_LIMITS",
    "DOCUMENT_POSITION",
    "Action",
    "Document",
    "DocumentKind",
    "Event",
    "EventType",
    "Limits",
    "Mention",
    "Rejected",
    "Role",
]
