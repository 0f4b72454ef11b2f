"""What several sources say of one subject, laid side by side: where they agree and where not.

Nothing is settled by taking the last word. Of dates that can mean the same day the most precise is
shown and the others corroborate it; an ATC code refines its own beginning; two spellings of one
name or one organisation are the same. What cannot both be so is a conflict and all of it is kept,
also where one source contradicts itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from watcher.core.edtf import Edtf, is_edtf
from watcher.core.facts import Fact, State, Value, split_path
from watcher.core.identity import alias_key, is_atc_code, same_holder
from watcher.core.text import fold, squash
from watcher.core.trials import told_alike

Agreement: TypeAlias = Literal["one source", "corroborated", "refined", "conflict"]

_LEGAL_ACTORS: Final = {"EU": "European Commission"}
"""Who legally ends a marketing authorisation, whomever else a source names for it."""

_ORGANISATIONS: Final = frozenset({"actor", "agency", "applicant", "holder", "requested_by"})
"""Compared as organisations: a legal form left out says nothing, two of them are two entities."""
_OWN_FAMILIES: Final = frozenset(
    {"contraindication", "indication", "mechanism", "posology", "qa", "safety", "section"}
    | {"supply_status", "topic", "translation"}
)
_OWN_LEAVES: Final = frozenset(
    {"class", "composition", "design", "pharmacotherapeutic_group", "reason_text", "role"}
    | {"requested_by_role", "route_of_administration", "synonym", "therapeutic_area", "url"}
    | {"validity"}
)
"""What every source says in words of its own; two wordings do not contradict each other."""
_ABOUT_THE_PAGE: Final = frozenset({"page", "pdf", "register"})
"""What a source says of itself is no question to other sources."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What one source says of the subject.

    Attributes:
        source: The source's id.
        tier: 1 an authority, 2 another agency or the holder, 3 an aggregator, 4 an encyclopaedia.
        facts: Its facts, with all that it says twice, or its state.
    """

    source: str
    tier: int
    facts: Sequence[Fact] | State


@dataclass(frozen=True, slots=True)
class Other:
    """Another value than the one shown, and the sources that tell it."""

    value: Value
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is told on one question.

    Attributes:
        path: The question: `authorisation[EU].granted`.
        value: The answer shown: the most precise of the best source's that can be meant.
        agreement: `one source` (copies of it included), `corroborated` by another, `refined` by
            another's more precise code, or `conflict`.
        by: The sources that say so, as precisely or less, the best first.
        others: What else is told. In a conflict it cannot be so as well; of words that sources
            choose themselves, such as indications, it is another wording.
    """

    path: str
    value: Value
    agreement: Agreement
    by: tuple[str, ...]
    others: tuple[Other, ...] = ()

    @property
    def is_internal(self) -> bool:
        """Return whether the conflict is one of a source with itself, and no other's."""
        told_by = {source for other in self.others for source in other.sources}
        return self.agreement == "conflict" and told_by <= set(self.by)


@dataclass(frozen=True, slots=True)
class _Claim:
    """One statement of one source on one question."""

    path: str
    value: Value
    source: str


def reconcile(
    tellings: Iterable[Telling], *, copies: Mapping[str, str] | None = None
) -> tuple[Answer, ...]:
    """Return one answer a question, in the order of the paths.

    That a medicine "was approved in 2023" in a list of countries tells no date of a grant: such a
    statement (`approved_as_of`) is an answer of its own and neither overwrites nor ends anything.
    It contests the grant that the same source dates otherwise, and any grant dated later.

    Args:
        tellings: What every source says of the one subject.
        copies: The source that a source copies from, by the copy's id: they count as one.
    """
    questions: dict[str, list[_Claim]] = {}
    for claim in _claims(tellings):
        questions.setdefault(claim.path, []).append(claim)
    origins = copies or {}
    return tuple(
        _contested(_answer(path, claims, origins), questions)
        for path, claims in sorted(questions.items())
    )


def _claims(tellings: Iterable[Telling]) -> list[_Claim]:
    """Return every statement, the best sources' first."""
    ordered = sorted(tellings, key=lambda telling: telling.tier)
    restated = told_alike([_facts(telling.facts) for telling in ordered])
    return [
        _Claim(fact.path, fact.value, telling.source)
        for telling, facts in zip(ordered, restated, strict=True)
        for fact in facts
        if split_path(fact.path).family not in _ABOUT_THE_PAGE
    ]


def _facts(told: Sequence[Fact] | State) -> tuple[Fact, ...]:
    if isinstance(told, Mapping):
        return tuple(Fact(path, value) for path, value in told.items())
    return tuple(told)


def _answer(path: str, claims: Sequence[_Claim], origins: Mapping[str, str]) -> Answer:
    best = _first(path, claims)
    for claim in claims:
        if _refines(path, claim.value, best.value):
            best = claim
    agreeing = [
        claim
        for claim in claims
        if _same(path, best.value, claim.value) or _refines(path, best.value, claim.value)
    ]
    told_by = _sources([best, *agreeing])
    others = [claim for claim in claims if claim not in agreeing]
    agreement: Agreement = "one source"
    if others and not _is_own_words(path):
        agreement = "conflict"
    elif len({origins.get(source, source) for source in told_by}) > 1:
        agreement = "refined" if _is_finer_code(best, agreeing) else "corroborated"
    return Answer(
        path=path, value=best.value, agreement=agreement, by=told_by, others=_grouped(path, others)
    )


def _first(path: str, claims: Sequence[_Claim]) -> _Claim:
    """Return the claim to start from: the best source's, or the one that names who legally acts."""
    part = split_path(path)
    is_act = part.family == "authorisation" and part.leaf.endswith(".actor")
    legal = _LEGAL_ACTORS.get(part.key, "") if is_act else ""
    named = (each for each in claims if legal and _same(path, each.value, legal))
    return next(named, claims[0])


def _is_finer_code(best: _Claim, agreeing: Sequence[_Claim]) -> bool:
    """Return whether the sources agree as far as their ATC codes reach, some further."""
    return _is_code_path(best.path) and any(claim.value != best.value for claim in agreeing)


def _sources(claims: Iterable[_Claim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.source for claim in claims))


def _grouped(path: str, claims: Sequence[_Claim]) -> tuple[Other, ...]:
    """Return differing claims, those that say the same together."""
    groups: list[list[_Claim]] = []
    for claim in claims:
        group = next((each for each in groups if _same(path, each[0].value, claim.value)), None)
        if group is None:
            groups.append([claim])
        else:
            group.append(claim)
    return tuple(Other(group[0].value, _sources(group)) for group in groups)


_GRANTED: Final = "granted"
_AS_OF: Final = "approved_as_of"


def _contested(answer: Answer, questions: Mapping[str, Sequence[_Claim]]) -> Answer:
    """Return the answer on a grant with the as-of statements that speak against it."""
    part = split_path(answer.path)
    if part.family != "authorisation" or part.leaf != _GRANTED or not is_edtf(answer.value):
        return answer
    granted = Edtf.parse(str(answer.value))
    against = [
        claim
        for claim in questions.get(f"authorisation[{part.key}].{_AS_OF}", ())
        if is_edtf(claim.value)
        and _speaks_against(Edtf.parse(str(claim.value)), granted, claim.source in answer.by)
    ]
    if not against:
        return answer
    others = (*answer.others, *_grouped(answer.path, against))
    return replace(answer, agreement="conflict", others=others)


def _speaks_against(as_of: Edtf, granted: Edtf, is_own: bool) -> bool:  # noqa: FBT001 — a fact
    if as_of.is_compatible(granted):
        return False
    return is_own or as_of.last < granted.first


def _is_own_words(path: str) -> bool:
    part = split_path(path)
    last = part.leaf.rpartition(".")[2]
    return part.family in _OWN_FAMILIES or last in _OWN_LEAVES or last.startswith("text")


def _same(path: str, one: Value, other: Value) -> bool:
    """Return whether two values say the same, spelled as each source spells it."""
    leaf = split_path(path).leaf.rpartition(".")[2]
    if leaf in _ORGANISATIONS:
        return same_holder(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return _same_words(leaf, one, other)
    if isinstance(one, list) and isinstance(other, list):
        return _names(one) == _names(other)
    if isinstance(one, dict) and isinstance(other, dict):
        shared = one.keys() & other.keys()
        return bool(shared) and all(_is_compatible(path, one[key], other[key]) for key in shared)
    return type(one) is type(other) and one == other


def _is_compatible(path: str, one: Value, other: Value) -> bool:
    return _same(path, one, other) or _refines(path, one, other) or _refines(path, other, one)


def _same_words(leaf: str, one: str, other: str) -> bool:
    if leaf in {"brand_name", "synonym"}:
        return alias_key(one) == alias_key(other)
    if any(map(str.isdigit, one)):
        # 56.3 and 563 are two numbers
        return fold(one) == fold(other)
    return one == other or (squash(one) == squash(other) != "")


def _names(values: Sequence[Value]) -> set[str]:
    return {alias_key(str(value)) for value in values}


def _refines(path: str, value: Value, coarser: Value) -> bool:
    """Return whether `value` says the same as `coarser` and more.

    Null, something stated without its date or merely left empty, contradicts nothing.
    """
    if coarser is None:
        return value is not None
    if isinstance(value, dict) and isinstance(coarser, dict):
        return len(value) > len(coarser) and _same(path, value, coarser)
    if not (isinstance(value, str) and isinstance(coarser, str)):
        return False
    if is_edtf(value) and is_edtf(coarser):
        return Edtf.parse(value).refines(Edtf.parse(coarser))
    are_codes = _is_code_path(path) and is_atc_code(value) and is_atc_code(coarser)
    return are_codes and value != coarser and value.startswith(coarser)


def _is_code_path(path: str) -> bool:
    return split_path(path).leaf in {"atc_code", "atcvet_code"}
