"""The sources, each read once: reached, believed, understood, and as many as expected.

Nothing is kept and nothing compared with the log but sizes: what the doctor reads is no capture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from watcher.core.capture import Target
from watcher.core.facts import Reading
from watcher.core.text import shorten
from watcher.core.verdict import Judgement, Verdict
from watcher.doctor.finding import Area, Finding
from watcher.errors import FetchError, FetchRefusedError, ReadError
from watcher.ports import Answer, Clock, Fetcher, Request
from watcher.readers.judge import Sizes, judge, shrunk
from watcher.readers.reader import Payload
from watcher.services.observe import items
from watcher.services.source import Source

_AREA = Area("sources")
_SHOWN = 5
_NO_NEWS = "nothing is read into such an answer: no event, no alert, and no news either"
_MEANS: Mapping[Verdict, str] = {
    Verdict.BLOCKED: "a firewall, a login or a consent wall stands before it for this machine",
    Verdict.MAINTENANCE: "the site says it is being worked on",
    Verdict.NOT_FOUND: "the page is not at this address any more",
    Verdict.WRONG_PAGE: "another page stands at this address",
    Verdict.TRUNCATED: "only a part of it came",
    Verdict.EMPTY: "the answer has nothing in it",
}
_ADVICE: Mapping[Verdict, str] = {
    Verdict.BLOCKED: "open it in a browser on this machine; ask the site's operator, naming your "
    "contact, or take another address; never pretend to be a browser",
    Verdict.MAINTENANCE: "wait; if it lasts the operator is told (source.blocked)",
    Verdict.NOT_FOUND: "find the page anew and change its `url` (`watcher sources add URL`)",
    Verdict.WRONG_PAGE: "open the address in a browser, and change `url` where it has moved",
}
_LATER = "ask again later; if it lasts the operator is told"


@dataclass(slots=True, kw_only=True)
class Visit:
    """One source, read once.

    Attributes:
        source: The source.
        url: Which of its addresses.
        target: Where we are with it by the database; None: nothing is known.
        reading: What was read, where it was.
        skew: By how much this machine's clock is ahead of the server's; None: not told.
    """

    source: Source
    url: str
    target: Target | None = None
    reading: Reading | None = field(default=None, init=False)
    skew: timedelta | None = field(default=None, init=False)

    def findings(self, fetcher: Fetcher, clock: Clock) -> Iterator[Finding]:
        """Ask once, politely, and yield what was found."""
        request = Request(
            url=self.url,
            max_bytes=self.source.max_bytes,
            seconds=self.source.seconds,
            allow_private=self.source.allow_private,
        )
        try:
            answer = fetcher.fetch(request)
        except FetchError as error:
            yield self._unreached(error)
            return
        self.skew = _skew(answer, clock.now())
        judgement = judge(answer, self.url, self.source.reader)
        if judgement.verdict is not Verdict.OK:
            verdict = judgement.verdict
            yield _AREA.failing(
                self.source.id,
                f"{verdict}: {shorten(judgement.reason, 200)} ({self.url})",
                means=f"{_MEANS.get(verdict, 'it is not the page we know')}; {_NO_NEWS}",
                advice=_ADVICE.get(verdict, _LATER),
            )
            return
        yield from self._read(answer)

    def _unreached(self, error: FetchError) -> Finding:
        if isinstance(error, FetchRefusedError):
            advice = "see robots.txt of the site and `watcher hosts`; take the source out if it may"
            return _AREA.failing(
                self.source.id,
                str(error),
                means="we do not ask what we may not ask",
                advice=f"{advice} not be asked",
            )
        return _AREA.failing(
            self.source.id,
            f"{error} ({self.url})",
            means="it is not watched while it cannot be reached from this machine",
            advice="see whether this machine reaches the internet (name, proxy, firewall, TLS); "
            + _LATER,
        )

    def _read(self, answer: Answer) -> Iterator[Finding]:
        stated = answer.headers.get("content-type", "")
        try:
            self.reading = self.source.reader.read(
                Payload(body=answer.body, media_type=stated, url=answer.url)
            )
        except ReadError as error:
            yield _AREA.failing(
                self.source.id,
                str(error),
                means=f"the page changed its shape, and its reader refuses to guess; {_NO_NEWS}",
                advice="keep the page, look with `watcher read FILE --reader "
                f"{self.source.reader.name}`, and report it",
            )
            return
        yield from self._judged(self.reading, answer)

    def _judged(self, reading: Reading, answer: Answer) -> Iterator[Finding]:
        count = len(reading.records)
        least, most = self.source.least_records, self.source.most_records
        size = f"{len(answer.body) / 1e6:,.2f} MB in {answer.milliseconds:,} ms"
        if not least <= count <= most:
            yield _AREA.failing(
                self.source.id,
                f"{count} records, expected {least} to {most}",
                means=f"a part of it is missing, or the expectation is old; {_NO_NEWS}",
                advice="open the page; where it is right, change `expect` of this source",
            )
        elif doubt := self._shrunk(reading):
            yield _AREA.warning(
                self.source.id,
                f"{doubt.reason}: {', '.join(doubt.signals)}",
                means="it is not believed until it has stayed so for three looks",
                advice="open the page and compare; `watcher captures` tells of the looks",
            )
        else:
            yield _AREA.fine(self.source.id, f"{count:,} records read, {size}")
        if reading.unknown:
            yield self._strange(reading.unknown)

    def _shrunk(self, reading: Reading) -> Judgement | None:
        """Return why less was read than in the last good look; None: it was not."""
        if self.target is None or self.target.is_new:
            return None
        before = Sizes(records=self.target.records, documents=self.target.items)
        return shrunk(before, Sizes(records=len(reading.records), documents=items(reading)))

    def _strange(self, unknown: tuple[str, ...]) -> Finding:
        shown = "; ".join(shorten(note, 100) for note in unknown[:_SHOWN])
        more = f"; and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        return _AREA.warning(
            f"{self.source.id}, labels",
            f"not known: {shown}{more}",
            means="the site shows what its reader does not know; all else is read as ever",
            advice="look whether it matters, and report it, so that the reader learns it",
        )


def _skew(answer: Answer, now: datetime) -> timedelta | None:
    """Return by how much our clock is ahead of the server's, by the answer's own date and age."""
    try:
        dated = parsedate_to_datetime(answer.headers.get("date", ""))
        age = timedelta(seconds=int(answer.headers.get("age", "0")))
        return now - (dated + age)
    except (ValueError, TypeError, OverflowError):
        return None
