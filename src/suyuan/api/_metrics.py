"""Counters and timings for Prometheus. 指标

Where several processes answer, each counts in files of its own, and whichever is asked gives
the sums: `PROMETHEUS_MULTIPROC_DIR` names their folder, see `suyuan serve`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from suyuan.store import Database

__all__ = ["Metrics"]

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)


class Metrics:
    """What one application counts, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "suyuan_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.durations = Histogram(
            "suyuan_http_request_duration_seconds",
            "Time from the head of a request to the end of its answer.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.captured = Counter(
            "suyuan_captured_events", "Events new in the journal.", registry=self.registry
        )
        self.duplicates = Counter(
            "suyuan_duplicate_events",
            "Events that the journal had already.",
            registry=self.registry,
        )
        self.refused = Counter(
            "suyuan_refused_events", "Events that were refused.", registry=self.registry
        )

    def page(self, database: Database) -> bytes:
        """Give everything in Prometheus's text format, what the database knows included."""
        counted = self.registry
        if os.environ.get(_FOLDER):
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        known = CollectorRegistry()
        known.register(_Known(database))
        return generate_latest(counted) + generate_latest(known)


class _Known(Collector):
    """What the database knows, read as it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[GaugeMetricFamily]:
        """Spare the registry a reading only to learn the names."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        position = GaugeMetricFamily(
            "suyuan_journal_position", "Number of the newest event.", labels=("tenant",)
        )
        with self._database.owner() as connection:
            for name, last in connection.execute(
                "SELECT name, last_sequence FROM journal.head JOIN account.tenant USING (tenant_id)"
            ):
                position.add_metric((name,), last)
            row = connection.execute(
                "SELECT count(*) FROM epcis.capture_job WHERE finished IS NULL"
            ).fetchone()
        yield position
        yield GaugeMetricFamily(
            "suyuan_capture_jobs_waiting",
            "Capture jobs that are not finished.",
            value=row[0] if row else 0,
        )
