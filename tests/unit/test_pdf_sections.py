"""Product information is taken apart by its template, and nothing else is mistaken for it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kit.smpc import CHAPTERS, GERMAN, HEADINGS, annexes, contents, summary
from watcher.readers.pdf_pages import Page
from watcher.readers.pdf_sections import same_text, sections


def pages(*printed: Sequence[str]) -> list[Page]:
    return [Page(number=at, text="\n".join(lines)) for at, lines in enumerate(printed, 1)]


def texts(*printed: Sequence[str]) -> dict[str, str]:
    return {section.key: section.text for section in sections(pages(*printed))}


def test_every_section_with_a_text_is_found_under_its_number():
    found = sections(pages(summary()))

    expected = [number for number in HEADINGS if number not in CHAPTERS]
    assert [section.key for section in found] == expected
    assert {section.key: section.title for section in found}["4.3"] == "Contraindications"
    assert all(section.text == f"Text of section {section.key}." for section in found)


def test_annex_two_labelling_and_leaflet_are_sections_of_their_own():
    found = {section.key: section for section in sections(pages(*annexes()))}

    assert list(found)[-3:] == ["annex_ii", "labelling", "package_leaflet"]
    assert found["annex_ii"].page == 3
    assert found["1"].text == "Text of section 1."
    assert "Testol 5 mg tablets" in found["labelling"].text
    assert found["package_leaflet"].text.endswith("It is for tests.")


def test_the_numbers_of_pages_belong_to_no_section():
    found = texts([*summary(), "- 1 -"], ["page 2 of 9", "More on the revision.", "2/9"])

    assert found["10"] == "Text of section 10.\nMore on the revision."


def test_a_table_of_contents_is_not_taken_for_the_sections():
    assert texts(contents(), summary()) == texts(summary())


def test_a_table_of_contents_without_page_numbers_is_not_either():
    bare = [f"{number} {title}" for number, title in HEADINGS.items()]

    assert texts(bare, summary()) == texts(summary())


def test_a_line_that_refers_to_a_section_does_not_begin_it():
    refers = {
        "4.2": ["Take care, see", "4.4 Special warnings and precautions for use", "and go on."],
        "4.3": ["4.8 Undesirable effects", "is where they are listed."],
        "4.5": ["4.2 Posology and method of administration, as said.", "5.1 percent of them."],
        "5.1": ["5.1 Pharmacodynamic properties: none."],
    }
    found = texts(summary(refers))

    assert {number: found[number] for number in refers} == {
        number: "\n".join(lines) for number, lines in refers.items()
    }
    assert len(found) == len(HEADINGS) - len(CHAPTERS)


def test_a_title_may_go_on_in_the_next_line_or_stand_below_its_number():
    lines = summary()
    at = lines.index("4.5 Interaction with other medicinal products and other forms of interaction")
    broken = [
        *lines[:at],
        "4.5",
        "Interaction with other medicinal products",
        "and other forms of interaction",
        *lines[at + 1 :],
    ]

    assert sections(pages(broken)) == sections(pages(lines))


def test_the_second_summary_of_a_file_has_keys_of_its_own():
    found = texts(summary({"1": ["5 mg"]}), summary({"1": ["10 mg"]}))

    assert (found["1"], found["1#2"]) == ("5 mg", "10 mg")
    assert len(found) == 2 * (len(HEADINGS) - len(CHAPTERS))


@pytest.mark.parametrize(
    ("number", "title"),
    [("4.6", "Pregnancy and lactation"), ("6.6", "Instructions for use and handling")],
)
def test_former_titles_are_known(number: str, title: str):
    lines = summary(headings={**HEADINGS, number: title})

    assert texts(lines)[number] == f"Text of section {number}."


def test_another_language_is_read_by_its_numbers_alone():
    found = sections(pages(summary(headings={**HEADINGS, **GERMAN})))

    assert {section.key: section.title for section in found}["4.3"] == "Gegenanzeigen"
    assert len(found) == len(HEADINGS) - len(CHAPTERS)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["1. Background information on the procedure", "Words.", "4. Recommendations", "Words."],
        ["1. NAME OF THE MEDICINAL PRODUCT", "Testol"],
        ["4.1 Therapeutic indications", "For tests."],
        contents(),
    ],
)
def test_what_is_no_product_information_has_no_sections(lines: list[str]):
    assert sections(pages(lines)) == []


def test_a_text_is_the_same_however_its_lines_are_broken():
    assert same_text("non-active, well-\nknown  use") == same_text("non-\nactive, well-known\nuse")


@pytest.mark.parametrize(
    ("one", "other"),
    [("0.5 mg", "5 mg"), ("≥ 5 mg", "≤ 5 mg"), ("-5 °C", "5 °C"), ("5-10 mg", "510 mg")],
)
def test_no_other_mark_is_lost(one: str, other: str):
    assert same_text(one) != same_text(other)


def test_ten_thousand_lines_that_look_like_headings_are_read_in_no_time():
    found = texts(summary() + ["4.4 Special warnings and precautions for use"] * 10_000)

    assert found["4.8"] == "Text of section 4.8."
