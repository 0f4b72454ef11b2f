"""The life line: statuses from step to step, by everyone's dates, and what happened on the way."""

from __future__ import annotations

from datetime import date

from kit.lives import eventful, life, set_status, told, voice
from watcher.core.events import Change
from watcher.core.lifeline_steps import Voice, When
from watcher.core.lifeline_words import in_prose
from watcher.core.status import AuthorisationStatus as Status


def spans(line, code="EU"):
    lane = next(lane for lane in line.lanes if lane.jurisdiction == code)
    return [(span.status, span.begins.edtf, span.ends and span.ends.edtf) for span in lane.spans]


def test_a_life_goes_from_the_opinion_to_the_end_and_its_end_lasts():
    line = life(
        voice(
            "ema",
            1,
            opinion__adopted="2017-12-14",
            EU_status="withdrawn",
            EU_granted="2018-03-23",
            EU_withdrawn="2024-12-13",
        )
    )

    assert spans(line) == [
        (Status.OPINION, "2017-12-14", "2018-03-23"),
        (Status.AUTHORISED, "2018-03-23", "2024-12-13"),
        (Status.WITHDRAWN, "2024-12-13", None),
    ]


def test_the_authority_dates_a_step_and_another_may_say_it_more_precisely():
    line = life(
        voice("wiki", 4, EU_granted="2018"),
        voice("ema", 1, EU_granted="2018-03"),
        voice("medpath", 3, EU_granted="2018-03-23"),
    )

    (step,) = line.lanes[0].steps
    assert step.when == When(edtf="2018-03-23")
    assert [claim.source for claim in step.claims] == ["ema", "medpath", "wiki"]
    assert step.disputed == line.lanes[0].conflicts == ()


def test_where_sources_disagree_the_authority_is_drawn_and_both_dates_stay():
    line = life(
        voice("medpath", 3, EU_withdrawn="2025-01-21"), voice("ema", 1, EU_withdrawn="2024-12-13")
    )

    (step,), (conflict,) = line.lanes[0].steps, line.lanes[0].conflicts
    assert step.when.edtf == "2024-12-13"
    assert [claim.when.edtf for claim in step.disputed] == ["2025-01-21"]
    assert conflict.words == ("13 Dec 2024 (ema)", "21 Jan 2025 (medpath)")


def test_sources_that_state_different_statuses_are_in_conflict():
    line = life(voice("ema", 1, EU_status="authorised"), voice("medpath", 3, EU_status="withdrawn"))

    (conflict,) = line.lanes[0].conflicts
    assert conflict.about == "the status"
    assert conflict.words == ("Authorised (ema)", "Withdrawn (medpath)")


def test_a_status_without_a_date_was_reached_no_later_than_we_first_saw_it():
    seen = told("authorisation.lapsed", "2020-05-01", changes=(set_status("lapsed"),))
    again = told("fact.changed", "2021-05-01", 2, changes=(Change(path="x", action="added"),))
    line = life(voice("ema", 1, EU_status="lapsed"), events=(seen, again))

    (step,) = line.lanes[0].steps
    assert step.when == When(edtf="2020-05-01", is_latest=True)
    assert "Lapsed by 1 May 2020" in in_prose(line)


def test_a_suspension_that_was_lifted_is_a_part_of_the_life():
    line = eventful()

    assert [(status, begins) for status, begins, _ in spans(line)] == [
        (Status.OPINION, "2009-02-19"),
        (Status.AUTHORISED, "2009-05-14"),
        (Status.SUSPENDED, "2014-01-20"),
        (Status.AUTHORISED, "2015-06-03"),
        (Status.REVOKED, "2021-07-09"),
    ]


def test_an_ending_that_was_undone_stays_and_a_second_one_is_another():
    events = (
        told("authorisation.withdrawn", "2010-01-05", 1, jurisdiction="EU", effective="2010-01-01"),
        told("authorisation.reinstated", "2011-01-05", 2, jurisdiction="EU", effective="2011-01"),
        told(
            "authorisation.reinstated", "2011-01-06", 3, jurisdiction="EU", effective="2011-01-02"
        ),
    )
    line = life(
        voice("ema", 1, EU_status="withdrawn", EU_granted="2005-01-01", EU_withdrawn="2020-01-01"),
        events=events,
    )

    assert [(status.value, begins) for status, begins, _ in spans(line)] == [
        ("authorised", "2005-01-01"),
        ("withdrawn", "2010-01-01"),
        ("authorised", "2011-01-02"),
        ("withdrawn", "2020-01-01"),
    ]


def test_the_end_of_sales_is_a_point_and_never_the_end_of_an_authorisation():
    japan = voice("wiki", 4, JP_granted="2021-09")
    line = life(
        Voice(source="wiki", tier=4, state={**japan.state, "market[JP].discontinued": "2026-01"})
    )

    (lane,) = line.lanes
    assert [span.ends for span in lane.spans] == [None]
    assert [(point.kind, point.when.edtf) for point in lane.points] == [("market", "2026-01")]


def test_one_document_of_two_sources_a_day_apart_is_one_point():
    def source(name, tier, day, title):
        document = {"title": title, "first_published": day}
        return Voice(source=name, tier=tier, state={f"document[{day}]": document})

    line = life(
        source("ema", 1, "2018-04-04", "Alofisel : EPAR"),
        source("medpath", 3, "2018-04-03", "Alofisel: EPAR"),
        source("wiki", 4, "2018-06-04", "Alofisel: EPAR"),
    )

    points = line.lanes[0].points
    assert [(point.when.edtf, point.sources) for point in points] == [
        ("2018-04-04", ("ema", "medpath")),
        ("2018-06-04", ("wiki",)),
    ]


def test_a_holder_and_a_referral_are_points_with_the_day_we_saw_them_if_no_other_is_stated():
    labels = {point.label: point.when for point in eventful().lanes[0].points}

    assert labels["holder: Sample Ltd → Exampla Pharma GmbH"] == When(
        edtf="2018-10-11", is_latest=True
    )
    assert labels["referral started"] == When(edtf="2014-01")


def test_the_eu_comes_first_and_others_by_their_names():
    line = life(voice("wiki", 4, JP_granted="2012", CH_granted="2013", IL_granted="2014"))
    assert [lane.jurisdiction for lane in line.lanes] == ["IL", "JP", "CH"]
    assert [lane.jurisdiction for lane in eventful().lanes] == ["EU", "JP", "CH"]


def test_a_medicine_of_which_nothing_is_dated_has_an_empty_lane_and_says_so():
    line = life(voice("ema", 1, product__brand_name="Exampla"))

    assert (line.name, line.begins) == ("Exampla", date(2026, 11, 22))
    assert in_prose(line) == "EU: no dates stated."


def test_an_encyclopedias_actor_in_conflict_is_shown():
    details = {"about": "actor", "one": "European Commission (ema)", "other": "EMA (wiki)"}
    disputed = told("conflict.detected", "2025-01-01", jurisdiction="EU", details=details)
    line = life(voice("ema", 1, EU_granted="2018"), events=(disputed, disputed))

    assert [each.words for each in line.lanes[0].conflicts] == [
        ("European Commission (ema)", "EMA (wiki)")
    ]


def test_what_a_source_says_of_a_market_beside_its_four_dates_is_no_point():
    market: dict[str, object] = {"market[JP].announced": "2020", "market[JP].placed": "2021"}
    line = life(Voice(source="wikipedia", tier=4, state=market))

    assert [point.label for point in line.lanes[0].points] == ["placed on the market"]


def test_a_status_with_its_date_is_not_dated_a_second_time_by_the_day_we_saw_it():
    line = life(
        voice("ema", 1, EU_status="withdrawn", EU_withdrawn="2024-12-13"),
        events=(told("authorisation.withdrawn", "2024-12-20", changes=(set_status("withdrawn"),)),),
    )

    assert [step.when for step in line.lanes[0].steps] == [When(edtf="2024-12-13")]


def test_a_status_that_no_event_brought_has_no_day_on_which_it_was_seen():
    line = life(
        voice("ema", 1, EU_status="withdrawn"),
        events=(told("authorisation.granted", "2018-03-24", changes=(set_status("authorised"),)),),
    )

    assert Status.WITHDRAWN not in {step.status for step in line.lanes[0].steps}
