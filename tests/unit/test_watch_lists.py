"""Which medicines are on a watch list, and the reason in words."""

from __future__ import annotations

import pytest

from kit.watching import ALOFISEL, STATE, stating
from watcher.core.facts import Subject
from watcher.core.watch_list import EVERYTHING, NoMatch, WatchList, judge, matches


def why(subject: Subject = ALOFISEL, state=STATE, **filters: tuple[str, ...]) -> str:
    return str(judge(WatchList(id="mine", **filters), subject, state))


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"products": ("Alofisel",)}, "product: Alofisel"),
        ({"products": ("ALOFISEL",)}, "product: ALOFISEL"),
        ({"products": ("H-C-4258",)}, "product: H-C-4258 (EMEA/H/C/004258)"),
        ({"products": ("alofisel",)}, "product: alofisel"),
        ({"substances": ("Darvadstrocel",)}, "substance: Darvadstrocel"),
        ({"substances": ("CX-601",)}, "substance: CX-601 (Cx601)"),
        ({"atc": ("L04",)}, "ATC: L04 (L04AX08)"),
        ({"atc": ("L04AX08",)}, "ATC: L04AX08"),
        ({"holders": ("Takeda Pharma",)}, "holder: Takeda Pharma (Takeda Pharma A/S)"),
        ({"areas": ("crohn",)}, "area: crohn (Crohn Disease)"),
        ({"areas": ("rectal fistula",)}, "area: rectal fistula"),
        ({"jurisdictions": ("JP",)}, "jurisdiction: JP"),
    ],
)
def test_a_medicine_is_found_by_each_of_its_names(filters, reason):
    assert why(**filters) == reason


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"products": ("Alofis",)}, "product"),
        ({"substances": ("strocel",)}, "substance"),
        ({"atc": ("L04AX0899",)}, "ATC"),
        ({"atc": ("L05",)}, "ATC"),
        ({"holders": ("Takeda",)}, "holder"),
        ({"areas": ("fist",)}, "area"),
        ({"areas": ("disease crohn",)}, "area"),
        ({"jurisdictions": ("UK",)}, "jurisdiction"),
    ],
)
def test_half_a_word_or_another_level_is_not_a_match(filters, reason):
    assert why(**filters) == f"not on watch list mine: no {reason} of it is stated"


def test_each_filter_has_to_find_something_and_each_says_what():
    found = matches(WatchList(id="mine", substances=("x", "Cx601"), atc=("L04",)), ALOFISEL, STATE)

    assert found is not None
    assert found.reasons == ("substance: Cx601", "ATC: L04 (L04AX08)")
    assert matches(WatchList(id="m", substances=("Cx601",), atc=("A10",)), ALOFISEL, STATE) is None


def test_a_list_without_filters_holds_everything_even_what_is_not_known():
    assert str(matches(EVERYTHING, Subject("study", "NCT03279081"), {})) == "everything is watched"


def test_a_medicine_is_found_by_its_former_name():
    state = stating(brand_name="Vynpenta (previously AvacopanChemoCentryx)")

    assert why(state=state, products=("Vynpenta",)) == "product: Vynpenta"
    assert why(state=state, products=("avacopan chemocentryx",)).startswith("product: avacopan")


def test_a_medicine_without_a_whole_number_is_found_by_the_end_of_its_address():
    subject = Subject("medicine", "slug:tocilizumab-stada")

    assert why(subject, {}, products=("tocilizumab-stada",)) == "product: tocilizumab-stada"


def test_a_substance_is_found_though_it_states_no_inn():
    subject = Subject("substance", "darvadstrocel")

    assert why(subject, {}, substances=("Darvadstrocel",)) == "substance: Darvadstrocel"
    assert why(ALOFISEL, {}, substances=("EMEA/H/C/004258",)).startswith("not on")


def test_a_study_is_found_by_the_product_it_names():
    study = Subject("study", "NCT03279081")

    assert why(study, stating(brand_name="Alofisel"), products=("Alofisel",)).endswith("Alofisel")
    assert why(study, {}, products=("NCT03279081",)).startswith("not on")


def test_a_veterinary_medicine_is_found_by_its_own_code():
    assert why(state=stating(atcvet_code="QI09AD04"), atc=("QI09",)) == "ATC: QI09 (QI09AD04)"


def test_an_applicant_counts_as_holder_and_legal_forms_do_not_count():
    state = {"authorisation[EU].applicant": "Novartis Europharm Limited"}

    assert why(state=state, holders=("Novartis Europharm Ltd",)).startswith("holder: Novartis")


def test_a_fact_stated_as_empty_matches_nothing():
    state = stating(inn=None, brand_name="", atc_code=None) | {"authorisation[EU].holder": None}

    assert isinstance(judge(WatchList(id="m", substances=("x",)), ALOFISEL, state), NoMatch)
    assert why(state=state, holders=("x",)).startswith("not on")


def test_a_list_is_called_by_its_title_where_it_has_one():
    assert str(WatchList(id="crohn")) == "crohn"
    assert str(WatchList(id="crohn", title="Crohn's disease")) == "Crohn's disease"
