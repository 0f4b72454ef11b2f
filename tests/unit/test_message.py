"""What a person is told of a case: every part of it, in plain words, and no more than is known."""

from __future__ import annotations

from dataclasses import replace

from kit.happenings import (
    AFTER,
    BEFORE,
    ENDING,
    JAPAN,
    SOURCES,
    STATEMENT,
    case_of,
    corroborated,
    happening,
    recorded,
    state,
    told,
    withdrawal,
)
from watcher.core.events import Cause, Event
from watcher.core.facts import Fact, Subject
from watcher.core.message import Message, compose

WHY = 'watch list "Crohn / ATMP" (substance: darvadstrocel)'


def message(case, **more) -> Message:
    return compose(case, why=WHY, sources=SOURCES, **more)


def lines(told_of: Message, label: str):
    return [line for part in told_of.sections if part.label == label for line in part.lines]


def words(told_of: Message, label: str) -> str:
    """A section in one string: term, text and note of each of its lines."""
    return "\n".join(
        " | ".join(filter(None, (line.term, line.text, line.note)))
        for line in lines(told_of, label)
    )


def without(path: str):
    return tuple(fact for fact in AFTER if not fact.path.startswith(path))


def test_the_sections_of_a_withdrawal_stand_in_the_order_a_reader_asks_for_them():
    labels = [part.label for part in message(corroborated(), known={"wikipedia": JAPAN}).sections]

    assert labels == [
        "WHAT CHANGED",
        "PRODUCT",
        "DATES",
        "WHO ASKED",
        "REASON",
        "EVIDENCE",
        "DOCUMENTS",
        "CORROBORATION",
        "ELSEWHERE",
        "WHY YOU",
        "DO",
    ]


def test_the_subject_alone_tells_severity_medicine_from_to_and_date():
    confirmed = replace(withdrawal(), corroborations=(ema_says(),))

    assert message(confirmed).subject == (
        "[CRITICAL] Alofisel: Authorised → Withdrawn – EU marketing authorisation, "
        "13 Dec 2024 (darvadstrocel) [confidence B, 2 sources]"
    )


def ema_says(effective: str = "2024-12-13"):
    event = Event(
        type="authorisation.withdrawn",
        subject=Subject("medicine", "EMEA/H/C/004258"),
        jurisdiction="EU",
        effective=effective,
        details={"before": "authorised", "after": "withdrawn"},
    )
    return recorded(event, source="ema", position=4800)


def test_a_critical_claim_of_an_aggregator_alone_is_unconfirmed_and_says_why():
    unconfirmed = message(withdrawal())

    assert unconfirmed.subject.startswith(
        "[CRITICAL] Alofisel: Authorised → Withdrawn, UNCONFIRMED – "
    )
    (mark,) = unconfirmed.marks
    assert mark.reason == (
        "Only MedPath (tier 3, an aggregator) said so; no authority has confirmed it. "
        "Check the official source before you act on it."
    )


def test_the_sentence_says_what_when_who_says_so_and_when_we_saw_it():
    assert message(withdrawal()).headline == (
        "EU marketing authorisation withdrawn on 13 December 2024 (as stated by MedPath), "
        "seen by us on 22 November 2026, 06:21 UTC."
    )


def test_the_product_is_told_by_name_substance_number_code_and_holder():
    assert words(message(withdrawal()), "PRODUCT").splitlines() == [
        "name | Alofisel",
        "substance | darvadstrocel",
        "number | EMEA/H/C/004258",
        "ATC code | L04",
        "holder | Takeda Pharma A/S, Delta Park 45, 2665 Vallensbaek Strand, Denmark",
    ]


def test_every_date_shows_its_role_and_precision_and_a_missing_one_is_called_missing():
    assert words(message(withdrawal()), "DATES").splitlines() == [
        "effective | 13 December 2024 (to the day) | as stated by MedPath",
        "announced | not stated",
        "published | not stated",
        "observed | 22 November 2026, 06:21:07 UTC | "
        "previous good capture 21 November 2026, 18:20 UTC",
    ]


def test_a_date_the_source_puts_on_its_page_is_called_published():
    event = withdrawal().lead.event
    case = case_of([recorded(event, published="2024-12-16")], withdrawal().facts)

    assert ("published | 16 December 2024 (to the day) | the date MedPath puts on it") in words(
        message(case), "DATES"
    )


def test_a_month_stays_a_month_everywhere():
    after = (*without(ENDING), Fact(ENDING, "2024-12", "withdrawn in December 2024", "line 29"))
    of_a_month = message(told(BEFORE, after))

    assert ", Dec 2024 (darvadstrocel)" in of_a_month.subject
    assert "withdrawn in December 2024 (as stated" in of_a_month.headline
    assert "effective | December 2024 (to the month, no day stated)" in words(of_a_month, "DATES")
    assert "1 December" not in str(of_a_month)


def test_a_year_stays_a_year():
    case = happening("authorisation.granted", jurisdiction="UK", effective="2023")

    assert "in 2023 (as stated" in message(case).headline
    assert "2023 (to the year)" in words(message(case), "DATES")


def test_an_ending_without_a_date_says_that_the_source_states_none():
    undated = message(told(BEFORE, without(ENDING)))

    assert "date not stated by MedPath" in undated.headline
    assert "effective | not stated" in words(undated, "DATES")
    assert "(1" not in undated.subject


def test_who_asked_and_who_decided_are_two_things():
    assert words(message(withdrawal()), "WHO ASKED").splitlines() == [
        "asked | marketing authorisation holder (Takeda Pharma A/S)",
        "decided | European Commission",
    ]


def test_nobody_is_guessed_to_have_asked():
    assert words(message(told(BEFORE, without(ENDING))), "WHO ASKED").splitlines() == [
        "asked | not stated",
        "decided | not stated",
    ]


def test_the_reason_is_quoted_and_never_put_in_a_category():
    reason = lines(message(withdrawal()), "REASON")

    assert reason[0].style == "quote"
    assert reason[0].text == "decision to permanently stop the marketing of the product in the EU"
    assert (reason[1].term, reason[1].text) == ("category", "not stated")
    assert reason[2].text.startswith("Do not read it as commercial")


def test_a_reason_that_is_not_stated_is_said_not_to_be():
    silent = without(f"{ENDING}.reason_text")

    assert "stated | not stated by MedPath" in words(message(told(BEFORE, silent)), "REASON")


def test_the_evidence_is_the_words_their_place_their_source_and_what_was_stored():
    evidence = words(message(withdrawal()), "EVIDENCE").splitlines()

    assert evidence[0] == f"quote | {STATEMENT} | line 29"
    assert evidence[1] == "Withdrawn | line 39"
    assert "source | MedPath (tier 3, an aggregator)" in evidence
    assert "address | https://trial.example.org/ema-approval/alofisel" in evidence
    assert any(line.startswith("snapshot | sha256:720b5f89") for line in evidence)


def test_a_quote_stands_once_however_many_facts_were_read_from_it():
    quotes = [line.text for line in lines(message(withdrawal()), "EVIDENCE") if line.note]

    assert quotes.count(STATEMENT) == 1


def test_documents_that_came_with_it_are_told_with_their_date():
    assert words(message(withdrawal()), "DOCUMENTS") == (
        "+ added | Alofisel-H-C-004258-II-0051-G : EPAR - Assessment report - Variation | "
        "changes since initial authorisation, first published 26 March 2025 (to the day)"
    )


def test_more_documents_than_anybody_reads_are_counted():
    documents = tuple(
        Fact(f"document[{number:02}]", {"title": f"Report {number:02}"}) for number in range(30)
    )
    many = lines(message(told(BEFORE, (*AFTER, *documents))), "DOCUMENTS")

    assert len(many) == 13
    assert many[-1].text.startswith("and 19 more: watcher show ")


def test_what_else_changed_in_the_same_capture_is_told_too():
    after = (*AFTER, Fact("flag[orphan]", value=False))
    before = (*BEFORE, Fact("flag[orphan]", value=True))

    assert "also | Orphan flag: Yes → No" in words(message(told(before, after)), "WHAT CHANGED")


def test_a_reader_learns_why_and_what_to_do_next():
    case = withdrawal()

    assert words(message(case), "WHY YOU") == WHY
    assert words(message(case), "DO").splitlines() == [
        "Check the official source before you act:",
        "https://www.ema.europa.eu/en/medicines",
        f"watcher acknowledge {case.lead.event_id[:12]} | "
        "say that you have seen it and answer for it",
        f"watcher show {case.lead.event_id[:12]} | every source, date and document of this",
    ]


def test_the_medicines_own_page_is_named_where_ema_has_one():
    page = "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel"
    case = replace(withdrawal(), facts={**withdrawal().facts, "product.url": page})

    assert page in words(message(case), "DO")


def test_the_official_address_is_never_taken_from_a_page_that_is_not_official():
    facts = {**withdrawal().facts, "product.url": "https://www.ema.europa.eu.example.org/x"}

    assert "example.org" not in words(message(replace(withdrawal(), facts=facts)), "DO")


def test_the_footer_names_event_position_rule_reader_and_the_way_to_verify():
    case = withdrawal()
    footer = "\n".join(message(case, rule="endings v3").footer)

    assert f"Event {case.lead.event_id}, position {case.lead.position} in the log" in footer
    assert "Rule endings v3; read by medpath@1." in footer
    assert f"watcher verify {case.lead.event_id[:12]}" in footer
    assert "Informational; check the official source." in footer
    assert (
        "European Medicines Agency (EMA), acknowledged as the source; read through MedPath, "
        "accessed November 2026."
    ) in footer


def test_ema_is_acknowledged_as_the_source_of_what_was_read_there():
    case = happening("authorisation.suspended", jurisdiction="EU", effective="2026-11-20")

    assert (
        "Source: European Medicines Agency (EMA), acknowledged as such; accessed November 2026."
    ) in message(case).footer


def test_wikipedia_is_credited_with_its_licence():
    assert any("CC BY-SA 4.0" in line for line in message(corroborated()).footer)


def test_a_correction_says_so_before_anything_else():
    corrected = case_of([recorded(withdrawal().lead.event, cause=Cause.CORRECTED)])

    assert message(corrected).subject.startswith("CORRECTION [CRITICAL] ")
    assert message(corrected).marks[0].word == "CORRECTION"


def test_the_brief_says_what_when_who_and_where_in_four_lines():
    what, when, who, where = message(withdrawal()).brief

    assert what.text == "EU marketing authorisation: Authorised → Withdrawn"
    assert when.text.startswith("effective 13 December 2024 (to the day), as stated by MedPath")
    assert who.text == "MedPath (tier 3, an aggregator) · confidence C"
    assert where.style == "command"


def test_the_facts_of_the_reference_are_those_of_its_reading():
    assert withdrawal().facts == state(AFTER)
