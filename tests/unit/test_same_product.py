"""Whether two sources speak of one product, and which studies speak of it."""

from __future__ import annotations

import pytest

from watcher.core.facts import Fact, Record, Subject, Value
from watcher.core.same_product import names_of, related_studies, same_product

NUMBER = "EMEA/H/C/004258"


def medicine(identity: str = NUMBER, /, **facts: Value) -> Record:
    return Record(
        Subject("medicine", identity), tuple(Fact(f"product.{k}", v) for k, v in facts.items())
    )


def substance(name: str, **facts: Value) -> Record:
    return Record(
        Subject("substance", name), tuple(Fact(f"product.{k}", v) for k, v in facts.items())
    )


def test_a_number_decides_in_whatever_form_it_is_printed():
    assert same_product(medicine(), medicine("slug:alofisel", number="H-C-4258")) == (
        f"number {NUMBER}"
    )


def test_two_numbers_are_two_products_whatever_they_contain():
    generic = medicine("EMEA/H/C/000001", inn=["docetaxel"], brand_name="Taxotere")

    assert same_product(generic, medicine(inn=["docetaxel"], brand_name="Taxotere")) is None


def test_a_substance_and_a_medicine_are_linked_by_the_inn():
    article = substance("darvadstrocel", brand_name="Alofisel", synonym="CX-601")

    assert same_product(article, medicine(inn=["Darvadstrocel"], brand_name="ALOFISEL")) == (
        "INN darvadstrocel"
    )


def test_the_article_on_another_brand_is_not_on_this_generic():
    article = substance("docetaxel", brand_name="Taxotere, Docefrez")

    assert same_product(article, medicine(inn=["docetaxel"], brand_name="Docetaxel Teva")) is None
    assert same_product(article, medicine(inn=["docetaxel"], brand_name="Docefrez"))


def test_a_combination_is_not_the_product_of_one_of_its_substances():
    assert same_product(substance("alphamab"), medicine(inn=["alphamab", "betamab"])) is None


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"brand_name": "Alofisel"}, {"brand_name": "alofisel"}, "brand name Alofisel"),
        ({"synonym": "CX-601"}, {"synonym": "Cx601"}, "alias CX-601"),
        ({"inn": ["darvadstrocel"]}, {"synonym": "Darvadstrocel"}, "alias darvadstrocel"),
        ({"synonym": "CX-601"}, {"synonym": "CX-602"}, None),
        ({"synonym": "AB1"}, {"synonym": "AB-1"}, None),
        ({}, {}, None),
    ],
    ids=["brand", "alias", "alias of a substance", "another", "too short", "nothing known"],
)
def test_names_link_where_numbers_and_substances_are_not_told(
    one: dict[str, Value], other: dict[str, Value], reason: str | None
):
    first, second = medicine("slug:one", **one), medicine("slug:two", **other)

    assert same_product(first, second) == reason


def library(**studies: Value) -> Record:
    facts = tuple(Fact(f"study[{key}]", value) for key, value in studies.items())
    return Record(Subject("topic", "fistulas"), (Fact("topic.name", "Fistulas"), *facts))


def test_a_study_relates_to_a_product_it_calls_by_any_of_its_names():
    shelf = library(
        a={"title": "Cells (Cx601) for fistulas", "alias": "Cx601"},
        b={"title": "A follow-up", "abstract": "Darvadstrocel is a cell therapy."},
        c={"title": "Cells in the cord", "abstract": "Mesenchymal cells were tried."},
        d={"title": "CX-6011 in mice"},
        e={"title": "The alofiselate salt"},
        f="no card",
    )
    names = names_of(substance("darvadstrocel", synonym="CX-601"), medicine(brand_name="Alofisel"))

    assert related_studies(names, shelf) == {
        "study[a]": "names CX-601",
        "study[b]": "names darvadstrocel",
    }


def test_a_name_of_several_words_is_found_as_a_whole():
    names = names_of(substance("insulin aspart"))
    shelf = library(a={"title": "On insulin-aspart pumps"}, b={"title": "Insulin, then aspart"})

    assert "study[a]" in related_studies(names, shelf)
    assert "study[b]" not in related_studies(names, library(b={"title": "Aspart and insulin"}))


def test_a_library_is_no_product():
    assert same_product(library(a={"title": "Darvadstrocel"}), substance("darvadstrocel")) is None


def test_a_study_is_found_by_any_of_its_names_and_by_names_of_several_words():
    def why(**study: Value) -> dict[str, str]:
        product = names_of(medicine(inn=["alpha mab"], brand_name="Exampla", synonym="CX-601"))
        library = Record(Subject("library", "x"), (Fact("study[1]", study),))
        return related_studies(product, library)

    assert why(alias="CX 601 / Cx601") == {"study[1]": "names CX-601"}
    assert why(substance="of Alpha  mab alone") == {"study[1]": "names alpha mab"}
    assert why(title="Exampla in adults") == {"study[1]": "names Exampla"}
    assert why(abstract="of (exampla), given daily") == {"study[1]": "names Exampla"}
    assert why(other="Exampla") == why(title="Examplas") == {}


def test_only_studies_of_a_library_are_looked_into():
    product = names_of(medicine(brand_name="Exampla"))
    facts = (Fact("study[1]", "Exampla"), Fact("page.title", {"title": "Exampla"}))

    assert related_studies(product, Record(Subject("library", "x"), facts)) == {}


def test_names_stand_in_lists_and_parted_by_commas_in_several_facts():
    article = Record(
        Subject("page", "x"),
        (
            Fact("product.synonym", ["CX-601, Cx 602", ""]),
            Fact("product.synonym", "CX-603"),
        ),
    )

    assert set(names_of(article).aliases.values()) == {"CX-601", "Cx 602", "CX-603"}


def test_all_names_that_two_records_share_are_told():
    both = medicine("slug:x", inn=["alphamab", "betamab"])

    assert same_product(both, both) == "INN alphamab, betamab"
