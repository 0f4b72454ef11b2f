"""Whatever bytes come, a reader gives a reading or a `ReadError`, and never anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.feeds import epar, feed, item
from kit.pdf import Stamp, pdf
from kit.register import a_list, a_product, authorisation, line, listed, name_line, procedure
from kit.smpc import annexes, summary
from watcher.core.facts import Reading, Value, split_path
from watcher.errors import ConfigError, Problem, ReadError
from watcher.readers.ema_feed import READER as FEED
from watcher.readers.generic import READER as GENERIC
from watcher.readers.generic import generic_reader
from watcher.readers.generic_options import GenericOptions
from watcher.readers.generic_proposal import propose
from watcher.readers.pdf_pages import Page
from watcher.readers.pdf_sections import sections
from watcher.readers.pdf_text import READER as PDF
from watcher.readers.reader import Payload, Reader
from watcher.readers.union_register import READER as REGISTER

URL = "https://agency.example/page.htm"
A_FEED = feed(
    [
        item(epar("Testol, a,b, Date of authorisation: 08/02/2018, Revision: 2, Status: Lapsed")),
        item("Summary of opinion: Testol, 21/05/2026 Positive"),
        item("Testol : EPAR - Overview", link="https://agency.example/o.pdf"),
    ]
)
A_LIST = a_list([listed("EU/1/17/1261", "Testol"), listed("EU/1/04/273", "Placebra")])
A_PRODUCT = a_product(
    [name_line("Testol"), line("eu_num", "EU/1/17/1261"), line("atc", None, [[{"code": "L04"}]])],
    [authorisation("EMEA/H/C/4258", "2018-03-23"), procedure("2", closed="2019-01-01")],
)
A_PAGE = (
    b"<html><body><h1>T</h1><dl><dt>Status<dd>Withdrawn<dt>On<dd>13/12/2024</dl>"
    b"<h2>News</h2><ul><li><a href='/1'>One</a><li><a href='/2'>Two</a><li>Three</ul>"
    b"<h2>Packs</h2><table><tr><th>A<th>B<th>C<tr><td>1<td>2<td>3<tr><td>4<td>5<td>6</table>"
)
CHOSEN = generic_reader(
    GenericOptions.decode(
        {
            "facts": [
                {"path": "authorisation[EU].status", "label": "Status", "kind": "status"},
                {"path": "page.day", "css": "dd + dt + dd", "kind": "date", "order": "day_first"},
            ],
            "lists": [
                {"path": "item", "css": "li", "key": "title", "fields": {"title": {}}},
                {"path": "pack", "below": "Packs", "key": "a"},
            ],
        }
    )
)

changes = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from([b"[", b"]", b'"', b"\\", b"<", b">", b"null", b"{", b"&#0;", b"\x00"]),
        ),
    ),
    max_size=6,
)
"""Where, from the start to the end; how many bytes go; what stands there instead."""


def mutated(body: bytes, made: list[tuple[float, int, bytes]]) -> bytes:
    for where, gone, instead in made:
        at = int(where * len(body))
        body = body[:at] + instead + body[at + gone :]
    return body


def is_value(value: Value) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() for key in value) and all(map(is_value, value.values()))
    if isinstance(value, list):
        return all(map(is_value, value))
    if isinstance(value, str):
        return value == value.encode("utf-8", "replace").decode()
    return value is None or isinstance(value, bool) or abs(value) < 2**53


def assert_sound(reading: Reading) -> None:
    for record in reading.records:
        assert all(split_path(fact.path) and is_value(fact.value) for fact in record.facts)
        assert len(record.state()) == len(record.facts)


def assert_read_or_refused(read: Callable[[], Reading]) -> None:
    try:
        reading = read()
    except ReadError:
        return
    assert_sound(reading)


@pytest.mark.parametrize(
    ("reader", "body"),
    [
        (FEED, A_FEED),
        (REGISTER, A_LIST),
        (REGISTER, A_PRODUCT),
        (GENERIC, A_PAGE),
        (CHOSEN, A_PAGE),
    ],
    ids=["feed", "list", "product", "any page", "chosen page"],
)
@given(made=changes)
@settings(max_examples=120, deadline=2000)
def test_a_damaged_page_is_read_or_refused(
    reader: Reader, body: bytes, made: list[tuple[float, int, bytes]]
):
    payload = Payload(body=mutated(body, made), media_type="text/html", url=URL)

    assert_read_or_refused(lambda: reader.read(payload))


@given(cut=st.floats(0, 0.99))
@settings(max_examples=60, deadline=2000)
@pytest.mark.parametrize("body", [A_FEED, A_LIST, A_PRODUCT], ids=["feed", "list", "product"])
def test_a_page_that_was_cut_never_says_less_than_it_did(body: bytes, cut: float):
    reader = FEED if body is A_FEED else REGISTER
    payload = Payload(body=body[: int(cut * len(body))], url=URL)

    try:
        reading = reader.read(payload)
    except ReadError:
        return
    assert reading.records == reader.read(Payload(body=body, url=URL)).records


@given(body=st.binary(max_size=200))
@settings(max_examples=100, deadline=2000)
@pytest.mark.parametrize("reader", [FEED, REGISTER, GENERIC, CHOSEN, PDF], ids=lambda r: r.name)
def test_any_bytes_at_all_are_read_or_refused(reader: Reader, body: bytes):
    assert_read_or_refused(lambda: reader.read(Payload(body=body, url=URL)))


@given(made=changes)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_pdf_is_read_or_refused(made: list[tuple[float, int, bytes]]):
    body = mutated(pdf(annexes(), Stamp("Stamped", way="form")), made)

    assert_read_or_refused(lambda: PDF.read(Payload(body=body, url=URL)))


words = st.one_of(st.sampled_from(summary()), st.text(max_size=40))


@given(lines=st.lists(words, max_size=60))
@settings(max_examples=100, deadline=2000)
def test_no_line_of_any_text_stands_in_two_sections(lines: list[str]):
    found = sections([Page(number=1, text="\n".join(lines))])

    assert len({section.key for section in found}) == len(found)
    assert sum(section.text.count("\n") + 1 for section in found) <= sum(
        line.count("\n") + line.count("\r") + 1 for line in lines
    )


plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["facts", "lists", "path", "label", "css", "key", "fields", "kind"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(raw=plain)
@settings(max_examples=200, deadline=2000)
def test_options_are_understood_or_refused_with_every_problem_named(raw: object):
    problems: tuple[Problem, ...] = ()
    try:
        GenericOptions.decode(raw)
    except ConfigError as error:
        problems = error.problems

    assert all(problem.message for problem in problems)


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="<>&", exclude_categories=["Cc", "Cs"]),
    min_size=1,
    max_size=20,
)


@given(
    pairs=st.lists(st.tuples(texts, texts), max_size=6),
    listed=st.lists(st.tuples(texts, st.lists(texts, max_size=5)), max_size=3),
    made=changes,
)
@settings(max_examples=80, deadline=4000)
def test_what_is_proposed_for_a_page_reads_that_page(
    pairs: list[tuple[str, str]],
    listed: list[tuple[str, list[str]]],
    made: list[tuple[float, int, bytes]],
):
    labels = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in pairs)
    lists = "".join(
        f"<h2>{heading}</h2><ul>{''.join(f'<li>{text}</li>' for text in items)}</ul>"
        for heading, items in listed
    )
    page = f"<html><body><dl>{labels}</dl>{lists}</body></html>".encode()
    payload = Payload(body=mutated(page, made), media_type="text/html; charset=utf-8", url=URL)

    options = GenericOptions.decode(propose(payload))

    assert_sound(generic_reader(options).read(payload))
