"""What people do about a case: said once, by whom and why, and made anew from the log."""

from __future__ import annotations

import itertools

import pytest

from kit.answering import HALF_AN_HOUR, answering, by
from watcher.errors import NotFoundError, OperationalError
from watcher.runtime.desk import hands
from watcher.services.acknowledge import acknowledge, assign, case_named, judge
from watcher.services.cases import cases
from watcher.services.decisions import audit
from watcher.services.orders import carry_out
from watcher.services.replay import rebuild


@pytest.fixture
def here(tmp_path):
    with answering(tmp_path) as here:
        yield here


@pytest.fixture
def case(here):
    return here.told()


def named(here, name):
    with here.watcher.store.reading() as work:
        return case_named(work, name)


def test_an_acknowledgement_is_an_event_of_the_case_and_its_state(here, case):
    done = acknowledge(here.watcher.store, case, "I call the ward", by(), here.clock)

    assert (done.event.type, done.stream) == ("alert.acknowledged", f"watcher/case:{case}")
    state = here.state(case)
    assert (state.state, state.by, state.why) == ("acknowledged", "m. weber", "I call the ward")
    assert state.at == done.recorded_at
    listed = audit(here.watcher.store, who="weber")
    assert [(each.what, each.before, each.after) for each in listed] == [
        ("alert.acknowledged", "open", "acknowledged")
    ]


def test_the_same_request_acknowledges_once_and_another_hears_by_whom_it_was(here, case):
    store = here.watcher.store
    first = acknowledge(store, case, "", by(), here.clock)
    again = acknowledge(store, case, "", by(), here.clock)

    assert first.position == again.position
    with pytest.raises(OperationalError, match=r"m\. weber acknowledged it on 2026-11-23"):
        acknowledge(store, case, "", by("k. ito", "b"), here.clock)


def test_a_case_is_meant_by_its_key_its_events_and_its_messages(here, case):
    lead = next(each for each in here.log() if each.event.type == "authorisation.withdrawn")

    for name in (
        case,
        case[:4],
        case[:9].upper(),
        str(lead.position),
        lead.event_id[:12],
        "message:1",
    ):
        assert named(here, name) == case


@pytest.mark.parametrize(
    "name", ["", "abc", "zzzzzz", "4711", "message:99", "message:x", "%%%%", "____"]
)
@pytest.mark.usefixtures("case")
def test_what_means_no_case_is_told(here, name):
    with pytest.raises(NotFoundError):
        named(here, name)


def test_a_beginning_that_two_cases_share_means_neither(here, case):
    with here.watcher.store.writing() as work:
        (row,) = work.cases.named(case)
        other = case[:20] + ("0" * 12 if case[20:] != "0" * 12 else "1" * 12)
        work.cases.open(type(row)(**{**_fields(row), "key": other}), [99_999])

    with pytest.raises(NotFoundError, match="more than one case is meant"):
        named(here, case[:8])


def _fields(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def test_a_case_is_given_to_somebody_and_has_still_to_be_acknowledged(here, case):
    store = here.watcher.store
    assign(store, case, "ben", "", by(), here.clock)
    assert (here.state(case).state, here.state(case).assigned_to) == ("assigned", "ben")
    assert [each.case for each in cases(store, here.watcher.naming, only_open=True)] == [case]
    acknowledge(store, case, "", by("Ben Smit", "b"), here.clock)

    assert (here.state(case).state, here.state(case).assigned_to) == ("acknowledged", "ben")
    assert cases(store, here.watcher.naming, only_open=True) == ()


def test_what_is_acknowledged_stays_so_when_it_is_given_on(here, case):
    acknowledge(here.watcher.store, case, "", by(), here.clock)
    assign(here.watcher.store, case, "carla", "", by(request="b"), here.clock)
    here.clock.forward(HALF_AN_HOUR + 1)

    assert (here.state(case).state, here.state(case).by) == ("acknowledged", "m. weber")
    assert here.watcher.escalate() == 0
    with pytest.raises(OperationalError, match="it is carla's already"):
        assign(here.watcher.store, case, "carla", "", by(request="c"), here.clock)


def test_only_people_we_know_are_given_a_case(here, case):
    tools = hands(here.watcher)
    arguments = {"case": case, "to": "dora", "why": ""}
    with pytest.raises(NotFoundError, match=r"there is no person 'dora'; .* anna, ben, carla"):
        carry_out("assign", arguments, tools, by())

    done = carry_out("assign", {**arguments, "to": "ben"}, tools, by())
    assert (done["before"], done["after"], done["case"]) == ("nobody", "ben", case)


@pytest.mark.parametrize("verdict", ["irrelevant", "wrong"])
def test_a_judgement_needs_a_reason_and_corrects_nothing(here, case, verdict):
    with pytest.raises(OperationalError, match="say why"):
        judge(here.watcher.store, case, verdict, " ", by(), here.clock)
    judge(here.watcher.store, case, verdict, "not our patients", by(), here.clock)

    assert here.state(case).state == verdict
    assert "event.corrected" not in here.types()
    with pytest.raises(OperationalError, match=f"m. weber judged it {verdict}"):
        judge(here.watcher.store, case, verdict, "again", by(request="b"), here.clock)
    with pytest.raises(OperationalError, match="nothing is left to acknowledge"):
        acknowledge(here.watcher.store, case, "", by(request="c"), here.clock)


def test_who_changes_their_mind_judges_anew(here, case):
    judge(here.watcher.store, case, "irrelevant", "not ours", by(), here.clock)
    judge(here.watcher.store, case, "wrong", "misread", by(request="b"), here.clock)

    assert here.state(case).state == "wrong"
    assert len(audit(here.watcher.store, who="weber")) == 2


def test_nobody_is_told_of_what_people_do_about_cases(here, case):
    sent = len(here.outbox())
    acknowledge(here.watcher.store, case, "", by(), here.clock)
    here.watcher.alert()

    assert len(here.outbox()) == sent


def test_the_states_are_made_anew_from_the_log_whatever_people_did(here):
    store = here.watcher.store
    first, second, third = here.told(1), here.told(2), here.told(3)
    steps = itertools.count(1)
    here.clock.forward(HALF_AN_HOUR + 1)
    here.watcher.escalate()
    assign(store, first, "ben", "his ward", by(request=f"{next(steps):02}"), here.clock)
    judge(store, second, "wrong", "misread", by(request=f"{next(steps):02}"), here.clock)
    assign(store, second, "anna", "", by(request=f"{next(steps):02}"), here.clock)
    before = {case: here.state(case) for case in (first, second, third)}

    assert here.is_rebuilt_the_same()
    assert rebuild(store).is_equal
    assert {case: here.state(case) for case in (first, second, third)} == before
    assert all(state.escalated_at for state in before.values())


def test_a_state_that_does_not_follow_from_the_log_shows_and_is_put_right(here, case):
    acknowledge(here.watcher.store, case, "", by(), here.clock)
    true = here.state(case)
    with here.watcher.store.writing() as work:
        work.case_states.put(type(true)(case=case, state="irrelevant", severity=3))

    assert not rebuild(here.watcher.store).is_equal
    assert (here.state(case).state, here.state(case).by) == (true.state, true.by)


@pytest.mark.usefixtures("case")
def test_a_case_shows_what_it_is_whose_and_who_was_told(here):
    (view,) = cases(here.watcher.store, here.watcher.naming)

    assert (view.severity, view.title, view.state) == (
        "critical",
        "Medicine 2 (substance2)",
        "open",
    )
    assert "Authorised → Withdrawn" in view.what
    assert [(each.who, each.state) for each in view.told] == [
        ("Anna Visser", "delivered"),
        ("Ben Smit", "delivered"),
    ]
