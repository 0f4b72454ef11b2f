"""What may be said of a page of one's own, and how a mistake in it is told."""

from __future__ import annotations

import pytest

from watcher.errors import ConfigError
from watcher.readers.generic_options import FactRule, GenericOptions, ListRule, Words


def problems(raw: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        GenericOptions.decode(raw)
    return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


def test_options_are_read_from_plain_values():
    options = GenericOptions.decode(
        {
            "subject": "shortage",
            "facts": [
                {"path": "authorisation[EU].status", "label": "Status", "kind": "status"},
                {"path": "page.last_updated", "css": "time", "attribute": "at", "kind": "date"},
            ],
            "lists": [
                {
                    "path": "item",
                    "css": "ul.news > li",
                    "key": "url",
                    "fields": {
                        "url": {"css": "a", "attribute": "href", "kind": "url"},
                        "title": {},
                    },
                    "least": 1,
                }
            ],
        }
    )

    assert options == GenericOptions(
        subject="shortage",
        facts=(
            FactRule(path="authorisation[EU].status", label="Status", words=Words(kind="status")),
            FactRule(
                path="page.last_updated",
                words=Words(css="time", attribute="at", kind="date"),
            ),
        ),
        lists=(
            ListRule(
                path="item",
                css="ul.news > li",
                key="url",
                fields={"url": Words(css="a", attribute="href", kind="url"), "title": Words()},
                least=1,
            ),
        ),
    )


def test_no_options_are_options_too():
    assert GenericOptions.decode({}) == GenericOptions()


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        ({"label": "A"}, "facts[0].path: is missing"),
        ({"path": "a.b"}, "facts[0]: expected either a label or a css selector"),
        ({"path": "a.b", "label": "A", "css": "p"}, "facts[0]: expected either a label or a css"),
        ({"path": 5, "label": "A"}, "facts[0].path: expected a text, found 5"),
        ({"path": "A B", "label": "A"}, "facts[0].path: expected a path like product.brand_name"),
        ({"path": "a.b", "css": "p["}, "facts[0].css: expected a CSS selector, found 'p['"),
        ({"path": "a.b", "label": 5}, "facts[0].label: expected a text, found 5"),
        ({"path": "a.b", "label": "A", "kind": "money"}, "facts[0].kind: expected one of text"),
        ({"path": "a.b", "label": "A", "required": "yes"}, "facts[0].required: expected true or"),
        ({"path": "a.b", "label": "A", "separator": ""}, "facts[0].separator: expected the mark"),
        ({"path": "a.b", "label": "A", "attribute": "x"}, "facts[0].attribute: goes with css"),
        ({"path": "a.b", "label": "A", "lable": "x"}, "facts[0].lable: unknown; known are attrib"),
        ({"path": "authorisation[EU].status", "label": "A"}, "facts[0].kind: expected status"),
        ("text", "facts[0]: expected a mapping, found 'text'"),
    ],
)
def test_a_mistake_in_a_fact_is_told_with_its_place(fact: object, problem: str):
    [told] = problems({"facts": [fact]})

    assert told.startswith(problem)


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        ({"below": "News"}, "lists[0].key: is missing"),
        ({"path": "Item", "below": "N", "key": "a"}, "lists[0].path: expected a name in a-z and _"),
        ({"key": "url"}, "lists[0]: expected either css or below"),
        ({"css": "li", "key": "url"}, "lists[0].fields: goes with css"),
        ({"css": "li", "key": "x", "fields": {"url": {}}}, "lists[0].key: expected one of its"),
        ({"css": "li", "key": "url", "fields": []}, "lists[0].fields: expected fields by name"),
        ({"css": "li", "key": "url", "fields": {"U!": {}}}, "lists[0].fields.U!: expected a name"),
        ({"css": "li", "key": "u", "fields": {"u": {"kind": 1}}}, "lists[0].fields.u.kind: exp"),
        ({"below": "News", "key": "url", "least": 9, "most": 2}, "lists[0].least: is more than"),
        ({"below": "News", "key": "url", "least": -1}, "lists[0].least: expected a number from"),
        ({"below": "News", "key": "url", "least": True}, "lists[0].least: expected a number from"),
    ],
)
def test_a_mistake_in_a_list_is_told_with_its_place(listed: dict[str, object], problem: str):
    [told] = problems({"lists": [{"path": "item", **listed}]})

    assert told.startswith(problem)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (None, ": expected a mapping, found None"),
        ({"facts": {}}, "facts: expected a list, found {}"),
        ({"rules": []}, "rules: unknown; known are facts, lists, subject"),
        ({"subject": "My Page"}, "subject: expected a name in a-z"),
    ],
)
def test_a_mistake_in_the_whole_is_told(raw: object, problem: str):
    [told] = problems(raw)

    assert told.startswith(problem)


def test_all_mistakes_are_told_at_once():
    raw = {"facts": [{"path": "a.b"}, {"path": "c.d", "label": 1}], "lists": [{}], "x": 1}

    assert [told.partition(":")[0] for told in problems(raw)] == [
        "x",
        "facts[0]",
        "facts[1].label",
        "lists[0].path",
        "lists[0].key",
    ]


def test_a_path_belongs_to_one_rule():
    rule = {"path": "a.b", "label": "A"}

    assert problems({"facts": [rule, rule]}) == ["facts[1].path: a.b is there twice"]


def test_other_options_have_another_digest():
    one = GenericOptions.decode({"facts": [{"path": "a.b", "label": "A"}]})
    other = GenericOptions.decode({"facts": [{"path": "a.b", "label": "B"}]})

    assert one.digest != other.digest
