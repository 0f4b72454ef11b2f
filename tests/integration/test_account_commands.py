"""`watcher users` and `watcher tokens`: what they ask, print and keep to themselves."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kit.clocks import StandingClock
from kit.signing_in import HERE, PASSWORD, door, new_store
from kit.station import settings
from watcher.cli.main import app

SOURCE = {"id": "ema", "reader": "ema_medicines", "url": "http://127.0.0.1:9/medicines.json"}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "data").mkdir()
    return settings(tmp_path, [SOURCE], channels={"pv": "folder:messages"})


@pytest.fixture
def run(place):
    def run(*words, typed="", code=0):
        done = CliRunner().invoke(app, [*words, "--config", str(place)], input=typed)
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def anna(run):
    run("users", "add", "anna", "--role", "editor", "--password-stdin", typed=f"{PASSWORD}\n")


def at_the_door(place, do):
    store = new_store(place.parent / "data")
    try:
        return do(door(store, StandingClock()))
    finally:
        store.close()


@pytest.mark.usefixtures("anna")
def test_who_was_added_can_sign_in_and_no_list_shows_their_password(run, place):
    assert at_the_door(place, lambda entry: entry.sign_in("anna", PASSWORD, HERE))
    (told,) = json.loads(run("users", "list", "--json").stdout)

    assert (told["name"], told["role"], told["sessions"]) == ("anna", "editor", 1)
    assert "password" not in told
    assert "argon2" not in run("users", "list").output


def test_a_password_is_asked_for_twice_and_shown_nowhere(run):
    done = run("users", "add", "ben", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert "Repeat for confirmation" in done.output
    assert PASSWORD not in done.output
    assert "ben can sign in as reader" in done.output


@pytest.mark.parametrize("typed", ["short\n", "\n", "", "carlacarlacarla\n"])
def test_a_bad_password_adds_nobody(run, typed):
    run("users", "add", "carla", "--password-stdin", typed=typed, code=1)
    run("tokens", "add", "to have a store")

    assert json.loads(run("users", "list", "--json").stdout) == []


@pytest.mark.usefixtures("anna")
def test_a_user_is_changed_disabled_and_taken_away(run):
    def state():
        return [
            (each["role"], bool(each["disabled_at"]))
            for each in json.loads(run("users", "list", "--json").stdout)
        ]

    assert "editor → admin" in run("users", "role", "anna", "admin").output
    run("users", "password", "anna", "--password-stdin", typed="another few words\n")
    run("users", "disable", "anna", "--why", "on leave")
    assert state() == [("admin", True)]
    run("users", "enable", "anna")
    assert state() == [("admin", False)]
    run("users", "remove", "anna", "--as", "k. weber")

    assert state() == []
    decided = json.loads(run("audit", "--json").stdout)
    assert [each["what"] for each in decided] == [
        "user.added",
        "user.role_changed",
        "user.password_changed",
        "user.disabled",
        "user.enabled",
        "user.removed",
    ]
    assert (decided[3]["why"], decided[5]["who"]) == ("on leave", "k. weber")
    run("users", "role", "anna", "reader", code=1)


def test_a_token_is_printed_once_and_kept_as_a_digest(run, place):
    token = run("tokens", "add", "the dashboard", "--days", "30").stdout.splitlines()[0]
    (told,) = json.loads(run("tokens", "list", "--json").stdout)

    assert (told["title"], told["role"]) == ("the dashboard", "reader")
    assert "secret" not in told
    assert token not in run("tokens", "list").output
    real = told["expires_at"][:10] > told["created_at"][:10]
    assert real
    run("tokens", "revoke", told["id"], "--why", "leaked")
    assert "revoked" in run("tokens", "list").output
    assert at_the_door(place, lambda entry: entry.bearer(token)) is None


def test_a_token_for_machines_is_json(run):
    made = json.loads(run("tokens", "add", "board", "--role", "editor", "--json").stdout)

    assert made["token"].startswith(f"watcher_{made['id']}_")
