"""Holders, sentences, agreement, source text: the small parts that readers share."""

from __future__ import annotations

import time

import pytest

from watcher.core.facts import Fact
from watcher.readers.agreement import agree
from watcher.readers.blocks import Block
from watcher.readers.encyclopedia_sentences import regulatory_facts
from watcher.readers.holder import holder
from watcher.readers.jurisdictions import jurisdiction_of, places
from watcher.readers.public_summary import summary_facts
from watcher.readers.sentences import sentences, split_sentences
from watcher.readers.wikitext import plain


@pytest.mark.parametrize(
    ("printed", "parts"),
    [
        (
            "Example Pharma A/S,Delta Park 1,2665 Vallensbaek Strand,Denmark",
            {
                "name": "Example Pharma A/S",
                "text": "Example Pharma A/S, Delta Park 1, 2665 Vallensbaek Strand, Denmark",
                "street": "Delta Park 1",
                "postal_code": "2665",
                "city": "Vallensbaek Strand",
                "country": "Denmark",
            },
        ),
        (
            "Sample B.V., Kade 39, 2031 BN Haarlem, The Netherlands",
            {"street": "Kade 39", "postal_code": "2031 BN", "city": "Haarlem"},
        ),
        (
            "Sample AB, Gatan 1, 112 51 Stockholm, Sweden",
            {"postal_code": "112 51", "city": "Stockholm", "country": "Sweden"},
        ),
        (
            "Sample Limited,Vista Building,Elm Park,Dublin 4,Ireland",
            {"name": "Sample Limited", "country": "Ireland"},
        ),
        ("Sample, Inc., Ul. Nowa 1, 00-510 Warszawa", {"name": "Sample, Inc.", "city": "Warszawa"}),
        ("Sample Pharma", {"name": "Sample Pharma", "text": "Sample Pharma"}),
        ("", {"name": "", "text": ""}),
    ],
)
def test_a_holder_is_taken_apart_as_far_as_it_can_be_known(printed, parts):
    assert holder(printed).items() >= parts.items()


def test_an_address_without_a_sure_postal_code_states_none():
    assert "postal_code" not in holder("Sample Limited,Vista Building,Dublin 4,Ireland")
    assert "street" not in holder("Sample Limited,Vista Building,Dublin 4,Ireland")


def test_sentences_end_where_they_end():
    text = (
        "One vs. two was tried (approx. 3.5 mg). Takeda Pharma A/S. asked. It ended in 2024. 5 left"
    )

    assert split_sentences(text) == [
        "One vs. two was tried (approx. 3.5 mg).",
        "Takeda Pharma A/S. asked.",
        "It ended in 2024.",
        "5 left",
    ]
    assert split_sentences("") == []


def test_the_marks_of_footnotes_are_no_part_of_a_sentence():
    block = Block(
        "text", "It was approved in 2018.[2][3] It ended[citation needed] later.", "line 5"
    )

    told = list(sentences([block]))

    assert [each.text for each in told] == ["It was approved in 2018.", "It ended later."]
    assert {each.place for each in told} == {"line 5"}


def a_fact(value, place="line 1", path="authorisation[EU].granted"):
    return Fact(path, value, str(value), place)


def test_what_is_said_twice_keeps_both_places():
    said = [a_fact("2018-03-23", "line 31"), a_fact("2018-03-23", "line 41")]

    agreement = agree(said)

    assert agreement.facts == tuple(said)
    assert agreement.conflicts == ()


def test_the_most_precise_date_stands_and_a_coarser_one_is_no_conflict():
    agreement = agree([a_fact("2018-03"), a_fact("2018-03-23"), a_fact("2018")])

    assert [fact.value for fact in agreement.facts] == ["2018-03-23"]
    assert agreement.conflicts == ()


def test_the_first_of_two_that_cannot_both_be_meant_stands_and_is_told():
    agreement = agree([a_fact("2018-03-23", "line 3"), a_fact("2018-04", "line 9")])

    assert [fact.value for fact in agreement.facts] == ["2018-03-23"]
    assert agreement.conflicts == (
        "authorisation[EU].granted: '2018-03-23' at line 3, but '2018-04' at line 9",
    )


def test_true_and_one_are_not_the_same():
    assert agree([a_fact(1), a_fact(value=True)]).conflicts


def test_places_are_known_by_name_and_nothing_is_guessed():
    named = places("Israel, Switzerland, the United Kingdom, and Japan")

    assert [place.code for place in named] == ["IL", "CH", "UK", "JP"]
    assert places("Ruritania and USANIA") == []
    assert jurisdiction_of("the European Medicines Agency") == "EU"
    assert jurisdiction_of("Takeda") == ""


def test_source_text_loses_its_marks_and_keeps_its_lines():
    source = (
        "{{Short description|Medicine}}\n{{Infobox drug\n"
        "| tradename = [[Exemplar|Ex]]<!-- a\nb -->\n| UNII = {{ref|{{x}}}} 0A1\n}}\n"
        "'''Sample''' is<ref name=a>{{cite|x=[1]}}</ref> a [[drug]].<ref name=a/>\n"
        "[[File:a.png|thumb|A [[b]] c]]\n== H ==\n[https://x.example link] &amp;"
    )

    text = plain(source)

    assert text.count("\n") == source.count("\n")
    assert text.split("\n") == [
        "",
        "Infobox",
        "- tradename: Ex",
        "",
        "- UNII: 0A1",
        "",
        "Sample is a drug.",
        "",
        "== H ==",
        "link &",
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "{{" * 100_000,
        "<ref>" * 100_000,
        "[[" * 100_000,
        "<!--" * 100_000,
        "[http://x " * 50_000,
        "{{Infobox drug\n|a={{" + "{{x" * 50_000 + "}}" * 50_001,
    ],
)
def test_hostile_source_text_takes_no_long_time(hostile):
    start = time.perf_counter()

    plain(hostile)

    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("unit", ["A. ", "in the EU ", "(x. ", "a [1]", "approved in Japan, "])
def test_hostile_prose_takes_no_long_time(unit):
    block = Block("text", unit * (200_000 // len(unit)), "line 1")
    start = time.perf_counter()

    regulatory_facts(sentences([block]))

    assert time.perf_counter() - start < 5


def test_an_overview_for_the_public_states_what_its_set_phrases_say():
    text = (
        "One main study, involving 1,212 patients, compared Exemplar with placebo 24 weeks after "
        "treatment. Of the patients treated with Exemplar, full recovery occurred in 40% of "
        "patients (400 out of 1000); this compared with almost 20% of patients (42 out of 212) "
        "receiving placebo. It is a type of advanced therapy medicine called a ‘gene therapy "
        "product’."
    )

    told = {fact.path: fact.value for fact in summary_facts([Block("text", text, "line 1")])}

    assert told == {
        "study[main].n": 1212,
        "study[main].timepoint_weeks": 24,
        "study[main].full_recovery": {
            "Exemplar": "400/1000 (40%)",
            "placebo": "42/212 (almost 20%)",
        },
        "product.class": "gene therapy product (ATMP)",
    }


def test_an_overview_that_says_approved_states_nothing_of_the_authorisation():
    text = "The agency decided that it be approved for use in the EU."

    assert summary_facts([Block("text", text, "line 1")]) == []


def test_a_main_study_without_a_time_of_measurement_has_its_number_alone():
    told = summary_facts(
        [Block("text", "In one main study involving 212 patients it helped.", "1")]
    )

    assert {fact.path: fact.value for fact in told} == {"study[main].n": 212}


def test_braces_that_open_nothing_stay_and_templates_nested_too_deeply_are_left():
    assert plain("a }} b") == "a }} b"
    deep = "{{Infobox drug\n| tradename = " + "{{a|" * 25 + "x" + "}}" * 25 + "\n}}"
    assert "tradename" in plain(deep)
