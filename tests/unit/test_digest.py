"""Many cases in one message: a line each, the gravest first, and nothing said twice."""

from __future__ import annotations

from dataclasses import replace

from kit.happenings import SOURCES, happening, notice, withdrawal
from watcher.core.digest import MOST_IN_DIGEST, Remark, compose_digest
from watcher.core.events import Change
from watcher.core.taxonomy import Severity

FLAG = Change(path="flag[orphan]", action="changed", before=True, after=False)


def digest(*cases, **more):
    return compose_digest(cases, period="22 November 2026", sources=SOURCES, **more)


def test_the_gravest_come_first_and_are_counted():
    both = digest(happening("flag.changed", FLAG), withdrawal())

    assert both.subject == "[DIGEST] 22 November 2026 – 2 happenings: 1 critical, 1 low"
    assert [part.label for part in both.sections] == ["CRITICAL", "LOW"]


def test_a_case_is_one_line_with_its_date_its_source_and_its_command():
    (line,) = digest(withdrawal()).sections[0].lines

    assert line.text == (
        "UNCONFIRMED: Alofisel (darvadstrocel) – EU marketing authorisation: "
        "Authorised → Withdrawn, effective 13 December 2024"
    )
    assert line.note.startswith("MedPath · confidence C · watcher show ")


def test_a_date_is_not_more_precise_in_a_digest():
    case = happening("market.ceased", jurisdiction="JP", effective="2026-01")

    assert (
        digest(case).sections[0].lines[0].text.endswith("marketing in Japan ended in January 2026")
    )


def test_a_notice_to_operators_has_no_confidence():
    (line,) = digest(notice("watch.overdue")).sections[0].lines

    assert line.text == "EMA medicine data – scheduled check did not happen"
    assert "confidence" not in line.note


def test_a_quiet_day_is_said_to_be_one_with_the_proof_that_we_looked():
    quiet = digest(looked=["EMA medicine data: 2 captures, both good"], why="rule daily")

    assert quiet.headline == "Nothing changed in what we watch."
    assert [part.label for part in quiet.sections] == ["WE LOOKED", "WHY YOU"]
    assert quiet.badge == "DIGEST"


def test_more_than_anybody_reads_is_counted_and_not_listed():
    (low,) = digest(*[happening("flag.changed", FLAG)] * (MOST_IN_DIGEST + 7)).sections

    assert len(low.lines) == MOST_IN_DIGEST + 1
    assert low.lines[-1].text == "and 7 more, not listed here"


def test_what_is_left_out_of_a_long_digest_is_the_least_grave():
    low = happening("flag.changed", FLAG)

    listed, left = digest(low, low, *[withdrawal()] * MOST_IN_DIGEST).sections

    assert len(listed.lines) == MOST_IN_DIGEST
    assert (left.label, [line.text for line in left.lines]) == (
        "LOW",
        ["and 2 more, not listed here"],
    )


def test_a_digest_in_brief_is_its_counts_and_its_three_gravest_cases():
    told = digest(*[happening("flag.changed", FLAG)] * 5, withdrawal())

    assert len(told.brief) == 4
    assert told.brief[0].text == told.headline == "6 happenings: 1 critical, 5 low."
    assert told.brief[1:] == (*told.sections[0].lines, *told.sections[1].lines[:2])


def test_what_became_of_a_case_since_stands_in_its_line():
    case = withdrawal()

    told = digest(case, remarks={case.key: Remark("acknowledged by anna")})

    assert told.headline == "1 happening: 1 critical."
    assert told.sections[0].lines[0].note.startswith("acknowledged by anna · MedPath · ")


def test_ema_is_acknowledged_in_every_digest():
    assert "European Medicines Agency (EMA), acknowledged" in digest(withdrawal()).footer[0]


def test_what_turned_out_to_be_wrong_stays_in_the_digest_and_is_said_not_to_be_so():
    case = withdrawal()
    wrong = Remark("taken back: another medicine was meant", is_wrong=True)

    told = digest(case, remarks={case.key: wrong})

    (line,) = next(part for part in told.sections if part.label == "CORRECTION").lines
    assert line.text.startswith("NOT SO: Alofisel (darvadstrocel) – ")
    assert line.note.startswith("taken back: another medicine was meant · MedPath · watcher show ")
    assert "confidence" not in line.note
    assert told.headline == "1 happening: 1 taken back."


def test_what_was_taken_back_is_counted_beside_what_stands():
    case = withdrawal()
    wrong = Remark("taken back", is_wrong=True)

    stands = replace(happening("flag.changed", FLAG), key="another")

    told = digest(case, stands, remarks={case.key: wrong})

    assert told.headline == "2 happenings: 1 low, 1 taken back."


def test_a_digest_is_as_grave_as_its_gravest_case_and_a_quiet_one_is_light():
    assert digest(happening("flag.changed", FLAG), withdrawal()).severity is Severity.CRITICAL
    assert digest().severity is Severity.LOW
