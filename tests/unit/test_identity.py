from __future__ import annotations

import pytest

from watcher.core.identity import (
    alias_key,
    canonical_address,
    document_key,
    is_atc_code,
    organisation_key,
    procedure_of,
    product_number,
    same_holder,
    slug,
    split_address,
)
from watcher.core.text import fold, shorten, tidy, without_accents


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("EMEA/H/C/004258", "EMEA/H/C/004258"),
        ("H-C-4258", "EMEA/H/C/004258"),
        ("H/C/005084", "EMEA/H/C/005084"),
        ("EMEA/H/C/002691            ", "EMEA/H/C/002691"),
        ("EMEA/V/C/000123", "EMEA/V/C/000123"),
        ("H/C/PSUSA/00001187/202308", None),
        ("H/C/002840/N/0049", None),
        ("R/0023", None),
        ("H/C/WS2451", None),
        ("EMEA/H/C005201", None),
        ("", None),
    ],
)
def test_a_product_number_has_one_form_and_a_damaged_one_has_none(printed, number):
    assert product_number(printed) == number


def test_two_spellings_of_an_alias_share_a_key_and_short_names_are_left_alone():
    assert alias_key("CX-601") == alias_key("Cx601") == "cx601"
    assert alias_key("A-1") == "a-1"
    assert alias_key("AB-12") == alias_key("ab12") == "ab12"


def test_a_title_names_its_procedure():
    title = "Alofisel-H-C-004258-II-0051-G : EPAR - Assessment report - Variation"

    assert procedure_of(title) == "EMEA/H/C/004258/II/0051/G"
    assert procedure_of("Alofisel : EPAR - Product information") is None
    assert procedure_of("X-H-C-001234-II-0007 : EPAR") == "EMEA/H/C/001234/II/0007"


@pytest.mark.parametrize("code", ["L", "L04", "L04A", "L04AX", "L04AX08", "QI07", "QI07AA"])
def test_atc_codes_of_every_level_are_known(code):
    assert is_atc_code(code)


@pytest.mark.parametrize("code", ["", "04", "L4", "L04AX8", "rectal"])
def test_what_is_no_atc_code_is_not_taken_for_one(code):
    assert not is_atc_code(code)


def test_a_document_is_known_by_the_best_it_has():
    assert document_key(source_id="7", reference="EMA/1") == "id:7"
    assert document_key(reference="ema/1/2024", url="https://x/y") == "EMA/1/2024"
    assert document_key(url="http://WWW.x.eu/a_en.pdf-0?v=1#p") == "https://www.x.eu/a_en.pdf-0"
    assert document_key(title="A :  B", stated="2018-04-04") == "a: b|2018-04-04"
    assert document_key(title="A : B") == "a: b"
    assert document_key() == ""


def test_addresses_keep_what_tells_two_products_apart():
    assert canonical_address("/en/x_en.pdf") == "/en/x_en.pdf"
    assert canonical_address("https://x/a_en.pdf-0") != canonical_address("https://x/a_en.pdf-1")
    assert slug("https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel/") == "alofisel"


def test_what_is_no_address_is_all_path_and_known_by_itself():
    assert split_address("http://[") == ("", "", "http://[", "", "")
    assert canonical_address("http://[") == "http://["


def test_a_slug_is_the_last_part_of_an_address_letter_by_letter():
    assert slug("https://www.ema.europa.eu/en/medicines/human/EPAR/RAXX/?page=1#top") == "RAXX"


def test_legal_forms_do_not_make_another_organisation():
    assert organisation_key("Takeda Pharma A/S") == organisation_key("Takeda Pharma")
    assert organisation_key("Pfizer Europe MA EEIG\xa0") == organisation_key("Pfizer Europe MA")
    assert organisation_key("Accord Healthcare S.L.U.") != organisation_key("Accord UK")


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Takeda Pharma, Inc.", "takedapharma"),
        ("Laboratoires X S.A.", "laboratoiresx"),
        ("C. S. L. Behring", "cslbehring"),
        ("Polpharma Sp. z o.o.", "polpharma"),
        ("Polpharma Sp.z o.o.", "polpharma"),
        ("Boehringer Ingelheim GmbH & Co. KG", "boehringeringelheim"),
        ("Boehringer Ingelheim GmbH & Co.KG", "boehringeringelheim"),
        ("N.V. Organon", "organon"),
        ("B.V. Organon", "organon"),
        ("S.A. Alcon", "alcon"),
        ("AB Hässle", "hassle"),
    ],
)
def test_a_legal_form_before_or_behind_a_name_is_no_part_of_it(printed, name):
    assert organisation_key(printed) == name


def test_a_name_that_is_nothing_but_a_legal_form_is_that_name():
    assert organisation_key("AB") == "ab"
    assert organisation_key("Limited") == "limited"


def test_another_legal_form_is_another_holder_however_it_is_spaced_and_ordered():
    assert same_holder("Organon N. V.", "NV Organon")
    assert same_holder("N.V. Organon S.A.", "S.A. Organon N.V.")
    assert same_holder("Boehringer GmbH & Co.KG", "Boehringer GmbH & Co. KG")
    assert not same_holder("Organon N. V.", "Organon B. V.")
    assert not same_holder("Boehringer GmbH & Co. KG", "Boehringer GmbH")


def test_a_short_name_that_begins_another_is_another_holder():
    assert not same_holder({"name": "Merck", "text": "Merck"}, {"name": "Merck Sharp", "text": ""})
    assert same_holder("Takeda", {"name": "Takeda AG", "text": "Takeda AG"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Takeda Ireland Branch", {"name": "Takeda", "text": "Takeda Ireland Branch, Block 2"}),
        ("Takeda Block 2", {"name": "Takeda", "text": "Takeda, 50 Baggot Street"}),
    ],
)
def test_a_name_that_runs_into_the_address_is_the_same_holder_whichever_comes_first(one, other):
    assert same_holder(one, other)
    assert same_holder(other, one)


def test_two_holders_with_their_addresses_are_two():
    mesoblast = {"name": "Mesoblast", "text": "Mesoblast, Melbourne"}

    assert not same_holder({"name": "Takeda", "text": "Takeda, Delta 1"}, mesoblast)


def test_an_address_without_a_name_is_nobodys():
    nameless = {"name": "", "text": "Takeda House, Miesian Plaza"}
    takeda = {"name": "Takeda", "text": "Takeda, Miesian Plaza"}

    assert not same_holder(nameless, takeda)
    assert not same_holder(takeda, nameless)
    assert same_holder("", {"name": "", "text": ""})


def test_text_is_made_comparable_without_losing_what_it_says():
    assert tidy("a\u00a0 b\u200b\n c\u00ad") == "a b c"
    assert tidy("x\x00y\ud800") == "x\ufffdy\ufffd"
    assert fold("  ALOFISEL ") == "alofisel"
    assert without_accents("Julián Panés") == "julian panes"
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abc", 4) == "abc"
