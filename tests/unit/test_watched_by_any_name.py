"""A medicine is found under the names people really use for it, and not under half of one."""

from __future__ import annotations

import pytest

from kit.watching import ALOFISEL, STATE, stating
from watcher.core.facts import Subject
from watcher.core.watch_list import Match, WatchList, judge


def is_on(state=STATE, subject: Subject = ALOFISEL, **filters: tuple[str, ...]) -> bool:
    return isinstance(judge(WatchList(id="mine", **filters), subject, state), Match)


def why(state, **filters: tuple[str, ...]) -> str:
    return str(judge(WatchList(id="mine", **filters), ALOFISEL, state))


@pytest.mark.parametrize(
    "alias",
    ["CX-601", "Cx601", "cx 601", "CX601", "Cx‑601", "cx.601", "DARVADSTROCEL", "darvadstrocel "],
)
def test_a_development_code_is_one_name_however_it_is_written(alias):
    assert is_on(substances=(alias,))


def test_a_code_is_found_among_the_synonyms_of_an_infobox():
    state = stating(synonym="Cx601, expanded adipose stem cells; eASC")

    assert why(state, substances=("CX-601",)) == "substance: CX-601 (Cx601)"
    assert is_on(state, substances=("eASC",))
    assert not is_on(state, substances=("CX-611",))


@pytest.mark.parametrize("stated", ["TiGenix NV", "TiGenix, S.A.U.", "TIGENIX S.A.U", "TiGenix"])
@pytest.mark.parametrize("wanted", ["TiGenix", "Tigenix N.V.", "TiGenix SAU"])
def test_a_holder_is_found_whatever_its_legal_form(stated, wanted):
    assert is_on({"authorisation[EU].holder": stated}, holders=(wanted,))


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ("Laboratoires Théa", "Laboratoires Thea"),
        ("Emdoka BVBA", "Emdoka"),
        ("Pharmaxim sp. z o.o.", "Pharmaxim"),
        ("Alvotech hf. ehf", "Alvotech hf"),
        ("Zentiva k.s.", "Zentiva, k. s."),
        ("Biogen Netherlands B. V.", "biogen netherlands bv"),
    ],
)
def test_accents_dots_and_spaces_of_a_holder_do_not_count(stated, wanted):
    assert is_on({"authorisation[EU].holder": stated}, holders=(wanted,))


def test_one_company_of_a_group_is_not_the_other():
    state = {"authorisation[EU].holder": "Takeda Pharmaceuticals International AG"}

    assert not is_on(state, holders=("Takeda Pharma A/S",))


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("Armisarte (previously Pemetrexed Actavis)", ("Armisarte", "pemetrexed actavis")),
        ("Firdapse (Previously Zenas )", ("Zenas",)),
        ("Briviact (in Italy: Nubriveo)", ("Briviact", "Nubriveo")),
        ("Testol (formerly known as Oldol)", ("Testol", "Oldol")),
        (
            "Adjupanrix (previously Pandemic influenza vaccine (H5N1) (split virion) Testmaker)",
            ("Adjupanrix", "Pandemic influenza vaccine (H5N1) (split virion) Testmaker"),
        ),
        ("Sigmâtol", ("Sigmatol", "SIGMÂTOL")),
        ("Testol®", ("Testol",)),
    ],
)
def test_a_medicine_is_found_by_each_name_it_goes_or_went_by(printed, names):
    for name in names:
        assert is_on(stating(brand_name=printed), products=(name,)), name


def test_a_word_in_brackets_that_is_no_name_is_none():
    state = stating(brand_name="Clopidogrel Teva (hydrogen sulphate)")

    assert not is_on(state, products=("Clopidogrel Teva",))
    assert not is_on(state, products=("hydrogen sulphate",))


@pytest.mark.parametrize(
    "stated",
    [
        {"inn": "relatlimab / nivolumab"},
        {"inn": "nivolumab/relatlimab"},
        {"inn": ["nivolumab", "relatlimab"]},
        {"inn": ["relatlimab", "nivolumab"]},
        {"active_substance": "nivolumab;Relatlimab"},
    ],
)
def test_a_combination_is_found_by_each_substance_and_by_both_in_any_order(stated):
    state = stating(**stated)

    assert is_on(state, substances=("nivolumab",))
    assert is_on(state, substances=("Relatlimab",))
    assert is_on(state, substances=("nivolumab / relatlimab",))
    assert is_on(state, substances=("Relatlimab/Nivolumab",))
    assert not is_on(state, substances=("ipilimumab / nivolumab",))


def test_a_combination_of_two_is_not_one_of_three():
    three = stating(inn=["ivacaftor", "tezacaftor", "elexacaftor"])

    assert is_on(three, substances=("tezacaftor / elexacaftor / ivacaftor",))
    assert not is_on(three, substances=("ivacaftor / tezacaftor",))
    assert not is_on(stating(inn=["ivacaftor"]), substances=("ivacaftor / tezacaftor",))


def test_letters_of_a_strain_are_not_substances():
    state = stating(active_substance="A/Wisconsin/67/2022 (H1N1)pdm09-like strain")

    assert not is_on(state, substances=("A",))
    assert not is_on(state, substances=("67",))


def test_each_of_several_atc_codes_counts():
    state = stating(atc_code="A10AB01;A10AC01")

    assert why(state, atc=("A10AC",)) == "ATC: A10AC (A10AC01)"
    assert is_on(state, atc=("a10ab01",))
    assert not is_on(stating(atc_code="Not yet assigned"), atc=("N04",))


def test_an_area_is_found_without_its_accents():
    assert is_on(stating(therapeutic_area=["Sjögren's Syndrome"]), areas=("Sjogren",))
    assert is_on(stating(therapeutic_area=["Sjogren's Syndrome"]), areas=("Sjögren",))
