"""The reader over pages written by us; the real page is read in tests/golden."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.core.diff import diff
from watcher.core.facts import Record, Subject
from watcher.errors import ReadError
from watcher.readers.reader import Payload
from watcher.readers.research_library import RESEARCH_LIBRARY, read

PAGES = Path(__file__).parents[1] / "golden" / "research_library"
TEXT = (PAGES / "two_topics_text.txt").read_text(encoding="utf-8")
HTML = (PAGES / "two_topics_page.html").read_text(encoding="utf-8")


def records(text: str = TEXT, media_type: str = "text/plain") -> tuple[Record, ...]:
    return read(Payload(body=text.encode(), media_type=media_type)).records


def studies(record: Record) -> dict[str, dict]:
    return {fact.path: fact.value for fact in record.facts if fact.path.startswith("study[")}


def test_each_topic_is_a_record_with_its_own_studies():
    first, second = records()

    assert first.subject == Subject("topic", "sample syndrome")
    assert second.subject == Subject("topic", "model disease")
    assert [len(studies(record)) for record in (first, second)] == [2, 1]
    assert first.state()["page.title"] == "Research library"
    assert "page.title" not in second.state()


def test_a_study_has_what_its_card_prints():
    first, second = (list(studies(record).values()) for record in records())

    assert first[0] == {
        "title": "A phase 2 trial of cells (EX601) for sample fistulas: a randomised trial",
        "lead_author": "Ána Müller-Ørn",
        "et_al": True,
        "abstract": "Sample fistulas are hard to treat. We asked whether EX601 helps.",
        "abstract_hash": first[0]["abstract_hash"],
        "link_text": "Read study",
        "alias": "EX601",
    }
    assert first[1]["registry_id"] == "NCT09999999"
    assert first[1]["substance"] == "examplestrocel"
    assert (second[0]["lead_author"], second[0]["et_al"]) == ("Jane Roe", False)


def test_links_identify_studies_where_the_page_has_them():
    keys = [key for record in records(HTML, "text/html") for key in studies(record)]

    assert keys == [
        "study[doi:10.1000/exemplar.1]",
        "study[NCT09999999]",
        "study[pmid:99999999]",
    ]


def test_the_page_says_the_same_as_html_but_for_its_links():
    def cards(text: str, media_type: str) -> list[dict]:
        found = (each for record in records(text, media_type) for each in studies(record).values())
        return [{key: card[key] for key in card if key != "url"} for card in found]

    assert cards(HTML, "text/html") == cards(TEXT, "text/plain")


def test_two_papers_on_one_trial_stay_two():
    both = TEXT.replace("whether EX601 helps.", "whether EX601 helps (NCT09999999).")

    keys = list(studies(records(both)[0]))

    assert len(keys) == 2
    assert all(key.startswith("study[sha256:") for key in keys)


def test_an_accent_that_comes_and_goes_makes_no_other_study():
    plain = TEXT.replace("Ána Müller-Ørn", "Ana Muller-Ørn")

    assert list(studies(records(plain)[0])) == list(studies(records()[0]))


def test_a_study_removed_is_one_change_and_no_more():
    card = TEXT[TEXT.index("A phase 2 trial") : TEXT.index("Long-term safety")]
    first, _ = records()
    left, _ = records(TEXT.replace(card, ""))

    (event,) = diff(first.subject, first.state(), left.state())

    assert [change.action for change in event.changes] == ["removed"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Research library\n\nNothing here yet.",
        "Read study",
        "A title\n\nJ Doe, et al.\nAn abstract.\nMore\nRead study",
        TEXT[: TEXT.rindex("Read study")] + "\nAnother, et al.\n",
    ],
)
def test_a_page_that_is_not_whole_or_not_a_library_is_an_error(text):
    with pytest.raises(ReadError) as caught:
        records(text)

    assert caught.value.reader == RESEARCH_LIBRARY.id


def test_a_page_cut_off_within_a_study_is_an_error():
    lines = TEXT.split("\n")
    last = max(at for at, line in enumerate(lines) if "et al." in line)

    for end in (last + 1, last + 2, last + 3):
        with pytest.raises(ReadError, match="after this author"):
            records("\n".join(lines[:end]))
