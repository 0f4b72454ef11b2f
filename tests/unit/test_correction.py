"""What a person puts right, and how the next looks are heard."""

from __future__ import annotations

import pytest

from factories import ALOFISEL, a_recorded, a_state, a_withdrawal
from watcher.core.correction import (
    diff_heeding,
    is_claim,
    is_disputed,
    put_right,
    settle_heeding,
    undo,
    wrong,
)
from watcher.core.events import Change, Event, fold_events
from watcher.core.given_value import given
from watcher.core.settle import DELISTED

STATUS = "authorisation[EU].status"
WRONG = a_state(**{STATUS: "withdrawn"})
TOLD = a_recorded(a_withdrawal(), position=7)


def corrected(told=TOLD, state=WRONG, right=None):
    undone = put_right(told, state, right) if right else undo(told, state)
    return fold_events(
        [Event(type="event.corrected", subject=ALOFISEL, changes=undone.changes)], state
    )


def looks(state, *readings, patience=3):
    """Return what each reading comes to, and the state after the last."""
    missing, told = {}, []
    for reading in readings:
        settled = settle_heeding(state, reading, missing, patience)
        told.append([each.type for each in diff_heeding(ALOFISEL, state, settled.state)])
        state, missing = settled.state, settled.missing
    return told, state


def facts(state):
    return {path: value for path, value in state.items() if not is_claim(path)}


def test_an_event_taken_back_leaves_what_was_known_before_it():
    assert facts(corrected()) == a_state()


def test_a_claim_that_is_repeated_is_no_news_however_often():
    told, state = looks(corrected(), WRONG, WRONG, WRONG, WRONG)

    assert told == [[], [], [], []]
    assert facts(state) == a_state()


def test_a_source_that_comes_to_say_what_is_so_ends_the_dispute_and_may_then_tell_it_anew():
    told, state = looks(corrected(), WRONG, a_state(), WRONG)

    assert told == [[], ["conflict.resolved"], ["authorisation.withdrawn"]]
    assert state == WRONG


def test_a_source_that_says_a_third_thing_is_told_at_once():
    told, state = looks(corrected(), a_state(**{STATUS: "suspended"}))

    assert told == [["authorisation.suspended", "conflict.resolved"]]
    assert state[STATUS] == "suspended"


def test_what_else_changes_beside_a_repeated_claim_is_told_as_ever():
    told, state = looks(corrected(), {**WRONG, "product.brand_name": "Alofisel neo"})

    assert told == [["product.renamed"]]
    assert state[STATUS] == "authorised"


def test_a_claim_that_is_only_missing_is_waited_for_like_anything_that_is():
    date = Change(path="authorisation[UK].withdrawn", action="added", after="2024-12-13")
    event = Event(type="authorisation.withdrawn", subject=ALOFISEL, changes=(date,))
    said = a_state(**{date.path: date.after})
    state = corrected(a_recorded(event), said)
    told, _ = looks(state, a_state(), said, a_state(), a_state(), a_state(), said)

    assert told == [[], [], [], [], ["conflict.resolved"], ["authorisation.withdrawn"]]


def test_a_fact_that_changed_since_is_left_alone_and_named():
    event = Event(
        type="fact.changed",
        subject=ALOFISEL,
        changes=(
            Change(path="flag[prime]", action="added", after=True),
            Change(path="product.inn", action="changed", before=["x"], after=["y"]),
        ),
    )
    undone = undo(a_recorded(event), {"flag[prime]": True, "product.inn": ["z"]})

    assert undone.left_alone == ("product.inn",)
    assert [each.path for each in undone.changes if not is_claim(each.path)] == ["flag[prime]"]


def test_one_is_not_true_when_a_state_is_compared():
    change = Change(path="flag[prime]", action="added", after=True)
    event = Event(type="flag.changed", subject=ALOFISEL, changes=(change,))

    assert undo(a_recorded(event), {"flag[prime]": 1}).left_alone == ("flag[prime]",)


def test_what_was_removed_comes_back_and_its_absence_is_no_news():
    document = {"title": "A"}
    gone = Change(path="document[a]", action="removed", before=document)
    event = Event(type="document.removed", subject=ALOFISEL, changes=(gone,))
    state = corrected(a_recorded(event), a_state())
    told, after = looks(state, *[a_state()] * 5)

    assert state["document[a]"] == document
    assert told == [[]] * 5
    assert after["document[a]"] == document


def test_a_value_set_by_hand_stands_as_long_as_the_source_repeats_its_own():
    said = {**WRONG, "authorisation[EU].withdrawn": "2024-12-13"}
    state = corrected(state=said, right={"authorisation[EU].withdrawn": "2024-12-31"})
    told, after = looks(state, said, {**said, "authorisation[EU].withdrawn": "2025-01-31"})

    assert state[STATUS] == "withdrawn"
    assert told == [[], ["authorisation.date_corrected", "conflict.resolved"]]
    assert after["authorisation[EU].withdrawn"] == "2025-01-31"


def test_a_value_set_to_nothing_takes_the_fact_out():
    state = corrected(right={"authorisation[EU].granted": None})

    assert "authorisation[EU].granted" not in state
    assert looks(state, WRONG)[0] == [[]]


def test_nothing_is_changed_by_setting_what_stands():
    assert put_right(TOLD, WRONG, {STATUS: "withdrawn"}).changes == ()


def test_a_row_that_a_person_says_is_there_is_disputed_while_the_list_lacks_it():
    gone = Change(path=DELISTED, action="added", after=True)
    event = Event(type="product.delisted", subject=ALOFISEL, changes=(gone,))
    state = corrected(a_recorded(event), {**a_state(), DELISTED: True})

    assert is_disputed(state, DELISTED)
    assert not is_disputed(a_state(), DELISTED)
    assert looks(state, *[a_state()] * 3)[0] == [[], [], ["conflict.resolved"]]


def correction_of(position, at):
    event = Event(type="event.corrected", subject=ALOFISEL, details={"position": str(position)})
    return a_recorded(event, position=at)


def test_a_correction_that_was_corrected_makes_the_first_event_stand_again():
    first, second, third = correction_of(7, 9), correction_of(9, 11), correction_of(7, 12)

    assert wrong([first]) == {7}
    assert wrong([first, second]) == {9}
    assert wrong([first, second, third]) == {7, 9}


def test_a_correction_taken_back_brings_back_what_it_had_undone_and_its_claim_goes():
    undone = undo(TOLD, WRONG)
    event = Event(type="event.corrected", subject=ALOFISEL, changes=undone.changes)
    state = fold_events([event], WRONG)
    back = undo(a_recorded(event, position=9), state)

    assert (
        fold_events([Event(type="event.corrected", subject=ALOFISEL, changes=back.changes)], state)
        == WRONG
    )


STATES = (
    {
        STATUS: "withdrawn",
        "authorisation[EU].granted": "2018-03",
        "flag[prime]": False,
        "product.inn": ["a", "b"],
        "product.count": 3,
        "authorisation[EU].holder": {"name": "Takeda"},
        "product.brand_name": "Alofisel",
    },
    {"authorisation[EU].withdrawn": "2024-12-13"},
)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        (f"{STATUS}=authorised", (STATUS, "authorised")),
        (f"{STATUS} = Application withdrawn", (STATUS, "application_withdrawn")),
        ("authorisation[EU].granted=2018-03-23", ("authorisation[EU].granted", "2018-03-23")),
        ("authorisation[EU].withdrawn=2024", ("authorisation[EU].withdrawn", "2024")),
        ("authorisation[EU].withdrawn=", ("authorisation[EU].withdrawn", None)),
        ("flag[prime]=Yes", ("flag[prime]", True)),
        ("product.inn=b; a;b", ("product.inn", ["a", "b"])),
        ("product.count=4", ("product.count", 4)),
        ("product.brand_name=a = b", ("product.brand_name", "a = b")),
    ],
)
def test_what_is_typed_becomes_what_a_reader_would_have_read(text, means):
    assert given(text, STATES) == means


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("withdrawn", "expected PATH=VALUE"),
        ("=withdrawn", "expected PATH=VALUE"),
        (f"{STATUS}=gone", "expected a status"),
        ("authorisation[EU].granted=spring", "expected a date"),
        ("authorisation[EU].granted=2018-02-30", "expected a date"),
        ("authorisation[EU].statu=withdrawn", r"did you mean authorisation\[EU\].status"),
        ("flag[prime]=maybe", "expected yes or no"),
        ("product.count=many", "expected a whole number"),
        ("authorisation[EU].holder=Takeda", "several parts"),
    ],
)
def test_what_is_typed_wrongly_is_refused_with_what_was_expected(text, problem):
    with pytest.raises(ValueError, match=problem):
        given(text, STATES)


def test_a_fact_that_was_never_stated_can_be_set_and_is_taken_out_again_by_nobody_but_a_person():
    undone = put_right(TOLD, WRONG, {"authorisation[EU].withdrawn": "2024-12-13"})
    added, claim = undone.changes

    assert (added.action, added.before, added.after) == ("added", None, "2024-12-13")
    assert is_claim(claim.path)


def test_undoing_turns_each_change_round():
    moves = (
        Change(path="a.gone", action="removed", before="old"),
        Change(path="a.came", action="added", after="new"),
        Change(path="a.moved", action="changed", before="one", after="other"),
    )
    told = a_recorded(Event(type="fact.changed", subject=ALOFISEL, changes=moves))

    undone = undo(told, {"a.came": "new", "a.moved": "other"})

    assert undone.changes[:3] == (
        Change(path="a.gone", action="added", after="old"),
        Change(path="a.came", action="removed", before="new"),
        Change(path="a.moved", action="changed", before="other", after="one"),
    )


def test_what_is_typed_is_a_list_or_a_status_only_where_it_can_be_one():
    rows = [{"study": [{"n": 4}], STATUS: "authorised"}]

    assert given(f"{STATUS}=application_withdrawn", rows) == (STATUS, "application_withdrawn")
    with pytest.raises(ValueError, match="a list of more than words"):
        given("study=a; b", rows)
