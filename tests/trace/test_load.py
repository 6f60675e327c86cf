"""What is read out of the tables is what the events say."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest

from suyuan.event import Event, read_json
from suyuan.identifier import class_of
from suyuan.journal import Journal, read_recent
from suyuan.store import Database
from suyuan.trace._facts import Batch, batch_of_events
from suyuan.trace._load import _load_gathered, load_batch, load_news, position_now
from tests.trace.plants import plant


@pytest.mark.parametrize("seed", range(8))
def test_facts_in_the_tables_are_those_of_the_events(
    seed: int, database: Database, journal: Journal
) -> None:
    random = Random(seed)
    bodies = [entry.event for entry in plant(seed, 60).entries]
    cuts = sorted(random.sample(range(1, len(bodies)), 5))
    numbered: list[tuple[int, Event]] = []
    for first, end in zip([0, *cuts], [*cuts, len(bodies)], strict=True):
        events = [_read(body) for body in bodies[first:end]]
        journal.capture(events, proceed=True)  # Some IDs stand for two contents.
        known = {(one.event_id, one.is_error_declaration) for _, one in numbered}
        for event in events:  # The journal takes an ID once.
            if (event.event_id, event.is_error_declaration) not in known:
                known.add((event.event_id, event.is_error_declaration))
                numbered.append((len(numbered) + 1, event))
    with database.tenant(journal.tenant_id, read_only=True) as connection:
        last = position_now(connection, journal.tenant_id)
        assert last == len(numbered)
        for position in (last, random.randint(1, last)):
            loaded = load_batch(connection, journal.tenant_id, position)
            rows = connection.execute("SELECT object_id, uri FROM journal.object").fetchall()
            assert _said(loaded, dict(rows)) == _told(numbered[:position]), position


@pytest.mark.parametrize("seed", range(12))
def test_news_are_the_same_from_the_latest_commits_and_from_the_tables(
    seed: int, database: Database, journal: Journal
) -> None:
    random = Random(seed)
    bodies = [entry.event for entry in plant(seed, 60).entries]
    is_ready = Counter[bool]()
    before = objects = 0
    while bodies:
        count = random.randint(1, 12)
        some, bodies = bodies[:count], bodies[count:]
        journal.capture([_read(body) for body in some], proceed=True)
        with database.tenant(journal.tenant_id, read_only=True) as connection:
            position = position_now(connection, journal.tenant_id)
            if position == before:
                continue
            news = (connection, journal.tenant_id, position, before, objects)
            uris = dict(connection.execute("SELECT object_id, uri FROM journal.object").fetchall())
            ready, gathered = load_news(*news), _load_gathered(*news)
            is_ready[read_recent(*news) is not None] += 1
        if gathered is None:
            assert ready is None
        else:
            assert _joined(ready or [], uris) == _said(gathered, uris)
        if random.random() < 0.7:  # Else two commits are read at once.
            before, objects = position, max(uris)
    assert is_ready[True] > 3


def _joined(batches: list[Batch], uris: dict[int, str]) -> object:
    events, belonging, classes, positions = zip(*(_said(one, uris) for one in batches), strict=True)
    return (
        [event for one in events for event in one],
        set().union(*belonging),
        {uri: product for one in classes for uri, product in one.items()},
        positions[-1],
    )


def _read(body: dict[str, object]) -> Event:
    (event,) = read_json(msgspec.json.encode([body])).events
    return event


def _told(numbered: list[tuple[int, Event]]) -> object:
    numbers: dict[str, int] = {}
    for _, event in numbered:
        for mention in event.mentions:
            for uri in (mention[1], class_of(mention[1])):
                if uri is not None:
                    numbers.setdefault(uri, len(numbers) + 1)
    pairs = [(number, numbers.get(class_of(uri) or "", 0)) for uri, number in numbers.items()]
    classes = np.array(pairs, np.int64)
    batch = batch_of_events(numbered, numbers, classes, position=numbered[-1][0])
    return _said(batch, {number: uri for uri, number in numbers.items()})


def _said(batch: Batch, uris: dict[int, str]) -> tuple[Any, ...]:
    """Say a batch without numbers of objects; in a list of an event no order is told."""
    columns = (batch.roles, batch.objects, batch.quantities.round(6), batch.units)
    mentions = [
        (int(role), uris[int(thing)], str(quantity), batch.uoms[unit])
        for role, thing, quantity, unit in zip(*columns, strict=True)
    ]
    starts = np.searchsorted(batch.event_of, np.arange(batch.events + 1))
    events = zip(
        *(batch.sequences.tolist(), batch.times.tolist(), batch.types.tolist()),
        *(batch.actions.tolist(), batch.steps.tolist()),
        [Counter(mentions[a:b]) for a, b in pairwise(starts.tolist())],
        strict=True,
    )
    named = set(batch.objects.tolist())
    return (
        list(events),
        {(uris[one], uris[lot]) for one, lot in batch.belonging.tolist()},
        {uris[one]: uris.get(of) for one, of in batch.classes.tolist() if one in named},
        batch.position,
    )
