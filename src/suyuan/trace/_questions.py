"""The questions: where from, where to, what happened, where is it, what is inside. 追溯问题

Codes may be spelled in any way. Every answer names the journal position that it was worked
out at. Raises InvalidInput for codes and times that are none, and NotFound
`trace.object_unknown` for what the record has never seen. `not_before` is a position that the
caller has seen; InvalidInput `trace.position_unknown` where the journal has not come so far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from suyuan.store import Connection
from suyuan.trace._answer import Trace, first_lots
from suyuan.trace._asking import Asking, asking
from suyuan.trace._columns import Ints
from suyuan.trace._containers import insides
from suyuan.trace._details import Details
from suyuan.trace._gap_scene import GapLimits
from suyuan.trace._genealogy import Genealogy
from suyuan.trace._history import Seen, read_history, within_containers
from suyuan.trace._index import Known
from suyuan.trace._inside import Content, amount_inside
from suyuan.trace._names import uris_of
from suyuan.trace._neighbourhood import Around
from suyuan.trace._places import Whereabouts, last_said
from suyuan.trace._reach import reach_back, reach_forward
from suyuan.trace._stays import FOREVER, IS_FIXED, LONG_AGO
from suyuan.trace._times import microseconds

__all__ = ["contents", "history", "trace_back", "track_forward", "whereabouts"]

RECEIPT_DAYS = GapLimits().receipt_days


def track_forward(
    genealogy: Genealogy,
    codes: Sequence[str],
    *,
    since: datetime | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
    portions: bool = False,
    begins: Callable[[], object] = lambda: None,
) -> Trace:
    """Find everything that these have reached, from a moment on. 追踪

    With `portions` it is told how much of a single start is in each object, by perfect mixing.
    `begins` is called when it is known what is asked, before it is worked out.
    """
    started = time.perf_counter()
    low = LONG_AGO if since is None else microseconds(since)
    with asking(genealogy, codes, as_of=as_of, not_before=not_before) as asked:
        begins()
        around = Around(asked.numbers, "forward", low, is_weighed=portions)
        known = asked.known(around)
        reach = reach_forward(known.graph, around.objects, low)
        seconds = time.perf_counter() - started
        asked_for = list(asked.starts), since, as_of, portions
        return Trace(genealogy, known, reach, *asked_for, seconds, asked.master_data)


def trace_back(
    genealogy: Genealogy,
    codes: Sequence[str],
    *,
    until: datetime | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
    portions: bool = False,
    begins: Callable[[], object] = lambda: None,
) -> Trace:
    """Find everything that these came from, up to a moment. 溯源

    With `portions` it is told how much of each is in a single start, by perfect mixing.
    `begins` is called when it is known what is asked, before it is worked out.
    """
    started = time.perf_counter()
    high = FOREVER if until is None else microseconds(until)
    with asking(genealogy, codes, as_of=as_of, not_before=not_before) as asked:
        begins()
        around = Around(asked.numbers, "back", high, is_weighed=portions)
        known = asked.known(around)
        reach = reach_back(known.graph, around.objects, high)
        seconds = time.perf_counter() - started
        asked_for = list(asked.starts), until, as_of, portions
        return Trace(genealogy, known, reach, *asked_for, seconds, asked.master_data)


def history(
    genealogy: Genealogy,
    code: str,
    *,
    as_of: datetime | None = None,
    not_before: int | None = None,
    with_corrections: bool = False,
) -> list[Seen]:
    """Tell the events of an object, and of what it was inside while it was. 履历

    What was declared in error is left out, or comes marked `with_corrections`.
    """
    with asking(genealogy, [code], as_of=as_of, not_before=not_before) as asked:
        known, uri, number = _one(asked)
        connection = asked.connection()
        return read_history(
            connection,
            genealogy.tenant_id,
            known,
            uri,
            number,
            with_corrections=with_corrections,
        )


def whereabouts(
    genealogy: Genealogy,
    code: str,
    *,
    at: datetime | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
    receipt_days: float = RECEIPT_DAYS,
) -> Whereabouts:
    """Tell what the record says last of an object, after all that happened at a moment. 位置

    What was shipped longer ago than `receipt_days`, and has not arrived, is overdue.
    """
    with asking(genealogy, [code], as_of=as_of, not_before=not_before) as asked:
        known, uri, number = _one(asked)
        connection = asked.connection()
        seen = _seen(connection, genealogy, known, uri, number)
        moment = FOREVER if at is None else microseconds(at)
        around = within_containers(known.graph, number, moment)
        names = uris_of(connection, genealogy.tenant_id, around)
        details = Details(connection, genealogy.tenant_id, known, moment)
        (detail,) = details.of(np.array([number]), _lot_of(known, number))
    found = last_said(
        uri,
        [one for one in seen if at is None or one.event_time <= at],
        [names[one] for one in around],
        hold=detail.hold,
        position=known.position,
    )
    due = (at or datetime.now(UTC)) - timedelta(days=receipt_days)
    is_overdue = found.sent_time is not None and found.sent_time < due
    return msgspec.structs.replace(found, is_overdue=is_overdue)


def contents(
    genealogy: Genealogy,
    code: str,
    *,
    at: datetime | None = None,
    as_of: datetime | None = None,
    not_before: int | None = None,
) -> list[Content]:
    """Tell what is inside a container, or was at a moment, however deep. 内容物"""
    with asking(genealogy, [code], as_of=as_of, not_before=not_before) as asked:
        known, _, number = _one(asked)
        moment = microseconds(datetime.now(UTC) if at is None else at)
        held = insides(known.graph, np.array([number]), moment, moment)
        stays = known.graph.stays
        # What was taken out at this very moment is gone by now.
        rows = [stay for stay in held.stays.tolist() if at or stays.ended(stay) is None]
        numbers = {int(one) for stay in rows for one in (stays.children[stay], stays.parents[stay])}
        names = uris_of(asked.connection(), genealogy.tenant_id, numbers)
    return sorted(
        (
            Content(
                names[int(stays.children[stay])],
                names[int(stays.parents[stay])],
                *amount_inside(known, stay, moment),
                is_fixed=stays.is_of_kind(stay, IS_FIXED),
            )
            for stay in dict.fromkeys(rows)
        ),
        key=lambda one: (one.inside, one.uri),
    )


def _lot_of(known: Known, number: int) -> Ints:
    numbers = np.array([number], np.int64)
    return first_lots(known.graph, numbers) if number < known.graph.objects else 0 * numbers


def _one(asked: Asking) -> tuple[Known, str, int]:
    """Give what is known around the one object that is asked about, with its name and number."""
    ((uri, number),) = asked.starts.items()
    return asked.known(Around(asked.numbers, "within")), uri, number


def _seen(
    connection: Connection, genealogy: Genealogy, known: Known, uri: str, number: int
) -> list[Seen]:
    return read_history(connection, genealogy.tenant_id, known, uri, number)
