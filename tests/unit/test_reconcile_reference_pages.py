"""What the three reference pages say together: the cross-source table, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from watcher.core.facts import Reading, Record, Value
from watcher.core.reconcile import Answer, Other, Telling, reconcile
from watcher.core.same_product import names_of, related_studies, same_product
from watcher.readers.reader import Payload
from watcher.readers.registry import reader

pytestmark = pytest.mark.realdata

ARTICLE, APPROVAL = "encyclopedia", "medpath"


def read(seeds: Path, name: str, number: str) -> Reading:
    [page] = seeds.glob(f"{number}*.txt")
    return reader(name).read(Payload(body=page.read_bytes(), media_type="text/plain"))


def only(reading: Reading) -> Record:
    [record] = reading.records
    return record


@pytest.fixture(scope="module")
def article(seeds: Path) -> Record:
    return only(read(seeds, "encyclopedia", "000"))


@pytest.fixture(scope="module")
def approval(seeds: Path) -> Record:
    return only(read(seeds, "medpath_approval", "001"))


@pytest.fixture(scope="module")
def library(seeds: Path) -> Record:
    return only(read(seeds, "research_library", "002"))


@pytest.fixture(scope="module")
def answers(article: Record, approval: Record) -> dict[str, Answer]:
    tellings = (Telling(ARTICLE, 4, article.facts), Telling(APPROVAL, 3, approval.facts))
    return {answer.path: answer for answer in reconcile(tellings)}


class Row(NamedTuple):
    question: str
    path: str
    value: Value
    agreement: str
    by: tuple[str, ...]
    others: tuple[Other, ...] = ()


BOTH = (APPROVAL, ARTICLE)
FINER = (ARTICLE, APPROVAL)
OTHER_ACTOR = Other("European Medicines Agency", (ARTICLE,))
PLACEBO = {"darvadstrocel": "56.3", "placebo": "38.6"}
RESPONSE = {"Alofisel": "53/107 (almost 50%)", "placebo": "36/105 (34%)"}
EU, JP = "authorisation[EU]", "authorisation[JP]"
TABLE = (
    Row("EU grant date", f"{EU}.granted", "2018-03-23", "corroborated", BOTH),
    Row("EU end", f"{EU}.withdrawn", "2024-12-13", "corroborated", BOTH),
    Row(
        *("who acted", f"{EU}.withdrawn.actor", "European Commission", "conflict"),
        *((APPROVAL,), (OTHER_ACTOR,)),
    ),
    Row("who asked", f"{EU}.withdrawn.requested_by", "Takeda Pharma A/S", "corroborated", BOTH),
    Row("status now", f"{EU}.status", "withdrawn", "one source", (APPROVAL,)),
    Row("supply is no status", "supply_status[EU]", "Rx-only", "one source", (ARTICLE,)),
    Row("ATC", "product.atc_code", "L04AX08", "refined", FINER),
    Row("brand", "product.brand_name", "Alofisel", "corroborated", BOTH),
    Row("INN", "product.inn", ["darvadstrocel"], "corroborated", BOTH),
    Row(
        *("Japan approval", f"{JP}.granted", "2021-09", "conflict"),
        *((ARTICLE,), (Other("2023", (ARTICLE,)),)),
    ),
    Row("Japan end", "market[JP].discontinued", "2026-01", "one source", (ARTICLE,)),
    *(
        Row(f"as of in {place}", f"authorisation[{place}].approved_as_of", "2023", *ONE)
        for place in ("CH", "UK", "IL", "RS")
        for ONE in (("one source", (ARTICLE,)),)
    ),
    Row("trial size", "study[ADMIRE-CD].n_randomised", 212, "corroborated", BOTH),
    Row(
        *("a year", "study[ADMIRE-CD].combined_remission_1y", PLACEBO, "one source"),
        (ARTICLE,),
    ),
    Row(
        *("24 weeks", "study[ADMIRE-CD].combined_remission_24w", RESPONSE, "one source"),
        (APPROVAL,),
    ),
    Row("alias", "product.synonym", "CX-601", "one source", (ARTICLE,)),
    Row("orphan", "orphan_designation.granted", "2009-10-08", "one source", (APPROVAL,)),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.question)
def test_the_pages_together_answer(row: Row, answers: dict[str, Answer]):
    answer = answers[row.path]

    assert answer.value == row.value
    assert answer.agreement == row.agreement
    assert (answer.by, answer.others) == (row.by, row.others)


def test_nothing_else_is_in_conflict(answers: dict[str, Answer]):
    conflicts = {path for path, answer in answers.items() if answer.agreement == "conflict"}

    assert conflicts == {f"{EU}.withdrawn.actor", f"{JP}.granted"}


def test_japans_conflict_is_the_articles_own(answers: dict[str, Answer]):
    assert answers[f"{JP}.granted"].is_internal
    assert not answers[f"{EU}.withdrawn.actor"].is_internal


@pytest.mark.parametrize("place", ["CH", "UK", "IL", "RS", "JP"])
def test_no_authorisation_ends_by_inference(place: str, answers: dict[str, Answer]):
    stated = {path for path in answers if path.startswith(f"authorisation[{place}].")}

    assert stated <= {
        f"authorisation[{place}].{leaf}" for leaf in ("approved_as_of", "granted", "agency")
    }


def test_as_a_copy_of_the_authority_the_aggregator_adds_no_voice(approval: Record):
    authority = Telling("ema", 1, {f"{EU}.withdrawn": "2024-12-13"})
    tellings = [authority, Telling(APPROVAL, 3, approval.facts)]

    [alone] = [
        each
        for each in reconcile(tellings, copies={APPROVAL: "ema"})
        if each.path == f"{EU}.withdrawn"
    ]

    assert (alone.agreement, alone.by) == ("one source", ("ema", APPROVAL))


def test_both_pages_are_on_one_product(article: Record, approval: Record, library: Record):
    assert same_product(article, approval) == "INN darvadstrocel"
    assert same_product(library, approval) is None


def test_studies_2_and_3_relate_to_the_product_and_the_other_six_do_not(
    article: Record, approval: Record, library: Record
):
    studies = [fact.path for fact in library.facts if fact.path.startswith("study[")]

    related = related_studies(names_of(article, approval), library)

    assert len(studies) == 8
    assert related == {studies[1]: "names CX-601", studies[2]: "names darvadstrocel"}
