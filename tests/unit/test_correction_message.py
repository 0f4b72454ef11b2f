"""What those receive who were told something wrong: the cases the golden messages leave out."""

from __future__ import annotations

from dataclasses import replace

from kit.happenings import ALOFISEL, BEFORE, SOURCES, case_of, recorded, state, withdrawal
from watcher.core import wording
from watcher.core.case import Case
from watcher.core.correction_message import MOST_FACTS, Correction, compose_correction
from watcher.core.events import Change, Event, Recorded
from watcher.core.message import Message


def corrected(case: Case, *changes: Change, wrong: Recorded | None = None) -> Message:
    lead = wrong or case.lead
    why = {"why": "it was misread", "position": str(lead.position)}
    event = Event(
        type="event.corrected", subject=ALOFISEL, changes=changes, jurisdiction="EU", details=why
    )
    told = Correction(
        case=case,
        wrong=lead,
        by=recorded(event, position=4802),
        told_at="2026-11-22T06:21:12Z",
        is_certain=True,
        severity=case.severity,
    )
    return compose_correction(told, SOURCES)


def said(message: Message) -> str:
    return "\n".join(line.text for section in message.sections for line in section.lines)


def a_fact(number: int, action: str = "added") -> Change:
    path = f"product.extra_{number:02}"
    if action == "added":
        return Change(path=path, action="added", after=f"value {number}")
    return Change(path=path, action="removed", before=f"value {number}")


def test_a_correction_that_was_wrong_itself_is_said_to_have_been_one():
    first = Event(type="event.corrected", subject=ALOFISEL, jurisdiction="EU")
    told = corrected(case_of([recorded(first)], state(BEFORE)))

    assert wording.TOLD_CORRECTION in told.headline
    assert wording.TOLD_CORRECTION.casefold() in said(told).casefold()


def test_what_is_no_status_is_told_as_it_was_told():
    change = Change(path="market[JP].discontinued", action="added", after="2026-01")
    ceased = Event(
        type="market.ceased",
        subject=ALOFISEL,
        changes=(change,),
        jurisdiction="JP",
        effective="2026-01",
    )
    told = corrected(case_of([recorded(ceased)], state(BEFORE)))

    assert "marketing in Japan ended in January 2026" in told.headline


def test_a_status_without_a_date_is_told_without_one():
    case = withdrawal()
    undated = replace(case.lead, event=replace(case.lead.event, effective=""))
    told = corrected(replace(case, lead=undated))

    assert "marketing authorisation was withdrawn." in told.headline
    assert "December 2024" not in told.headline


def test_of_very_many_facts_put_right_the_first_are_named_and_the_rest_counted():
    told = said(corrected(withdrawal(), *(a_fact(number) for number in range(MOST_FACTS + 3))))

    assert "value 11" in told
    assert "value 12" not in told
    assert wording.MORE.format(count=3, command="").strip()[:8] in told


def test_of_very_many_facts_taken_out_the_first_are_named_and_the_rest_counted():
    gone = (a_fact(number, "removed") for number in range(MOST_FACTS + 2))
    told = said(corrected(withdrawal(), *gone))

    assert "value 11" in told
    assert "value 12" not in told
    assert wording.LEFT_OUT.format(count=2) in told


def test_of_very_many_events_that_stand_the_first_are_named_and_the_rest_counted():
    case = withdrawal()
    others = [
        recorded(
            Event(type="fact.changed", subject=ALOFISEL, changes=(a_fact(number),)),
            position=5000 + number,
        )
        for number in range(MOST_FACTS + 4)
    ]
    told = said(corrected(replace(case, together=tuple(others))))

    assert wording.OTHER_EVENT in told
    assert wording.LEFT_OUT.format(count=4) in told
