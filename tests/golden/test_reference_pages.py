"""The three reference pages: every value they hold, and everything they must not be taken for.

The pages stand beside the project (`../shared/seeds`); the values to expect of them are kept here,
each with the words it rests on and the line these stand in.

Longer than other files: the 34 must-nots are one numbered list and are read as one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from watcher.core.diff import diff
from watcher.core.events import Event
from watcher.core.facts import Fact, Record, Value
from watcher.core.identity import alias_key, organisation_key
from watcher.core.text import tidy, without_accents
from watcher.errors import ReadError
from watcher.readers.encyclopedia import read as read_article
from watcher.readers.medpath_approval import furniture
from watcher.readers.medpath_approval import read as read_approval
from watcher.readers.reader import Payload
from watcher.readers.research_library import read as read_library

EXPECTED = json.loads((Path(__file__).parent / "reference_values.json").read_text(encoding="utf-8"))
NAMES = {
    "A": "000_173e4596d0b3a897.txt",
    "B": "001_92b3e7aa0e55c78f.txt",
    "C": "002_5fd57e98103617e8.txt",
}
READ = {"A": read_article, "B": read_approval, "C": read_library}


@pytest.fixture(scope="module")
def pages(seeds: Path) -> dict[str, str]:
    return {seed: (seeds / name).read_text(encoding="utf-8") for seed, name in NAMES.items()}


def the_record(seed: str, text: str) -> Record:
    (record,) = READ[seed](Payload(body=text.encode())).records
    return record


@pytest.fixture(scope="module")
def article(pages: dict[str, str]) -> Record:
    return the_record("A", pages["A"])


@pytest.fixture(scope="module")
def approval(pages: dict[str, str]) -> Record:
    return the_record("B", pages["B"])


@pytest.fixture(scope="module")
def library(pages: dict[str, str]) -> Record:
    return the_record("C", pages["C"])


@pytest.fixture(scope="module")
def facts(pages, article, approval, library) -> dict[tuple[str, str], tuple[Fact, ...]]:
    return {
        ("A", "record"): article.facts,
        ("B", "record"): approval.facts,
        ("B", "furniture"): furniture(Payload(body=pages["B"].encode())),
        ("C", "record"): library.facts,
    }


def states(fact: Fact, expected: dict[str, Value]) -> bool:
    """Whether a fact holds the value, whole, as one of a list's, or as one of an object's."""
    value, pick = fact.value, expected.get("pick")
    if pick == "item":
        return isinstance(value, list) and expected["value"] in value
    if isinstance(pick, str):
        value = value.get(pick) if isinstance(value, dict) else None
        if expected.get("count"):
            return len(value or "") == expected["value"]
        if isinstance(value, list):
            return expected["value"] in value
    return value == expected["value"] and type(value) is type(expected["value"])


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["id"])
def test_a_value_of_the_reference_pages_is_read_with_its_words_and_place(pages, facts, expected):
    found = facts[expected["seed"], expected.get("from", "record")]
    lines = pages[expected["seed"]].split("\n")
    places = {f"line {line}" for line in expected.get("fact_lines", expected["lines"])}
    cited = [tidy(lines[line - 1]) for line in expected["lines"]]

    told = [fact for fact in found if fact.path == expected["path"] and states(fact, expected)]

    assert told, [fact for fact in found if fact.path == expected["path"]]
    here = [fact for fact in told if fact.place in places]
    assert here, told
    for part in expected["quote"].split(" … "):
        assert any(tidy(part) in line for line in cited), part
    for part in here[0].quote.split(" … "):
        own = tidy(lines[int(here[0].place.removeprefix("line ")) - 1])
        assert tidy(part) in own or any(tidy(part) in line for line in cited)


def test_the_reference_holds_205_values():
    assert len(EXPECTED) == 205
    assert len({expected["id"] for expected in EXPECTED}) == 205


# What must follow from the pages together with their earlier states.


def without(text: str, *gone: str) -> str:
    for words in gone:
        assert words in text, words
        text = text.replace(words, "")
    return text


def happened(seed: str, before: str, after: str) -> tuple[Event, ...]:
    old, new = the_record(seed, before), the_record(seed, after)
    assert old.subject == new.subject
    return diff(new.subject, old.state(), new.state())


WITHDRAWAL = re.compile(r"On 13 December 2024.*?in the EU\.\n\n", re.DOTALL)
NO_LONGER_VALID = re.compile(r" The European Public Assessment Report.*?no longer valid\.")
VARIATION = re.compile(r"Alofisel-H-C-004258-II-0051-G.*?\n\n.*?\n\n.*?\n\n")


def earlier_approval(page: str) -> str:
    """The approval page as it must have been before the withdrawal."""
    page = WITHDRAWAL.sub("", page)
    page = NO_LONGER_VALID.sub("", page)
    page = VARIATION.sub("", page).replace("Documents (12)", "Documents (11)")
    return page.replace("\nWithdrawn\n", "\nAuthorised\n")


ARTICLE_ENDINGS = (
    " Darvadstrocel was withdrawn from the EU market in December 2024.",
    " In January 2026, the marketing of Alofisel in Japan was discontinued.",
    " In December 2024, the European Medicines Agency withdrew the marketing authorization for"
    " Alofisel (darvadstrocel) upon request of Takeda Pharma.",
    " Darvadstrocel was withdrawn from the European Union market in December 2024.",
    " In January 2026, Takeda Pharma discontinued sales of Alofisel in Japan.",
)


def test_from_the_earlier_approval_page_exactly_a_withdrawal_and_a_document_follow(pages):
    withdrawn, added = happened("B", earlier_approval(pages["B"]), pages["B"])

    assert withdrawn.type == "authorisation.withdrawn"
    assert (withdrawn.jurisdiction, withdrawn.effective) == ("EU", "2024-12-13")
    assert dict(withdrawn.details) == {
        "before": "authorised",
        "after": "withdrawn",
        "actor": "European Commission",
        "requested_by": "Takeda Pharma A/S",
        "requested_by_role": "marketing authorisation holder",
        "reason_text": "decision to permanently stop the marketing of the product in the EU",
        "reason_category": "not_stated",
    }
    assert added.type == "document.added"
    assert added.details["title"].startswith("Alofisel-H-C-004258-II-0051-G")
    assert added.details["first_published"] == "2025-03-26"


def test_from_the_earlier_article_one_withdrawal_and_the_end_of_sales_in_japan_follow(pages):
    told = happened("A", without(pages["A"], *ARTICLE_ENDINGS), pages["A"])

    by_kind = [(event.type, event.jurisdiction, event.effective) for event in told]
    assert ("authorisation.withdrawn", "EU", "2024-12") in by_kind
    assert ("market.ceased", "JP", "2026-01") in by_kind
    assert [kind for kind, _, _ in by_kind] == [
        "authorisation.withdrawn",
        "market.ceased",
        "encyclopedia.statement_changed",
        "encyclopedia.statement_changed",
    ]


# Must not: the article.


def test_must_not_01_prescription_only_is_no_authorisation(article):
    assert article.fact("supply_status[EU]").value == "Rx-only"
    assert not [fact for fact in article.facts if fact.path.endswith(".status")]


def test_must_not_02_a_month_gets_no_day(article):
    dates = {
        "authorisation[EU].granted": "2018-03",
        "authorisation[JP].granted": "2021-09",
        "authorisation[EU].withdrawn": "2024-12",
        "market[EU].withdrawn": "2024-12",
        "market[JP].discontinued": "2026-01",
    }
    assert {path: article.state()[path] for path in dates} == dates


def test_must_not_03_sales_that_ended_in_japan_are_no_withdrawal_there(article):
    ended = re.compile(r"(authorisation\[JP\]|market\[JP\])\.withdrawn")

    assert not [fact for fact in article.facts if ended.match(fact.path)]


def test_must_not_04_the_year_2023_does_not_replace_september_2021(article):
    assert article.state()["authorisation[JP].granted"] == "2021-09"
    assert article.state()["authorisation[JP].approved_as_of"] == "2023"


def test_must_not_05_an_empty_onset_is_null_and_no_text(article):
    assert "pharmacology.onset" in article.state()
    assert article.state()["pharmacology.onset"] is None
    assert article.state()["pharmacology.elimination_half_life"] is None


def test_must_not_06_three_mentions_of_the_withdrawal_are_one_event(pages):
    told = happened("A", without(pages["A"], *ARTICLE_ENDINGS), pages["A"])

    assert [event.type for event in told].count("authorisation.withdrawn") == 1


def test_must_not_07_the_year_of_a_publication_is_no_regulatory_date(article):
    stating = [fact.path for fact in article.facts if fact.value == "2022"]

    assert stating == ["study[INSPECT].published"]


def test_must_not_08_the_holders_short_name_is_no_other_holder(article, approval):
    assert not [fact for fact in article.facts if "holder" in fact.path]
    asked = {
        record.state()["authorisation[EU].withdrawn.requested_by"] for record in (article, approval)
    }
    assert len(asked) == 2
    assert len({organisation_key(name) for name in asked}) == 1


def test_must_not_09_a_swallowed_parameter_is_no_part_of_the_brand(article):
    brands = {fact.value for fact in article.facts if fact.path == "product.brand_name"}

    assert brands == {"Alofisel"}


def test_must_not_10_trial_figures_make_no_regulatory_event(pages):
    told = happened("A", pages["A"], pages["A"].replace("56.3%", "57.3%").replace("212", "213"))

    assert {event.type for event in told} == {"study.changed"}
    assert all(change.path.startswith("study[") for event in told for change in event.changes)


def test_must_not_11_a_market_withdrawal_alone_does_not_end_the_authorisation(pages):
    state = the_record("A", without(pages["A"], ARTICLE_ENDINGS[2])).state()

    assert state["market[EU].withdrawn"] == "2024-12"
    assert not [path for path in state if path.startswith("authorisation[EU].withdrawn")]


@pytest.mark.parametrize("code", ["UK", "CH", "IL", "RS"])
def test_must_not_12_no_other_country_is_withdrawn_by_inference(article, code):
    told = [fact.path for fact in article.facts if f"[{code}]" in fact.path]

    assert f"authorisation[{code}].approved_as_of" in told
    assert not [path for path in told if "withdrawn" in path or "discontinued" in path]


# Must not: the approval page.


def test_must_not_13_the_date_below_withdrawn_is_not_the_withdrawals(approval):
    assert approval.state()["authorisation[EU].granted"] == "2018-03-23"
    assert approval.state()["authorisation[EU].withdrawn"] == "2024-12-13"


def test_must_not_14_stale_answers_do_not_turn_the_status_back(approval):
    statuses = [fact.value for fact in approval.facts if fact.path.endswith("].status")]

    assert statuses == ["withdrawn"]


def test_must_not_15_a_late_document_is_no_reinstatement(pages):
    before = VARIATION.sub("", pages["B"]).replace("Documents (12)", "Documents (11)")

    assert [event.type for event in happened("B", before, pages["B"])] == ["document.added"]


def test_must_not_16_the_copyrights_year_is_no_fact(pages, approval):
    assert "2025" not in [fact.value for fact in approval.facts]
    assert happened("B", pages["B"], pages["B"].replace("© 2025", "© 2026")) == ()


def test_must_not_17_a_document_in_two_categories_is_not_two(pages, approval):
    assert len([fact for fact in approval.facts if fact.path.startswith("document[")]) == 9
    twin = "Alofisel : EPAR - Public assessment report\n\nApril 3, 2018\n\nINITIAL_MARKETING"
    once = re.sub(rf"{twin}\w+\n\n", "", pages["B"]).replace("Documents (12)", "Documents (11)")
    assert once != pages["B"]
    assert [event.type for event in happened("B", once, pages["B"])] == ["document.recategorised"]


def test_must_not_18_the_order_of_documents_says_nothing(pages):
    lines = pages["B"].split("\n")
    listed = [lines[at : at + 6] for at in range(48, 120, 6)]
    turned = [*lines[:48], *(line for rows in reversed(listed) for line in rows), *lines[120:]]

    assert turned != lines
    assert happened("B", pages["B"], "\n".join(turned)) == ()


def test_must_not_19_a_label_glued_to_its_value_comes_off(approval):
    codes = {fact.place: fact.value for fact in approval.facts if fact.path == "product.atc_code"}

    assert codes == {"line 6": "L04", "line 22": "L04"}


def test_must_not_20_a_chinese_label_is_no_substance(approval):
    state = approval.state()

    assert state["product.active_substance"] == state["product.inn"] == ["darvadstrocel"]
    assert state["translation[zh].pharmacotherapeutic_group"] == "免疫抑制剂"


def test_must_not_21_slogan_and_title_are_no_facts(approval):
    told = json.dumps([fact.value for fact in approval.facts], ensure_ascii=False)

    assert "Empowering" not in told
    assert "| MedPath" not in told
    assert "All rights reserved" not in told


@pytest.mark.parametrize(
    "heading",
    ["Authorisations (1)", "Active Substances (1)", "Documents (12)", "Overview Q&A (8)"],
)
@pytest.mark.parametrize("change", [-1, 1])
def test_must_not_22_a_list_of_another_length_than_it_says_is_not_believed(pages, heading, change):
    said = re.sub(r"\d+", lambda count: str(int(count[0]) + change), heading)

    with pytest.raises(ReadError, match="entries below it as it says"):
        the_record("B", pages["B"].replace(heading, said))


def test_must_not_23_the_labels_of_questions_are_no_text(approval):
    answers = [fact.value for fact in approval.facts if fact.path.startswith("qa[")]

    assert len(answers) == 8
    for answer in answers:
        assert not {"Question", "Answer", answer["heading"]} & set(answer["paragraphs"])


def test_must_not_24_a_postal_code_is_no_number(approval):
    assert approval.state()["authorisation[EU].holder"]["postal_code"] == "2665"


def test_must_not_25_the_reason_is_quoted_and_not_classified(pages, approval):
    (withdrawn, _) = happened("B", earlier_approval(pages["B"]), pages["B"])

    assert withdrawn.details["reason_category"] == "not_stated"
    assert "commercial" not in json.dumps([fact.value for fact in approval.facts])


def test_must_not_26_curly_quotes_are_kept(approval):
    works = approval.state()["qa[How does Alofisel work?]"]

    assert "‘mesenchymal stem cells’" in works["paragraphs"][0]


def test_must_not_27_no_eu_number_is_invented(approval):
    assert "EU/1/" not in json.dumps([fact.value for fact in approval.facts])


# Must not: the research library.


def studies(record: Record) -> list[dict[str, Value]]:
    return [fact.value for fact in record.facts if fact.path.startswith("study[")]


def test_must_not_28_the_expander_is_no_part_of_an_abstract(library):
    assert not [study for study in studies(library) if "More" in study["abstract"]]


def test_must_not_29_the_links_words_are_no_title(library):
    assert "Read study" not in {study["title"] for study in studies(library)}


def test_must_not_30_a_study_without_address_and_date_is_still_a_study(library):
    assert len(studies(library)) == 8
    assert not [study for study in studies(library) if {"url", "date"} & study.keys()]


def test_must_not_31_introductions_are_no_studies(library):
    titles = [study["title"] for study in studies(library)]

    assert not [title for title in titles if title.startswith(("This library", "Clinical"))]


def test_must_not_32_an_author_keeps_the_initial(library):
    assert "T Dhere" in {study["lead_author"] for study in studies(library)}


def test_must_not_33_accents_are_kept_and_no_hindrance_to_searching(library):
    authors = {study["lead_author"] for study in studies(library)}

    assert {"Julián Panés", "Damián Garcia-Olmo"} <= authors
    assert "julian panes" in {without_accents(author) for author in authors}


def test_must_not_34_research_says_nothing_of_an_authorisation(library):
    families = {fact.path.partition("[")[0].partition(".")[0] for fact in library.facts}

    assert families == {"page", "topic", "study"}


# Drift and doubt.


def test_a_page_without_its_authorisations_is_a_changed_layout_and_no_withdrawal(pages):
    gone = re.sub(r"Authorisations \(1\).*?(?=Active Substances)", "", pages["B"], flags=re.DOTALL)

    with pytest.raises(ReadError, match="source layout"):
        the_record("B", gone)


def test_a_page_cut_off_at_any_line_is_never_read_as_less(pages):
    lines = pages["B"].split("\n")
    whole = the_record("B", pages["B"]).state()
    footer = lines.index("MedPath", 2)
    for end in range(footer + 1):
        with pytest.raises(ReadError):
            the_record("B", "\n".join(lines[:end]))
    for end in range(footer + 1, len(lines) + 1):
        assert the_record("B", "\n".join(lines[:end])).state() == whole


def test_an_unknown_status_word_is_an_error_and_no_guess(pages):
    with pytest.raises(ReadError, match="a status we know"):
        the_record("B", pages["B"].replace("\nWithdrawn\n", "\nCancelled\n"))


def test_studies_in_another_order_are_the_same_studies(pages):
    lines = pages["C"].split("\n")
    cards = [lines[at : at + 6] for at in range(10, 64, 7)]
    turned = [*lines[:10], *(line for card in reversed(cards) for line in (*card, ""))]

    assert len(cards) == 8
    assert happened("C", pages["C"], "\n".join(turned)) == ()


def test_a_code_name_of_one_page_finds_the_synonym_of_another(article, library):
    synonym = article.state()["product.synonym"]
    aliases = {alias_key(study["alias"]) for study in studies(library) if "alias" in study}

    assert alias_key(synonym) in aliases


@pytest.mark.parametrize("seed", ["A", "B", "C"])
def test_reading_twice_says_the_same_and_changes_nothing(pages, seed):
    assert happened(seed, pages[seed], pages[seed]) == ()


def test_the_state_of_each_page_has_one_value_a_path(article, approval, library):
    for record in (article, approval, library):
        state = record.state()
        assert all(state[fact.path] == fact.value for fact in record.facts)


def test_all_34_must_nots_are_tested():
    named = [name for name in globals() if name.startswith("test_must_not_")]

    assert sorted({int(name.split("_")[3]) for name in named}) == list(range(1, 35))
