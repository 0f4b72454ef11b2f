"""At the door: who is let in, for how long, how often one may be wrong, and what is remembered."""

from __future__ import annotations

import threading

import pytest

from kit.clocks import StandingClock
from kit.signing_in import HASHED, HERE, PASSWORD, add, by, door, new_store
from watcher.core.sign_in import FREE, FREE_OF_AN_ADDRESS, LONGEST_WAIT, Limits
from watcher.errors import SignInError
from watcher.services.accounts import disable
from watcher.services.sign_in import REFUSED, Knock, digest
from watcher.store.store import SqlStore

WRONG = "not the words at all"


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def store(tmp_path, clock):
    store = new_store(tmp_path)
    add(store, clock)
    yield store
    store.close()


@pytest.fixture
def entry(store, clock):
    return door(store, clock)


def refused(entry, name="anna", password=WRONG, knock=HERE):
    with pytest.raises(SignInError) as caught:
        entry.sign_in(name, password, knock)
    return caught.value


def sessions(store, name="anna"):
    with store.reading() as work:
        return work.access.sessions_of(name)


def test_who_knows_the_password_is_let_in_and_known_from_then_on(entry, store):
    opened = entry.sign_in(" Anna ", PASSWORD, HERE)
    user, session = entry.who(opened.secret)

    assert user.name == "anna"
    assert user.signed_in_at == "2026-11-22T12:00:00.000000Z"
    assert sessions(store) == (session,)
    assert (session.address, session.agent) == ("192.0.2.7", "a browser")


def test_what_is_kept_of_a_session_opens_nothing(entry, store):
    opened = entry.sign_in("anna", PASSWORD, HERE)
    (kept,) = sessions(store)

    assert opened.secret not in repr(kept)
    assert kept.id == digest(opened.secret)
    assert entry.who(kept.id) is None


@pytest.mark.parametrize("told", ["", "x", "\ud800", "a" * 100_000])
def test_what_is_no_session_is_nobodys(entry, told):
    assert entry.who(told) is None


def test_whether_there_is_such_a_user_is_not_told(entry, store, clock):
    add(store, clock, "ben")
    disable(store, "ben", "", by(), clock)
    said = [
        refused(entry),
        refused(entry, "ben", PASSWORD),
        refused(entry, "carla"),
        refused(entry, "<no name>"),
        refused(entry, ""),
    ]

    assert {(str(each), each.wait) for each in said} == {(REFUSED, 0)}


def test_who_is_not_there_waits_like_who_is(entry):
    def waits(name):
        return [refused(entry, name, knock=Knock(address=name)).wait for _ in range(FREE + 2)]

    assert waits("anna") == waits("carla")
    assert waits("anna")[-1] > 0


def test_one_who_goes_on_guessing_waits_longer_and_longer(entry, clock):
    waits = []
    for _ in range(25):
        while (error := refused(entry)).wait:
            waits.append(error.wait)
            clock.forward(error.wait)

    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-1] == LONGEST_WAIT.total_seconds()
    clock.forward(LONGEST_WAIT.total_seconds())
    assert entry.sign_in("anna", PASSWORD, HERE)


def test_while_one_waits_even_the_right_password_is_not_looked_at(entry, clock):
    for _ in range(FREE):
        refused(entry)
    error = refused(entry, password=PASSWORD)
    assert error.wait == 1
    assert "too often" in str(error)
    clock.forward(1)

    assert entry.sign_in("anna", PASSWORD, HERE)


def test_one_address_may_not_try_many_names(entry):
    for number in range(FREE_OF_AN_ADDRESS):
        assert refused(entry, f"user{number}").wait == 0
    assert refused(entry, "user99").wait == 1
    assert refused(entry, "anna", PASSWORD).wait == 1

    assert entry.sign_in("anna", PASSWORD, Knock(address="192.0.2.8")), "others are let in"


def test_to_be_let_in_forgives_the_account_and_not_the_address(entry):
    for _ in range(FREE - 1):
        refused(entry)
    entry.sign_in("anna", PASSWORD, HERE)
    for _ in range(FREE - 1):
        assert refused(entry).wait == 0
    entry.sign_in("anna", PASSWORD, HERE)
    for number in range(FREE_OF_AN_ADDRESS - 2 * (FREE - 1)):
        assert refused(entry, f"user{number}").wait == 0

    assert refused(entry, "anna", PASSWORD).wait == 1


def test_failures_are_remembered_across_a_restart(tmp_path, entry, store, clock):
    for _ in range(FREE):
        refused(entry)
    store.close()
    anew = SqlStore(tmp_path / "watcher.db", writable=True)
    error = refused(door(anew, clock), password=PASSWORD)
    anew.close()

    assert error.wait == 1


def test_after_a_day_without_a_failure_nothing_is_held_against_anybody(entry, clock):
    for _ in range(FREE):
        refused(entry)
    clock.forward(86_401)
    for _ in range(FREE - 1):
        assert refused(entry).wait == 0

    assert entry.sign_in("anna", PASSWORD, HERE)


def test_many_guesses_at_once_gain_nothing(store, clock):
    entry, waited = door(store, clock), []

    def guess():
        try:
            entry.sign_in("anna", WRONG, HERE)
        except SignInError as error:
            waited.append(error.wait)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(waited) == [0] * FREE + [1] * (16 - FREE)


def test_what_people_type_where_their_name_belongs_is_not_kept(entry, store):
    refused(entry, "my secret password")
    with store.reading() as work:
        rows = work._connection.exec_driver_sql("SELECT * FROM strikes").all()

    assert len(rows) == 2
    assert "secret" not in repr(rows)
    assert "192.0.2.7" not in repr(rows)


def test_a_session_that_is_not_used_ends_and_one_that_is_ends_in_time(store, clock):
    entry = door(store, clock, Limits(idle=600, absolute=1_500))
    opened = entry.sign_in("anna", PASSWORD, HERE)
    for _ in range(2):
        clock.forward(600)
        assert entry.who(opened.secret)
    clock.forward(301)
    assert entry.who(opened.secret) is None, "its time is over, however much it was used"
    idle = entry.sign_in("anna", PASSWORD, HERE)
    clock.forward(601)

    assert entry.who(idle.secret) is None


def test_to_be_kept_up_to_date_is_not_to_be_there(store, clock):
    entry = door(store, clock, Limits(idle=600))
    opened = entry.sign_in("anna", PASSWORD, HERE)
    for _ in range(10):
        clock.forward(60)
        assert entry.who(opened.secret, touch=False)
    clock.forward(1)

    assert entry.who(opened.secret, touch=False) is None


def test_the_session_used_longest_ago_ends_for_a_new_one(store, clock):
    entry = door(store, clock, Limits(most=3))
    opened = []
    for _ in range(3):
        opened.append(entry.sign_in("anna", PASSWORD, HERE))
        clock.forward(60)
    entry.who(opened[0].secret)
    entry.sign_in("anna", PASSWORD, HERE)

    assert [entry.who(each.secret) is not None for each in opened] == [True, False, True]
    assert len(sessions(store)) == 3


def test_what_has_ended_is_cleared_away_when_somebody_signs_in(store, clock):
    entry = door(store, clock, Limits(idle=600))
    add(store, clock, "ben")
    entry.sign_in("ben", PASSWORD, HERE)
    clock.forward(601)
    entry.sign_in("anna", PASSWORD, HERE)

    assert sessions(store, "ben") == ()


def test_to_sign_out_ends_one_session_and_everywhere_ends_the_others(entry, store):
    one, two, three = (entry.sign_in("anna", PASSWORD, HERE) for _ in range(3))
    entry.sign_out(one.secret)
    assert [entry.who(each.secret) is not None for each in (one, two, three)] == [False, True, True]
    assert entry.sign_out_everywhere("anna", but=two.session.id) == 1

    assert sessions(store) == (two.session,)


def test_a_password_that_was_kept_with_less_work_is_kept_anew(store, clock):
    class Dated:
        def fits(self, password, kept):
            return bool(kept) and password == PASSWORD

        def hashed(self, password):
            return f"anew {password}"

        def is_dated(self, kept):
            return kept == HASHED

    entry = door(store, clock)
    object.__setattr__(entry, "passwords", Dated())
    entry.sign_in("anna", PASSWORD, HERE)

    with store.reading() as work:
        assert work.access.user("anna").password == f"anew {PASSWORD}"


def test_who_is_signed_in_proves_their_password_no_oftener_than_who_is_not(entry):
    opened = entry.sign_in("anna", PASSWORD, HERE)
    user, _ = entry.who(opened.secret)
    assert entry.is_password(user, PASSWORD, HERE)
    for _ in range(FREE):
        assert not entry.is_password(user, WRONG, HERE)
    with pytest.raises(SignInError):
        entry.is_password(user, PASSWORD, HERE)
