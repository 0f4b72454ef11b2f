"""A site of many pages, disturbed in every way it knows, and what is told of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench_reader import BENCH_PAGE
from rows import Row, row, scratch

from kit.clocks import StandingClock
from kit.free_port import free_port
from kit.station import Station, settings, station
from watcher.bootstrap import Watcher
from watcher.core.events import Recorded
from watcher.ports import Answer, Fetcher, Request
from watcher.services.check import Outcome, check

FAULTS = (
    *("waf", "waf202", "waf403", "maintenance", "maintenance503"),
    *("blank", "empty", "truncated", "error500", "drop"),
)
HALF_A_DAY = 12 * 3600
TABLE = re.compile(rb'<table class="documents">.*?</table>', re.DOTALL)
RULES = [
    {"id": "news", "channels": ["pv"]},
    {"id": "operator", "events": ["source.*", "watch.*"], "channels": ["operator"]},
]


@dataclass(slots=True)
class Site:
    """The bench server as a process of its own, and its control."""

    base: str

    def ask(self, what: str, **query: object) -> object:
        asked = f"{self.base}/__ctl/{what}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310  loopback
            body = answer.read().decode()
        return json.loads(body) if body[:1] in "[{" else body.split()


@contextmanager
def site(folder: Path, size: int) -> Iterator[Site]:
    port = free_port()
    words = [sys.executable, "-B", "server.py", "--n", str(size), "--port", str(port)]
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it says that it is ready
        yield Site(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.communicate()


@dataclass(slots=True)
class Tampering:
    """A fetcher that takes something out of some pages' answers."""

    inner: Fetcher
    urls: frozenset[str] = frozenset()
    change: Callable[[bytes], bytes] = field(default=lambda body: body)

    def fetch(self, request: Request) -> Answer:
        if request.url not in self.urls:
            return self.inner.fetch(request)
        answer = self.inner.fetch(replace(request, etag="", last_modified=""))
        return replace(answer, body=self.change(answer.body), headers={})


class Watched:
    """A watcher over the site's pages."""

    def __init__(self, watching: Station, urls: Sequence[str]) -> None:
        self._clock = watching.clock
        self._watcher: Watcher = watching.watcher
        (source,) = self._watcher.sources.values()
        self._source = replace(source, reader=BENCH_PAGE)
        self.fetcher = Tampering(self._watcher.tools.fetcher)
        self._tools = replace(self._watcher.tools, fetcher=self.fetcher)
        self.urls = tuple(urls)

    def messages(self) -> int:
        """Return how many messages people would have got so far; the operator is none of them."""
        with self._watcher.store.reading() as work:
            return sum(each.channel == "pv" for each in work.outbox.latest(1_000_000))

    def look(self, after: float = HALF_A_DAY) -> list[Outcome]:
        """Look at all pages once, half a day later, and decide whom to tell."""
        self._clock.forward(after)
        done = []
        for url in self.urls:
            self._clock.forward(0.01)
            done.append(check(self._source, url, self._tools))
        self._watcher.alert()
        return done


def score_bench(folder: Path, *, size: int) -> list[Row]:
    """Score every disturbance, its recovery and every kind of change on `size` pages."""
    with scratch() as room, site(folder, size) as bench:
        urls = [str(url) for url in bench.ask("urls")]
        source = {"id": "bench", "reader": "ema_medicine_page", "urls": urls, "title": "Bench"}
        path = settings(
            room, [source], channels={"pv": "folder:pv", "operator": "folder:op"}, rules=RULES
        )
        with station(path, StandingClock()) as watching:
            watched = Watched(watching, urls)
            rows = [_baseline(watched)]
            rows += [_fault(watched, bench, kind) for kind in FAULTS]
            rows += [_noise(watched, bench), *_changes(watched, bench, size)]
            rows += [_half_tables(watched), _lost_tables(watched), _gone_tables(watched)]
            return rows


def _baseline(watched: Watched) -> Row:
    done = watched.look()
    read = sum(outcome.baseline for outcome in done)
    told = [event for outcome in done for event in outcome.events]
    bad = Counter(str(each.capture.verdict) for each in done if not each.capture.verdict.is_good)
    return Row(
        name="bench: pages read",
        expected=len(watched.urls),
        hits=read,
        false=len(told),
        note=", ".join(f"{count} {verdict}" for verdict, count in bad.items()),
    )


def _fault(watched: Watched, bench: Site, kind: str) -> Row:
    """Disturb all pages once, and look again when all is well."""
    bench.ask("fault", kind=kind, fraction=1)
    disturbed = watched.look()
    bench.ask("nofault")
    recovered = watched.look()
    told = _told(disturbed) + _told(recovered)
    verdicts = Counter(str(outcome.capture.verdict) for outcome in disturbed)
    believed = sum(outcome.capture.verdict.is_good for outcome in disturbed)
    lost = sum(not outcome.capture.verdict.is_good for outcome in recovered)
    return Row(
        name=f"bench, trap: {kind}",
        expected=0,
        hits=0,
        false=len(told) + believed + lost,
        note=_figures(told, verdicts, believed=believed, not_recovered=lost),
    )


def _noise(watched: Watched, bench: Site) -> Row:
    bench.ask("noise", kinds="token,views,banner,reorder", fraction=1)
    done = watched.look()
    told = _told(done, also_operators=True)
    return Row(
        name="bench, trap: new banner, token, counter, order of rows",
        expected=0,
        hits=0,
        false=len(told),
        note=_figures(told, Counter(str(each.capture.verdict) for each in done)),
    )


def _changes(watched: Watched, bench: Site, size: int) -> list[Row]:
    """Change one page in a hundred, a third of them to withdrawn; then take the status back."""
    count = max(9, size // 100)
    truth = bench.ask("change", count=count, kinds="status,doc_added,doc_updated", seed=1)
    done = watched.look()
    wanted = {(change["path"], _TYPES[change["kind"]]) for change in truth}
    revised = {"document.revised", "document.date_changed"}
    told = _by_page(done)
    rows = [
        row(
            "bench: one page in a hundred changed",
            [each for each in wanted if each[1] not in revised],
            [each for each in told if each[1] not in revised],
        ),
        row(
            "bench: documents revised",
            [each for each in wanted if each[1] in revised],
            [each for each in told if each[1] in revised],
        ),
    ]
    back = bench.ask("change", kinds="status_revert")
    again = watched.look()
    truth_2 = bench.ask("change", count=count, kinds="status", seed=2)
    third = watched.look()
    truth_3 = bench.ask("change", kinds="status_revert")
    last = watched.look()
    rows += [
        row("bench: taken back", _statuses(back), _by_page(again)),
        row("bench: others withdrawn", _statuses(truth_2), _by_page(third)),
        row("bench: all taken back", _statuses(truth_3), _by_page(last)),
    ]
    removed = bench.ask("change", count=count, kinds="doc_removed", seed=3)
    wanted = {(change["path"], "document.removed") for change in removed}
    early = [*_by_page(watched.look()), *_by_page(watched.look())]
    rows.append(row("bench, trap: a document missing twice", [], early))
    return [*rows, row("bench: a document gone", wanted, _by_page(watched.look()))]


_TYPES = {
    "status": "authorisation.withdrawn",
    "doc_added": "document.added",
    "doc_updated": "document.revised",
}


def _statuses(truth: Sequence[Mapping[str, str]]) -> set[tuple[str, str]]:
    """Return the events that changes of status make; taking back what was taken back withdraws."""
    ends = {"Withdrawn": "authorisation.withdrawn", "Authorised": "authorisation.reinstated"}
    return {(change["path"], ends[change["new"]]) for change in truth}


def _half_tables(watched: Watched) -> Row:
    """Take half of the rows out of every third page's table, twice, and give them back."""
    return _tampered(watched, "half of the rows of 30 % of the pages", _halved, looks=2)


def _lost_tables(watched: Watched) -> Row:
    """Take the table out of 30 % of the pages for two days; one notice is due, no news."""
    return _tampered(watched, "no table on 30 % of the pages for 2 days", _without, looks=4)


def _gone_tables(watched: Watched) -> Row:
    """Take the table out of 30 % of the pages for good: a redesign is one notice, no flood."""
    return _tampered(watched, "no table on 30 % of the pages for 4 days", _without, looks=8)


def _tampered(watched: Watched, name: str, change: Callable[[bytes], bytes], *, looks: int) -> Row:
    third = watched.urls[: max(1, len(watched.urls) * 3 // 10)]
    before = watched.messages()
    watched.fetcher.urls, watched.fetcher.change = frozenset(third), change
    done = [outcome for _ in range(looks) for outcome in watched.look()]
    watched.fetcher.urls = frozenset()
    back = watched.look()
    told = _told(done) + _told(back)
    messages = watched.messages() - before
    notices = [
        e.event.type
        for outcome in [*done, *back]
        for e in outcome.events
        if e.event.type.startswith("source.") and e.event.type != "source.recovered"
    ]
    verdicts = Counter(str(outcome.capture.verdict) for outcome in done)
    return Row(
        name=f"bench, trap: {name}",
        expected=0,
        hits=0,
        false=messages + max(0, len(notices) - 1),
        note=f"{_figures(told, verdicts)}; {messages} messages; notices: {dict(Counter(notices))}",
    )


def _halved(body: bytes) -> bytes:
    found = TABLE.search(body)
    if found is None:
        return body
    head, *rows = found[0].split(b'<tr class="bcl-file"')
    kept = b'<tr class="bcl-file"'.join([head, *rows[: len(rows) // 2]])
    return body[: found.start()] + kept + b"</tbody></table>" + body[found.end() :]


def _without(body: bytes) -> bytes:
    return TABLE.sub(b"", body)


def _told(done: Sequence[Outcome], *, also_operators: bool = False) -> list[Recorded]:
    return [
        told
        for outcome in done
        for told in outcome.events
        if also_operators or not told.event.type.startswith("source.")
    ]


def _by_page(done: Sequence[Outcome]) -> list[tuple[str, str]]:
    return [
        (urllib.parse.urlsplit(outcome.capture.url).path, told.event.type)
        for outcome in done
        for told in outcome.events
        if not told.event.type.startswith(("source.", "fact."))
    ]


def _figures(told: Sequence[Recorded], verdicts: Mapping[str, int], **more: int) -> str:
    kinds = Counter(each.event.type for each in told)
    parts = [f"{count} {name}" for name, count in verdicts.items()]
    parts += [f"told {count} {name}" for name, count in kinds.items()]
    parts += [f"{count} {name.replace('_', ' ')}" for name, count in more.items() if count]
    return ", ".join(parts)
