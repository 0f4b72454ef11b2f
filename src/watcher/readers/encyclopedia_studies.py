"""What an encyclopaedia's article says of the trials it gives a section of their own.

Study figures are facts about studies. None of them is a fact about an authorisation, and a year in
which a study was published is no regulatory date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from watcher.core.facts import Fact, Value
from watcher.core.text import fold
from watcher.readers.blocks import Outline
from watcher.readers.characters import ascii_key
from watcher.readers.sentences import Sentence, sentences

_IS_STUDY = re.compile(r"\b(?:trial|study)\b")
_PHASE = re.compile(
    r"\bphase (?P<phase>(?:I{1,3}|IV|[1-4])(?:[ab]|/I{1,3}|-I{1,3}|/[2-4])?) ", re.IGNORECASE
)
_N = re.compile(
    r"\b(?:randomi[sz]ed|enrolled|included|involved|in)\b[^.]{0,80}?"
    r"(?<![\w,])(?P<n>\d[\d,]{0,12}) patients"
)
_ARM = re.compile(
    r"(?<![\w,])(?P<n>\d[\d,]{0,12}) patients were "
    r"(?:given|assigned to|treated with) (?P<arm>[a-z][\w-]*)"
)
_DESIGN = re.compile(r"\b(?:is|was) an? (?P<design>[a-z][\w ,-]*?) (?:study|trial)\b")
_PLAIN_DESIGN = re.compile(r"phase [IViv\d/-]+[ab]?")
_PUBLISHED = re.compile(r"\b[Pp]ublished in (?P<year>(?:19|20)\d{2})\b")
_AFTER = re.compile(r"\bAfter (?P<n>one|two|three|\d{1,3}) (?P<unit>years?|weeks?|months?)\b")
_TAKING = re.compile(
    r"\b(?:Patients (?:taking|treated with|given) (?P<arm>[\w-]+)"
    r"|The (?P<control>\w+) controls) had (?:a )?"
)
_RATE = re.compile(r"(?P<measure>[a-z]+ remission|[a-z]+ response) of (?P<rate>\d+(?:\.\d+)?)%")
_SIMILAR = re.compile(
    r"\(rate of (?P<measure>[a-z ]+?) at (?P<n>\d{1,3}) (?P<unit>weeks?|months?|years?)\)"
    r"[^(]{0,120}"
    r"\((?P<rate>\d+(?:\.\d+)?)% (?P<arm>[\w-]+) vs\.? "
    r"(?P<other>\d+(?:\.\d+)?)% (?P<control>[\w-]+)\)"
)
_SUPPORTS = re.compile(
    r"\bapproval was \w+ by (?:data|results) (?:published )?in "
    r"the (?P<name>[\w -]+?) trial"
)
_NUMBERS = {"one": 1, "two": 2, "three": 3}


def study_facts(article: Outline) -> list[Fact]:
    """Return what each section on a study says of it, keyed by the section's heading."""
    facts: list[Fact] = []
    for level in (3, 4):
        for section in article.sections(level):
            told = list(sentences(section.blocks))
            if told and _is_on(section.title, told[0]):
                facts += (_keyed(fact, section.title) for fact in _of_study(told))
    return facts


def _is_on(name: str, first: Sentence) -> bool:
    """Return whether a section is on the study it is named for, by its first sentence."""
    return name in first.text and bool(_IS_STUDY.search(first.text))


def support_facts(told: list[Sentence], jurisdiction: str) -> list[Fact]:
    """Return which study an article says an approval rests on.

    Args:
        told: The sentences that follow the one on the approval.
        jurisdiction: Whose approval it was.
    """
    return [
        Fact(
            f"study[{match['name']}].role",
            f"supporting evidence for {jurisdiction} approval",
            sentence.text,
            sentence.place,
        )
        for sentence in told
        if (match := _SUPPORTS.search(sentence.text))
    ]


def _keyed(fact: Fact, name: str) -> Fact:
    return Fact(f"study[{name}].{fact.path}", fact.value, fact.quote, fact.place)


def _of_study(told: list[Sentence]) -> Iterator[Fact]:
    """Yield what the sentences say, at paths within the study."""
    for rule in _SIMPLE:
        first = next((fact for sentence in told for fact in rule(sentence)), None)
        if first:
            yield first
    yield from _arms(told)
    yield from _rates(told)


def _said(path: str, value: Value, sentence: Sentence) -> Fact:
    return Fact(path, value, sentence.text, sentence.place)


def _phase(sentence: Sentence) -> Iterator[Fact]:
    if match := _PHASE.search(sentence.text):
        yield _said("phase", match["phase"], sentence)


def _randomised(sentence: Sentence) -> Iterator[Fact]:
    if match := _N.search(sentence.text):
        yield _said("n_randomised", _number(match["n"]), sentence)


def _design(sentence: Sentence) -> Iterator[Fact]:
    match = _DESIGN.search(sentence.text)
    if match and not _PLAIN_DESIGN.fullmatch(match["design"]):
        yield _said("design", match["design"], sentence)


def _published(sentence: Sentence) -> Iterator[Fact]:
    if match := _PUBLISHED.search(sentence.text):
        yield _said("published", match["year"], sentence)


_SIMPLE: tuple[Callable[[Sentence], Iterator[Fact]], ...] = (
    _phase,
    _randomised,
    _design,
    _published,
)


def _arms(told: list[Sentence]) -> Iterator[Fact]:
    """Yield how many patients each arm had: `{"darvadstrocel": 107, "placebo": 105}`."""
    for sentence in told:
        arms = _ARM.finditer(sentence.text)
        found = {ascii_key(match["arm"]): _number(match["n"]) for match in arms}
        if found:
            yield _said("n_arm", dict[str, Value](found), sentence)
            return


def _rates(told: list[Sentence]) -> Iterator[Fact]:
    """Yield rates by measure and time, each with its arms; per cent as printed, since no floats."""
    rates: dict[str, dict[str, Value]] = {}
    source: dict[str, Sentence] = {}
    time = ""
    for sentence in told:
        if after := _AFTER.search(sentence.text):
            time = _time(after["n"], after["unit"])
        for measure, arm, rate in _stated_rates(sentence.text, time):
            rates.setdefault(measure, {})[ascii_key(arm)] = rate
            source.setdefault(measure, sentence)
    for measure, arms in rates.items():
        yield _said(measure, arms, source[measure])


def _stated_rates(text: str, time: str) -> Iterator[tuple[str, str, str]]:
    """Yield measure, arm and rate."""
    if match := _SIMILAR.search(text):
        measure = f"{_slug(match['measure'])}_{_time(match['n'], match['unit'])}"
        yield measure, match["arm"], match["rate"]
        yield measure, match["control"], match["other"]
    subject = _TAKING.search(text)
    if subject and time:
        arm = subject["arm"] or subject["control"]
        for found in _RATE.finditer(text, subject.end()):
            yield f"{_slug(found['measure'])}_{time}", arm, found["rate"]


def _slug(words: str) -> str:
    return fold(words).replace(" ", "_")


def _time(number: str, unit: str) -> str:
    return f"{_NUMBERS.get(number, number)}{unit[0]}"


def _number(digits: str) -> int:
    return int(digits.replace(",", ""))
