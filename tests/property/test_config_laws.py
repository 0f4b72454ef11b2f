"""Laws of the configuration: whatever a file holds, it is used or refused in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kit.configs import ENVIRONMENT, FULL, loaded
from watcher.config.document import DocumentError, Entries, Items, Scalar, parse
from watcher.config.writing import as_item
from watcher.errors import ConfigError, Problem

LINES = FULL.splitlines()
WORDS = sorted(set(re.findall(r"[\w.*${}:@/-]+", FULL)))
ODD = ["", "~", "[]", "{}", "[1, x]", "{a: b}", "-1", "true", "''", "'${X}'", "*", "é", "9" * 400]


@st.composite
def spoilt(draw) -> str:
    """Draw the full example with a few of its lines dropped, doubled or given other words."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        word = draw(st.sampled_from([*WORDS, *ODD]))
        key, colon, _value = lines[at].partition(": ")
        lines[at] = draw(
            st.sampled_from(
                ["", f"{lines[at]}\n{lines[at]}", f"{key}{colon}{word}", f"  {lines[at]}", word]
            )
        )
    return "\n".join(lines)


def problems_of(text: str, folder: Path) -> tuple[Problem, ...]:
    """Return what is wrong with `text`; nothing where it can be used."""
    try:
        assert loaded(text, folder).redacted()
    except ConfigError as error:
        return error.problems
    return ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(spoilt())
def test_a_spoilt_file_is_used_or_refused_with_problems_in_order(tmp_path, text):
    problems = problems_of(text, tmp_path)

    lines = [problem.line for problem in problems]
    assert lines == sorted(lines)
    assert all(1 <= line <= text.count("\n") + 2 for line in lines)
    assert all(problem.key and problem.message for problem in problems)
    told = "".join(map(str, problems))
    assert "\n" not in told
    assert ENVIRONMENT["WATCHER_MAIL_PASSWORD"] not in told


def line_of_refusal(body: bytes) -> int:
    """Return the line on which `body` is refused; 1 where it is a document."""
    try:
        parse(body)
    except DocumentError as error:
        return error.line
    return 1


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text("ab:-[]{}'\"#&*!|> \n\t?,%@`\\", max_size=80)))
@example("? - a\n: b")
@example("%YAML 9.9\n---\na")
@example("a: |\n  b\n c")
@example('a: "\\ud800"')
@example(b"\xff\xfea")
def test_any_bytes_are_a_document_or_are_not_one(body):
    body = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body

    assert 1 <= line_of_refusal(body) <= len(body) + 1


def test_the_example_that_is_spoilt_is_itself_used(tmp_path):
    assert loaded(FULL, tmp_path).rules
    with pytest.raises(ConfigError):
        loaded("", tmp_path)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    ["yes", "1e3", "0o17", "12:30", "~", "", "- a", "a: b", "#", "null", "a#b", "{", "é", "NO", "."]
)


@given(TEXTS, TEXTS)
def test_any_text_is_read_back_as_it_was_written(one, other):
    item = as_item({"a": one, "b": {"c": [other, 1, True], "d": [{"e": one}]}}, notes={})

    root = parse(b"l:\n" + item.encode())

    assert isinstance(root, Entries)
    listed = root.nodes["l"]
    assert isinstance(listed, Items)
    assert plain(listed.nodes[0]) == {"a": one, "b": {"c": [other, 1, True], "d": [{"e": one}]}}


def plain(node: object) -> object:
    match node:
        case Entries():
            return {name: plain(part) for name, part in node.nodes.items()}
        case Items():
            return [plain(part) for part in node.nodes]
        case Scalar():
            return node.value
