"""A life line in words: dates, places, and the whole of it for those who do not see the picture."""

from __future__ import annotations

from watcher.core import wording
from watcher.core.edtf import Edtf
from watcher.core.lifeline import LifeLine
from watcher.core.lifeline_steps import When


def in_prose(line: LifeLine) -> str:
    """Return the whole line in sentences, for those who do not see the picture."""
    told = []
    for lane in line.lanes:
        parts = [f"{step.status.in_words} {when_in_words(step.when)}" for step in lane.steps]
        documents = sum(point.kind == "document" for point in lane.points)
        parts += [
            f"{point.label} {when_in_words(point.when)}"
            for point in lane.points
            if point.kind != "document"
        ]
        parts += [f"{documents} document{'s'[: documents != 1]}"] if documents else []
        parts += [
            f"conflict about {each.about}: {', '.join(each.words)}" for each in lane.conflicts
        ]
        told.append(f"{place(lane.jurisdiction)}: {'; '.join(parts) or 'no dates stated'}.")
    return " ".join(told)


def place(code: str) -> str:
    """Return a jurisdiction as the name of a lane: `Japan`, `EU`."""
    words = wording.TERRITORIES.get(code, code)
    return "EU" if code == "EU" else words.removeprefix("the ")


def when_in_words(when: When) -> str:
    """Return `on 13 December 2024`, `in December 2024`, `by 4 April 2018`."""
    parsed = Edtf.parse(when.edtf)
    word = "by" if when.is_latest else wording.ON[parsed.precision]
    return f"{word} {parsed.in_words()}"
