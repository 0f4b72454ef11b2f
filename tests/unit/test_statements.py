"""EMA's set phrases on an authorisation, told as facts; everything else tells nothing."""

from __future__ import annotations

import pytest

from watcher.core.facts import Fact
from watcher.readers.blocks import Block
from watcher.readers.statements import authorisation_statements

WITHDRAWAL = (
    "On 13 December 2024, the European Commission withdrew the marketing authorisation for "
    "Alofisel (darvadstrocel) in the European Union (EU). The withdrawal was at the request of "
    "the marketing authorisation holder, Takeda Pharma A/S, which notified the European "
    "Commission of its decision to permanently stop the marketing of the product in the EU."
)
GRANT = (
    "Alofisel was granted marketing authorisation in the EU on 23 March 2018 for the treatment of "
    "complex perianal fistulas. The European Public Assessment Report (EPAR) for Alofisel is "
    "updated to indicate that the marketing authorisation is no longer valid."
)


def told(*texts: str) -> dict[str, object]:
    return {fact.path: fact.value for fact in facts(*texts)}


def facts(*texts: str) -> list[Fact]:
    lines = enumerate(texts, 1)
    return authorisation_statements(Block("text", text, f"line {at}") for at, text in lines)


def test_a_withdrawal_tells_when_by_whom_on_whose_request_and_in_which_words():
    assert told(WITHDRAWAL, GRANT) == {
        "authorisation[EU].withdrawn": "2024-12-13",
        "authorisation[EU].withdrawn.actor": "European Commission",
        "authorisation[EU].withdrawn.requested_by": "Takeda Pharma A/S",
        "authorisation[EU].withdrawn.requested_by_role": "marketing authorisation holder",
        "authorisation[EU].withdrawn.reason_text": (
            "decision to permanently stop the marketing of the product in the EU"
        ),
        "authorisation[EU].granted": "2018-03-23",
        "authorisation[EU].validity": "no longer valid",
    }


def test_each_fact_quotes_words_that_stand_in_its_line():
    texts = (WITHDRAWAL, GRANT)

    for fact in facts(*texts):
        line = texts[int(fact.place.removeprefix("line ")) - 1]
        assert fact.quote
        assert fact.quote in line


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        (
            "at the request of the marketing authorisation holder, Pfizer, Inc., which",
            "Pfizer, Inc.",
        ),
        ("at the request of the marketing authorisation holder, Omrix N. V., who", "Omrix N. V."),
        ("requested by the marketing authorisation holder, Acme d.o.o., which", "Acme d.o.o."),
    ],
)
def test_the_name_of_the_holder_may_hold_commas_and_dots(sentence, name):
    text = (
        f"The withdrawal was {sentence} notified the European Commission of its decision not to "
        "market the product in the EU for commercial reasons."
    )

    found = told(text)

    assert found["authorisation[EU].withdrawn.requested_by"] == name
    assert found["authorisation[EU].withdrawn.reason_text"] == (
        "decision not to market the product in the EU for commercial reasons"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "The European Commission was notified by a letter dated 4 May 2012 of the MAH's "
            "decision to voluntarily withdraw the marketing authorisation for Ablavar.",
            "decision to voluntarily withdraw the marketing authorisation for Ablavar",
        ),
        (
            "On 4 May 2012 the Marketing Authorisation Holder notified the European Commission of "
            "its decision to voluntarily withdraw the Marketing Authorisation for Allex.",
            "decision to voluntarily withdraw the Marketing Authorisation for Allex",
        ),
        (
            "The withdrawal was requested by the marketing authorisation holder, Pfizer, due to "
            "commercial reasons. The marketing authorisation was granted in 2024.",
            "due to commercial reasons",
        ),
        ("The marketing authorisation for X has been withdrawn at the request of the "
         "marketing-authorisation holder.", None),
    ],
)  # fmt: skip
def test_the_phrases_of_earlier_years_tell_the_role_and_the_reason(text, reason):
    found = told(text)

    role = found["authorisation[EU].withdrawn.requested_by_role"]
    assert role == "marketing authorisation holder"
    assert found.get("authorisation[EU].withdrawn.reason_text") == reason


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        (
            "On 26th May 2010 the European Commission issued a decision to withdraw the marketing "
            "authorisation for X.",
            "withdrawn",
            "2010-05-26",
        ),
        (
            "On 2 April 2002, the European Commission adopted the decision withdrawing the "
            "Marketing Authorisation for X.",
            "withdrawn",
            "2002-04-02",
        ),
        (
            "On 4 May 2023, the European Commission revoked the marketing authorisation for X.",
            "revoked",
            "2023-05-04",
        ),
        (
            "On 28 March 2025, the European Commission issued a decision to not renew the "
            "conditional marketing authorisation for X.",
            "not_renewed",
            "2025-03-28",
        ),
        (
            "The marketing authorisation for X (abc) expired on 3 May 2017 following the decision "
            "of the marketing authorisation holder, Acme, not to apply for a renewal.",
            "expired",
            "2017-05-03",
        ),
        (
            "X received a conditional marketing authorisation valid throughout the EU on "
            "3 January 2020.",
            "granted",
            "2020-01-03",
        ),
        (
            "The European Commission granted a marketing authorisation valid throughout the "
            "European Union for X on 20 February 2014.",
            "granted",
            "2014-02-20",
        ),
        (
            "On 3 May 1999, the European Commission granted a marketing authorisation valid "
            "throughout the European Union for the medicinal product X.",
            "granted",
            "1999-05-03",
        ),
    ],
)
def test_endings_and_grants_are_told_in_more_than_one_way(text, path, value):
    assert told(text)[f"authorisation[EU].{path}"] == value


@pytest.mark.parametrize(
    "text",
    [
        "X was withdrawn from the Community register of orphan medicinal products in May 2024.",
        "X is a biosimilar of Y, which was authorised in the EU on 26 May 2010.",
        "The company withdrew its application for a marketing authorisation on 17 July 2020.",
        "The European Commission may withdraw a marketing authorisation at any time.",
        "X was granted marketing authorisation in the EU and its use began on 3 May 2010.",
        "The marketing authorisation was initially valid for a 5-year period.",
        "A marketing authorisation was granted in Japan on 3 May 2010.",
        "",
    ],
)
def test_a_sentence_outside_the_phrases_tells_nothing(text):
    assert told(text) == {}


def test_a_day_that_does_not_exist_is_no_date_but_the_actor_stands():
    text = "On 31 June 2020, the European Commission withdrew the marketing authorisation for X."

    assert told(text) == {"authorisation[EU].withdrawn.actor": "European Commission"}


def test_of_two_sentences_on_one_thing_the_first_counts():
    later = WITHDRAWAL.replace("2024", "2025")

    assert told(WITHDRAWAL, later)["authorisation[EU].withdrawn"] == "2024-12-13"


def test_a_request_that_names_a_holder_and_not_its_role_tells_the_name_alone():
    text = (
        "The European Commission was notified by Example Pharma Ltd of its decision to "
        "permanently discontinue the marketing of the product. The marketing authorisation ended."
    )

    assert told(text)["authorisation[EU].withdrawn.requested_by"] == "Example Pharma Ltd"
    assert "authorisation[EU].withdrawn.requested_by_role" not in told(text)
