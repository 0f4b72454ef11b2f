"""Users and tokens are decisions like others: who, what and when in the log, nothing secret."""

from __future__ import annotations

import pytest

from kit.clocks import StandingClock
from kit.signing_in import HASHED, HERE, PASSWORD, QUICK, add, by, door, new_store, token
from watcher.core.access import Role
from watcher.errors import NotFoundError, OperationalError
from watcher.ports.store import EventFilter
from watcher.services import accounts
from watcher.services.accounts import NewToken, NewUser
from watcher.services.decisions import audit
from watcher.services.sign_in import draw_token


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def store(tmp_path):
    store = new_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def anna(store, clock):
    return add(store, clock)


def user(store, name="anna"):
    with store.reading() as work:
        return work.access.user(name)


def told(store):
    return [(each.what, each.subject, each.before, each.after) for each in audit(store)]


@pytest.mark.usefixtures("anna")
def test_what_becomes_of_a_user_stands_in_the_log(store, clock):
    accounts.set_role(store, "anna", "operator", by(), clock)
    accounts.disable(store, "anna", "left us", by(), clock)
    accounts.enable(store, "anna", "came back", by(), clock)
    accounts.remove(store, "anna", "left for good", by(), clock)

    assert told(store) == [
        ("user.added", "user:anna", "nobody", "editor"),
        ("user.role_changed", "user:anna", "editor", "operator"),
        ("user.disabled", "user:anna", "enabled", "disabled"),
        ("user.enabled", "user:anna", "disabled", "enabled"),
        ("user.removed", "user:anna", "operator", "nobody"),
    ]
    assert {each.who for each in audit(store)} == {"m. weber"}
    assert [each.why for each in audit(store)] == ["", "", "left us", "came back", "left for good"]
    assert user(store) is None


@pytest.mark.usefixtures("anna")
def test_nothing_secret_stands_in_the_log(store, clock):
    accounts.set_password(store, "anna", QUICK.hashed("another few words"), by(), clock)
    sent = token(store, clock)
    with store.reading() as work:
        written = b"".join(each.payload for each in work.log.stored(EventFilter()))

    assert b"argon2" not in written
    assert sent.encode() not in written
    for piece in (sent.rpartition("_")[2], HASHED):
        assert piece.encode() not in written


def test_the_same_request_adds_once(store, clock):
    new = NewUser(name="ben", title="Ben Smit", role="reader", password=HASHED)
    who = by(request="e" * 32)
    first = accounts.add_user(store, new, who, clock)
    again = accounts.add_user(store, new, who, clock)

    assert first.position == again.position
    assert len(told(store)) == 1
    assert str(user(store, "ben")) == "Ben Smit (ben)"


@pytest.mark.parametrize(
    ("name", "role", "password", "said"),
    [
        ("anna", "reader", HASHED, "there is a user 'anna' already"),
        ("Ben", "reader", HASHED, "cannot be a user's name"),
        ("ben", "owner", HASHED, "there is no role 'owner'; there are: reader, editor"),
        ("ben", "reader", PASSWORD, "not the hash of a password"),
        ("ben", "reader", "", "not the hash of a password"),
    ],
)
@pytest.mark.usefixtures("anna")
def test_who_cannot_be_added_is_not_and_it_is_said_why(store, clock, name, role, password, said):
    new = NewUser(name=name, title="", role=role, password=password)
    with pytest.raises(OperationalError, match=said):
        accounts.add_user(store, new, by(), clock)

    assert len(told(store)) == 1
    assert user(store, "ben") is None


@pytest.mark.usefixtures("anna")
def test_what_is_so_already_and_who_is_not_there_are_told(store, clock):
    with pytest.raises(OperationalError, match="editor already"):
        accounts.set_role(store, "anna", "editor", by(), clock)
    with pytest.raises(OperationalError, match="not disabled"):
        accounts.enable(store, "anna", "", by(), clock)
    for change in (accounts.disable, accounts.remove):
        with pytest.raises(NotFoundError, match="no user 'carla'"):
            change(store, "carla", "", by(), clock)
    with pytest.raises(NotFoundError, match="no token '00000000'"):
        accounts.revoke_token(store, "00000000", "", by(), clock)

    assert len(told(store)) == 1


@pytest.mark.usefixtures("anna")
def test_a_new_password_a_stop_and_a_farewell_end_every_session(store, clock):
    entry = door(store, clock)
    for change in (
        lambda: accounts.set_password(store, "anna", HASHED, by(), clock),
        lambda: accounts.disable(store, "anna", "", by(), clock),
        lambda: accounts.remove(store, "anna", "", by(), clock),
    ):
        if user(store).disabled_at:
            accounts.enable(store, "anna", "", by(), clock)
        opened = entry.sign_in("anna", PASSWORD, HERE)
        assert entry.who(opened.secret)
        change()
        assert entry.who(opened.secret) is None
    with store.reading() as work:
        assert work.access.sessions_of("anna") == ()


@pytest.mark.usefixtures("anna")
def test_who_changes_their_own_password_stays_signed_in_where_they_did(store, clock):
    entry = door(store, clock)
    here, there = (entry.sign_in("anna", PASSWORD, HERE) for _ in range(2))
    accounts.set_password(store, "anna", HASHED, by(), clock, keep=here.session.id)

    assert entry.who(here.secret)
    assert entry.who(there.secret) is None
    assert told(store)[-1][3] == "1 session ended"


@pytest.mark.usefixtures("anna")
def test_a_role_holds_from_the_next_page_on(store, clock):
    entry = door(store, clock)
    opened = entry.sign_in("anna", PASSWORD, HERE)
    accounts.set_role(store, "anna", "admin", by(), clock)

    assert entry.who(opened.secret)[0].role is Role.ADMIN


def test_a_token_is_used_until_its_time_is_over_or_it_is_revoked(store, clock):
    entry = door(store, clock)
    for_a_day, for_ever = token(store, clock, days=1), token(store, clock, Role.EDITOR)
    clock.forward(86_399)
    assert (entry.bearer(for_a_day).role, entry.bearer(for_ever).role) == ("reader", "editor")
    clock.forward(1)
    assert entry.bearer(for_a_day) is None
    accounts.revoke_token(store, for_ever.split("_")[1], "leaked", by(), clock)

    assert entry.bearer(for_ever) is None
    assert [each[0] for each in told(store)] == ["token.added", "token.added", "token.revoked"]
    with pytest.raises(OperationalError, match="revoked already"):
        accounts.revoke_token(store, for_ever.split("_")[1], "", by(), clock)


@pytest.mark.parametrize(
    "changed",
    [
        lambda told: told[:-1],
        lambda told: told[:-1] + ("A" if told[-1] != "A" else "B"),
        lambda told: told.replace("watcher_", "Watcher_"),
        lambda told: "watcher_00000000_" + told.rpartition("_")[2],
        lambda _told: "",
        lambda told: told + "\n",
    ],
)
def test_a_token_that_is_not_the_one_is_none(store, clock, changed):
    told = token(store, clock)

    assert door(store, clock).bearer(changed(told)) is None


def test_when_a_token_was_last_used_is_known_to_the_minute(store, clock):
    told = token(store, clock)
    entry = door(store, clock)

    def used():
        with store.reading() as work:
            return work.access.tokens()[0].used_at[11:19]

    entry.bearer(told)
    assert used() == "12:00:00"
    clock.forward(59)
    entry.bearer(told)
    assert used() == "12:00:00"
    clock.forward(1)
    entry.bearer(told)
    assert used() == "12:01:00"


@pytest.mark.parametrize(("title", "days"), [("", 1), ("board", -1), ("board", 5_000)])
def test_a_token_says_what_it_is_for_and_for_how_long(store, clock, title, days):
    token_id, _, kept = draw_token()
    new = NewToken(id=token_id, title=title, role="reader", secret=kept, days=days)
    with pytest.raises(OperationalError, match="what the token is for"):
        accounts.add_token(store, new, by(), clock)
