"""The past read late or anew, beside a watch that goes on: nothing swallowed, nothing invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from factories import a_state
from kit.archives import archivist, written
from kit.bulk import row, withdrawn
from kit.clocks import StandingClock
from kit.correcting import BY, LETTERS, STATUS, SUSPENDED, WHY, WITHDRAWN, Bench, letter
from kit.correcting import ENDED as ENDED_ON
from kit.plain_source import URL, a_reader, a_source, page
from watcher.bootstrap import scratch_store
from watcher.core.events import Cause
from watcher.errors import OperationalError
from watcher.services.alert import alert
from watcher.services.amending import Amended
from watcher.services.check import check
from watcher.services.correct import Wrong, correct
from watcher.services.replay import rebuild
from watcher.services.reread import Chosen, reread

ROWS = [row(number) for number in range(1, 7)]
ENDED = [withdrawn(1), *ROWS[1:]]


@pytest.fixture
def keeper(tmp_path):
    with archivist(tmp_path / "store") as keeper:
        yield keeper


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def types(keeper, cause=None):
    return [
        told.event.type
        for told in keeper.counting()
        if told.cause is not Cause.BASELINE and cause in (None, told.cause)
    ]


def rereads(bench, version=2):
    source = a_source(a_reader(version=version))
    steps = reread([source], Chosen(), bench.tools, scratch_store, is_trial=False)
    return [step for step in steps if isinstance(step, Amended)]


def right_reader():
    """A reader that no longer takes the sentence of another medicine for a withdrawal."""

    def read(payload):
        reading = a_reader(version=2).read(payload)
        facts = tuple(
            replace(fact, value="authorised") if fact.path == STATUS else fact
            for fact in reading.records[0].facts
            if fact.path != ENDED_ON
        )
        return replace(reading, records=(replace(reading.records[0], facts=facts),))

    return a_source(replace(a_reader(version=2), read=read))


def test_a_file_newer_than_the_last_live_look_swallows_no_news(keeper, tmp_path):
    keeper.looks(*ROWS)
    keeper.clock.forward(10 * 86_400)
    name = f"{keeper.clock.now() - timedelta(days=1):%Y-%m-%d}_m.json"
    (path,) = written(tmp_path / "files", {name: ENDED})

    with pytest.raises(OperationalError, match="watcher once"):
        keeper.imports(path)
    keeper.looks(*ENDED)
    keeper.imports(path)

    observed = [told for told in keeper.log() if told.cause is Cause.OBSERVED]
    assert [told.event.type for told in observed].count("authorisation.withdrawn") == 1
    assert types(keeper).count("authorisation.withdrawn") == 1


def test_a_file_of_the_future_is_refused(keeper, tmp_path):
    (path,) = written(tmp_path / "files", {"2042-08-22_m.json": ROWS})

    with pytest.raises(OperationalError, match="2042"):
        keeper.imports(path)
    assert keeper.log() == []


def test_a_look_of_another_source_is_not_taken_for_one_that_is_known(keeper, tmp_path):
    (path,) = written(tmp_path / "files", {"2024-03-01_m.json": ROWS})
    keeper.imports(path)
    keeper.source = replace(keeper.source, id="second")

    with pytest.raises(OperationalError, match="that of the source ema-table"):
        keeper.imports(path)


def test_trouble_in_an_archive_does_not_make_the_operator_deaf(bench):
    """What an archive says of watching is not ours to be told, and takes no place of what is."""
    bench.look(a_state())
    archived = replace(bench.tools, cause=Cause.IMPORTED)
    for _ in range(4):
        bench.clock.forward(3600)
        bench.fetcher.says(b"<html>down</html>", status=503)
        check(a_source(), URL, archived)
    for _ in range(4):
        bench.clock.forward(3600)
        bench.fetcher.says(b"<html>down</html>", status=503)
        check(a_source(), URL, bench.tools)

    told = bench.log(causes=(Cause.OBSERVED,), types=("source.*",))
    assert len(told) == 1


def test_a_mass_in_an_archive_is_held_for_no_one_to_release(bench):
    names = [f"medicine:EMEA/H/C/{number:06d}" for number in range(1, 60)]
    source = a_source(a_reader(lists_all=True))
    archived = replace(bench.tools, cause=Cause.IMPORTED)
    for status in ("authorised", "withdrawn"):
        bench.clock.forward(3600)
        bench.fetcher.says(page({name: a_state(**{STATUS: status}) for name in names}))
        check(source, URL, archived)

    with bench.store.reading() as work:
        assert work.held.batches() == ()


def test_a_correction_that_a_better_reader_ends_is_over_when_the_views_are_made_anew(bench):
    bench.look(a_state())
    bench.look(WITHDRAWN)
    bench.clock.forward(60)
    bench.correct(bench.last("authorisation.withdrawn"))
    bench.look(WITHDRAWN, source=right_reader())

    assert bench.log()[-1].cause is Cause.REREAD
    before = bench.state()
    assert rebuild(bench.store).is_equal
    assert bench.state() == before


def test_an_archive_from_before_a_correction_takes_its_place_before_it(keeper, tmp_path):
    halted = [row(1, medicine_status="Suspended"), *ROWS[1:]]
    first, second, third = written(
        tmp_path / "files",
        {"2024-01-01_m.json": ROWS, "2024-02-01_m.json": ENDED, "2024-03-01_m.json": halted},
    )
    keeper.imports(first, second)
    (wrong,) = (told for told in keeper.log() if told.event.type == "authorisation.withdrawn")
    with keeper.tools.store.reading() as work:
        before = work.streams.get(wrong.stream).state
    correct(
        keeper.tools.store, Wrong(event=str(wrong.position), why=WHY), LETTERS, BY, keeper.clock
    )
    keeper.imports(third)

    digest = keeper.digest()
    assert keeper.rebuilt() == digest
    assert before[STATUS] == "withdrawn"
    with keeper.tools.store.reading() as work:
        assert work.streams.get(wrong.stream).state[STATUS] == "authorised"


def test_a_correction_and_a_source_that_takes_it_up_are_folded_as_they_were_lived(bench):
    bench.look(a_state())
    bench.look(WITHDRAWN)
    bench.correct(bench.last("authorisation.withdrawn"))
    bench.look(SUSPENDED)
    bench.look(WITHDRAWN)
    before = bench.state()
    rereads(bench)

    assert bench.state() == before
    assert rebuild(bench.store).is_equal


class LooseClock(StandingClock):
    moved = timedelta(0)

    def now(self):
        return super().now() + self.moved


@pytest.fixture
def loose(tmp_path):
    bench = Bench(tmp_path)
    clock = LooseClock()
    bench.clock = clock
    bench.tools = replace(bench.tools, clock=clock, recorder=clock)
    yield bench
    bench.store.close()


def test_a_withdrawal_seen_by_a_clock_set_back_stays_one_when_the_past_is_read_anew(loose):
    loose.look(a_state())
    loose.look(a_state())
    loose.clock.moved = timedelta(hours=-3)
    loose.look(WITHDRAWN)
    rereads(loose)

    assert loose.state()[STATUS] == "withdrawn"
    loose.clock.moved = timedelta(0)
    loose.look(WITHDRAWN)
    told = [each for each in loose.subjects("pv") if "withdrawn" in each.casefold()]
    assert len(told) == 1
    assert rebuild(loose.store).is_equal


def test_a_correction_by_a_clock_set_back_follows_what_it_corrects(loose):
    loose.look(a_state())
    loose.look(WITHDRAWN)
    loose.clock.moved = timedelta(hours=-3)
    loose.correct(loose.last("authorisation.withdrawn"))
    before = loose.state()
    rereads(loose)

    assert loose.state() == before
    assert before[STATUS] == "authorised"
    assert rebuild(loose.store).is_equal
    assert loose.look(WITHDRAWN) == []


def test_a_wrong_event_that_a_better_reader_takes_back_unsent_is_not_sent(bench):
    bench.look(a_state())
    bench.look(WITHDRAWN, tell=False)

    [*reread([right_reader()], Chosen(), bench.tools, scratch_store, is_trial=False)]
    assert bench.state()[STATUS] == "authorised"
    bench.tell()

    assert bench.subjects("pv") == []


def test_a_wrong_message_that_still_waits_is_cancelled_when_a_better_reader_takes_it_back(bench):
    bench.look(a_state())
    bench.look(WITHDRAWN, tell=False)
    alert(bench.store, bench.rules, letter, bench.clock)

    [*reread([right_reader()], Chosen(), bench.tools, scratch_store, is_trial=False)]
    bench.tell()

    assert bench.subjects("pv") == []
    assert {message.state for message in bench.outbox()} == {"cancelled"}
