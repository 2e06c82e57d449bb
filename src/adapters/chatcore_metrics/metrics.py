"""A server's figures in the words of Prometheus, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector, CollectorRegistry

from chatcore.ports.observer import Durations, Figures, SharedFigures

_PREFIX: Final = "chatcore_"


class ServerCollector(Collector):
    """Implements Prometheus' collector with a server's figures.

    Args:
        version: of chatcore.
        figures: returns what the server does at this moment; None when there is nothing to tell yet.
        lag: how late the event loop does what is due.
        log_drops: returns how many records the log has dropped.
    """

    def __init__(
        self,
        version: str,
        figures: Callable[[], Figures | None],
        lag: Durations,
        log_drops: Callable[[], int],
    ) -> None:
        self._version = version
        self._figures = figures
        self._lag = lag
        self._log_drops = log_drops

    def collect(self) -> Iterator[Metric]:
        """Return every metric as it is now."""
        yield _gauge("info", "What runs here.", {self._version: 1}, "version")
        yield _histogram("event_loop_lag_seconds", "How late the event loop did what was due.", self._lag)
        yield _counter("log_drops", "Log records that found no room.", self._log_drops())
        figures = self._figures()
        if figures is not None:
            yield from _of_server(figures)


def _of_server(figures: Figures) -> Iterator[Metric]:
    connections = GaugeMetricFamily(
        f"{_PREFIX}connections", "Connections, logged in or not.", labels=("transport", "dialect")
    )
    for labels, number in figures.connections.items():
        connections.add_metric(labels, number)
    yield connections
    yield _gauge("sessions", "Users, those in their grace period too.", figures.sessions)
    yield _gauge("waiting_sessions", "Users in their grace period.", figures.waiting)
    yield _gauge("rooms", "Rooms.", figures.rooms)
    yield _counter("messages", "Sends that were acknowledged.", figures.messages, "kind")
    deliveries = {"published": figures.published, "own": figures.told}
    yield _counter("deliveries", "What reached somebody: published, or in words of its own.", deliveries, "kind")
    yield _counter("refusals", "Requests that were refused.", figures.refusals, "code")
    yield _counter("turned_away", "Connections that were refused before they were open.", figures.turned_away, "kind")
    yield _counter("events", "Lines of the log, those that were held back too.", figures.lines, "event")
    yield _counter("received_bytes", "Bytes of payloads that came.", figures.bytes_in)
    yield _counter("sent_bytes", "Bytes of payloads that went out.", figures.bytes_out)
    yield _counter("file_bytes", "Bytes of files among those that went out.", figures.file_bytes)
    if figures.commits is not None:
        yield _histogram("journal_commit_seconds", "Until the store had kept what was proposed.", figures.commits)
    if figures.store_bytes is not None:
        yield _gauge("store_bytes", "Bytes that the store takes.", figures.store_bytes)
    if figures.store_refuses is not None:
        yield _gauge(
            "store_refuses", "1 while the store keeps nothing, and what is sent is refused.", figures.store_refuses
        )
    if figures.shared is not None:
        yield from _of_cluster(figures.shared)


def _of_cluster(shared: SharedFigures) -> Iterator[Metric]:
    yield _gauge("nodes", "Servers of this chat that are up: those whose lease is not over.", shared.nodes)
    yield _gauge("journal_position", "Last entry of the journal that was applied.", shared.position)
    if shared.behind is not None:
        yield _gauge("journal_behind", "Entries of the journal that were not applied yet.", shared.behind)
    yield _gauge("journal_lag_seconds", "How long the oldest batch under way has not come back.", shared.lag)
    yield _gauge("journal_under_way", "Batches that were proposed and have not come back.", shared.under_way)
    if shared.snapshot_age is not None:
        yield _gauge("snapshot_age_seconds", "Age of the last snapshot.", shared.snapshot_age)


class Metrics:
    """The page at `/metrics`: what `ServerCollector` says, and what the system says of the process."""

    def __init__(self, collector: Collector) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return the page and its type, in the form that fits the header `Accept` best."""
        try:
            encode, content_type = choose_encoder(accept if accept.isprintable() else "")
            return encode(self._registry), content_type
        except (TypeError, ValueError):  # a version that is none
            encode, content_type = choose_encoder("")
            return encode(self._registry), content_type


def _gauge(name: str, about: str, value: float | Mapping[str, float], label: str = "") -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, about, labels=(label,) if label else ())
    return _filled(family, value)


def _counter(name: str, about: str, value: float | Mapping[str, int], label: str = "") -> Metric:
    family = CounterMetricFamily(_PREFIX + name, about, labels=(label,) if label else ())
    return _filled(family, value)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, value: float | Mapping[str, float]) -> Metric:
    for key, number in value.items() if isinstance(value, Mapping) else [(None, value)]:
        family.add_metric(() if key is None else (key,), number)
    return family


def _histogram(name: str, about: str, durations: Durations) -> Metric:
    family = HistogramMetricFamily(_PREFIX + name, about)
    buckets = [("+Inf" if bound == float("inf") else str(bound), count) for bound, count in durations.cumulated()]
    family.add_metric((), buckets, durations.total)
    return family
