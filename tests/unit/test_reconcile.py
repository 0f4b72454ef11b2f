"""What several sources say of one subject, laid side by side."""

from __future__ import annotations

import pytest

from watcher.core.facts import Fact, Value
from watcher.core.reconcile import Answer, Other, Telling, reconcile

GRANTED = "authorisation[EU].granted"
ENDED = "authorisation[EU].withdrawn"


def told(source: str, tier: int, *facts: tuple[str, Value]) -> Telling:
    return Telling(source, tier, tuple(Fact(path, value) for path, value in facts))


def answers(*tellings: Telling, **copies: str) -> dict[str, Answer]:
    return {answer.path: answer for answer in reconcile(tellings, copies=copies)}


def one(path: str, *values: tuple[str, int, Value]) -> Answer:
    """The answer to one question that each source answers so."""
    [answer] = reconcile(told(source, tier, (path, value)) for source, tier, value in values)
    return answer


def test_the_finer_of_two_dates_is_shown_and_the_coarser_corroborates_it():
    answer = one(GRANTED, ("wiki", 4, "2018-03"), ("medpath", 3, "2018-03-23"))

    assert (answer.value, answer.agreement) == ("2018-03-23", "corroborated")
    assert (answer.by, answer.others) == (("medpath", "wiki"), ())


def test_a_coarse_date_of_an_authority_is_refined_by_an_aggregator():
    answer = one(GRANTED, ("ema", 1, "2018-03"), ("medpath", 3, "2018-03-23"))

    assert (answer.value, answer.agreement) == ("2018-03-23", "corroborated")


def test_equally_precise_dates_that_differ_are_a_conflict_and_both_are_kept():
    answer = one(ENDED, ("medpath", 3, "2024-12-16"), ("ema", 1, "2024-12-13"))

    assert (answer.value, answer.agreement) == ("2024-12-13", "conflict")
    assert answer.others == (Other("2024-12-16", ("medpath",)),)
    assert not answer.is_internal


def test_a_finer_date_that_cannot_be_the_same_day_refines_nothing():
    answer = one(ENDED, ("ema", 1, "2024-12"), ("wiki", 4, "2025-01-02"))

    assert (answer.value, answer.agreement) == ("2024-12", "conflict")


def test_two_refinements_of_one_month_conflict_with_each_other_alone():
    answer = one(
        ENDED, ("ema", 1, "2024-12"), ("medpath", 3, "2024-12-13"), ("wiki", 4, "2024-12-14")
    )

    assert (answer.value, answer.by) == ("2024-12-13", ("medpath", "ema"))
    assert answer.others == (Other("2024-12-14", ("wiki",)),)


def test_an_ending_told_without_its_date_is_corroboration_and_no_contradiction():
    answer = one(ENDED, ("ema", 1, None), ("medpath", 3, "2024-12-13"))

    assert (answer.value, answer.agreement) == ("2024-12-13", "corroborated")


def test_a_code_is_refined_by_one_that_begins_with_it():
    answer = one("product.atc_code", ("medpath", 3, "L04"), ("wiki", 4, "L04AX08"))

    assert (answer.value, answer.agreement, answer.by) == (
        "L04AX08",
        "refined",
        ("wiki", "medpath"),
    )


def test_another_code_is_a_conflict():
    assert one("product.atc_code", ("a", 3, "L04"), ("b", 4, "A07EC")).agreement == "conflict"


def test_one_organisation_is_spelled_in_two_ways():
    answer = one(
        f"{ENDED}.requested_by", ("wiki", 4, "Takeda Pharma"), ("medpath", 3, "Takeda Pharma A/S")
    )

    assert (answer.value, answer.agreement) == ("Takeda Pharma A/S", "corroborated")


def test_two_legal_forms_are_two_organisations():
    path = f"{ENDED}.requested_by"

    assert one(path, ("a", 3, "Eisai Ltd"), ("b", 4, "Eisai GmbH")).agreement == "conflict"


def test_sources_that_tell_the_same_other_thing_stand_together():
    answer = one(ENDED, ("ema", 1, "2024-12-13"), ("a", 3, "2024-11-01"), ("b", 4, "2024-11-01"))

    assert answer.others == (Other("2024-11-01", ("a", "b")),)


def test_who_acted_can_be_in_dispute_where_the_date_is_not():
    found = answers(
        told("wiki", 4, (ENDED, "2024-12"), (f"{ENDED}.actor", "European Medicines Agency")),
        told("medpath", 3, (ENDED, "2024-12-13"), (f"{ENDED}.actor", "European Commission")),
    )

    assert found[ENDED].agreement == "corroborated"
    assert found[f"{ENDED}.actor"].agreement == "conflict"


def test_the_commission_is_the_legal_actor_whoever_names_it():
    answer = one(
        f"{ENDED}.actor",
        ("holder", 2, "European Medicines Agency"),
        ("w", 4, "European Commission"),
    )

    assert (answer.value, answer.agreement) == ("European Commission", "conflict")
    assert answer.others == (Other("European Medicines Agency", ("holder",)),)


@pytest.mark.parametrize(
    ("path", "one_value", "other_value"),
    [
        ("product.brand_name", "Alofisel", "ALOFISEL"),
        ("product.synonym", "CX-601", "Cx601"),
        ("product.inn", ["darvadstrocel"], ["Darvadstrocel"]),
        ("product.inn", ["alpha", "beta"], ["Beta", "Alpha"]),
        ("flag[orphan]", True, True),
        (
            "authorisation[EU].holder",
            {"name": "Takeda Pharma A/S", "text": "Takeda Pharma A/S, Delta Park 45"},
            {"name": "Takeda Pharma", "text": "Takeda Pharma"},
        ),
        (
            "document[EMA/1/2025]",
            {"title": "Overview", "url": "https://a.example/o.pdf"},
            {"title": "overview", "type": "overview", "url": None},
        ),
    ],
)
def test_spelling_makes_no_conflict(path: str, one_value: Value, other_value: Value):
    assert one(path, ("a", 1, one_value), ("b", 3, other_value)).agreement == "corroborated"


@pytest.mark.parametrize(
    ("path", "one_value", "other_value"),
    [
        ("authorisation[EU].status", "authorised", "withdrawn"),
        ("product.inn", ["alpha"], ["alpha", "beta"]),
        ("flag[orphan]", True, False),
        ("flag[orphan]", True, 1),
        ("study[A].combined_remission_1y", {"placebo": "56.3"}, {"placebo": "563"}),
        ("study[A].n_randomised", 212, 568),
        ("product.brand_name", "B12", "B12AA"),
    ],
)
def test_what_cannot_both_be_so_is_a_conflict(path: str, one_value: Value, other_value: Value):
    assert one(path, ("a", 1, one_value), ("b", 3, other_value)).agreement == "conflict"


def test_two_wordings_of_one_indication_do_not_contradict_each_other():
    answer = one("indication.text_short", ("a", 3, "fistulas"), ("b", 4, "adults with fistulas"))

    assert (answer.value, answer.agreement) == ("fistulas", "one source")
    assert answer.others == (Other("adults with fistulas", ("b",)),)


def test_who_may_be_given_a_medicine_is_no_answer_on_its_authorisation():
    found = answers(
        told("wiki", 4, ("supply_status[EU]", "Rx-only")),
        told("medpath", 3, ("authorisation[EU].status", "withdrawn")),
    )

    assert found["authorisation[EU].status"].value == "withdrawn"
    assert found["authorisation[EU].status"].by == ("medpath",)
    assert found["supply_status[EU]"].by == ("wiki",)


def test_a_source_that_says_a_thing_twice_is_one_source():
    found = answers(told("wiki", 4, (ENDED, "2024-12"), (ENDED, "2024-12")))

    assert (found[ENDED].agreement, found[ENDED].by) == ("one source", ("wiki",))


def test_a_source_that_contradicts_itself_is_kept_with_both():
    found = answers(told("wiki", 4, (ENDED, "2024-12"), (ENDED, "2023")))

    assert found[ENDED].value == "2024-12"
    assert found[ENDED].others == (Other("2023", ("wiki",)),)
    assert found[ENDED].is_internal


def test_copies_of_one_origin_count_once():
    tellings = (told("ema", 1, (ENDED, "2024-12-13")), told("medpath", 3, (ENDED, "2024-12-13")))

    assert answers(*tellings)[ENDED].agreement == "corroborated"
    copied = answers(*tellings, medpath="ema")[ENDED]
    assert (copied.agreement, copied.by) == ("one source", ("ema", "medpath"))


def test_a_copy_that_went_wrong_is_a_conflict_all_the_same():
    tellings = (told("ema", 1, (ENDED, "2024-12-13")), told("medpath", 3, (ENDED, "2024-12-31")))

    assert answers(*tellings, medpath="ema")[ENDED].agreement == "conflict"


JAPAN, JAPAN_AS_OF = "authorisation[JP].granted", "authorisation[JP].approved_as_of"


def test_a_year_said_in_passing_contests_its_own_sources_date_and_never_replaces_it():
    found = answers(told("wiki", 4, (JAPAN, "2021-09"), (JAPAN_AS_OF, "2023")))

    assert (found[JAPAN].value, found[JAPAN].agreement) == ("2021-09", "conflict")
    assert found[JAPAN].others == (Other("2023", ("wiki",)),)
    assert found[JAPAN].is_internal
    assert (found[JAPAN_AS_OF].value, found[JAPAN_AS_OF].agreement) == ("2023", "one source")


@pytest.mark.parametrize(
    ("as_of", "agreement"),
    [("2023", "one source"), ("2021", "one source"), ("2020", "conflict")],
    ids=["still approved then", "the same year", "before it was granted"],
)
def test_anothers_year_contests_only_a_grant_dated_later(as_of: str, agreement: str):
    found = answers(told("pmda", 1, (JAPAN, "2021-09-27")), told("w", 4, (JAPAN_AS_OF, as_of)))

    assert (found[JAPAN].value, found[JAPAN].agreement) == ("2021-09-27", agreement)


def test_an_approval_as_of_a_year_ends_nothing_and_grants_nothing():
    found = answers(
        told("wiki", 4, ("authorisation[EU].approved_as_of", "2025")),
        told("ema", 1, (ENDED, "2024-12-13"), ("authorisation[EU].status", "withdrawn")),
    )

    assert GRANTED not in found
    assert found["authorisation[EU].status"].agreement == "one source"
    assert (found[ENDED].value, found[ENDED].agreement) == ("2024-12-13", "one source")


def test_a_state_is_as_good_a_telling_as_facts():
    [answer] = reconcile([Telling("ema", 1, {ENDED: "2024-12-13"})])

    assert answer.value == "2024-12-13"


def test_what_a_page_says_of_itself_is_no_question_to_others():
    assert not reconcile([told("a", 1, ("page.title", "A")), told("b", 3, ("page.title", "B"))])


NAMED = (
    ("study[SAMPLE].n_randomised", 212),
    ("study[SAMPLE].n_arm", {"testol": 107, "placebo": 105}),
    ("study[SAMPLE].combined_remission_1y", {"testol": "56.3", "placebo": "38.6"}),
)
UNNAMED = (
    ("study[main].n", 212),
    ("study[main].timepoint_weeks", 24),
    ("study[main].combined_remission", {"Testol": "53/107 (50%)", "placebo": "36/105 (34%)"}),
)


def test_a_main_study_is_the_trial_with_the_same_patients_and_two_times_are_two_questions():
    found = answers(told("wiki", 4, *NAMED), told("ema", 1, *UNNAMED))

    assert found["study[SAMPLE].n_randomised"].agreement == "corroborated"
    assert found["study[SAMPLE].combined_remission_1y"].by == ("wiki",)
    assert found["study[SAMPLE].combined_remission_24w"].by == ("ema",)
    assert all(answer.agreement != "conflict" for answer in found.values())


@pytest.mark.parametrize(
    "other",
    [
        (("study[OTHER].n_randomised", 212), ("study[OTHER].n_arm", {"a": 106, "b": 106})),
        (("study[OTHER].n_randomised", 568), ("study[OTHER].n_arm", {"a": 107, "b": 105})),
        (("study[OTHER].n_randomised", 212),),
    ],
    ids=["other groups", "other number", "groups not told"],
)
def test_a_trial_with_other_patients_is_another_trial(other: tuple[tuple[str, Value], ...]):
    found = answers(told("wiki", 4, *other), told("ema", 1, *UNNAMED))

    assert found["study[main].n"].by == ("ema",)


def test_of_two_trials_alike_neither_is_taken_for_the_main_study():
    twin = tuple((path.replace("SAMPLE", "TWIN"), value) for path, value in NAMED)

    assert "study[main].n" in answers(told("wiki", 4, *NAMED, *twin), told("ema", 1, *UNNAMED))
