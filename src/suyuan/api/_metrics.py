"""Counters and timings for Prometheus. 指标"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from suyuan.store import Database

__all__ = ["Metrics"]

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
        self._position = Gauge(
            "suyuan_journal_position",
            "Number of the newest event.",
            ("tenant",),
            registry=self.registry,
        )
        self._waiting = Gauge(
            "suyuan_capture_jobs_waiting",
            "Capture jobs that are not finished.",
            registry=self.registry,
        )

    def page(self, database: Database) -> bytes:
        """Give everything in Prometheus's text format, what the database knows included."""
        with database.owner() as connection:
            for name, position in connection.execute(
                "SELECT name, last_sequence FROM journal.head JOIN account.tenant USING (tenant_id)"
            ):
                self._position.labels(name).set(position)
            row = connection.execute(
                "SELECT count(*) FROM epcis.capture_job WHERE finished IS NULL"
            ).fetchone()
            self._waiting.set(row[0] if row else 0)
        return generate_latest(self.registry)
