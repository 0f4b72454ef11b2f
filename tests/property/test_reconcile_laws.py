"""Whatever sources tell, nothing of it is lost and its order does not count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.edtf import Edtf
from watcher.core.facts import Fact, Value
from watcher.core.reconcile import Telling, reconcile

GRANTED = "authorisation[JP].granted"
dates = st.sampled_from(["2021", "2021-09", "2021-09-27", "2021-09-28", "2021-10", "2023", None])
codes = st.sampled_from(["L", "L04", "L04A", "L04AX08", "A07"])
holders = st.sampled_from(["Takeda Pharma", "Takeda Pharma A/S", "Takeda GmbH", "TiGenix"])
facts = st.one_of(
    st.builds(Fact, st.just(GRANTED), dates),
    st.builds(Fact, st.just("authorisation[JP].approved_as_of"), dates),
    st.builds(Fact, st.just("product.atc_code"), codes),
    st.builds(Fact, st.just("authorisation[EU].withdrawn.requested_by"), holders),
    st.builds(Fact, st.just("indication.text"), st.text(max_size=3)),
)
tellings = st.lists(st.lists(facts, max_size=5), max_size=4).map(
    lambda told: [Telling(f"source {tier}", tier, each) for tier, each in enumerate(told, 1)]
)


def day_in(value: Value) -> Edtf:
    return Edtf.parse(str(value))


@given(told=tellings)
def test_every_source_that_tells_of_a_question_is_named_in_its_answer(told: list[Telling]):
    answers = {answer.path: answer for answer in reconcile(told)}

    assert answers.keys() == {fact.path for telling in told for fact in telling.facts}
    for telling in told:
        for fact in telling.facts:
            answer = answers[fact.path]
            assert telling.source in {
                *answer.by,
                *(source for other in answer.others for source in other.sources),
            }


@given(told=tellings, order=st.randoms())
def test_the_order_in_which_sources_of_different_standing_come_does_not_count(told, order):
    shuffled = list(told)
    order.shuffle(shuffled)

    assert reconcile(shuffled) == reconcile(told)


@given(told=tellings)
def test_a_source_that_is_copied_by_all_others_is_one_source(told: list[Telling]):
    copies = {telling.source: "source 1" for telling in told}

    assert {answer.agreement for answer in reconcile(told, copies=copies)} <= {
        "one source",
        "conflict",
    }


@given(told=tellings)
def test_no_date_is_made_up_or_made_more_precise_than_it_was_told(told: list[Telling]):
    stated = [fact.value for telling in told for fact in telling.facts if fact.path == GRANTED]

    for answer in reconcile(told):
        if answer.path == GRANTED:
            assert answer.value in stated
            assert not any(
                value is not None
                and answer.value is not None
                and day_in(value).refines(day_in(answer.value))
                for value in stated
            )
