"""How the watcher does, in numbers: computed when they are asked for, in one view of the store.

Nothing is counted anywhere else, so that a number is what the log and the ledger say, and a restart
loses none. Both only grow: what was counted once is not counted again.
"""

from __future__ import annotations

import platform
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

import watcher
from watcher.bootstrap import Watcher
from watcher.config.model import UNLIMITED
from watcher.core.access import Act
from watcher.core.capture import instant
from watcher.core.pressure import Pressure
from watcher.core.taxonomy import Severity
from watcher.ports.store import Work
from watcher.services.alert import CONSUMER
from watcher.services.cluster_page import NEEDED, standing_in
from watcher.services.overdue import PATIENCE
from watcher.web.families import FAMILIES, Sample
from watcher.web.site import Here

_SEVERITIES = {each.rank: str(each) for each in Severity}
_WAITING = frozenset({"pending", "sending"})
_NEVER = float("inf")


@dataclass(slots=True)
class Meter:
    """Counts what only grows, from where it was the last time.

    Attributes:
        captures: Looks by source and verdict.
        payloads: Bytes of payloads met for the first time, by source.
        events: Events by family and severity.
    """

    captures: Counter[tuple[str, str]] = field(default_factory=Counter)
    payloads: Counter[str] = field(default_factory=Counter)
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    _looks: int = 0
    _head: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def read(self, work: Work) -> Iterator[Sample]:
        """Yield the counts as the store has them now."""
        with self._turn:
            self._go_on(work)
            captures, events = dict(self.captures), dict(self.events)
            payloads = dict(self.payloads)
        for (source, verdict), count in sorted(captures.items()):
            yield Sample("watcher_captures_total", count, (source, verdict))
        for source, size in sorted(payloads.items()):
            yield Sample("watcher_payload_bytes_total", size, (source,))
        for (family, severity), count in sorted(events.items()):
            yield Sample("watcher_events_total", count, (family, severity))

    def _go_on(self, work: Work) -> None:
        looks, head = work.captures.count(), work.log.head()
        if looks > self._looks:
            for each in work.captures.counted(after=self._looks):
                self.captures[each.source, str(each.verdict)] += each.looks
                self.payloads[each.source] += each.new_bytes
        if head > self._head:
            for (kind, rank), count in work.log.counted(after=self._head).items():
                self.events[kind.partition(".")[0], _SEVERITIES[rank]] += count
        self._looks, self._head = looks, head


class MetricsPage(Controller):
    """What Prometheus asks."""

    path = "/metrics"
    include_in_schema = False
    opt = {"act": Act.SEE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(self, site: Here, meter: NamedDependency[SkipValidation[Meter]]) -> Response[bytes]:
        """Tell how the watcher does, in Prometheus's text form."""
        with site.watcher.store.reading() as work:
            samples = [*meter.read(work), *now_of(site.watcher, work, site.now)]
        return Response(exposition(samples), media_type=CONTENT_TYPE_LATEST)


def exposition(samples: Iterable[Sample]) -> bytes:
    """Return samples in Prometheus's text form, in a registry of their own."""
    by_name: dict[str, list[Sample]] = {family.name: [] for family in FAMILIES}
    for each in samples:
        by_name[each.name].append(each)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Once(by_name))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True, eq=False)
class _Once:
    """What a registry collects."""

    samples: Mapping[str, list[Sample]]

    def collect(self) -> Iterator[Metric]:
        """Yield every family, also those that nothing is told of now."""
        for family in FAMILIES:
            made = (CounterMetricFamily if family.is_counter else GaugeMetricFamily)(
                family.name, family.meaning, labels=family.labels
            )
            for each in self.samples[family.name]:
                made.add_metric(each.labels, each.value)
            yield made


def now_of(watched: Watcher, work: Work, now: datetime) -> Iterator[Sample]:
    """Yield how things stand at this moment.

    Args:
        watched: The program.
        work: The tables, as of one moment.
        now: The present instant.
    """
    yield Sample("watcher_build_info", 1, (watcher.__version__, platform.python_version()))
    yield from _log(work, now)
    yield from _sources(watched, work, now)
    yield from _work(work, now)
    yield from _messages(watched, work, now)
    yield from _hosts(watched, work, now)


def _log(work: Work, now: datetime) -> Iterator[Sample]:
    head, signed = work.log.head(), work.proof.last_checkpoint()
    yield Sample("watcher_log_head", head)
    yield Sample("watcher_alerting_lag_events", head - work.checkpoint(CONSUMER))
    yield Sample("watcher_memo_lag_events", head - max(work.memos.positions(), default=0))
    yield Sample("watcher_unsigned_events", head - (signed.size if signed else 0))
    yield Sample("watcher_checkpoint_age_seconds", _age(signed.at if signed else "", now))


def _sources(watched: Watcher, work: Work, now: datetime) -> Iterator[Sample]:
    late = instant(now - PATIENCE)
    for source in watched.sources:
        known = work.captures.targets_counted(source, late=late)
        yield Sample("watcher_last_good_capture_seconds", _age(known.last_good_at, now), (source,))
        yield Sample("watcher_targets", known.targets, (source,))
        yield Sample("watcher_targets_overdue", known.overdue, (source,))


def _work(work: Work, now: datetime) -> Iterator[Sample]:
    stands = standing_in(work, now)
    yield Sample("watcher_targets_due", stands.backlog.due)
    yield Sample("watcher_targets_leased", stands.backlog.leased)
    yield Sample("watcher_queue_age_seconds", stands.lateness)
    seen = Counter((each.process.role, each.is_alive) for each in stands.members)
    for (role, is_alive), processes in sorted(seen.items()):
        yield Sample("watcher_processes", processes, (role, "alive" if is_alive else "silent"))
    for role in NEEDED:
        yield Sample("watcher_role_missing", role in stands.missing, (role,))
    yield Sample("watcher_fetch_pressure", [*Pressure].index(stands.pressure))


def _messages(watched: Watcher, work: Work, now: datetime) -> Iterator[Sample]:
    messages: Counter[str] = Counter()
    oldest: dict[str, str] = {}
    for each in work.outbox.depths():
        messages[each.state] += each.messages
        if each.state in _WAITING:
            oldest[each.state] = min(oldest.get(each.state, each.oldest), each.oldest)
    for state in ("pending", "sending", "delivered", "given_up", "cancelled"):
        yield Sample("watcher_outbox_messages", messages[state], (state,))
    for state, at in oldest.items():
        yield Sample("watcher_outbox_oldest_seconds", _age(at, now), (state,))
    for channel in watched.config.channels:
        health = work.channel_health.get(channel.id)
        is_closed = health.closed_until > instant(now)
        yield Sample("watcher_channel_closed", is_closed, (channel.id,))
        yield Sample("watcher_channel_failures", health.failures, (channel.id,))
    yield Sample("watcher_open_cases", work.case_states.count_open())
    held = sum(each.events for each in work.held.batches() if each.state == "held")
    yield Sample("watcher_held_events", held)


def _hosts(watched: Watcher, work: Work, now: datetime) -> Iterator[Sample]:
    for each in work.hosts.standings():
        is_today = each.day == now.date().isoformat()
        budget = watched.config.host(each.host.rpartition("@")[2].partition(":")[0]).budget
        asked = each.requests if is_today else 0
        yield Sample("watcher_host_requests_today", asked, (each.host,))
        yield Sample("watcher_host_bytes_today", each.bytes if is_today else 0, (each.host,))
        most = _NEVER if budget == UNLIMITED else budget
        yield Sample("watcher_host_budget_requests", most, (each.host,))
        yield Sample("watcher_host_paused", each.paused_until > instant(now), (each.host,))


def _age(at: str, now: datetime) -> float:
    """Return how many seconds ago an instant was; infinite: it never was."""
    return (now - datetime.fromisoformat(at)).total_seconds() if at else _NEVER
