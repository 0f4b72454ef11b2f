"""The reader over articles written by us; the real article is read in tests/golden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from watcher.core.diff import diff
from watcher.core.facts import Reading, Subject
from watcher.errors import ReadError
from watcher.readers.encyclopedia import ENCYCLOPEDIA, read
from watcher.readers.encyclopedia_infobox import Parameter, box_facts
from watcher.readers.encyclopedia_sentences import regulatory_facts
from watcher.readers.reader import Payload
from watcher.readers.sentences import Sentence

PAGES = Path(__file__).parents[1] / "golden" / "encyclopedia"
MEDIA_TYPES = {".txt": "text/plain", ".html": "text/html", ".json": "application/json"}
FORMS = sorted(
    page
    for page in PAGES.iterdir()
    if page.name in {"api_parse.json", "api_query.json", "rest_page.json"}
    or page.suffix in {".txt", ".html"}
)
TEXT = (PAGES / "withdrawn_text.txt").read_text(encoding="utf-8")


def a_reading(text: str = TEXT, media_type: str = "text/plain") -> Reading:
    return read(Payload(body=text.encode(), media_type=media_type))


def a_state(text: str = TEXT) -> dict:
    return a_reading(text).records[0].state()


def said(sentence: str) -> dict:
    return {fact.path: fact.value for fact in regulatory_facts([Sentence(sentence, "line 1")])}


REGULATORY = ("authorisation[", "market[", "supply_status[", "indication.", "study[", "ids.")


@pytest.mark.parametrize("page", FORMS, ids=lambda page: page.name)
def test_an_article_says_the_same_in_every_form_it_is_served_in(page):
    payload = Payload(body=page.read_bytes(), media_type=MEDIA_TYPES[page.suffix])

    (record,) = read(payload).records

    told = {path: value for path, value in record.state().items() if path.startswith(REGULATORY)}
    same = {path: value for path, value in a_state().items() if path.startswith(REGULATORY)}
    assert record.subject == Subject("substance", "examplestrocel")
    assert told == same
    assert record.state()["product.atc_code"] == "L04AX99"
    assert record.state()["product.brand_name"] == "Exemplar"


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("api_query.json", "2032-02-05T10:11:12Z"),
        ("rest_page.json", "2032-02-05T10:11:12Z"),
        ("withdrawn_page.html", "2032-02-05"),
        ("api_parse.json", ""),
    ],
)
def test_a_revision_is_told_by_its_number_and_time_where_the_form_has_them(name, published):
    page = PAGES / name
    payload = Payload(body=page.read_bytes(), media_type=MEDIA_TYPES[page.suffix])

    reading = read(payload)

    assert reading.published == published
    assert reading.records[0].state()["page.revision"] == "1300000001"


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        (
            "It was approved for medical use in the United States in April 2014, and in the "
            "European Union in September 2014.",
            {"authorisation[US].granted": "2014-04", "authorisation[EU].granted": "2014-09"},
        ),
        ("In 2014, it was approved for use in the EU.", {"authorisation[EU].granted": "2014"}),
        (
            "Samplinib was approved by the U.S. Food and Drug Administration (FDA) in May 1999.",
            {
                "authorisation[US].granted": "1999-05",
                "authorisation[US].agency": "U.S. Food and Drug Administration (FDA)",
            },
        ),
        (
            "As of 2020, it is approved in Canada and Japan.",
            {
                "authorisation[CA].approved_as_of": "2020",
                "authorisation[JP].approved_as_of": "2020",
            },
        ),
        (
            "It was withdrawn from the market in the United States and Canada on 30 September "
            "2004.",
            {"market[US].withdrawn": "2004-09-30", "market[CA].withdrawn": "2004-09-30"},
        ),
        (
            "In July 2021, the marketing authorisation was withdrawn in the EU at the request of "
            "Sample Europharm Limited.",
            {
                "authorisation[EU].withdrawn": "2021-07",
                "authorisation[EU].withdrawn.requested_by": "Sample Europharm Limited",
            },
        ),
        (
            "The European Commission withdrew the marketing authorisation for Exemplar in June "
            "2020.",
            {
                "authorisation[EU].withdrawn": "2020-06",
                "authorisation[EU].withdrawn.actor": "European Commission",
            },
        ),
        (
            "The brand was discontinued in the United Kingdom in March 2015.",
            {"market[UK].discontinued": "2015-03"},
        ),
        (
            "In 2010, it was approved in Japan and was withdrawn from the EU market in May 2012.",
            {"authorisation[JP].granted": "2010", "market[EU].withdrawn": "2012-05"},
        ),
    ],
)
def test_a_sentence_states_what_it_says_and_where(sentence, facts):
    assert said(sentence) == facts


@pytest.mark.parametrize(
    "sentence",
    [
        "It was approved in Japan and withdrawn in 2020.",
        "The application for marketing authorisation was withdrawn in the EU in 2019.",
        "It has not been approved in Japan as of 2020.",
        "The study was discontinued in Japan in 2019.",
        "Treatment was discontinued by 12 patients in Japan in 2019.",
        "It was refused approval in the European Union in 2016.",
        "It may be withdrawn from the EU market in 2030.",
        "It was not withdrawn from the EU market in 2019.",
        "It was withdrawn from the world market in May 2012.",
        "It was approved for use in the European Union on 31 February 2014.",
        "In 2000 patients the drug was approved as effective in Japan.",
        "Legal in the EU.",
    ],
)
def test_a_sentence_that_names_no_place_or_something_else_states_nothing(sentence):
    assert said(sentence) == {}


@pytest.mark.parametrize(
    ("sentence", "path"),
    [
        ("It has been withdrawn from the EU market.", "market[EU].withdrawn"),
        ("The marketing authorisation was withdrawn in the EU.", "authorisation[EU].withdrawn"),
        ("Sales of Exemplar in Japan have been discontinued.", "market[JP].discontinued"),
    ],
)
def test_an_ending_without_a_date_is_stated_all_the_same(sentence, path):
    assert said(sentence) == {path: None}


def test_an_undated_mention_beside_a_dated_one_says_nothing_more():
    more = TEXT + "\nIt was withdrawn from the EU market.\n"

    facts, said = a_state(more), a_state()
    assert facts.pop("statement[EU]") != said.pop("statement[EU]")
    assert facts == said
    assert a_reading(more).unknown == ()


def test_an_article_that_contradicts_itself_keeps_the_first_and_tells():
    reading = a_reading(
        TEXT.replace("in the European Union in May 2024", "in the EU in May 2024")
        + "\nIt was approved for use in the European Union in June 2023.\n"
    )

    assert reading.records[0].state()["authorisation[EU].granted"] == "2024-05"
    (note,) = reading.unknown
    assert "authorisation[EU].granted" in note


def test_a_finer_date_said_later_is_taken():
    more = TEXT + "\nIt was approved for use in the European Union on 2 May 2024.\n"

    assert a_state(more)["authorisation[EU].granted"] == "2024-05-02"


def test_a_reworded_article_that_says_the_same_is_an_edit_and_no_more():
    reworded = TEXT.replace(
        "Examplestrocel was withdrawn from the EU market in November 2030.",
        "In November 2030, it was withdrawn from the European Union market.",
    )

    assert reworded != TEXT
    told = diff(Subject("substance", "examplestrocel"), a_state(), a_state(reworded))
    assert [event.type for event in told] == ["encyclopedia.statement_changed"]


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("", "text/plain"),
        ("= Sampletown =\n\nSampletown is a town on a river.\n", "text/plain"),
        ("Examplestrocel is a medication.", "text/plain"),
        ("<html><body><p>Wikimedia Error</p></body></html>", "text/html"),
        ('{"error": {"code": "ratelimited"}}', "application/json"),
        ('{"query": {"pages": {"-1": {"missing": ""}}}}', "application/json"),
        ('{"parse": {"title": "X"}}', "application/json"),
        ('{"query": {"pages": {"1": {"title": "X", "revisions": ["x"]}}}}', "application/json"),
        ('{"query": {"pages": [{"title": "X", "revisions": [{}]}]}}', "application/json"),
        ('["parse"]', "application/json"),
        ("{}", "application/json"),
        ('{"query": {"pages": [', "application/json"),
        ("{" * 100_000, "application/json"),
    ],
)
def test_what_is_no_article_on_a_drug_is_an_error(text, media_type):
    with pytest.raises(ReadError) as caught:
        a_reading(text, media_type)

    assert caught.value.reader == "encyclopedia@1"


def test_a_box_that_is_odd_states_what_it_can():
    odd = TEXT.replace("- Legal Status: JP: Rx-only", "- Legal Status: Rx-only\n- no parameter")
    odd = odd.replace("- Atc Suffix: AX99", "- Atc Suffix: ?").replace("Kegg: D99999", "Kegg:")

    state = a_state(odd)

    assert state["supply_status[EU]"] == "Rx-only"
    assert not {"supply_status[JP]", "product.atc_code", "ids.kegg"} & state.keys()


def test_an_article_told_apart_by_its_title_is_known_by_its_substance():
    page = json.dumps(
        {
            "parse": {
                "title": "Samplin (medication)",
                "revid": 1,
                "wikitext": {"*": "'''Samplin''' is a medication used to treat samples."},
            }
        }
    )

    (record,) = a_reading(page, "application/json").records

    assert record.subject == Subject("substance", "samplin")
    assert record.state()["indication.text"] == "samples"


@pytest.mark.realdata
def test_from_an_older_real_state_the_withdrawal_follows(shared_data, seeds):
    copy = shared_data / "encyclopedia" / "wikipedia_darvadstrocel_handwiki-mirror.txt"
    older = copy.read_text(encoding="utf-8")
    older = "= Darvadstrocel =\n\n" + older[older.index("Darvadstrocel, sold") :]
    now = (seeds / "000_173e4596d0b3a897.txt").read_text(encoding="utf-8")

    told = diff(Subject("substance", "darvadstrocel"), a_state(older), a_state(now))

    light = {
        "encyclopedia.statement_changed",
        "fact.changed",
        "study.added",
        "supply_status.changed",
    }
    grave = {(event.type, event.jurisdiction) for event in told if event.type not in light}
    assert grave == {
        ("authorisation.withdrawn", "EU"),
        ("market.ceased", "JP"),
    }


def test_the_reader_is_known_by_its_markers():
    assert ENCYCLOPEDIA.id == "encyclopedia@1"
    for page in FORMS:
        source = page.read_text(encoding="utf-8")
        assert any(marker in source for marker in ENCYCLOPEDIA.markers), page.name


def test_a_withdrawal_of_nobody_knows_what_place_is_no_fact():
    assert said("The company withdrew the marketing authorisation in 2024.") == {}


def test_an_article_known_by_its_box_alone_has_no_sentence_that_spells_its_substance():
    source = "{{Infobox drug\n| tradename = Samplix\n}}\nIt is used to treat samples."
    answer = {"parse": {"title": "Samplin", "wikitext": {"*": source}}}

    state = a_reading(json.dumps(answer), "application/json").records[0].state()

    assert state["product.brand_name"] == "Samplix"
    assert "product.inn" not in state


def test_a_parameter_that_only_explains_or_is_no_code_makes_no_fact():
    box = [
        Parameter("legalus", "(investigational)", "Legal US", "line 1"),
        Parameter("atccode", "none assigned", "ATC code", "line 2"),
    ]

    assert box_facts(tuple(box)) == []
