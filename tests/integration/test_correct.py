"""A wrong event put right: the state, the next looks, and exactly those who were told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.correcting import (
    AUTHORISED,
    ENDED,
    STATUS,
    SUSPENDED,
    WHY,
    WITHDRAWN,
    Bench,
)
from watcher.core.correction import is_claim
from watcher.core.events import Cause
from watcher.errors import NotFoundError, OperationalError
from watcher.services.replay import rebuild

pytestmark = pytest.mark.usefixtures("engine")

WITHDRAWAL = "authorisation.withdrawn"


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.look(AUTHORISED)
    yield bench
    assert rebuild(bench.store).is_equal
    bench.store.close()


def said(bench, source="ema"):
    return {path: value for path, value in bench.state(source).items() if not is_claim(path)}


def test_a_correction_names_who_and_why_and_moves_the_state_back(bench):
    bench.look(WITHDRAWN)
    event = bench.last(WITHDRAWAL)
    done = bench.correct(event)

    told = done.by.event
    assert said(bench) == AUTHORISED
    assert done.by.stream == event.stream
    assert done.by.cause is Cause.CORRECTED
    assert told.details["corrects"] == event.event_id
    assert (told.details["who"], told.details["why"]) == ("m. weber@desk", WHY)
    changed = told.change(STATUS)
    assert changed is not None
    assert (changed.before, changed.after) == ("withdrawn", "authorised")


def test_exactly_those_who_were_told_are_told_once_as_an_answer_to_the_first(bench):
    bench.look(WITHDRAWN)
    done = bench.correct(bench.last(WITHDRAWAL))
    bench.tell()

    assert done.told == 2
    assert bench.boxes["library"].taken == []
    for box in ("pv", "chat"):
        first, second = bench.boxes[box].taken
        assert second.in_reply_to == first.key
        assert second.key != first.key
        assert second.subject.startswith("CORRECTION [CRITICAL] Alofisel: wrong was")
        assert "We told you on 22 November 2026" in second.text
        assert WHY in " ".join(second.text.split())
        assert "EU authorisation, status: Authorised" in " ".join(second.text.split())


def test_a_correction_is_made_once_however_often_it_is_asked_for(bench):
    bench.look(WITHDRAWN)
    event = bench.last(WITHDRAWAL)
    first = bench.correct(event)
    same = bench.correct(event)

    assert same.by.event_id == first.by.event_id
    with pytest.raises(OperationalError, match="was corrected before"):
        bench.correct(event, by=bench.again("b"))
    assert len(bench.log(types=("event.corrected",))) == 1
    assert len(bench.boxes["pv"].taken) == 2


def test_what_the_source_repeats_is_no_news_and_what_it_changes_is(bench):
    bench.look(WITHDRAWN)
    bench.correct(bench.last(WITHDRAWAL))

    assert [bench.look(WITHDRAWN) for _ in range(4)] == [[], [], [], []]
    assert bench.look(SUSPENDED) == ["authorisation.suspended", "conflict.resolved"]
    assert len(bench.boxes["pv"].taken) == 3


def test_a_withdrawal_that_comes_true_after_its_correction_is_told(bench):
    bench.look(WITHDRAWN)
    first = bench.last(WITHDRAWAL)
    bench.correct(first)
    bench.look(AUTHORISED)
    bench.look(WITHDRAWN)

    second = bench.last(WITHDRAWAL)
    assert second.position > first.position
    assert bench.subjects("pv")[-1].startswith("[CRITICAL] Alofisel")
    with bench.store.reading() as work:
        cases = [work.cases.of_event(each.position) for each in (first, second)]
    assert cases[0] is not None
    assert cases[1] is not None
    assert cases[0].key != cases[1].key


def test_where_the_source_is_wrong_its_word_stays_and_only_the_telling_is_taken_back(bench):
    bench.look(WITHDRAWN)
    done = bench.correct(bench.last(WITHDRAWAL), is_sources_fault=True)

    assert done.by.event.changes == ()
    assert bench.state() == WITHDRAWN
    assert "still says so. We do not." in bench.boxes["pv"].taken[-1].text
    assert bench.look(WITHDRAWN) == []
    assert bench.look(AUTHORISED)[0] == "authorisation.reinstated"


def test_a_value_set_by_hand_is_told_beside_what_stands(bench):
    bench.look(WITHDRAWN)
    done = bench.correct(bench.last(WITHDRAWAL), right=(f"{ENDED}=2024-12-31",))

    assert done.told == 2
    assert said(bench) == {**WITHDRAWN, ENDED: "2024-12-31"}
    assert "31 December 2024" in bench.boxes["pv"].taken[-1].text
    assert bench.look(WITHDRAWN) == []


@pytest.mark.parametrize(
    ("right", "problem"),
    [
        (("authorisation[EU].statsu=withdrawn",), "did you mean"),
        ((f"{ENDED}=soon",), "expected a date"),
        ((f"{STATUS}=gone",), "expected a status"),
        ((f"{STATUS}=withdrawn",), "known already"),
        (("corrected[1]=x",), "nothing was ever stated"),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_nothing_is_done(bench, right, problem):
    bench.look(WITHDRAWN)
    with pytest.raises(OperationalError, match=problem):
        bench.correct(bench.last(WITHDRAWAL), right=right)

    assert bench.state() == WITHDRAWN
    assert len(bench.boxes["pv"].taken) == 1


def test_what_cannot_be_corrected_is_refused_with_the_way_out(bench):
    baseline = bench.last("fact.recorded")
    with pytest.raises(OperationalError, match="with --set"):
        bench.correct(baseline)
    with pytest.raises(OperationalError, match="say why"):
        bench.correct(baseline, why="  ")
    with pytest.raises(NotFoundError):
        bench.correct(replace(baseline, position=99))
    done = bench.correct(baseline, right=("authorisation[EU].granted=2018-03-24",))

    assert done.told == 0
    assert bench.state()["authorisation[EU].granted"] == "2018-03-24"
