"""YAML as we read it: lines and keys, the core schema, and nothing that could grow or hide."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from watcher.config.document import (
    MAX_BYTES,
    MAX_DEPTH,
    DocumentError,
    Entries,
    Items,
    Scalar,
    parse,
)


def value(text: str) -> object:
    node = parse(f"key: {text}".encode())
    assert isinstance(node, Entries)
    found = node.nodes["key"]
    assert isinstance(found, Scalar)
    return found.value


def refused(body: str | bytes) -> str:
    with pytest.raises(DocumentError) as caught:
        parse(body.encode() if isinstance(body, str) else body)
    return f"{caught.value.line}: {caught.value}"


def test_each_value_knows_its_line_and_its_key():
    root = parse(b"a: 1\nsources:\n  - id: ema\n    urls:\n      - x\n      - y\n  - no id\n")

    assert root == Entries(
        1,
        "(file)",
        {
            "a": Scalar(1, "a", 1),
            "sources": Items(
                2,
                "sources",
                (
                    Entries(
                        3,
                        "sources[ema]",
                        {
                            "id": Scalar(3, "sources[ema].id", "ema"),
                            "urls": Items(
                                4,
                                "sources[ema].urls",
                                (
                                    Scalar(5, "sources[ema].urls[1]", "x"),
                                    Scalar(6, "sources[ema].urls[2]", "y"),
                                ),
                            ),
                        },
                    ),
                    Scalar(7, "sources[2]", "no id"),
                ),
            ),
        },
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"12"', "12"),
        ("'true'", "true"),
        ("yes", "yes"),
        ("off", "off"),
        ("12:30", "12:30"),
        ("2024-12-13", "2024-12-13"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_values_follow_the_core_schema_of_yaml_1_2(text, meant):
    found = value(text)

    assert found == meant
    assert type(found) is type(meant)


def test_a_key_that_is_there_twice_is_kept_once_and_told():
    root = parse(b"a: 1\nb: 2\na: 3\n")

    assert isinstance(root, Entries)
    assert root.nodes["a"] == Scalar(1, "a", 1)
    assert root.repeated == ((Scalar(3, "a", 3), 1),)


def test_a_byte_order_mark_is_not_part_of_the_first_key():
    root = parse("\ufeffa: 1".encode())

    assert isinstance(root, Entries)
    assert list(root.nodes) == ["a"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("a: &x 1\nb: *x\n", "1: anchors and aliases are not used here"),
        ("a: 1\nb: *x\n", "2: anchors and aliases are not used here"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "2: tags are not used here"),
        ("a: !!str 1\n", "1: tags are not used here"),
        ("a: !own {b: 1}\n", "1: tags are not used here"),
        ("a: 1\n? [b]\n: 2\n", "2: a key is a single word, not a list or mapping"),
        (b"a: 1\nb: \xff\n", "2: not UTF-8"),
        ("a: 1\nb: '\x07'\n", "2: a control character, 0x07"),
        ("# nothing\n", "1: the file is empty"),
    ],
)
def test_what_could_grow_or_hide_is_refused_with_its_line(body, why):
    assert refused(body) == why


@pytest.mark.parametrize("body", ["a: [1\nb: 2\n", "a: 1\n b: 2\n", "a: 1\n---\nb: 2\n", "a: 'x\n"])
def test_what_is_not_yaml_is_told_with_its_line(body):
    line, _, why = refused(body).partition(": ")

    assert int(line) >= 1
    assert why.startswith("not YAML as we read it: ")


def test_a_document_of_references_to_references_never_unfolds():
    lines = [f"{b}: &{b} [*{a},*{a}]\n" for a, b in pairwise("abcdefghi")]

    assert refused("a: &a [x]\n" + "".join(lines)) == "1: anchors and aliases are not used here"


@pytest.mark.parametrize("body", ["[" * 100_000, "a: " + "{" * 100_000, "- " * 50_000 + "x"])
def test_a_document_as_deep_as_it_is_long_is_refused_in_no_time(body):
    began = time.process_time()

    why = refused(body)

    assert why.endswith(f"nested deeper than {MAX_DEPTH}")
    assert time.process_time() - began < 5


def test_a_document_may_be_as_deep_as_a_configuration_needs():
    assert parse(("[" * MAX_DEPTH + "]" * MAX_DEPTH).encode())


def test_a_document_that_is_too_large_is_refused_unread():
    assert refused(b"#" * (MAX_BYTES + 1)) == (
        f"1: expected at most {MAX_BYTES} bytes, found {MAX_BYTES + 1}"
    )
