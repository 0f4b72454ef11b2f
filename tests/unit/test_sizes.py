"""Files and functions stay short, and what coverage leaves out has a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from kit import sizes
from kit.write_documents import BEGIN, DOCS, END, between


def without_reason(found: Iterable[sizes.Long], reasons: Mapping[str, str]) -> list[str]:
    return [
        f"{each.place}: {each.lines} lines; split it, or say in tests/kit/sizes.py why not"
        for each in found
        if each.key not in reasons
    ]


def out_of_date(found: Iterable[sizes.Long], reasons: Mapping[str, str]) -> list[str]:
    known = {each.key for each in found}
    there = {room for room in sizes.ROOMS if (sizes.ROOT / room).is_dir()}
    return [
        f"{key} is long no more: take its reason out of tests/kit/sizes.py"
        for key in reasons
        if key not in known and key.partition("/")[0] in there
    ]


def test_a_file_over_350_lines_has_a_reason():
    assert without_reason(sizes.long_files(), sizes.FILES) == []


def test_a_function_over_40_lines_has_a_reason():
    assert without_reason(sizes.long_functions(), sizes.FUNCTIONS) == []


def test_a_reason_goes_with_what_it_was_for():
    assert out_of_date(sizes.long_files(), sizes.FILES) == []
    assert out_of_date(sizes.long_functions(), sizes.FUNCTIONS) == []


def test_what_coverage_leaves_out_of_the_core_and_the_readers_has_a_reason():
    assert [f"{each.path}:{each.line}" for each in sizes.left_out() if not each.why] == []


def test_the_document_has_every_reason_as_it_is():
    page = (DOCS / "quality.md").read_text(encoding="utf-8")

    assert BEGIN in page
    assert END in page
    assert between(page, sizes.tables()) == page, "run `make reference`"


def test_what_is_too_long_is_named_with_its_file_its_line_and_its_length():
    found = [sizes.Long("a.py:f", "a.py:7", 41)]

    assert without_reason(found, {}) == [
        "a.py:7: 41 lines; split it, or say in tests/kit/sizes.py why not"
    ]
    assert without_reason(found, {"a.py:f": "a table"}) == []


@pytest.mark.parametrize("room", sizes.ROOMS)
def test_a_reason_for_what_is_not_there_is_out_of_date(room):
    assert out_of_date([], {f"{room}/gone.py": "once"}) == (
        [f"{room}/gone.py is long no more: take its reason out of tests/kit/sizes.py"]
        if (sizes.ROOT / room).is_dir()
        else []
    )
