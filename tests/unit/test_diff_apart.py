"""What is told with a change of status and what beside it, and of which medicine and place."""

from __future__ import annotations

import pytest

from factories import ALOFISEL, a_state
from watcher.core.diff import baseline, diff

BEFORE_THE_GRANT = {
    "product.brand_name": "New",
    "authorisation[EU].status": "opinion",
    "flag[prime]": True,
}
GRANTED = {
    "authorisation[EU].status": "authorised",
    "authorisation[EU].granted": "2026-08-20",
}
WITHDRAWN = {
    "authorisation[EU].status": "withdrawn",
    "authorisation[EU].withdrawn": "2024-12-13",
}


def told(before, after):
    """What happened, each event with the paths of what it tells."""
    return {
        event.type: [change.path for change in event.changes]
        for event in diff(ALOFISEL, before, after)
    }


def only(before, after):
    (event,) = diff(ALOFISEL, before, after)
    return event


def test_a_first_reading_is_one_event_of_all_that_is_known():
    event = baseline(ALOFISEL, WITHDRAWN)

    assert (event.type, event.subject) == ("fact.recorded", ALOFISEL)
    assert [(change.path, change.action, change.after) for change in event.changes] == [
        (path, "added", value) for path, value in WITHDRAWN.items()
    ]


def test_every_event_is_about_the_medicine_it_was_asked_for():
    after = a_state(
        **WITHDRAWN,
        **{
            "authorisation[JP].withdrawn": "2026",
            "authorisation[US].status": "authorised",
            "authorisation[US].withdrawn": "2027",
            "market[CH].discontinued": "2026",
            "product_information.revision": 2,
            "flag[orphan]": True,
        },
    )

    events = diff(ALOFISEL, a_state(**{"authorisation[US].status": "authorised"}), after)

    assert [(event.type, event.jurisdiction) for event in events] == [
        ("market.ceased", "CH"),
        ("authorisation.withdrawn", "EU"),
        ("authorisation.withdrawn", "JP"),
        ("authorisation.withdrawal_announced", "US"),
        ("product_information.updated", ""),
        ("fact.changed", ""),
    ]
    assert {event.subject for event in events} == {ALOFISEL}


def test_two_places_that_end_on_one_day_are_told_each_with_its_own_facts():
    before = a_state(**{"authorisation[JP].status": "authorised"})
    japan = {
        "authorisation[JP].status": "withdrawn",
        "authorisation[JP].withdrawn": "2026",
        "market[JP].withdrawn": "2026",
    }

    events = diff(
        ALOFISEL, before, a_state(**WITHDRAWN, **{"market[EU].withdrawn": "2024"}, **japan)
    )

    assert [[change.path for change in event.changes] for event in events] == [
        [
            "authorisation[EU].status",
            "authorisation[EU].withdrawn",
            "market[EU].withdrawn",
        ],
        sorted(japan),
    ]


@pytest.mark.parametrize(
    ("before", "added", "event"),
    [
        ({}, {"flag[orphan]": False}, "authorisation.granted"),
        ({}, {"authorisation[EU].holder": {"name": "A"}}, "authorisation.granted"),
        ({}, {"flag[additional_monitoring]": True}, "authorisation.granted"),
        ({}, {"opinion.outcome": "Positive"}, "authorisation.granted"),
        ({}, {"application.withdrawn": "2026"}, "authorisation.granted"),
        ({}, {"flag[orphan]": True}, "fact.changed"),
        ({}, {"flag[additional_monitoring]": False}, "authorisation.granted"),
        ({}, {"product.inn": ["a"]}, "fact.changed"),
        ({}, {"product.inn": []}, "fact.changed"),
        ({}, {"flag[prime]": False}, "flag.changed"),
        (
            {"authorisation[EU].holder": {"name": "A"}},
            {"authorisation[EU].holder": {"name": "B"}},
            "authorisation.holder_transferred",
        ),
    ],
)
def test_a_grant_is_told_with_what_it_begins_with_and_nothing_else(before, added, event):
    after = {**BEFORE_THE_GRANT, **before, **GRANTED, **added}

    events = told({**BEFORE_THE_GRANT, **before}, after)

    (path,) = added
    assert path in events[event]
    assert set(events) == {"authorisation.granted", event}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"flag[orphan]": False}),
        ({}, {"flag[additional_monitoring]": True}),
        ({}, {"authorisation[EU].holder": {"name": "B"}}),
        ({"authorisation[EU].holder": {"name": "A"}}, {"authorisation[EU].holder": {"name": "B"}}),
    ],
)
def test_what_else_changes_on_the_day_of_a_withdrawal_is_told_beside_it(before, after):
    events = told(a_state(**before), a_state(**WITHDRAWN, **after))

    assert len(events) == 2
    assert events["authorisation.withdrawn"] == sorted(WITHDRAWN)


def test_what_is_stated_of_the_medicine_in_the_eu_is_no_part_of_what_happens_elsewhere():
    before = a_state(**{"authorisation[JP].status": "authorised"})
    after = a_state(**{"authorisation[JP].status": "suspended", "flag[orphan]": False})

    assert told(before, after)["authorisation.suspended"] == ["authorisation[JP].status"]


def test_an_application_that_is_withdrawn_is_told_once_with_its_day():
    before = {"authorisation[EU].status": "under_evaluation"}
    after = {
        "authorisation[EU].status": "application_withdrawn",
        "application.withdrawn": "2026-05-04",
    }

    event = only(before, after)

    assert (event.type, event.effective) == ("application.withdrawn", "2026-05-04")
    assert len(event.changes) == 2


def test_an_ending_that_comes_with_the_first_status_stated_came_from_an_unknown_one():
    event = only({"product.brand_name": "Aplidin"}, {"product.brand_name": "Aplidin", **WITHDRAWN})

    assert (event.details["before"], event.details["after"]) == ("unknown", "withdrawn")


def test_a_move_that_hardly_ever_happens_is_marked_as_rare_and_no_other():
    back = only(
        a_state(**WITHDRAWN), a_state(**WITHDRAWN | {"authorisation[EU].status": "authorised"})
    )
    usual = only(a_state(), a_state(**WITHDRAWN))

    assert back.details["rare"] == "yes"
    assert "rare" not in usual.details


def test_an_announcement_is_dated_by_the_withdrawal_and_leaves_the_medicine_authorised():
    path = "authorisation[EU].withdrawn"
    after = a_state(**{path: "2027-01-01", f"{path}.actor": "Takeda"})

    event = only(a_state(), after)

    assert (event.jurisdiction, event.effective) == ("EU", "2027-01-01")
    assert event.details == {"before": "authorised", "after": "authorised", "actor": "Takeda"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"authorisation[EU].validity": "valid"}),
        (
            {"authorisation[EU].withdrawn": "2027-01-01"},
            {"authorisation[EU].withdrawn": "2027-02-01"},
        ),
        ({"authorisation[EU].withdrawn": "2027-01-01"}, {}),
    ],
)
def test_nothing_is_announced_unless_a_day_of_withdrawal_is_newly_stated(before, after):
    assert "authorisation.withdrawal_announced" not in told(a_state(**before), a_state(**after))


def test_a_grant_is_dated_by_the_day_it_was_granted():
    assert only(BEFORE_THE_GRANT, {**BEFORE_THE_GRANT, **GRANTED}).effective == "2026-08-20"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"market[JP].status": "marketed"}),
        ({"market[JP].discontinued": "2026"}, {}),
        (
            {"market[JP].discontinued": "2026"},
            {"market[JP].discontinued": "2026", "market[JP].discontinued.actor": "Takeda"},
        ),
    ],
)
def test_sales_end_only_where_their_end_is_newly_stated(before, after):
    assert "market.ceased" not in told(a_state(**before), a_state(**after))


def test_an_end_of_sales_that_nobody_is_named_for_is_nobodys():
    assert only(a_state(), a_state(**{"market[JP].discontinued": "2026"})).details == {}
