# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every figure that a node shows to Prometheus, declared once; counting and rendering them.

Labels hold methods, routes, states, codes, channels, organisations and purposes: all of them stand in the
code, in the agreements or in the bundles, so their number is bounded, and none is personal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Kind(StrEnum):
    """What a figure is, and who works it out: `counter` and `histogram` live in the process."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    STORED_COUNTER = "stored counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; counters have names that end with `_total`."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of a figure that is read when somebody asks."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


FIGURES: tuple[Figure, ...] = (
    Figure("gateway_grpc_calls_total", Kind.COUNTER, "gRPC calls that have ended.", ("method", "status")),
    Figure("gateway_grpc_call_seconds", Kind.HISTOGRAM, "Time of gRPC calls, streams left out.", ("method",)),
    Figure("gateway_http_requests_total", Kind.COUNTER, "HTTP requests answered.", ("route", "status")),
    Figure("gateway_http_request_seconds", Kind.HISTOGRAM, "Time of HTTP requests.", ("route",)),
    Figure("gateway_lockouts_total", Kind.COUNTER, "Times that an address was locked out."),
    Figure("gateway_locked_out_addresses", Kind.GAUGE, "Addresses that are locked out now."),
    Figure(
        "gateway_turned_away_total",
        Kind.COUNTER,
        "Requests told to come later, by lock-out or turns.",
        ("code",),
    ),
    Figure("gateway_messages_total", Kind.STORED_COUNTER, "Messages taken."),
    Figure("gateway_documents_total", Kind.STORED_COUNTER, "Documents in messages taken.", ("outcome",)),
    Figure("gateway_items", Kind.GAUGE, "Items and other records of ours.", ("state",)),
    Figure("gateway_shares", Kind.GAUGE, "Shares: one for each record and agreement.", ("state",)),
    Figure("gateway_batches", Kind.GAUGE, "Batches sealed here.", ("state",)),
    Figure("gateway_records_sealed_total", Kind.STORED_COUNTER, "Records in batches sealed here."),
    Figure(
        "gateway_records_answered_total", Kind.STORED_COUNTER, "Records that receipts answer.", ("outcome",)
    ),
    Figure("gateway_received_batches_total", Kind.STORED_COUNTER, "Batches of partners that were taken."),
    Figure("gateway_received_records_total", Kind.STORED_COUNTER, "Records of partners.", ("outcome",)),
    Figure("gateway_refusals_total", Kind.STORED_COUNTER, "Batches of partners that were refused whole."),
    Figure("gateway_ledger_faults", Kind.GAUGE, "Equations of the ledger that do not hold."),
    Figure("gateway_channel_pending", Kind.GAUGE, "Sealed batches without a receipt.", ("channel",)),
    Figure("gateway_channel_stopped", Kind.GAUGE, "1 if a channel is stopped.", ("channel",)),
    Figure("gateway_channel_oldest_seconds", Kind.GAUGE, "Age of the oldest share not sealed.", ("channel",)),
    Figure(
        "gateway_certificate_days_left",
        Kind.GAUGE,
        "Days until the last certificate for a purpose ends.",
        ("organisation", "purpose"),
    ),
    Figure(
        "gateway_agreement_days_left", Kind.GAUGE, "Days until an agreement in force ends.", ("agreement",)
    ),
    Figure("gateway_disk_free_ratio", Kind.GAUGE, "Free part of the file system of the data folder."),
    Figure("gateway_ready", Kind.GAUGE, "1 if every loop of the node runs."),
)
BY_NAME: Mapping[str, Figure] = {one.name: one for one in FIGURES}


class Metrics:
    """The figures of one process; touched by its event loop only."""

    def __init__(self) -> None:
        """Begin at zero."""
        # Else each counter would have a second figure, about when it began, that no page describes.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library says nothing of its type
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._counters = {
            one.name: Counter(one.name, one.meaning, one.labels, registry=self._registry)
            for one in FIGURES
            if one.kind is Kind.COUNTER
        }
        self._histograms = {
            one.name: Histogram(one.name, one.meaning, one.labels, registry=self._registry, buckets=BUCKETS)
            for one in FIGURES
            if one.kind is Kind.HISTOGRAM
        }

    def count(self, name: str, *labels: str) -> None:
        """Add one to a counter."""
        self._counter(name, labels).inc()

    def begin(self, name: str, *labels: str) -> None:
        """Show a counter at zero, so that whoever reads it sees the first step too."""
        self._counter(name, labels)

    def time(self, name: str, seconds: float, *labels: str) -> None:
        """Add one duration to a histogram."""
        self._histograms[name].labels(*labels).observe(seconds)

    def render(self, samples: Iterable[Sample] = ()) -> bytes:
        """Return everything in the text format of Prometheus (exposition format 0.0.4)."""
        read = CollectorRegistry()
        read.register(_Read(list(samples)))
        return generate_latest(self._registry) + generate_latest(read)

    async def rendered(self) -> bytes:
        """Return what the process counts itself, without anything that is read."""
        return self.render()

    def _counter(self, name: str, labels: tuple[str, ...]) -> Counter:
        """Return the counter of these labels, which may be none."""
        counter = self._counters[name]
        return counter.labels(*labels) if labels else counter


class _Read:
    """What was read for one answer."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def collect(self) -> Iterable[Metric]:
        """Yield one family for each figure of which there is a sample."""
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for one in self._samples:
            figure = BY_NAME[one.name]
            if one.name not in families:
                made = CounterMetricFamily if figure.kind is Kind.STORED_COUNTER else GaugeMetricFamily
                families[one.name] = made(figure.name, figure.meaning, labels=figure.labels)
            families[one.name].add_metric(one.labels, one.value)
        return families.values()
