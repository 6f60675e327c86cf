"""The journal: one door in, one total order, one transparency log. 事件账"""

from suyuan.journal._affected import (
    AffectedObject,
    LaterEvents,
    affected_objects,
    find_later_events,
)
from suyuan.journal._append import BLOCK_EVENTS, Guard, Outcome, Stored
from suyuan.journal._bulk import ChunkResult, capture_stream
from suyuan.journal._correct import Corrected, Correction, Planned, correct, plan_correction
from suyuan.journal._found import FoundEvent, StoredDeclaration, declared_in, find_event
from suyuan.journal._growth import count_to
from suyuan.journal._journal import COMMITS, Beside, CaptureResult, Journal
from suyuan.journal._journals import Journals
from suyuan.journal._keeper import LogKeeper
from suyuan.journal._keys import signing_key, write_key
from suyuan.journal._log import LogReader, StoredTiles, bring_log_up_to_date
from suyuan.journal._master_data import capture_master_data, vocabularies_of
from suyuan.journal._origin import Origin, find_origin
from suyuan.journal._prepare import EVENT_HEAD, Prepared, event_key, prepare
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
from suyuan.journal._recent import RecentCommit, read_recent
from suyuan.journal._reindex import Reindexed, reindex_journal
from suyuan.journal._verify import VerifyReport, verify_journal

__all__ = [
    "BLOCK_EVENTS",
    "COMMITS",
    "EVENT_HEAD",
    "QUERY_PARAMETERS",
    "AffectedObject",
    "Beside",
    "CaptureResult",
    "ChunkResult",
    "Corrected",
    "Correction",
    "EventPage",
    "EventQuery",
    "FoundEvent",
    "Guard",
    "Journal",
    "Journals",
    "LaterEvents",
    "LogKeeper",
    "LogReader",
    "Order",
    "Origin",
    "Outcome",
    "PageMark",
    "Planned",
    "Prepared",
    "ProvenEvent",
    "RecentCommit",
    "Reindexed",
    "Stored",
    "StoredDeclaration",
    "StoredEvent",
    "StoredTiles",
    "VerifyReport",
    "affected_objects",
    "bring_log_up_to_date",
    "capture_master_data",
    "capture_stream",
    "completed",
    "correct",
    "count_to",
    "declared_in",
    "event_key",
    "find_event",
    "find_later_events",
    "find_origin",
    "find_sequence",
    "iterate_events",
    "parameters_from_json",
    "parse_query",
    "plan_correction",
    "prepare",
    "proof_of_event",
    "read_events",
    "read_page",
    "read_recent",
    "reindex_journal",
    "signing_key",
    "stored_json",
    "timestamp",
    "verify_journal",
    "verify_proof",
    "vocabularies_of",
    "write_key",
]
