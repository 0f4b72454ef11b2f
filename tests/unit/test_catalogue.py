"""Medicines looked up by what people call them, with the very rule that watch lists match by."""

from __future__ import annotations

import pytest

from kit.catalogues import catalogue
from watcher.core.watch_list import WatchList
from watcher.services.catalogue import look_up, on_lists


def meant(asked):
    return [
        (each.kind, each.text, len(each.medicines)) for each in look_up(catalogue(), asked).meant
    ]


@pytest.mark.parametrize(
    "asked", ["Alofisel", "ALOFISEL ", "alofisél", "EMEA/H/C/004258", "h-c-4258", "alofis"]
)
def test_a_medicine_is_found_by_name_number_and_the_beginning_of_its_name(asked):
    assert meant(asked) == [("product", "EMEA/H/C/004258", 1)]


def test_a_substance_stands_for_every_medicine_with_it():
    assert meant("Imatinib") == [("substance", "Imatinib", 2)]


def test_one_may_say_which_is_meant():
    assert meant("substance:imatinib") == [("substance", "imatinib", 2)]
    assert [text for _, text, _ in meant("product:imatinib")] == [
        "EMEA/H/C/000011",
        "EMEA/H/C/000012",
    ]
    assert meant("substance:alofisel") == []


def test_what_is_not_there_is_answered_with_what_is_spelled_nearly_so():
    answer = look_up(catalogue(), "alofizel")

    assert answer.meant == ()
    assert answer.near[0] == "Alofisel"
    assert look_up(catalogue(), "qqqq").near == ()
    assert look_up(catalogue(), " - ").meant == ()


def test_whatever_is_meant_is_on_a_list_that_has_it():
    medicines = catalogue()
    for asked in ("alofisel", "imatinib", "medicine 2", "substance1"):
        (one,) = look_up(medicines, asked).meant
        listed = WatchList(
            id="mine",
            products=(one.text,) if one.kind == "product" else (),
            substances=(one.text,) if one.kind == "substance" else (),
        )
        assert set(map(str, on_lists(medicines, [listed]))) == set(map(str, one.medicines))


def test_those_that_ended_come_first_with_the_day_they_did():
    lists = [WatchList(id="mine", products=("Alofisel", "Medicine 2"))]

    first, second = on_lists(catalogue(), lists)

    assert (first.name, first.status, first.since) == (
        "Medicine 2",
        "withdrawn",
        "on 13 December 2024",
    )
    assert (second.name, second.has_ended, second.since) == ("Alofisel", False, "on 23 March 2018")
    assert str(second) == "Alofisel (darvadstrocel), EMEA/H/C/004258, authorised"
