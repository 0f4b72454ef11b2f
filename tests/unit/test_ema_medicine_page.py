"""What EMA's medicine page says, and what it must not be made to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.core.facts import Reading, Value
from watcher.errors import ReadError
from watcher.readers.ema_medicine_page import READER, read
from watcher.readers.reader import Payload

PAGES = Path(__file__).parents[1] / "golden" / "ema_medicine_page"
WITHDRAWN = (PAGES / "alofisel_withdrawn_2025.html").read_text(encoding="utf-8")
BULLETS = (PAGES / "alofisel_markdown_bullets.md").read_text(encoding="utf-8")
RUN_ON = (PAGES / "alofisel_markdown_run_on.md").read_text(encoding="utf-8")
APPLICATION = (PAGES / "abilify-mycite_application_withdrawn.html").read_text(encoding="utf-8")


def reading(text: str, url: str = "") -> Reading:
    kind = "text/markdown" if text.startswith("---") else "text/html"
    return read(Payload(body=text.encode(), media_type=kind, url=url))


def state(text: str) -> dict[str, Value]:
    return reading(text).records[0].state()


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def test_the_status_is_the_word_and_the_sentence():
    assert state(WITHDRAWN)["authorisation[EU].status"] == "withdrawn"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('status-title">Withdrawn', 'status-title">Revoked'),
        ('status-title">Withdrawn', 'status-title">Paused'),
        ('status-title">Withdrawn', 'status-title">'),
        ("authorisation has been withdrawn<", "authorisation has lapsed<"),
        ("authorisation has been withdrawn<", "authorisation is paused<"),
        ("authorisation has been withdrawn<", "<"),
    ],
)
def test_a_word_and_a_sentence_that_disagree_or_are_unknown_are_no_status(old, new):
    with pytest.raises(ReadError, match="status word"):
        reading(changed(WITHDRAWN, old, new))


def test_a_status_that_is_missing_altogether_is_never_guessed_from_the_text():
    page = changed(WITHDRAWN, 'status-title">Withdrawn', 'status-title">')
    page = changed(page, "This medicine's authorisation has been withdrawn", "")
    page = changed(page, '<span class="label">Withdrawn</span>', "")

    with pytest.raises(ReadError, match="a status word and its sentence"):
        reading(page)


def test_a_page_cut_short_is_not_read():
    with pytest.raises(ReadError, match="cut short"):
        reading(changed(WITHDRAWN, "</html>", ""))


def test_a_page_without_a_name_is_not_read():
    with pytest.raises(ReadError, match="names the medicine"):
        reading(changed(BULLETS, "# Alofisel\n", "# Search\n"))


def test_a_page_without_a_product_number_is_not_read():
    with pytest.raises(ReadError, match="product number"):
        reading(changed(WITHDRAWN, "EMA product number", "Something else"))


def test_a_damaged_number_is_kept_as_printed_and_the_address_stands_in_for_it():
    found = reading(changed(BULLETS, "EMEA/H/C/004258", "H/C/002840/N/0049"))

    assert str(found.records[0].subject) == "medicine:slug:alofisel"
    assert found.records[0].state()["product.number_as_printed"] == "H/C/002840/N/0049"
    assert any("H/C/002840/N/0049" in note for note in found.unknown)


def test_a_number_with_blanks_behind_it_is_the_same_number():
    found = reading(changed(WITHDRAWN, "EMEA/H/C/004258<", "EMEA/H/C/004258&nbsp;   <"))

    assert str(found.records[0].subject) == "medicine:EMEA/H/C/004258"


@pytest.mark.parametrize("day", ["31/02/2025", "13/12/24", "December 2024!", "soon"])
def test_a_date_among_the_details_that_is_none_refuses_the_page(day):
    with pytest.raises(ReadError, match="Withdrawal of marketing authorisation"):
        reading(changed(BULLETS, "- 13/12/2024", f"- {day}"))


def test_a_coarser_date_among_the_details_is_made_precise_by_the_overview():
    found = reading(changed(BULLETS, "- 13/12/2024", "- December 2024"))

    assert found.records[0].state()["authorisation[EU].withdrawn"] == "2024-12-13"
    assert found.unknown == ()


def test_a_date_of_a_document_that_is_none_is_noted_and_left_out():
    found = reading(changed(BULLETS, "26/03/2025 **Last updated:** 26/03/2025", "21/12/0023"))
    document = found.records[0].state()["document[EMA/598555/2024]"]

    assert isinstance(document, dict)
    assert "first_published" not in document
    assert any("21/12/0023" in note for note in found.unknown)


def test_a_flag_is_its_label_and_its_absence_says_no_where_the_page_would_print_it():
    found = state(WITHDRAWN)

    assert found["flag[advanced_therapy]"] is True
    assert found["flag[orphan]"] is False
    assert "flag[hybrid]" not in found
    assert "flag[orphan]" not in state(APPLICATION)


def test_a_label_we_do_not_know_is_noted_and_takes_nothing_with_it():
    found = reading(APPLICATION)

    assert [note.split(" at ")[0] for note in found.unknown] == ["key facts: 'Digital companion'"]
    assert found.records[0].state()["application.withdrawn"] == "2020-07-17"


@pytest.mark.parametrize("text", [RUN_ON, BULLETS])
def test_a_new_flag_in_markdown_is_noted_and_its_sentence_is_nobodys_value(text):
    new = "Shiny new scheme" if text is RUN_ON else "**Shiny new scheme**"
    old = "Advanced therapy" if text is RUN_ON else "**Advanced therapy**"
    found = reading(changed(text, old, new))

    assert any("Shiny new scheme" in note for note in found.unknown)
    assert found.records[0].state()["product.number"] == "EMEA/H/C/004258"


def test_a_value_printed_empty_is_stated_and_empty():
    page = changed(BULLETS, "    - L04\n", "")

    assert state(page)["product.atc_code"] is None
    assert "product.atc_code" not in state(
        changed(page, "- **Anatomical therapeutic chemical (ATC) code**\n", "")
    )


def test_a_code_not_yet_assigned_is_no_code_and_a_malformed_one_is_noted():
    assert state(changed(BULLETS, "- L04\n", "- Not yet assigned\n"))["product.atc_code"] is None
    found = reading(changed(BULLETS, "- L04\n", "- VO4D\n"))
    assert "product.atc_code" not in found.records[0].state()
    assert any("VO4D" in note for note in found.unknown)


def test_a_medicine_of_two_kinds_has_two_codes_in_one_order():
    page = changed(BULLETS, "    - L04\n", "        - A10AD04\n        - A10AB04\n")

    assert state(page)["product.atc_code"] == "A10AB04; A10AD04"


@pytest.mark.parametrize(
    ("printed", "name", "text"),
    [
        (
            "Takeda Pharma A/S Delta Park 45 \ue000 Denmark",
            "Takeda Pharma A/S",
            "Takeda Pharma A/S, Delta Park 45, Denmark",
        ),
        (
            "AbbVie Deutschland GmbH & Co. KG Knollstrasse \ue000 Germany",
            "AbbVie Deutschland GmbH & Co. KG",
            "AbbVie Deutschland GmbH & Co. KG, Knollstrasse, Germany",
        ),
        (
            "Outlook Therapeutics NL B. V. Strawinskylaan 569 \ue000 Amsterdam",
            "Outlook Therapeutics NL B. V.",
            "Outlook Therapeutics NL B. V., Strawinskylaan 569, Amsterdam",
        ),
        ("Proveca Pharma Limited", "Proveca Pharma Limited", "Proveca Pharma Limited"),
        ("Krka, d.d., Novo mesto", "Krka, d.d., Novo mesto", "Krka, d.d., Novo mesto"),
        ("Sanofi B.V. Paasheuvelweg 25", "Sanofi B.V.", "Sanofi B.V., Paasheuvelweg 25"),
        ("H.A.C. Pharma P2 \ue000 Caen", "H.A.C. Pharma P2", "H.A.C. Pharma P2, Caen"),
    ],
)
def test_a_name_run_together_with_its_address_ends_with_its_legal_form(printed, name, text):
    old = "Takeda Pharma A/S Delta Park 45 \ue000 2665 Vallensbaek Strand \ue000 Denmark"

    assert state(changed(BULLETS, old, printed))["authorisation[EU].holder"] == {
        "name": name,
        "text": text,
    }


def test_a_document_is_known_by_its_reference_number_whatever_its_revision():
    found = state(changed(WITHDRAWN, "EMA/598555/2024<", "EMA/598555/2024 Rev. 2<"))
    document = found["document[EMA/598555/2024]"]

    assert isinstance(document, dict)
    assert document["reference_number"] == "EMA/598555/2024 Rev. 2"
    assert document["procedure"] == "EMEA/H/C/004258/II/0051/G"
    assert document["type"] == "variation-report"


def test_documents_that_share_a_reference_number_are_told_apart_by_their_addresses():
    shared = [
        path
        for path, value in state(APPLICATION).items()
        if isinstance(value, dict) and value.get("reference_number") == "EMA/397871/2020"
    ]

    assert len(shared) == 2
    assert all(path.startswith("document[https://www.ema.europa.eu/") for path in shared)


@pytest.mark.parametrize("reference", ["Gavreto", "Rev. 1", "EMEA/H/C/004258"])
def test_a_reference_that_is_none_is_kept_and_does_not_identify(reference):
    found = state(changed(WITHDRAWN, "EMA/598555/2024<", f"{reference}<"))
    documents = [value for path, value in found.items() if path.startswith("document[https")]

    assert reference in [value.get("reference_number") for value in documents]  # type: ignore[union-attr]


def test_languages_are_known_by_code_and_not_by_name():
    before, after = state(BULLETS), state(changed(BULLETS, "Suomi (FI)", "suomi (FI)"))

    assert before == after
    document = before["document[EMA/1380/2018]"]
    assert isinstance(document, dict)
    assert isinstance(document["translations"], dict)
    assert list(document["translations"]) == ["bg", "fi"]


def test_a_file_updated_on_the_day_it_was_published_was_not_updated():
    document = state(BULLETS)["document[EMA/598555/2024]"]

    assert isinstance(document, dict)
    assert document["first_published"] == "2025-03-26"
    assert "last_updated" not in document


def test_a_file_without_a_size_and_one_without_a_link_are_files_all_the_same():
    page = changed(BULLETS, "Suomi (FI) (154.29 KB - PDF)", "Suomi (FI) ()")
    page = changed(
        page, "[View](/bg/documents/overview/alofisel-epar-summary-public_bg.pdf)", "View"
    )
    document = state(page)["document[EMA/1380/2018]"]

    assert isinstance(document, dict)
    translations = document["translations"]
    assert isinstance(translations, dict)
    assert list(translations) == ["bg", "fi"]
    assert "size" not in translations["fi"]  # type: ignore[operator]
    assert "url" not in translations["bg"]  # type: ignore[operator]


def test_what_overview_and_details_say_differently_is_noted_and_the_details_stand():
    found = reading(changed(BULLETS, "On 13 December 2024,", "On 13 November 2024,"))

    assert found.records[0].state()["authorisation[EU].withdrawn"] == "2024-12-13"
    assert any("2024-11-13" in note for note in found.unknown)


def test_the_day_of_a_decision_and_of_its_notification_are_no_contradiction():
    found = reading(changed(BULLETS, "in the EU on 23 March 2018", "in the EU on 22 March 2018"))

    assert found.records[0].state()["authorisation[EU].granted"] == "2018-03-23"
    assert found.unknown == ()


def test_where_the_details_have_no_date_of_withdrawal_the_overview_tells_it():
    page = changed(BULLETS, "- **Withdrawal of marketing authorisation**\n    - 13/12/2024\n", "")

    assert state(page)["authorisation[EU].withdrawn"] == "2024-12-13"


def test_every_quote_stands_in_the_page():
    words = " ".join(RUN_ON.replace("**", "").split())

    for fact in reading(RUN_ON).records[0].facts:
        if fact.quote and fact.path not in {"product.node_id", "authorisation[EU].status"}:
            assert fact.quote.removesuffix("…") in words, fact


def test_the_address_a_page_was_fetched_from_goes_before_the_one_it_states():
    found = reading(WITHDRAWN, url="https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel-0?x")

    address = found.records[0].state()["product.url"]
    assert address == "https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel-0"


def test_every_kind_of_page_bears_one_of_the_readers_marks():
    for page in [*PAGES.glob("*.html"), *PAGES.glob("*.md")]:
        if page.name != "README.md":
            text = page.read_text(encoding="utf-8").casefold()
            assert any(mark.casefold() in text for mark in READER.markers), page.name


def test_a_day_that_does_not_exist_is_refused_and_not_mended():
    never = changed(WITHDRAWN, "on</strong> <time>29/04/2025", "on</strong> <time>31/02/2025")

    with pytest.raises(ReadError, match="expected a date, found 31/02/2025"):
        reading(never)


def test_whether_a_medicine_is_for_people_is_told_by_its_number_where_no_badge_is():
    bare = changed(WITHDRAWN, '<span class="label">Human</span>', "")
    damaged = changed(bare, "EMEA/H/C/004258<", "H/C/002840/N/0049<")

    assert state(bare)["product.category"] == "Human"
    assert "product.category" not in state(damaged)
