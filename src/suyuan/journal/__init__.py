"""The journal: one door in, one total order, one transparency log. 事件账"""

from suyuan.journal._append import BLOCK_EVENTS, Guard, Outcome
from suyuan.journal._bulk import ChunkResult, capture_stream
from suyuan.journal._growth import count_to
from suyuan.journal._journal import CaptureResult, Journal
from suyuan.journal._keeper import LogKeeper
from suyuan.journal._keys import signing_key, write_key
from suyuan.journal._log import LogReader, StoredTiles, bring_log_up_to_date
from suyuan.journal._master_data import capture_master_data, vocabularies_of
from suyuan.journal._prepare import Prepared, event_key, prepare
from suyuan.journal._proof import ProvenEvent, find_sequence, proof_of_event, verify_proof
from suyuan.journal._query import (
    EventPage,
    EventQuery,
    Order,
    PageMark,
    StoredEvent,
    completed,
    stored_json,
    timestamp,
)
from suyuan.journal._query_pages import iterate_events, read_events, read_page
from suyuan.journal._query_parameters import QUERY_PARAMETERS, parse_query
from suyuan.journal._query_reading import parameters_from_json
from suyuan.journal._reindex import Reindexed, reindex_journal
from suyuan.journal._verify import VerifyReport, verify_journal

__all__ = [
    "BLOCK_EVENTS",
    "QUERY_PARAMETERS",
    "CaptureResult",
    "ChunkResult",
    "EventPage",
    "EventQuery",
    "Guard",
    "Journal",
    "LogKeeper",
    "LogReader",
    "Order",
    "Outcome",
    "PageMark",
    "Prepared",
    "ProvenEvent",
    "Reindexed",
    "StoredEvent",
    "StoredTiles",
    "VerifyReport",
    "bring_log_up_to_date",
    "capture_master_data",
    "capture_stream",
    "completed",
    "count_to",
    "event_key",
    "find_sequence",
    "iterate_events",
    "parameters_from_json",
    "parse_query",
    "prepare",
    "proof_of_event",
    "read_events",
    "read_page",
    "reindex_journal",
    "signing_key",
    "stored_json",
    "timestamp",
    "verify_journal",
    "verify_proof",
    "vocabularies_of",
    "write_key",
]
