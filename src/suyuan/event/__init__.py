"""EPCIS 2.0 events: types, JSON and XML readers and writers, stored form, hash. 事件"""

from suyuan.event._codec import decode_body, encode_body
from suyuan.event._hash import event_digest, event_hash, hash_uri, prehash
from suyuan.event._json_read import read_json, read_json_stream
from suyuan.event._json_write import write_json, write_json_stream
from suyuan.event._model import (
    DEFAULT_LIMITS,
    DOCUMENT_POSITION,
    GENEALOGY_ROLES,
    Action,
    Document,
    DocumentKind,
    Event,
    EventType,
    Limits,
    Mention,
    Named,
    Rejected,
    Role,
)
from suyuan.event._read import read, read_stream
from suyuan.event._vocabulary import (
    BUSINESS_STEP,
    BUSINESS_TRANSACTION_TYPE,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
    SOURCE_DESTINATION_TYPE,
    STANDARD_NAMESPACES,
    Vocabulary,
    word_ending,
)
from suyuan.event._xml_read import read_xml, read_xml_stream
from suyuan.event._xml_write import write_xml, write_xml_stream

__all__ = [
    "BUSINESS_STEP",
    "BUSINESS_TRANSACTION_TYPE",
    "COMPONENT",
    "DEFAULT_LIMITS",
    "DISPOSITION",
    "DOCUMENT_POSITION",
    "ERROR_REASON",
    "GENEALOGY_ROLES",
    "MEASUREMENT_TYPE",
    "SENSOR_ALERT_TYPE",
    "SOURCE_DESTINATION_TYPE",
    "STANDARD_NAMESPACES",
    "Action",
    "Document",
    "DocumentKind",
    "Event",
    "EventType",
    "Limits",
    "Mention",
    "Named",
    "Rejected",
    "Role",
    "Vocabulary",
    "decode_body",
    "encode_body",
    "event_digest",
    "event_hash",
    "hash_uri",
    "prehash",
    "read",
    "read_json",
    "read_json_stream",
    "read_stream",
    "read_xml",
    "read_xml_stream",
    "word_ending",
    "write_json",
    "write_json_stream",
    "write_xml",
    "write_xml_stream",
]
