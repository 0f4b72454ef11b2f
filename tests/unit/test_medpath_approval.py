"""The reader over pages written by us; the real page is read in tests/golden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watcher.core.diff import diff
from watcher.core.facts import Reading, Subject
from watcher.errors import ReadError
from watcher.readers.medpath_approval import MEDPATH_APPROVAL, furniture, read
from watcher.readers.reader import Payload

PAGES = Path(__file__).parents[1] / "golden" / "medpath_approval"
PAGE = (PAGES / "withdrawn_text.txt").read_text(encoding="utf-8")
BEFORE = (PAGES / "authorised_before.txt").read_text(encoding="utf-8")
TWO = (PAGES / "two_authorisations.txt").read_text(encoding="utf-8")


def a_reading(text: str = PAGE, *, url: str = "") -> Reading:
    return read(Payload(body=text.encode(), media_type="text/plain", url=url))


def a_state(text: str = PAGE) -> dict:
    (record,) = a_reading(text).records
    return record.state()


def test_the_withdrawal_and_its_document_are_all_that_happened():
    subject = Subject("medicine", "EMEA/H/C/009999")

    withdrawn, added = diff(subject, a_state(BEFORE), a_state())

    assert (withdrawn.type, withdrawn.effective) == ("authorisation.withdrawn", "2030-11-14")
    assert withdrawn.details["requested_by"] == "Example Pharma A/S"
    assert withdrawn.details["reason_category"] == "not_stated"
    assert added.type == "document.added"


@pytest.mark.parametrize("name", ["withdrawn_page.html", "withdrawn_markdown.md"])
def test_the_page_says_the_same_as_html_and_as_markdown(name):
    kind = "text/html" if name.endswith("html") else "text/markdown"
    payload = Payload(body=(PAGES / name).read_bytes(), media_type=kind)

    (record,) = read(payload).records

    def others(state):
        return {path: state[path] for path in state if not path.startswith("document[")}

    assert others(record.state()) == others(a_state())


def test_a_document_with_an_address_is_known_by_it():
    payload = Payload(
        body=(PAGES / "withdrawn_markdown.md").read_bytes(), media_type="text/markdown"
    )

    (record,) = read(payload).records

    keys = [fact.path for fact in record.facts if fact.path.startswith("document[")]
    assert len(keys) == 4
    assert all(key.startswith("document[https://www.ema.europa.eu/") for key in keys)


def test_twins_that_lead_to_different_files_are_two_documents():
    text = (PAGES / "withdrawn_markdown.md").read_text(encoding="utf-8")
    third = text.replace("report-changes_en.pdf", "report-first_en.pdf", 1)

    (record,) = read(Payload(body=third.encode(), media_type="text/markdown")).records

    assert len([fact for fact in record.facts if fact.path.startswith("document[")]) == 5


def test_one_of_two_withdrawn_is_never_both():
    other, withdrawn = a_reading(TWO).records

    assert other.subject == Subject("medicine", "EMEA/H/C/009998")
    assert other.state()["authorisation[EU].status"] == "authorised"
    assert not [path for path in other.state() if "withdrawn" in path or "validity" in path]
    assert withdrawn.state()["authorisation[EU].withdrawn"] == "2030-11-14"


def test_a_document_on_a_procedure_of_the_other_product_is_not_ours():
    other, withdrawn = a_reading(TWO).records

    def procedures(record):
        documents = [fact.value for fact in record.facts if fact.path.startswith("document[")]
        return [each["procedure"] for each in documents if "procedure" in each]

    assert procedures(other) == []
    assert procedures(withdrawn) == ["EMEA/H/C/009999/II/0007/G"]


def test_the_overview_speaks_of_none_in_particular_where_both_have_ended():
    both = TWO.replace("\nAuthorised\n", "\nExpired\n")

    for record in a_reading(both).records:
        assert "authorisation[EU].withdrawn" not in record.state()


@pytest.mark.parametrize(
    "heading",
    ["Authorisations (1)", "Active Substances (1)", "Documents (5)", "Overview Q&A (4)"],
)
def test_a_list_of_another_length_than_it_says_is_an_error(heading):
    said = re.sub(r"\d+", lambda count: str(int(count[0]) + 1), heading)

    with pytest.raises(ReadError, match="entries below it as it says") as caught:
        a_reading(PAGE.replace(heading, said))

    assert caught.value.place.startswith("line ")


@pytest.mark.parametrize("name", ["Authorisations", "Active Substances", "Documents"])
def test_a_missing_section_is_a_changed_layout(name):
    gone = re.sub(rf"{name} \(\d\)\n", f"{name}\n", PAGE)

    with pytest.raises(ReadError, match=r"source layout|a status we know|entries below it"):
        a_reading(gone)


def test_a_page_cut_off_at_any_line_is_an_error():
    lines = PAGE.split("\n")

    for end in range(lines.index("MedPath", 2)):
        with pytest.raises(ReadError):
            a_reading("\n".join(lines[:end]))


def test_a_section_that_stands_twice_is_an_error():
    with pytest.raises(ReadError, match="each section once"):
        a_reading(PAGE.replace("Overview Q&A (4)", "Documents (0)\n\nOverview Q&A (4)"))


def test_a_section_we_do_not_know_is_told_and_read_over():
    more = "Orphan Designations (1)\n\nEU/3/19/9999\n\nOverview Q&A (4)"

    reading = a_reading(PAGE.replace("Overview Q&A (4)", more))

    assert reading.unknown == ("unknown section 'orphan designations'",)
    assert reading.records[0].state() == a_state()


@pytest.mark.parametrize("word", ["Cancelled", "withdrawn from the market", "", "撤回"])
def test_an_unknown_status_word_is_an_error(word):
    with pytest.raises(ReadError, match="a status we know"):
        a_reading(PAGE.replace("\nWithdrawn\n", f"\n{word}\n"))


def test_a_damaged_number_is_kept_as_printed_and_told():
    reading = a_reading(
        PAGE.replace("\nEMEA/H/C/009999\n", "\nEMEA/H/C009999\n"),
        url="https://trial.example/drug/approvals/ema/476c5a1b",
    )

    (record,) = reading.records
    assert record.subject == Subject("medicine", "slug:476c5a1b")
    assert record.state()["product.number_as_printed"] == "EMEA/H/C009999"
    assert "product.number" not in record.state()
    assert reading.unknown == ("damaged product number 'EMEA/H/C009999' at line 37",)


def test_a_row_that_contradicts_the_overview_stands_and_is_told():
    reading = a_reading(PAGE.replace("\nMay 2, 2024\n", "\nMay 1, 2024\n"))

    assert reading.records[0].state()["authorisation[EU].granted"] == "2024-05-01"
    assert any("authorisation[EU].granted" in note for note in reading.unknown)


def test_what_the_page_says_of_itself_is_in_no_record():
    payload = Payload(body=PAGE.encode(), media_type="text/plain")

    told = {fact.path: fact.value for fact in furniture(payload)}

    assert told == {
        "page.site": "MedPath",
        "page.kind": "EMA Approval",
        "authorisations.count": 1,
        "active_substances.count": 1,
        "documents.count": 5,
        "qa.count": 4,
        "page.copyright_year": "2031",
        "page.html_title": "Exemplar - EMA Approval | MedPath",
    }
    assert not told.keys() & a_state().keys()


def test_a_question_without_an_answer_is_an_error():
    unanswered = re.sub(r"(Answer\n\n)The agency decided.*?\n", r"\1", PAGE)

    with pytest.raises(ReadError, match="an answer to this question"):
        a_reading(unanswered)


def test_an_edited_answer_is_one_changed_fact():
    after = a_state(PAGE.replace("For more, see the leaflet.", "For more, ask."))

    (event,) = diff(Subject("medicine", "EMEA/H/C/009999"), a_state(), after)

    assert event.type == "fact.changed"
    assert event.changes[0].path == "qa[How is Exemplar used?]"


def test_a_row_without_a_number_and_a_page_without_a_name_are_errors():
    with pytest.raises(ReadError, match="expected a product number"):
        a_reading(PAGE.replace("\nEMEA/H/C/009999\n", "\n"))
    with pytest.raises(ReadError, match="the medicine's name"):
        a_reading(PAGE[PAGE.index("Basic Information") :])


def test_an_authorisation_without_holder_and_date_states_neither():
    bare = re.sub(r"Example Pharma A/S,Sample.*\n\n", "", PAGE)
    bare = bare.replace("Withdrawn\n\nMay 2, 2024\n", "Withdrawn\n")

    (record,) = a_reading(bare).records

    assert record.fact("authorisation[EU].holder") is None
    assert record.fact("authorisation[EU].granted").place == "line 33"


def test_a_page_without_questions_and_areas_is_read_all_the_same():
    short = re.sub(r"Overview Q&A.*?(?=MedPath)", "", PAGE, flags=re.DOTALL)
    short = short.replace("Sample Syndrome\n\nRectal Fistula\n", "")

    state = a_state(short)

    assert not [path for path in state if path.startswith("qa[")]
    assert "product.therapeutic_area" not in state


def test_the_reader_is_known_by_its_marker():
    assert MEDPATH_APPROVAL.id == "medpath_approval@1"
    assert any(marker in PAGE for marker in MEDPATH_APPROVAL.markers)


def test_a_line_of_the_head_that_says_nothing_known_makes_no_fact():
    odd = PAGE.replace("L04AX99", "A word of no kind\n\nL04AX99", 1)

    assert a_state(odd) == a_state()


def test_an_overview_that_names_no_treatment_has_no_short_indication():
    state = a_state(re.sub(r"treatment of", "study of", PAGE))

    assert "indication.text_short" in a_state()
    assert "indication.text_short" not in state
