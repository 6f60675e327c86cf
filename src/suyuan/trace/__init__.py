"""Genealogy: where it came from, where it went, what is affected. 追溯

`trace_back` and `track_forward` give whole answers, `history`, `whereabouts` and `contents`
tell of one object, each now or as of an earlier moment. The meaning is defined in
docs/design/trace.md.
"""

from suyuan.trace._answer import Carrier, Link, ProductCount, Trace, TracedObject
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._history import Party, Seen
from suyuan.trace._inside import Content
from suyuan.trace._places import Whereabouts
from suyuan.trace._questions import contents, history, trace_back, track_forward, whereabouts
from suyuan.trace._times import parse_moment

__all__ = [
    "Carrier",
    "Content",
    "Genealogy",
    "Link",
    "Party",
    "ProductCount",
    "Seen",
    "Trace",
    "TracedObject",
    "Whereabouts",
    "contents",
    "history",
    "parse_moment",
    "trace_back",
    "track_forward",
    "whereabouts",
]
