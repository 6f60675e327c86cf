"""Genealogy: where it came from, where it went, what is affected. 追溯

`trace_back` and `track_forward` give whole answers, `history`, `whereabouts` and `contents`
tell of one object, each now or as of an earlier moment. The meaning is defined in
docs/design/trace.md.
"""

from suyuan.trace._answer import Carrier, Link, ProductCount, Trace, TracedObject
from suyuan.trace._at_place import (
    AtPlace,
    PlacePart,
    ProductThere,
    There,
    at_place,
    export_at_place,
)
from suyuan.trace._compare import (
    COMPARISON_FORMATS,
    Change,
    Comparison,
    ComparisonFormat,
    ComparisonHead,
    Side,
    Version,
    compare,
    export_comparison,
    record_time_at,
)
from suyuan.trace._counts import DayCount, LotCount, count_days, count_lots
from suyuan.trace._dates import Dates, GoodUntil, good_until_of
from suyuan.trace._day import DayOfRecord, HappenedAt, HappenedIn, Lately, day_of_record
from suyuan.trace._details import Detail
from suyuan.trace._expected_loss import (
    ExpectedLoss,
    list_expected_losses,
    put_expected_loss,
    read_expected_loss,
    set_expected_loss,
)
from suyuan.trace._expired import Expired, PastDate, expired
from suyuan.trace._export import (
    FORMATS,
    MEDIA_TYPES,
    Format,
    Head,
    Page,
    export_trace,
    head_of,
)
from suyuan.trace._follower import Follower
from suyuan.trace._gap_export import balance_as_csv, gaps_as_csv
from suyuan.trace._gap_rules import GAP_KINDS
from suyuan.trace._gap_scene import GapLimits
from suyuan.trace._gaps import Gap, GapCount, GapEvent, Gaps, gaps
from suyuan.trace._genealogy import Genealogy, Source
from suyuan.trace._history import Party, Seen
from suyuan.trace._inside import Content
from suyuan.trace._mass_balance import FIGURES, Figure, MassBalance, mass_balance
from suyuan.trace._mentions import Mentioned, MentionsTold, mentions, number_named
from suyuan.trace._mock_recall import (
    ContainerCount,
    MockRecall,
    Quantity,
    RecalledProduct,
    RecallRow,
    Recipient,
    StageCount,
    export_recall,
    mock_recall,
)
from suyuan.trace._on_hold import Held, Holds, OnHold
from suyuan.trace._parts import parts_of
from suyuan.trace._picture import DIRECTIONS, Directions, Picture, PictureCount, picture
from suyuan.trace._picture_nodes import PictureEvent, PictureNode
from suyuan.trace._places import Whereabouts
from suyuan.trace._presence import Presence
from suyuan.trace._questions import contents, history, trace_back, track_forward, whereabouts
from suyuan.trace._readiness import GapCost, Readiness, ReadyShare, WorstGap, readiness
from suyuan.trace._rehearsal import Rehearsal
from suyuan.trace._search import Hit, Search
from suyuan.trace._sheets import LIST_FORMATS, Cell, ListFormat, csv_table, in_pieces, xlsx_book
from suyuan.trace._sieve import Sieve, sift
from suyuan.trace._snapshots import forget_index, index_folder
from suyuan.trace._stays_told import Stay, StaysTold, events_seen, stays
from suyuan.trace._summary import PartyCount, PlaceCount
from suyuan.trace._suspects import KINDS, REST_MAX, Common, Kind, Shared, common
from suyuan.trace._times import parse_moment
from suyuan.trace._titles import Title, names_in, titles_of
from suyuan.trace._warm_up import warm_up

__all__ = [
    "COMPARISON_FORMATS",
    "DIRECTIONS",
    "FIGURES",
    "FORMATS",
    "GAP_KINDS",
    "KINDS",
    "LIST_FORMATS",
    "MEDIA_TYPES",
    "REST_MAX",
    "AtPlace",
    "Carrier",
    "Cell",
    "Change",
    "Common",
    "Comparison",
    "ComparisonFormat",
    "ComparisonHead",
    "ContainerCount",
    "Content",
    "Dates",
    "DayCount",
    "DayOfRecord",
    "Detail",
    "Directions",
    "ExpectedLoss",
    "Expired",
    "Figure",
    "Follower",
    "Format",
    "Gap",
    "GapCost",
    "GapCount",
    "GapEvent",
    "GapLimits",
    "Gaps",
    "Genealogy",
    "GoodUntil",
    "HappenedAt",
    "HappenedIn",
    "Head",
    "Held",
    "Hit",
    "Holds",
    "Kind",
    "Lately",
    "Link",
    "ListFormat",
    "LotCount",
    "MassBalance",
    "Mentioned",
    "MentionsTold",
    "MockRecall",
    "OnHold",
    "Page",
    "Party",
    "PartyCount",
    "PastDate",
    "Picture",
    "PictureCount",
    "PictureEvent",
    "PictureNode",
    "PlaceCount",
    "PlacePart",
    "Presence",
    "ProductCount",
    "ProductThere",
    "Quantity",
    "Readiness",
    "ReadyShare",
    "RecallRow",
    "RecalledProduct",
    "Recipient",
    "Rehearsal",
    "Search",
    "Seen",
    "Shared",
    "Side",
    "Sieve",
    "Source",
    "StageCount",
    "Stay",
    "StaysTold",
    "There",
    "Title",
    "Trace",
    "TracedObject",
    "Version",
    "Whereabouts",
    "WorstGap",
    "at_place",
    "balance_as_csv",
    "common",
    "compare",
    "contents",
    "count_days",
    "count_lots",
    "csv_table",
    "day_of_record",
    "events_seen",
    "expired",
    "export_at_place",
    "export_comparison",
    "export_recall",
    "export_trace",
    "forget_index",
    "gaps",
    "gaps_as_csv",
    "good_until_of",
    "head_of",
    "history",
    "in_pieces",
    "index_folder",
    "list_expected_losses",
    "mass_balance",
    "mentions",
    "mock_recall",
    "names_in",
    "number_named",
    "parse_moment",
    "parts_of",
    "picture",
    "put_expected_loss",
    "read_expected_loss",
    "readiness",
    "record_time_at",
    "set_expected_loss",
    "sift",
    "stays",
    "titles_of",
    "trace_back",
    "track_forward",
    "warm_up",
    "whereabouts",
    "xlsx_book",
]
