"""What the questions and answers of EMA's overview for the public say, as far as they say it alike.

EMA writes these overviews to one pattern. A sentence that departs from it makes no fact; the answer
itself is kept whole elsewhere, so nothing is lost. None of this is about the authorisation: an
overview still says "approved" long after a withdrawal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from watcher.core.facts import Fact, Value, in_order
from watcher.core.text import fold
from watcher.readers.blocks import Block
from watcher.readers.characters import ascii_key
from watcher.readers.dates import edtf_or_nothing
from watcher.readers.sentences import Sentence, sentences

_PRESCRIPTION = re.compile(r"The medicine can only be obtained with a prescription")
_VIALS = re.compile(
    r"\b(?P<internal>\w+) vials \(each containing (?P<millions>\d{1,6}) million cells\) "
    r"are injected around the internal openings and (?P<external>\w+) further vials "
    r"through the external"
)
_MAIN_STUDY = re.compile(r"\b[Oo]ne main study,? (?:involving|in|of) (?P<n>\d[\d,]{0,12}) patients")
_TIMEPOINT = re.compile(r"\b(?P<n>\d{1,3}) weeks after treatment\b")
_RESULT = re.compile(
    r"Of the patients treated with (?P<medicine>[\w -]+?), (?P<measure>[a-z ]+?) occurred in "
    r"(?P<rate>(?:[a-z]+ )?\d+%) of patients \((?P<n>\d+) out of (?P<of>\d+)\); this compared with "
    r"(?P<rate2>(?:[a-z]+ )?\d+%) of patients \((?P<n2>\d+) out of (?P<of2>\d+)\) receiving "
    r"(?P<other>[\w -]+)"
)
_SIDE_EFFECTS = re.compile(
    r"\bmost common side effects with [^()]{1,80}\(which may affect [^()]{1,80}\) are "
    r"(?P<list>.+?)\.?$"
)
_MUST_NOT = re.compile(
    r"\bmust not be used in (?:patients|people) (?:with|who have) (?P<what>.+?)\.?$"
)
_CLASS = re.compile(r"advanced therapy medicine called an? [‘'](?P<kind>[^’']+)[’']")
_ORPHAN = re.compile(
    r"\bdesignated an? [‘']orphan medicine[’'].{0,60}? on (?P<day>\d{1,2} \w+ \d{4})"
)
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
_ANY_INGREDIENT = re.compile(r"\bor (?:to )?any of (?:the|its) (?:other )?ingredients\b.*$")

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_TERMS = {"pain during treatment": "procedural pain"}
"""EMA's words for the public and the MedDRA term they stand for, as its summary of product
characteristics has it."""


def summary_facts(blocks: Iterable[Block]) -> list[Fact]:
    """Return what the answers in `blocks` say, the first of each."""
    facts: dict[str, Fact] = {}
    for sentence in sentences(blocks):
        for rule in _RULES:
            for fact in rule(sentence):
                facts.setdefault(fact.path, fact)
    return list(facts.values())


def _said(path: str, value: Value, sentence: Sentence) -> Fact:
    return Fact(path, value, sentence.text, sentence.place)


def _supply(sentence: Sentence) -> Iterator[Fact]:
    if match := _PRESCRIPTION.search(sentence.text):
        yield _said("supply_status[EU].text", match[0], sentence)


def _posology(sentence: Sentence) -> Iterator[Fact]:
    match = _VIALS.search(sentence.text)
    if match and match["internal"] in _NUMBERS and match["external"] in _NUMBERS:
        yield _said("posology.cells_per_vial", int(match["millions"]) * 1_000_000, sentence)
        yield _said("posology.vials_internal", _NUMBERS[match["internal"]], sentence)
        yield _said("posology.vials_external", _NUMBERS[match["external"]], sentence)


def _main_study(sentence: Sentence) -> Iterator[Fact]:
    if match := _MAIN_STUDY.search(sentence.text):
        yield _said("study[main].n", int(match["n"].replace(",", "")), sentence)
        if weeks := _TIMEPOINT.search(sentence.text):
            yield _said("study[main].timepoint_weeks", int(weeks["n"]), sentence)


def _result(sentence: Sentence) -> Iterator[Fact]:
    if match := _RESULT.search(sentence.text):
        measure = fold(match["measure"]).replace(" ", "_")
        arms: dict[str, Value] = {
            ascii_key(match["medicine"]): f"{match['n']}/{match['of']} ({match['rate']})",
            ascii_key(match["other"]): f"{match['n2']}/{match['of2']} ({match['rate2']})",
        }
        yield _said(f"study[main].{measure}", arms, sentence)


def _side_effects(sentence: Sentence) -> Iterator[Fact]:
    if match := _SIDE_EFFECTS.search(sentence.text):
        words = re.split(r", (?:and )?| and ", _IN_BRACKETS.sub("", match["list"]))
        yield _said(
            "safety.common_adr", in_order(_TERMS.get(word, word) for word in words), sentence
        )


def _contraindication(sentence: Sentence) -> Iterator[Fact]:
    if match := _MUST_NOT.search(sentence.text):
        what = _ANY_INGREDIENT.sub("or any ingredient", _IN_BRACKETS.sub("", match["what"]))
        yield _said("contraindication.text", what, sentence)


def _class(sentence: Sentence) -> Iterator[Fact]:
    if match := _CLASS.search(sentence.text):
        yield _said("product.class", f"{match['kind']} (ATMP)", sentence)


def _orphan(sentence: Sentence) -> Iterator[Fact]:
    match = _ORPHAN.search(sentence.text)
    if match and (day := edtf_or_nothing(match["day"])):
        yield _said("orphan_designation.granted", day, sentence)


_RULES: tuple[Callable[[Sentence], Iterator[Fact]], ...] = (
    _supply,
    _posology,
    _main_study,
    _result,
    _side_effects,
    _contraindication,
    _class,
    _orphan,
)
