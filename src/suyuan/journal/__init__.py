"""The journal: one door in, one total order, one transparency log. 事件账"""

from suyuan.journal._append import BLOCK_EVENTS, Guard, Outcome
from suyuan.journal._bulk import ChunkResult, capture_stream
from suyuan.journal._journal import CaptureResult, Journal
from suyuan.journal._keeper import LogKeeper
from suyuan.journal._keys import signing_key, write_key
from suyuan.journal._log import LogReader, StoredTiles, bring_log_up_to_date
from suyuan.journal._prepare import Prepared, event_key, prepare
from suyuan.journal._proof import ProvenEvent, proof_of_event, verify_proof
from suyuan.journal._verify import VerifyReport, verify_journal

__all__ = [
    "BLOCK_EVENTS",
    "CaptureResult",
    "ChunkResult",
    "Guard",
    "Journal",
    "LogKeeper",
    "LogReader",
    "Outcome",
    "Prepared",
    "ProvenEvent",
    "StoredTiles",
    "VerifyReport",
    "bring_log_up_to_date",
    "capture_stream",
    "event_key",
    "prepare",
    "proof_of_event",
    "signing_key",
    "verify_journal",
    "verify_proof",
    "write_key",
]
