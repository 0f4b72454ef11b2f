"""What every keeper of users, tokens, sessions and failures promises, and one of passwords."""

from __future__ import annotations

from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from kit.signing_in import PASSWORD, new_store, quick
from watcher.core.access import Role
from watcher.ports.access import Session, Strikes, Token, User
from watcher.store.passwords import Argon2Passwords

T1, T2, T3 = (f"2026-11-23T0{hour}:00:00.000000Z" for hour in (1, 2, 3))
ANNA = User(
    name="anna", title="Anna Visser", role=Role.EDITOR, password="$argon2id$", created_at=T1
)
BEN = User(name="ben", role=Role.ADMIN, kind="oidc", subject="https://idp|7", created_at=T2)
TOKEN = Token(
    id="3f0a9c1d", title="board", role=Role.READER, secret="0" * 64, created_at=T1, created_by="x"
)


def a_session(number, user="anna", created=T1, seen=T1):
    return Session(
        id=f"{number:064x}", user=user, created_at=created, seen_at=seen, address="::1", agent="b"
    )


@pytest.fixture
def store(engine, tmp_path):  # noqa: ARG001  what `place_at` goes by
    store = new_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def access(store):
    with store.writing() as work:
        yield work.access


def test_a_user_is_found_by_name_and_by_who_they_are_elsewhere(access):
    access.put_user(BEN)
    access.put_user(ANNA)

    assert access.users() == (ANNA, BEN)
    assert (access.user("anna"), access.user("carla")) == (ANNA, None)
    assert access.user_of("https://idp|7") == BEN
    assert access.user_of("https://idp|8") is None
    assert access.user_of("") is None, "who has no subject is nobody by it"


def test_what_is_known_of_a_user_is_replaced(access):
    access.put_user(ANNA)
    changed = replace(ANNA, role=Role.ADMIN, disabled_at=T2, signed_in_at=T3)
    access.put_user(changed)

    assert access.users() == (changed,)


def test_with_a_user_their_sessions_go_and_nobody_elses(access):
    access.put_user(ANNA)
    for each in (a_session(1), a_session(2), a_session(3, user="ben")):
        access.put_session(each)
    access.remove_user("anna")

    assert access.user("anna") is None
    assert access.sessions_of("anna") == ()
    assert access.sessions_of("ben") == (a_session(3, user="ben"),)


def test_tokens_stand_in_the_order_they_were_made_in(access):
    later = replace(TOKEN, id="00000000", created_at=T2)
    access.put_token(later)
    access.put_token(TOKEN)
    revoked = replace(TOKEN, revoked_at=T3, used_at=T2)
    access.put_token(revoked)

    assert access.tokens() == (revoked, later)
    assert (access.token("3f0a9c1d"), access.token("ffffffff")) == (revoked, None)


def test_sessions_are_listed_the_one_used_longest_ago_first(access):
    one, two, three = a_session(1, seen=T2), a_session(2, seen=T1), a_session(3, seen=T3)
    for each in (one, two, three):
        access.put_session(each)

    assert access.sessions_of("anna") == (two, one, three)


def test_sessions_end_one_by_one_all_but_one_and_by_their_age(access):
    for each in (a_session(1), a_session(2), a_session(3), a_session(4, user="ben")):
        access.put_session(each)
    access.end_session(a_session(1).id)
    access.end_session(a_session(1).id)
    assert access.session(a_session(1).id) is None
    assert access.end_sessions("anna", but=a_session(2).id) == 1
    assert access.sessions_of("anna") == (a_session(2),)
    access.put_session(a_session(5, created=T1, seen=T3))
    access.put_session(a_session(6, created=T3, seen=T3))
    access.end_sessions_before(T2, T2)

    assert access.sessions_of("anna") == (a_session(6, created=T3, seen=T3),)
    assert access.sessions_of("ben") == ()


def test_failures_are_kept_by_key_and_forgotten_with_time(access):
    assert access.strikes("a") == Strikes(key="a")
    access.put_strikes(Strikes(key="a", failures=1, last=T1))
    access.put_strikes(Strikes(key="a", failures=2, until=T3, last=T2))
    access.put_strikes(Strikes(key="b", failures=1, last=T1))
    access.forget_strikes(T2)

    assert access.strikes("a") == Strikes(key="a", failures=2, until=T3, last=T2)
    assert access.strikes("b") == Strikes(key="b")


def test_what_failed_in_the_middle_leaves_no_trace(store):
    def fail():
        with store.writing() as work:
            work.access.put_user(ANNA)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with store.reading() as work:
        assert work.access.users() == ()


def test_a_password_fits_itself_and_nothing_else():
    passwords = quick()
    kept = passwords.hashed(PASSWORD)

    assert PASSWORD not in kept
    assert kept != passwords.hashed(PASSWORD), "two of the same do not look alike"
    assert passwords.fits(PASSWORD, kept)
    assert not passwords.fits(PASSWORD + " ", kept)
    assert not passwords.fits("", kept)


@pytest.mark.parametrize("kept", ["", "rubbish", "$argon2id$v=19$m=8,t=1,p=1$rubbish"])
def test_where_nothing_good_is_kept_nothing_fits(kept):
    assert not quick().fits("nobody's", kept)


def test_who_is_not_there_costs_as_much_work_as_who_is():
    class Counting(PasswordHasher):
        checked = 0

        def verify(self, kept, password):
            Counting.checked += 1
            return super().verify(kept, password)

    passwords = Argon2Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    kept = passwords.hashed(PASSWORD)
    for against in (kept, ""):
        passwords.fits("wrong words altogether", against)

    assert Counting.checked == 2


def test_what_was_kept_with_less_work_is_dated():
    assert Argon2Passwords().is_dated(quick().hashed(PASSWORD))
    assert not quick().is_dated(quick().hashed(PASSWORD))
