from __future__ import annotations

import pytest

from watcher.core.diff import diff
from watcher.core.facts import Subject
from watcher.core.rows import effective, new_row
from watcher.core.taxonomy import TYPES, Severity


@pytest.mark.parametrize(
    ("kind", "state", "event"),
    [
        ("medicine", {}, "product.listed"),
        ("shortage", {"shortage.status": "Ongoing"}, "shortage.started"),
        ("shortage", {"shortage.status": "Resolved"}, "shortage.resolved"),
        ("referral", {"referral.status": "Procedure started"}, "referral.started"),
        (
            "referral",
            {"referral.status": "European Commission final decision"},
            "referral.concluded",
        ),
        ("dhpc", {}, "dhpc.issued"),
        ("psusa", {}, "psusa.outcome_published"),
        ("pip", {}, "pip.decision_published"),
        ("document", {}, "document.added"),
        (
            "orphan_designation",
            {"orphan_designation.status": "Positive"},
            "orphan_designation.granted",
        ),
        (
            "orphan_designation",
            {"orphan_designation.status": "Negative"},
            "orphan_designation.refused",
        ),
        ("orphan_designation", {"orphan_designation.status": "?"}, "fact.changed"),
        (
            "procedure",
            {"variation_application.withdrawn": "2026-01-01"},
            "variation_application.withdrawn",
        ),
        ("procedure", {}, "fact.changed"),
    ],
)
def test_a_new_row_is_an_event_of_its_list(kind, state, event):
    assert new_row(Subject(kind, "x"), state) == event
    assert event in TYPES


@pytest.mark.parametrize(
    ("path", "before", "after", "event"),
    [
        ("shortage.status", "Ongoing", "Resolved", "shortage.resolved"),
        ("shortage.status", "Resolved", "Ongoing", "shortage.updated"),
        ("shortage.expected_resolution", "2026-01", "2026-06", "shortage.updated"),
        ("dhpc.regulatory_outcome", "Variation", "Withdrawal", "dhpc.issued"),
        ("referral.status", "Procedure started", "CHMP opinion", "referral.status_changed"),
        ("referral.status", "CHMP opinion", "CMDh final position", "referral.concluded"),
        (
            "referral.prac_recommendation",
            "",
            "Suspension",
            "referral.recommendation_adopted",
        ),
        ("orphan_designation.status", "Positive", "Withdrawn", "orphan_designation.withdrawn"),
        ("psusa.regulatory_outcome", "", "Variation", "psusa.outcome_published"),
        ("shortage.medicine", "A", "B", "fact.changed"),
        ("pdf.content", "sha256:1", "sha256:2", "document.revised"),
    ],
)
def test_a_row_that_changed_is_named_by_what_changed(path, before, after, event):
    (told,) = diff(Subject("x", "y"), {path: before}, {path: after})

    assert told.type == event


def test_a_section_of_the_product_information_is_as_grave_as_its_number():
    def told(section):
        path = f"section[{section}]"
        (event,) = diff(Subject("document", "x"), {path: {"text": "a"}}, {path: {"text": "b"}})
        return event.details["section"], event.severity

    assert told("4.1") == ("4.1", Severity.HIGH)
    assert told("4.2#2") == ("4.2", Severity.NORMAL)
    assert told("6.6") == ("6.6", Severity.LOW)


def test_a_stamp_is_told_and_its_going_is_not():
    subject, stamped = Subject("document", "x"), {"pdf.watermark": "no longer authorised"}

    assert [event.type for event in diff(subject, {"a.b": 1}, {"a.b": 1, **stamped})] == [
        "document.watermarked"
    ]
    assert [event.type for event in diff(subject, {"a.b": 1, **stamped}, {"a.b": 1})] == [
        "fact.changed"
    ]


def test_studies_come_change_and_go():
    subject = Subject("topic", "crohn")
    one, other = {"study[a]": {"title": "A"}}, {"study[a]": {"title": "B"}}

    assert [event.type for event in diff(subject, {"x.y": 1}, {"x.y": 1, **one})] == ["study.added"]
    assert [event.type for event in diff(subject, one, other)] == ["study.changed"]
    assert [event.type for event in diff(subject, one, {})] == ["study.removed"]


def test_the_date_of_effect_is_the_lists_own():
    state = {"shortage.started": "2026-03-01", "dhpc.disseminated": "2026-04"}

    assert effective("shortage.started", state) == "2026-03-01"
    assert effective("dhpc.issued", state) == "2026-04"
    assert effective("fact.changed", state) == ""


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("orphan_designation.granted", {"orphan_designation.granted": "2009-10-08"}),
        ("orphan_designation.refused", {"orphan_designation.refused": "2009-10-08"}),
        ("orphan_designation.granted", {"orphan_designation.decided": "2009-10-08"}),
        ("variation_application.withdrawn", {"variation_application.withdrawn": "2009-10-08"}),
    ],
)
def test_a_fact_of_the_events_own_name_or_the_decision_has_its_date(event, state):
    assert effective(event, state) == "2009-10-08"


def test_the_day_of_a_designation_is_not_the_day_it_was_withdrawn():
    assert effective("orphan_designation.withdrawn", {"orphan_designation.granted": "2009"}) == ""


def test_a_variation_that_is_withdrawn_in_a_row_we_know_is_told_by_its_name():
    path = "variation_application.withdrawn"

    (told,) = diff(Subject("procedure", "x"), {}, {path: "2026-01-01"})

    assert told.type == "variation_application.withdrawn"


def test_one_sentence_of_an_encyclopaedia_that_only_is_spelled_otherwise_is_no_statement_changed():
    path = "statement[history]"

    (spelled,) = diff(Subject("x", "y"), {path: "It ended."}, {path: "it Ended."})
    (said,) = diff(Subject("x", "y"), {path: "It ended."}, {path: "It went on."})

    assert (spelled.type, spelled.nature) == ("fact.changed", "respelled")
    assert said.type == "encyclopedia.statement_changed"


def test_an_end_that_is_stated_of_what_is_still_authorised_is_a_date_to_look_at():
    before = {"authorisation[EU].status": "authorised"}

    (told,) = diff(Subject("x", "y"), before, {**before, "authorisation[EU].ended": "2026"})

    assert told.type == "authorisation.date_corrected"
