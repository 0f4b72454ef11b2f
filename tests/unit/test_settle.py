from __future__ import annotations

from watcher.core.settle import DELISTED, NEVER, settle

BEFORE = {"authorisation[EU].status": "authorised", "document[a]": {"title": "A"}}


def test_a_document_is_gone_only_after_it_was_missing_long_enough():
    reading = {"authorisation[EU].status": "authorised"}
    missing: dict[str, int] = {}
    seen = []
    for _ in range(3):
        settled = settle(BEFORE, reading, missing, 3)
        missing = settled.missing
        seen.append("document[a]" in settled.state)

    assert seen == [True, True, False]
    assert missing == {}


def test_a_status_that_is_not_stated_any_more_stays_what_it_was():
    missing: dict[str, int] = {}
    state: dict[str, object] = dict(BEFORE)
    for _ in range(5):
        settled = settle(state, {"document[a]": {"title": "A"}}, missing, 3)
        state, missing = settled.state, settled.missing

    assert state == BEFORE
    assert missing == {}


def test_the_date_of_an_ending_goes_with_the_status_it_was_of():
    before = {
        "authorisation[EU].status": "withdrawn",
        "authorisation[EU].withdrawn": "2024-12-13",
        "authorisation[EU].withdrawn.actor": "European Commission",
        "authorisation[EU].granted": "2018-03-23",
    }

    settled = settle(before, {"authorisation[EU].status": "authorised"}, {}, 3)

    assert settled.state == {
        "authorisation[EU].status": "authorised",
        "authorisation[EU].granted": "2018-03-23",
    }


def test_a_document_that_is_back_starts_to_be_counted_anew():
    once = settle(BEFORE, {"authorisation[EU].status": "authorised"}, {}, 3)
    back = settle(once.state, BEFORE, once.missing, 3)

    assert once.missing == {"document[a]": 1}
    assert back.missing == {}


def test_a_document_that_is_there_under_another_key_is_not_missing():
    reading = {
        "authorisation[EU].status": "authorised",
        "document[b]": {"title": "A", "url": "https://x/b_en.pdf"},
    }

    settled = settle(BEFORE, reading, {}, 3)

    assert settled.state == reading
    assert settled.missing == {}


def test_of_two_documents_that_may_have_become_the_new_one_only_one_did():
    old, new = {"title": "A", "url": "https://x/old.pdf"}, {"title": "A", "url": "https://x/a.pdf"}
    before = {"document[a]": old, "document[b]": old, "document[c]": {"title": "C"}}

    settled = settle(before, {"document[d]": new, "document[e]": {"title": "C"}}, {}, 3)

    assert settled.state == {
        "document[b]": old,
        "document[d]": new,
        "document[e]": {"title": "C"},
    }
    assert settled.missing == {"document[b]": 1}


def test_a_value_that_came_out_empty_is_missing_and_not_changed():
    before = {"authorisation[EU].holder": {"name": "Alexion", "text": "Alexion"}}

    settled = settle(before, {"authorisation[EU].holder": {}}, {}, 3)

    assert settled.state == before
    assert settled.missing == {"authorisation[EU].holder": 1}


def test_what_is_stated_to_be_empty_stays_stated_to_be_empty():
    assert settle({"onset": None}, {"onset": None}, {}, 3).missing == {}


def test_what_is_empty_in_another_way_is_said_and_what_is_not_said_is_missing():
    known = {"product.inn": "", "product.atc_code": None}

    settled = settle(known, {"product.inn": []}, {}, 3)

    assert settled.state == {"product.inn": [], "product.atc_code": None}
    assert settled.missing == {"product.atc_code": 1}


def test_what_is_never_gone_is_carried_without_being_counted():
    settled = settle(BEFORE, {"authorisation[EU].status": "authorised"}, {}, NEVER)

    assert settled.state == BEFORE
    assert settled.missing == {}


def test_a_medicine_that_is_listed_again_is_listed_again_at_once():
    settled = settle({**BEFORE, DELISTED: True}, BEFORE, {}, 3)

    assert DELISTED not in settled.state


def test_what_cannot_be_missing_does_not_keep_the_rest_from_being_counted():
    status = {"authorisation[EU].status": "authorised"}
    before = {
        DELISTED: True,
        **status,
        "document[a]": {"title": "A", "url": "https://x/a_en.pdf"},
        "product.atc_code": "L04",
    }
    reading = {"document[b]": {"title": "A", "url": "https://x/a_en.pdf"}}

    settled = settle(before, reading, {}, 3)

    assert settled.state == {**reading, **status, "product.atc_code": "L04"}
    assert settled.missing == {"product.atc_code": 1}


def test_what_is_waited_for_without_an_end_does_not_keep_the_rest_from_staying():
    before = {"item[1]": {"title": "A"}, "item[2]": {"title": "B"}}

    assert settle(before, {}, {}, NEVER).state == before


def test_a_document_that_stood_there_before_is_not_what_a_missing_one_became():
    same = {"title": "A", "url": "https://x/a_en.pdf"}
    before = {"document[a]": same, "document[b]": same}

    settled = settle(before, {"document[b]": same}, {}, 3)

    assert settled.missing == {"document[a]": 1}
