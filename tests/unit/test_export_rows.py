"""Rows for spreadsheets: what stands in each column, and whose words it is."""

from __future__ import annotations

from pathlib import Path

from factories import a_recorded, a_state
from watcher.core.credits import credits_of
from watcher.core.events import Change, Event, Evidence
from watcher.core.export_rows import COLUMNS, naming, row
from watcher.core.facts import Subject

DOCS = Path(__file__).resolve().parents[2] / "docs" / "exchange.md"


def told(recorded, **facts):
    return dict(zip(COLUMNS, row(recorded, facts), strict=True))


def test_every_column_is_documented_with_its_meaning():
    text = DOCS.read_text(encoding="utf-8")

    assert [name for name in COLUMNS if f"| `{name}` | {COLUMNS[name]} |" not in text] == []


def test_a_month_stays_a_month():
    event = Event(type="authorisation.withdrawn", subject=Subject("medicine", "x"))
    changed = Change(path="authorisation[EU].withdrawn", action="added", after="2024-12")
    monthly = Event(type=event.type, subject=event.subject, changes=(changed,), effective="2024-12")
    found = told(a_recorded(monthly))

    assert found["effective"] == "2024-12"
    assert (found["from"], found["to"]) == ("not stated", "December 2024")


def test_quotes_of_what_changed_come_first_and_once():
    words = [("page.title", "Alofisel"), ("authorisation[EU].status", "Withdrawn")]
    evidence = tuple(Evidence(path=path, quote=quote, place="") for path, quote in words * 2)

    assert told(a_recorded(evidence=evidence))["quote"] == "Withdrawn | Alofisel"


def test_a_product_without_a_number_is_told_by_its_identity():
    found = told(a_recorded())

    assert found["product_number"] == "EMEA/H/C/004258"
    assert found["holder"] == ""


def test_only_the_few_facts_that_name_a_subject_are_kept_in_mind():
    state = a_state() | {
        "document[EMA/1]": {"title": "x"},
        "page.title": "Alofisel",
        "authorisation[EU].holder": "Takeda",
    }

    assert set(naming(state)) == {
        "product.brand_name",
        "product.inn",
        "page.title",
        "authorisation[EU].holder",
    }


def test_whoever_asks_to_be_named_is_named():
    ema, wiki = "https://www.ema.europa.eu/a", "https://en.wikipedia.org/wiki/B"

    assert len(credits_of([ema, wiki, ema], "December 2024")) == 2
    assert "December 2024" in credits_of([ema], "December 2024")[0]
    assert credits_of(["http://[", "http://127.0.0.1/"], "December 2024") == []
    (other,) = credits_of(["https://notema.europa.eu.example/"], "December 2024")
    assert "notema.europa.eu.example" in other
    assert "EMA" not in other


def test_what_a_message_tells_in_words_alone_has_its_values_in_the_table_all_the_same():
    change = Change(path="market[JP].discontinued", action="added", after="2026-01")
    event = Event(type="market.ceased", subject=Subject("medicine", "x"), changes=(change,))
    found = told(a_recorded(event))

    assert (found["from"], found["to"]) == ("not stated", "January 2026")


def test_what_another_place_decided_or_a_source_did_is_not_said_to_come_of_ema():
    elsewhere = Event(type="market.ceased", subject=Subject("medicine", "x"), jurisdiction="JP")
    failed = Event(type="source.blocked", subject=Subject("source", "register"))
    about_the_eu = Event(type="market.ceased", subject=Subject("medicine", "x"), jurisdiction="EU")

    through = "read through register"
    assert through in told(a_recorded(about_the_eu, source="register"))["acknowledgement"]
    for event in (elsewhere, failed):
        assert through not in told(a_recorded(event, source="register"))["acknowledgement"]
