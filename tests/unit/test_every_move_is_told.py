"""Every move between two statuses is told once, by the name the move has, and nothing is lost."""

from __future__ import annotations

from itertools import permutations

import pytest

from factories import a_reading, a_record
from kit.plain_source import a_source
from watcher.core.diff import diff
from watcher.core.events import fold_events
from watcher.core.facts import Subject
from watcher.core.rows import new_row
from watcher.core.status import ENDED, AuthorisationStatus, transition
from watcher.services.observe import observe

MEDICINE = Subject("medicine", "EMEA/H/C/000001")
S = AuthorisationStatus
MOVES = [*permutations(AuthorisationStatus, 2)]


def stated(status: AuthorisationStatus, day: str, **more: object) -> dict[str, object]:
    """Return what EMA's page says of a medicine in a status that it reached on a day."""
    leaf = {S.AUTHORISED: "granted", S.APPLICATION_WITHDRAWN: "withdrawn"}.get(status, status.value)
    dates = {f"authorisation[EU].{leaf}": day}
    if status is S.OPINION:
        dates = {"opinion.adopted": day}
    who = {}
    if status in ENDED:
        who = {f"authorisation[EU].{leaf}.actor": "European Commission"}
    return {
        "product.brand_name": "Testol",
        "authorisation[EU].status": status.value,
        **dates,
        **who,
        **more,
    }


@pytest.mark.parametrize(("before", "after"), MOVES, ids=lambda status: status.value)
def test_a_move_between_statuses_is_told_once_by_its_name(before, after):
    old, new = stated(before, "2019-05-06"), stated(after, "2024-12-13")

    events = diff(MEDICINE, old, new)

    name = transition(before, after)
    assert [event.type for event in events].count(name) == 1
    assert {event.details.get("after") for event in events if event.type == name} == {after.value}
    assert fold_events(events, old) == new


@pytest.mark.parametrize(
    ("outcome", "name"),
    [("Positive", "opinion.positive_adopted"), ("Negative", "opinion.negative_adopted")],
)
def test_an_opinion_is_told_with_its_outcome(outcome, name):
    old = stated(S.UNDER_EVALUATION, "2024-01-25")
    new = stated(S.OPINION, "2024-12-12", **{"opinion.outcome": outcome})

    (event,) = diff(MEDICINE, old, new)

    assert (event.type, event.effective) == (name, "2024-12-12")


NEW_ROWS = [
    (
        "shortage",
        {"shortage.status": "Ongoing", "shortage.started": "2024-12-13"},
        "shortage.started",
    ),
    ("shortage", {"shortage.status": "Resolved"}, "shortage.resolved"),
    ("referral", {"referral.status": "Procedure started"}, "referral.started"),
    ("dhpc", {"dhpc.disseminated": "2024-12-13"}, "dhpc.issued"),
    ("pip", {"pip.decided": "2024-12-13"}, "pip.decision_published"),
    ("procedure", {"variation_application.withdrawn": True}, "variation_application.withdrawn"),
    *(
        ("orphan_designation", {"orphan_designation.status": status}, f"orphan_designation.{name}")
        for status, name in (
            ("Positive", "granted"),
            ("Negative", "refused"),
            ("Withdrawn", "withdrawn"),
            ("Expired", "expired"),
        )
    ),
    ("orphan_designation", {"orphan_designation.status": "Nowhere"}, "fact.changed"),
]


@pytest.mark.parametrize(("kind", "state", "name"), NEW_ROWS)
def test_a_new_row_of_a_list_has_the_name_of_what_it_means(kind, state, name):
    row = a_record(state, Subject(kind, "1"))

    seen = observe(a_source(), a_reading(row, lists_all=True), streams={}, missing={}, is_new=False)

    assert new_row(Subject(kind, "1"), state) == name
    assert [event.type for each in seen.news for event in each.events] == [name]
    assert seen.known == ()


@pytest.mark.parametrize(
    ("flag", "before", "name"),
    [
        ("patient_safety", False, "patient_safety.flag_changed"),
        ("exceptional_circumstances", False, "authorisation.exceptional_circumstances_changed"),
        ("additional_monitoring", False, "additional_monitoring.added"),
        ("additional_monitoring", True, "additional_monitoring.removed"),
        ("conditional_approval", True, "authorisation.converted_to_standard"),
        ("biosimilar", False, "flag.changed"),
    ],
)
def test_a_flag_that_changes_is_told_by_what_it_means(flag, before, name):
    old, new = (
        stated(S.AUTHORISED, "2019-05-06", **{f"flag[{flag}]": value})
        for value in (before, not before)
    )

    (event,) = diff(MEDICINE, old, new)

    assert event.type == name
