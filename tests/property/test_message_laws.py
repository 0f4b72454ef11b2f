"""Laws of messages: whatever a source says, the three forms stay whole and harmless."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kit.happenings import SOURCES, happening, withdrawal
from watcher.core.events import Change
from watcher.core.message import compose
from watcher.core.taxonomy import TYPES
from watcher.notify.render import render

texts = st.text(max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9_999) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
paths = st.sampled_from(
    ["product.brand_name", "flag[x]", "document[a]", "authorisation[EU].holder", "market[JP].ended"]
)
changes = st.builds(
    Change,
    path=paths,
    action=st.sampled_from(["added", "changed", "removed"]),
    before=values,
    after=values,
)
details = st.dictionaries(
    st.sampled_from(["before", "after", "title", "aspects", "reason_text", "actor", "section"]),
    texts,
)


@given(
    kind=st.sampled_from(sorted(TYPES)),
    changed=st.lists(changes, max_size=3),
    stated=details,
    effective=st.sampled_from(["", "2024", "2024-12", "2024-12-13"]) | texts,
    place=st.sampled_from(["", "EU", "JP", "XX"]),
)
def test_every_event_can_be_told_and_its_subject_is_one_line(
    kind, changed, stated, effective, place
):
    case = happening(kind, *changed, details=stated, effective=effective, jurisdiction=place)
    told = render(compose(case, why="a rule", sources=SOURCES), key="k")

    assert len(told.subject.splitlines()) == 1
    assert len(told.chat.split("\n")) == 5
    assert told.html.count("<html") == told.html.count("</html>") == 1


@given(brand=texts, quote=texts, why=texts)
def test_no_text_of_a_source_opens_a_tag(brand, quote, why):
    plain = compose(withdrawal(), why="a rule", sources=SOURCES)
    event = replace(withdrawal().lead.event, details={"after": "withdrawn", "reason_text": quote})
    case = replace(
        withdrawal(),
        facts={**withdrawal().facts, "product.brand_name": brand},
        lead=replace(withdrawal().lead, event=event),
    )
    told = render(compose(case, why=why, sources=SOURCES), key="k").html

    assert set(_tags(told)) <= set(_tags(render(plain, key="k").html))


def _tags(page: str) -> list[str]:
    return [part.split(">")[0].split(" ")[0] for part in page.split("<")[1:]]


@given(texts)
def test_a_message_is_the_same_however_often_it_is_composed(why):
    once, twice = (
        render(compose(withdrawal(), why=why, sources=SOURCES), key="k") for _ in range(2)
    )

    assert once == twice
