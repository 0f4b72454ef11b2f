"""The past read anew by a better reader: what it sees otherwise is history, and told to no one."""

from __future__ import annotations

import itertools
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

import pytest

from factories import a_state
from kit.clocks import StandingClock
from kit.correcting import AUTHORISED, WITHDRAWN, Bench
from kit.fuse import Fuse, KilledError, KilledStore
from kit.plain_source import ScriptedFetcher, a_reader, a_source, a_toolbox, page
from watcher.bootstrap import scratch_store
from watcher.core.amend import counting
from watcher.core.capture import instant
from watcher.core.events import Cause
from watcher.ports.store import EventFilter
from watcher.services.amending import Amended
from watcher.services.check import check
from watcher.services.reread import Chosen, reread

PAGES = tuple(f"https://ema.example/en/medicines/human/EPAR/{name}" for name in ("one", "two"))
ENDED = a_state(**{"authorisation[EU].status": "withdrawn"})
BETTER = a_reader(version=2, extra={"product.atc": "L04"})


class Desk:
    """Two pages under watch, one of which came to speak of the other's medicine if told so."""

    def __init__(self, folder):
        self.clock, self.fetcher = StandingClock(), ScriptedFetcher()
        self.tools = a_toolbox(folder, self.fetcher, self.clock)
        self.source = a_source(urls=PAGES)

    def look(self, number, state, *, of=None):
        self.clock.forward(3600)
        self.fetcher.says(page({f"medicine:{of or number}": state}), url=PAGES[number])
        return check(self.source, PAGES[number], self.tools)

    def rereads(self, *, tools=None, is_trial=False, reader=BETTER, **chosen):
        source = replace(self.source, reader=reader)
        steps = reread(
            [source], Chosen(**chosen), tools or self.tools, scratch_store, is_trial=is_trial
        )
        return [step for step in steps if isinstance(step, Amended)]

    def log(self):
        with self.tools.store.reading() as work:
            return list(work.log.read(EventFilter()))

    def counts(self):
        with self.tools.store.reading() as work:
            aside = work.log.set_aside()
        told = (each for each in self.log() if each.event.subject.kind != "source")
        return [
            (each.event.type, each.event.subject.id, bool(each.event.change("product.atc")))
            for each in counting(told, aside)
        ]

    def digest(self, *, rebuilt=False):
        with self.tools.store.writing() as work:
            if rebuilt:
                work.streams.rebuild()
            return work.streams.digest()


@contextmanager
def looked(folder):
    folder.mkdir()
    desk = Desk(folder)
    with closing(desk.tools.store):
        for number in (0, 1):
            desk.look(number, a_state())
            desk.look(number, ENDED)
        yield desk


@pytest.fixture
def desk(tmp_path):
    with looked(tmp_path / "desk") as desk:
        yield desk


def test_an_undisturbed_past_read_anew_by_the_same_reader_is_as_it_was(desk):
    log, digest = desk.log(), desk.digest()

    done = desk.rereads(reader=a_reader())

    assert [each.is_nothing for each in done] == [True, True]
    assert [each.looks for each in done] == [2, 2]
    assert (desk.log(), desk.digest()) == (log, digest)


def test_what_a_better_reader_sees_was_there_from_the_first_look_on(desk):
    before = desk.log()

    done = desk.rereads()

    first = [("fact.recorded", "0", True), ("authorisation.withdrawn", "0", False)]
    assert [each for each in desk.counts() if each[1] == "0"] == first
    assert [each.appended for each in done] == [{"fact.recorded": 1}] * 2
    assert [each.aside for each in done] == [{"fact.recorded": 1}] * 2
    assert desk.log()[: len(before)] == before
    added = desk.log()[len(before) :]
    assert {each.cause for each in added} == {Cause.BASELINE, Cause.REREAD}
    assert {each.provenance.reader for each in added} == {"plain@2"}
    assert desk.digest() == desk.digest(rebuilt=True)


def test_after_it_the_next_look_has_nothing_to_read_again(desk):
    desk.rereads()
    desk.source = replace(desk.source, reader=BETTER)

    assert desk.look(0, ENDED).events == ()
    (told,) = desk.look(0, a_state()).events
    assert (told.event.type, told.cause) == ("authorisation.reinstated", Cause.OBSERVED)


def test_a_reader_that_takes_it_back_makes_what_was_set_aside_count_again(desk):
    digest, counts = desk.digest(), desk.counts()
    desk.rereads()
    assert desk.digest() != digest

    done = desk.rereads(reader=a_reader(version=3))

    assert [(each.appended, each.again) for each in done] == [({}, {"fact.recorded": 1})] * 2
    assert (desk.digest(), desk.counts()) == (digest, counts)
    desk.rereads(is_all=True)
    assert desk.counts()[0] == ("fact.recorded", "0", True)


def test_a_trial_says_what_would_change_and_writes_nothing(desk):
    log, digest = desk.log(), desk.digest()

    tried = desk.rereads(is_trial=True)

    assert (desk.log(), desk.digest()) == (log, digest)
    assert [replace(each, first=0) for each in tried] == [
        replace(each, first=0) for each in desk.rereads()
    ]


def test_what_was_read_anew_is_done_and_all_does_it_again(desk):
    desk.rereads()

    assert desk.rereads() == []
    assert [each.is_nothing for each in desk.rereads(is_all=True)] == [True, True]


def test_a_time_chooses_the_targets_that_were_looked_at_in_it(desk):
    desk.clock.forward(86_400)
    since = instant(desk.clock.now())
    desk.look(1, ENDED)

    assert [each.urls for each in desk.rereads(since=since)] == [(PAGES[1],)]
    assert [each.urls for each in desk.rereads(until=since)] == [(PAGES[0],)]


def test_targets_that_came_to_speak_of_one_medicine_are_read_anew_together(desk):
    desk.look(0, ENDED, of=1)

    (done,) = desk.rereads()

    assert done.urls == PAGES
    assert desk.digest() == desk.digest(rebuilt=True)


def test_killed_at_any_step_the_next_run_goes_on_where_it_was(tmp_path, desk):
    desk.rereads()
    wanted = desk.digest(), desk.counts()
    for step in itertools.count(1):
        with looked(tmp_path / str(step)) as other:
            fuse = Fuse(at=step)
            fused = replace(other.tools, store=KilledStore(other.tools.store, fuse))
            with suppress(KilledError):
                other.rereads(tools=fused)
            rest = other.rereads()

            assert len(rest) == 2 - fuse.commits
            assert (other.digest(), other.counts()) == wanted
        if fuse.steps < step:
            break
    assert step == 7


def test_what_a_person_put_right_stays_right_when_the_past_is_read_anew(tmp_path):
    bench = Bench(tmp_path)
    bench.look(AUTHORISED)
    bench.look(WITHDRAWN)
    bench.correct(bench.last("authorisation.withdrawn"))
    bench.look(WITHDRAWN)
    before = bench.state("ema")

    *_, done = reread([a_source()], Chosen(), bench.tools, scratch_store, is_trial=False)
    *_, anew = reread([a_source(BETTER)], Chosen(), bench.tools, scratch_store, is_trial=False)

    assert done.is_nothing
    assert anew.aside == anew.appended == {"fact.recorded": 1}
    assert bench.state("ema") == {**before, "product.atc": "L04"}
    assert before["authorisation[EU].status"] == "authorised"
    bench.store.close()
