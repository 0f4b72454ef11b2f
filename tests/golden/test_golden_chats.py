"""The five lines of a chat in every markup, word for word: `messages/chat/NAME.FLAVOUR`.

`--accept` rewrites them. Characters of no width are written out, since they are what keeps a
mention from calling anybody.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kit.happenings import SOURCES, corroborated, withdrawal
from watcher.core.message import compose
from watcher.notify.markup import FLAVOURS, PLAIN, lines_of
from watcher.notify.render import render

FOLDER = Path(__file__).parent / "messages" / "chat"
FLAVOURS_BY_NAME = {each.name: each for each in (PLAIN, *FLAVOURS.values())}
HOSTILE = "@channel <!channel> <@U1> <at>A</at> *b* _i_ `c` [x](https://evil.example) & </b>"


def hostile():
    """The withdrawal as a page would tell it that wants to be heard."""
    case = withdrawal()
    return replace(case, facts={**case.facts, "product.brand_name": HOSTILE})


CASES = {"withdrawal": corroborated, "hostile": hostile}


@pytest.mark.parametrize("flavour", FLAVOURS_BY_NAME)
@pytest.mark.parametrize("name", CASES)
def test_a_chat_reads_as_it_did(name, flavour, accepts):
    case = compose(CASES[name](), why="a rule", sources=SOURCES)
    told = render(case, key="4f2a90c1b7").chat

    form = FLAVOURS_BY_NAME[flavour].write(lines_of(told)).replace("\u200b", "{ZWSP}") + "\n"

    golden = FOLDER / f"{name}.{flavour}"
    if accepts:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(form, encoding="utf-8")
    assert golden.is_file(), f"{golden.name} is missing: look at it and run with --accept"
    assert form == golden.read_text(encoding="utf-8")
