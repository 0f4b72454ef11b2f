"""A page of one's own is read as its options say, or not at all."""

from __future__ import annotations

from html import escape
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.own_page import PAGE, URL, read
from watcher.core.facts import Fact, Subject, Value
from watcher.core.text import tidy
from watcher.errors import ReadError
from watcher.readers import generic
from watcher.readers.generic import READER, generic_reader
from watcher.readers.generic_options import GenericOptions
from watcher.readers.reader import Payload
from watcher.readers.registry import reader


def fact(rule: dict[str, object], page: str = PAGE) -> Fact:
    [found] = read({"facts": [{"path": "a.b", **rule}]}, page).records[0].facts
    return found


def listed(rule: dict[str, object], page: str = PAGE) -> dict[str, Value]:
    return read({"lists": [{"path": "item", **rule}]}, page).records[0].state()


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"label": "status"}, "Withdrawn"),
        ({"label": "Status:", "kind": "status"}, "withdrawn"),
        ({"label": "Withdrawn on", "kind": "date"}, "2024-12-13"),
        ({"label": "Orphan", "kind": "flag"}, False),
        ({"label": "Substances", "kind": "list"}, ["placebin", "testolin"]),
        ({"label": "Packs sold", "kind": "number"}, 1504),
        ({"css": "p.stamp time", "attribute": "datetime", "kind": "date"}, "2025-01-21"),
        ({"css": "p.stamp time", "kind": "date", "order": "day_first"}, "2025-01-21"),
        ({"css": "ul.news a", "kind": "list"}, ["Letter to doctors", "Recall", "Stop of sales"]),
        ({"css": "ul.news li:first-child a", "attribute": "href", "kind": "url"},
         "https://agency.example/news/3"),
    ],
)  # fmt: skip
def test_a_fact_is_read_as_its_kind(rule: dict[str, object], value: Value):
    assert fact(rule).value == value


def test_formatting_leaves_nothing_in_the_words_and_counts_as_a_span_in_selectors():
    page = '<html><body><p>One <strong class="x" title="a > b">two</strong>, three</p></html>'

    assert fact({"css": "p"}, page).value == "One two , three"
    assert fact({"css": "p span.x"}, page).value == "two"


def test_a_fact_carries_the_words_and_their_place():
    by_label = fact({"label": "Withdrawn on", "kind": "date"})
    by_selector = fact({"css": "time"})

    assert (by_label.quote, by_label.place) == ("13 December 2024", "line 5")
    assert (by_selector.quote, by_selector.place) == ("21/01/2025", "time (1)")


def test_a_label_without_a_value_states_that_there_is_none():
    assert fact({"label": "Remarks", "kind": "date"}).value is None


def test_a_label_that_is_not_there_is_no_fact_unless_it_is_required():
    rule = {"path": "a.b", "label": "Holder"}

    assert read({"facts": [rule]}).records[0].facts == ()
    with pytest.raises(ReadError, match="expected `Holder`, found a page without it"):
        read({"facts": [{**rule, "required": True}]})


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"label": "Status", "kind": "date"}, "expected a date, found Withdrawn at line 4"),
        ({"label": "Status", "kind": "flag"}, "expected a flag, found Withdrawn"),
        ({"label": "Status", "kind": "number"}, "expected a number, found Withdrawn"),
        ({"label": "Orphan", "kind": "status"}, "expected a status, found No"),
        ({"css": "time", "kind": "date"}, "expected a date, found 21/01/2025"),
        ({"css": "ul.news a"}, "expected one `ul.news a`, found"),
    ],
)
def test_words_of_another_kind_are_an_error(rule: dict[str, object], said: str):
    with pytest.raises(ReadError, match=said):
        fact(rule)


@pytest.mark.parametrize(
    ("words", "number"),
    [("7", 7), ("-7", -7), ("1.504", 1504), ("1 504 000", 1504000), ("1’504", 1504)],
)
def test_a_number_may_have_its_thousands_apart(words: str, number: int):
    assert fact({"label": "n", "kind": "number"}, f"<dl><dt>n<dd>{words}</dl>").value == number


@pytest.mark.parametrize("words", ["1.5", "1,50", "1.504,5", "12 %", "1" * 16, "1,504.000"])
def test_what_is_no_whole_number_is_an_error(words: str):
    with pytest.raises(ReadError, match="expected a number"):
        fact({"label": "n", "kind": "number"}, f"<dl><dt>n<dd>{words}</dl>")


def test_a_list_is_read_by_a_selector_and_its_fields():
    rule = {
        "css": "ul.news > li",
        "key": "url",
        "fields": {
            "title": {"css": "a"},
            "url": {"css": "a", "attribute": "href", "kind": "url"},
            "published": {"css": "span", "kind": "date", "order": "day_first"},
            "absent": {"css": "b"},
        },
    }
    told = listed(rule)

    assert len(told) == 3
    assert told["item[https://agency.example/news/2]"] == {
        "title": "Letter to doctors",
        "url": "https://agency.example/news/2",
        "published": "2025-01-02",
    }


def test_a_list_is_read_below_its_heading():
    assert listed({"below": "news", "key": "url"})["item[https://agency.example/news/1]"] == {
        "title": "Recall 1/1/2025",
        "url": "https://agency.example/news/1",
    }


def test_a_table_is_read_below_its_heading_by_its_columns():
    told = listed({"below": "Packs", "key": "code"})

    assert told == {
        "item[001]": {"code": "001", "size_of_pack": "10", "pais": "DE"},
        "item[002]": {"code": "002", "size_of_pack": "20", "pais": "FR"},
        "item[003]": {
            "code": "003",
            "size_of_pack": "20",
            "pais": "IT",
            "url": "https://agency.example/it",
        },
    }


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"below": "News", "key": "title", "least": 4}, "expected 4 to 5000 of `News`, found 3"),
        ({"below": "News", "key": "title", "most": 2}, "expected 0 to 2 of `News`, found 3"),
        ({"below": "Gone", "key": "title", "least": 1}, "expected 1 to 5000 of `Gone`, found 0"),
        ({"below": "News", "key": "code"}, "expected `code` in each of `News`"),
        ({"below": "Packs", "key": "size_of_pack"}, "expected another `size_of_pack` for each"),
    ],
)
def test_a_list_out_of_its_bounds_or_without_keys_is_an_error(rule: dict[str, object], said: str):
    with pytest.raises(ReadError, match=said):
        listed(rule)


def test_a_list_that_may_be_empty_may_be_missing():
    assert listed({"below": "Gone", "key": "title"}) == {}


def test_the_subject_is_the_page_under_its_address_or_what_the_options_say():
    assert read({}).records[0].subject == Subject("page", "https://agency.example/medicines/testol")
    assert read({"subject": "shortage"}).records[0].subject.kind == "shortage"


def test_without_options_every_label_is_read():
    told = READER.read(Payload(body=PAGE.encode(), media_type="text/html", url=URL))

    state = told.records[0].state()
    assert state["page.title"] == "Testol | Agency"
    assert state["stated[status]"] == "Withdrawn"
    assert state["stated[remarks]"] is None


def test_markdown_and_plain_text_have_labels_and_lists_too():
    page = "# Testol\n\n- **Status**\n    - Withdrawn\n\n## News\n\n- One\n- Two\n"
    told = read(
        {
            "facts": [{"path": "a.b", "label": "Status", "kind": "status"}],
            "lists": [{"path": "item", "below": "News", "key": "title"}],
        },
        page,
        "text/markdown",
    )

    assert told.records[0].state() == {
        "a.b": "withdrawn",
        "item[One]": {"title": "One"},
        "item[Two]": {"title": "Two"},
    }


def test_other_options_make_another_reader():
    one = generic_reader(GenericOptions.decode({"facts": [{"path": "a.b", "label": "A"}]}))
    other = generic_reader(GenericOptions.decode({"facts": [{"path": "a.b", "label": "B"}]}))

    assert one.id != other.id
    assert one.read(Payload(body=PAGE.encode())).reader == one.id
    assert reader("generic").id == READER.id == "generic@1"


@pytest.mark.parametrize(
    "page",
    ["<div>" * 20_000, "<b>" * 500_000, "<p " + "a=1 " * 200_000 + ">", "<dl><dt>" * 80_000],
)
def test_a_page_that_would_take_too_long_is_an_error(page: str):
    with pytest.raises(ReadError):
        read({"facts": [{"path": "a.b", "css": "div div p", "required": True}]}, page, "text/plain")


def test_a_large_page_nested_too_deeply_for_selectors_is_an_error_and_a_small_one_is_not():
    rule: dict[str, object] = {"css": "p", "attribute": "class"}
    page, large = f"{'<div>' * 501}<p class='x'>", "<br>" * 10_000

    assert fact(rule, page).value == "x"
    assert fact(rule, f"{large}{page.removeprefix('<div>' * 10)}").value == "x"
    with pytest.raises(ReadError, match="at most 500 levels"):
        fact(rule, f"{large}{page}")


def test_a_page_for_selectors_of_more_than_an_ordinary_size_is_refused(monkeypatch):
    monkeypatch.setattr(generic, "MAX_CHARACTERS", len(PAGE) - 1)

    assert fact({"label": "Status"}).value == "Withdrawn"
    with pytest.raises(ReadError, match="a page of ordinary size"):
        fact({"css": "h1"})


def test_an_address_is_made_whole():
    newest = {"css": ".news li:first-child a", "attribute": "href", "kind": "url"}

    assert fact(newest).value == "https://agency.example/news/3"


@given(st.lists(st.sampled_from([*"/.?#;:@&=%20ab-_~", "..", "http://c.example/"]), max_size=12))
def test_an_address_is_made_whole_as_the_standard_says(pieces: list[str]):
    address = "".join(pieces)
    page = f"<html><body><a href='{escape(address)}'>x</a></body></html>"
    rule = {"css": "a", "attribute": "href", "kind": "url"}
    if not tidy(address):
        return

    assert fact(rule, page).value == urljoin(URL, tidy(address))


def test_rules_by_selectors_alone_and_with_labels_read_the_same():
    by_selector: dict[str, object] = {"path": "a.b", "css": "time", "attribute": "datetime"}
    by_label: dict[str, object] = {"path": "a.c", "label": "Packs sold", "kind": "number"}
    alone = read({"facts": [by_selector]}).records[0].facts
    together = read({"facts": [by_selector, by_label]}).records[0].facts

    assert alone == together[:1]


def test_several_values_of_a_listed_thing_are_parted_by_their_mark_and_put_in_order():
    page = '<ul class="packs"><li><p>1</p><q>tablet; ampoule</q></li></ul>'
    fields = {"code": {"css": "p"}, "forms": {"css": "q", "kind": "list"}}
    told = listed({"css": "ul.packs li", "key": "code", "fields": fields}, page)

    assert told == {"item[1]": {"code": "1", "forms": ["ampoule", "tablet"]}}
