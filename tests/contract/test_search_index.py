"""The index of the words medicines are found by: kept with every append, and made anew the same."""

from __future__ import annotations

import pytest

from factories import NOON, a_provenance
from watcher.core.diff import baseline, diff
from watcher.core.events import Cause
from watcher.core.facts import Subject
from watcher.ports.store import Append
from watcher.store.store import SqlStore

ONE, TWO = Subject("medicine", "EMEA/H/C/000001"), Subject("medicine", "EMEA/H/C/000002")
ARTICLE = Subject("substance", "examplestrocel")


@pytest.fixture
def store(place):
    store = SqlStore(place, writable=True)
    yield store
    store.close()


def say(store, subject, source="ema", **facts):
    """Let a source say this of a subject, as a look would: names of facts with `__` for a dot."""
    after = {name.replace("__", "."): value for name, value in facts.items()}
    with store.writing() as work:
        stream = work.streams.get(f"{source}/{subject}")
        first = (baseline(subject, after),)
        told = diff(subject, stream.state, after) if stream.version else first
        append = Append(
            stream=stream.name,
            subject=subject,
            expected_version=stream.version,
            events=tuple(told),
            evidence=(),
            state=after,
        )
        capture = f"{stream.name} {stream.version}"
        provenance = a_provenance(source=source, capture=capture)
        work.log.append(append, provenance, Cause.OBSERVED, NOON)


def found(store, token):
    with store.reading() as work:
        return sorted({(each.subject, each.kind) for each in work.search.matching(token)})


def test_a_medicine_is_found_by_the_beginning_and_by_any_part_of_its_name(store):
    say(store, ONE, product__brand_name="Alofisel")

    for token in ("alofisel", "alof", "fisel", "lofis"):
        assert found(store, token) == [(str(ONE), "name")]
    assert found(store, "al") == [(str(ONE), "name")]
    assert found(store, "is") == [], "two letters are looked for at the beginning only"
    assert found(store, "alofiselx") == []


def test_what_it_was_called_before_finds_it_no_longer(store):
    say(store, ONE, product__brand_name="Alofisel")
    say(store, ONE, product__brand_name="Exemplar")

    assert found(store, "alofisel") == []
    assert found(store, "xempl") == [(str(ONE), "name")]
    with store.reading() as work:
        assert work.search.names([str(ONE)]) == {str(ONE): "exemplar"}


def test_two_sources_have_their_own_words_and_one_that_goes_leaves_the_others(store):
    say(store, ONE, product__brand_name="Alofisel")
    say(store, ONE, source="medpath", product__brand_name="Alofisel (EU)")
    with store.writing() as work:
        work.search.drop(str(ONE), "ema")

        assert {each.word for each in work.search.matching("alofisel")} == {"alofiseleu"}
        assert work.search.names([str(ONE)]) == {str(ONE): "alofiseleu"}


def test_what_happened_is_found_by_the_words_of_its_type(store):
    say(store, ONE, product__brand_name="Alofisel")
    say(store, ONE, product__brand_name="Exemplar")

    assert (str(ONE), "event") in found(store, "renamed")
    assert found(store, "shortage") == []


def test_documents_are_found_by_the_words_of_their_titles(store):
    document = {"document[1]": {"title": "Alofisel : EPAR - Risk-management plan"}}
    say(store, ONE, product__brand_name="Alofisel", **document)

    assert found(store, "riskmanagement") == [(str(ONE), "document")]
    assert found(store, "management") == []


def test_an_article_on_a_substance_answers_for_the_medicine_it_names(store):
    say(store, ONE, product__brand_name="Exemplar")
    say(store, TWO, product__brand_name="Another")
    say(store, ARTICLE, source="wikipedia", product__brand_name="Exemplar")
    with store.reading() as work:
        assert work.search.articles([str(ONE), str(TWO)]) == {str(ONE): (str(ARTICLE),)}
        assert work.search.named_by([str(ARTICLE)]) == {str(ARTICLE): (str(ONE),)}
        assert work.search.listed(skip=0, most=9) == (str(TWO), str(ONE))
        assert (work.search.count(), work.search.medicines()) == (2, 2)


def test_an_article_that_names_no_medicine_stands_for_itself(store):
    say(store, ARTICLE, source="wikipedia", page__title="Examplestrocel")
    with store.reading() as work:
        assert work.search.listed(skip=0, most=9) == (str(ARTICLE),)
        assert (work.search.count(), work.search.medicines()) == (1, 0)


def test_a_name_spelled_nearly_so_is_offered(store):
    say(store, ONE, product__brand_name="Alofisel")
    say(store, TWO, product__brand_name="Ryzneuta")
    with store.reading() as work:
        assert {each.subject for each in work.search.like("alofisol", 10)} == {str(ONE)}
        assert work.search.like("qqqqqqqq", 10) == ()


def test_sources_cases_and_hosts_are_no_medicines(store):
    say(store, Subject("source", "ema"), source="watcher", page__title="Alofisel")

    assert found(store, "alofisel") == []


def test_it_is_made_anew_the_same_from_the_log(store):
    say(store, ONE, product__brand_name="Alofisel", product__inn=["darvadstrocel"])
    say(store, ONE, product__brand_name="Exemplar", product__inn=["darvadstrocel"])
    say(store, TWO, source="medpath", product__brand_name="Ryzneuta")
    with store.writing() as work:
        before = work.search.every_word(), work.search.listed(skip=0, most=9)
        for anew in (work.streams.rebuild, lambda: work.streams.refold([f"ema/{ONE}"])):
            anew()

            assert (work.search.every_word(), work.search.listed(skip=0, most=9)) == before


@pytest.mark.parametrize("token", ["%", "_", "'", "\U0010ffff", "\x00", "a" * 5_000])
def test_no_token_is_anything_but_letters_to_look_for(store, token):
    say(store, ONE, product__brand_name="Alofisel")

    assert found(store, token) == []
