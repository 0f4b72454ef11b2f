"""Late pages of a source with many: only the targets concerned are run again, and all of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import a_state
from kit.clocks import StandingClock
from kit.plain_source import ScriptedFetcher, a_source, a_toolbox, page
from watcher.bootstrap import scratch_store
from watcher.core.amend import counting
from watcher.ports.store import EventFilter
from watcher.services.amending import Amended
from watcher.services.archive import Page
from watcher.services.check import check
from watcher.services.exchange import import_pages

URLS = tuple(f"https://ema.example/en/medicines/human/EPAR/{name}" for name in ("a", "b", "c"))
ENDED = a_state(**{"authorisation[EU].status": "withdrawn"})


class Shelf:
    """A store with one live look at each of three pages, and late ones to be put before them."""

    def __init__(self, folder):
        self.folder = folder
        self.clock, self.fetcher = StandingClock(), ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.source = a_source(urls=URLS)
        self.start = self.clock.now()

    def look(self, number, state):
        self.clock.forward(3600)
        self.fetcher.says(page({f"medicine:{number}": state}), url=URLS[number])
        check(self.source, URLS[number], self.tools)

    def late(self, number, state, *, days, of=None):
        path = self.folder / f"{number}_{days}.json"
        path.write_bytes(page({f"medicine:{number if of is None else of}": state}))
        return Page(
            at=self.start - timedelta(days=days),
            url=URLS[number],
            name=path.name,
            path=path,
            headers={"content-type": "application/json"},
        )

    def imports(self, *pages):
        ordered = sorted(pages, key=lambda each: each.at)
        steps = import_pages(self.source, ordered, self.tools, scratch_store)
        return next(each for each in steps if isinstance(each, Amended))

    def counts(self):
        with self.tools.store.reading() as work:
            told = counting(work.log.read(EventFilter()), work.log.set_aside())
        return [
            (each.event.subject.id, each.event.type)
            for each in told
            if each.event.subject.kind != "source"
        ]


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    for number in range(3):
        shelf.look(number, ENDED)
    yield shelf
    shelf.tools.store.close()


def test_a_late_page_runs_its_own_target_again_and_no_other(shelf):
    amended = shelf.imports(shelf.late(1, a_state(), days=30))

    assert (amended.urls, amended.looks) == ((URLS[1],), 2)
    assert shelf.counts() == [
        *(("1", "fact.recorded"), ("0", "fact.recorded")),
        *(("1", "authorisation.withdrawn"), ("2", "fact.recorded")),
    ]


def test_a_page_that_was_once_of_another_s_medicine_runs_that_target_too(shelf):
    amended = shelf.imports(shelf.late(0, a_state(), days=30, of=2))

    assert (amended.urls, amended.looks) == ((URLS[0], URLS[2]), 3)
    assert ("2", "authorisation.withdrawn") in shelf.counts()
    assert shelf.counts()[0] == ("2", "fact.recorded")
    assert ("0", "product.identifier_changed") in shelf.counts()


def test_pages_in_two_goes_and_in_one_tell_the_same(tmp_path, shelf):
    def pages(each):
        return [each.late(1, a_state(), days=30), each.late(1, ENDED, days=20)]

    shelf.imports(pages(shelf)[1])
    shelf.imports(pages(shelf)[0])
    (tmp_path / "other").mkdir()
    other = Shelf(tmp_path / "other")
    for number in range(3):
        other.look(number, ENDED)
    other.imports(*pages(other))

    assert other.counts() == shelf.counts()
    with other.tools.store.reading() as one, shelf.tools.store.reading() as two:
        assert one.streams.digest() == two.streams.digest()
    other.tools.store.close()
