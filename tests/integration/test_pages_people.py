"""The pages about people: one's own sessions and password, and an admin's users and tokens."""

from __future__ import annotations

import re

import pytest

from kit.entering import HERE, entering
from kit.signing_in import PASSWORD
from watcher.services.decisions import audit


@pytest.fixture
def here(tmp_path):
    with entering(tmp_path) as here:
        yield here


def decided(here):
    return [(each.what, each.who) for each in audit(here.watcher.store) if each.via == "page"]


def test_you_see_where_you_are_signed_in_and_can_be_nowhere_else(here):
    one, two = here.browser("anna"), here.browser("anna", peer="192.0.2.9")
    page = one.get("/you").text
    assert page.count("<code>192.0.2.") == 2
    assert page.count("this browser") == 1
    one.fill("/you", "/you/sign-out-elsewhere")

    assert (one.get("/you").status_code, two.get("/you").status_code) == (200, 401)


def test_you_change_your_password_by_the_old_one(here):
    one, two = here.browser("anna"), here.browser("anna")
    new = "some quite other words"

    def change(old, first, again):
        return one.fill("/you", "/you/password", old=old, new=first, again=again)

    for told, said in (
        (("wrong words here", new, new), "That is not your password as it is now."),
        ((PASSWORD, new, f"{new}!"), "not the same both times."),
        ((PASSWORD, "short", "short"), "12 characters at least"),
    ):
        page = change(*told)
        assert (page.status_code, said in page.text) == (422, True)
    assert change(PASSWORD, new, new).status_code == 303

    assert (one.get("/").status_code, two.get("/").status_code) == (200, 401)
    assert here.browser().sign_in("anna", new).status_code == 303
    assert ("user.password_changed", "anna") in decided(here)


def test_an_admin_adds_changes_and_stops_users(here):
    admin = here.browser("admin")
    told = {"name": "carla", "title": "Carla Rossi", "role": "operator"}
    admin.fill("/users", "/users", **told, password=PASSWORD, again=PASSWORD)
    carla = here.browser("carla")
    assert "Carla Rossi (carla)" in carla.get("/you").text
    admin.fill("/users", "/users/carla/role", role="reader")
    assert carla.get("/deliveries").status_code == 403
    admin.fill("/users", "/users/carla/disable", why="on leave")
    assert carla.get("/").status_code == 401
    admin.fill("/users", "/users/carla/enable")
    admin.fill("/users", "/users/carla/remove", why="left")

    assert here.browser().sign_in("carla").status_code == 401
    assert decided(here) == [
        (f"user.{what}", "admin")
        for what in ("added", "role_changed", "disabled", "enabled", "removed")
    ]


def test_an_admin_is_told_what_is_wrong_and_cannot_lock_themselves_out(here):
    admin = here.browser("admin")
    bad = {"name": "Carla", "password": PASSWORD, "again": PASSWORD}
    for path, fields, said in (
        ("/users", bad, "cannot be a user&#39;s name"),
        ("/users", {**bad, "name": "carla", "again": "x"}, "not the same both times"),
        ("/users", {**bad, "name": "anna"}, "there is a user"),
        ("/users/admin/remove", {}, "that is you"),
        ("/users/admin/role", {"role": "reader"}, "that is you"),
        ("/users/nobody/remove", {}, "there is no user"),
        ("/users/tokens", {"title": " ", "days": "1"}, "what the token is for"),
    ):
        page = admin.fill("/users", path, **fields)
        assert page.status_code == 422, page.text
        assert said in page.text.replace("There", "there").replace("That", "that").replace(
            "The ", "the "
        )
    assert decided(here) == []


def test_a_token_is_shown_once_and_can_be_revoked(here):
    admin = here.browser("admin")
    page = admin.fill("/users", "/users/tokens", title="board", role="reader", days="30").text
    token = re.search(r"watcher_([0-9a-f]{8})_[A-Za-z0-9_-]{43}", page)
    program = here.browser(headers={"Authorization": f"Bearer {token[0]}"})

    assert program.get("/api/v1/cases").status_code == 200
    assert token[0] not in admin.get("/users").text
    admin.fill("/users", f"/users/tokens/{token[1]}/revoke")
    assert program.get("/api/v1/cases").status_code == 401


def test_what_people_are_called_is_text_and_never_markup(here):
    admin = here.browser("admin")
    told = {"name": "carla", "title": "<script>x</script>", "role": "admin"}
    admin.fill("/users", "/users", **told, password=PASSWORD, again=PASSWORD)
    carla = here.browser("carla", headers={"User-Agent": "<img src=x>"})

    for page in (carla.get("/you").text, carla.get("/users").text, carla.get("/").text):
        assert "<script>x" not in page
        assert "<img src=x>" not in page


def test_the_address_of_a_page_that_leads_here_is_not_told_with_what_was_asked(here):
    page = here.browser().get('/medicines?q="><script>')

    assert "<script>" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"


def test_the_first_user_is_asked_for_where_there_is_none(tmp_path):
    with entering(tmp_path) as here:
        with here.watcher.store.writing() as work:
            for each in work.access.users():
                work.access.remove_user(each.name)
        page = here.browser().get("/")

    assert page.status_code == 401
    assert "watcher users add NAME --role admin" in page.text


def test_our_own_address_is_ours(here):
    assert here.browser(at=HERE).get("/sign-in").status_code == 200
    for host in ("evil.example:8080", "127.0.0.1:8080.evil.example"):
        assert here.browser(headers={"Host": host}).get("/sign-in").status_code == 421


def test_you_read_what_you_may_and_how_long_in_words(here):
    page = here.browser("editor").get("/you").text

    assert "answer cases" in page
    assert "manage users" not in page
    assert "A session ends after 8 h without a page, and after 7 d in any case." in page
