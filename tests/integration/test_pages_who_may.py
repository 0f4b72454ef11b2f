"""Route by route: who may, who may not, and that no route is without an answer to that."""

from __future__ import annotations

import re

import pytest

from kit.entering import entering
from watcher.core.access import LEAST, Act, Role, may

SAMPLES = {
    "key": "0" * 32,
    "case": "0" * 32,
    "action": "acknowledge",
    "change": "disable",
    "number": "1",
    "what": "release",
    "form": "link",
    "stamp": "20241213062107",
    "event": "1",
    "token": "00000000",
}
DOES_NOT_END = "/live"


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with entering(tmp_path_factory.mktemp("who")) as here:
        yield here


@pytest.fixture(scope="module")
def callers(here):
    return {None: here.browser(), **{role: here.program(role) for role in Role}}


def operations(pages):
    """Return every method and path of the application with the act that it says it is."""
    found = []
    for route in pages.routes:
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)]):
            methods = getattr(handler, "http_methods", {"GET"})
            found += [
                (str(getattr(method, "value", method)), route.path, handler.opt.get("act"))
                for method in methods
                if str(getattr(method, "value", method)) != "OPTIONS"
            ]
    return sorted(found, key=str)


def address(path):
    return re.sub(r"\{(\w+):?\w*\}", lambda found: SAMPLES.get(found[1], "x"), path)


def test_every_route_says_what_it_is(here):
    silent = [each for each in operations(here.pages) if not isinstance(each[2], Act)]

    assert silent == []
    assert len(operations(here.pages)) > 50


def test_what_changes_something_is_for_no_reader(here):
    open_to_readers = {
        path
        for method, path, act in operations(here.pages)
        if method == "POST" and may(Role.READER, act)
    }

    assert open_to_readers == {
        "/act/{token:str}",
        "/audit/verify",
        "/sign-in",
        "/sign-out",
        "/you/password",
        "/you/sign-out-elsewhere",
    }


def test_each_route_lets_in_exactly_those_who_may(here, callers):
    wrong = []
    for method, path, act in operations(here.pages):
        for role, client in callers.items():
            if path == DOES_NOT_END and may(role, act):
                continue
            done = client.request(method, address(path))
            refused = done.status_code == 401 or "this is for" in done.text.casefold()
            if refused == may(role, act):
                wrong.append((method, path, role, done.status_code))
            if role is None and not may(role, act) and done.status_code != 401:
                wrong.append((method, path, role, done.status_code))

    assert wrong == []


def test_a_route_that_does_not_say_what_it_is_is_nobodys(here):
    (handler,) = (
        each
        for route in here.pages.routes
        if route.path == "/settings"
        for each in route.route_handlers
        if "GET" in each.http_methods
    )
    said = handler.opt.pop("act")
    try:
        done = here.program(Role.ADMIN).get("/settings")
    finally:
        handler.opt["act"] = said

    assert done.status_code == 403


@pytest.mark.parametrize("path", ["/api/v1/cases", "/metrics", "/live"])
def test_machines_are_told_how_to_say_who_they_are(here, path):
    done = here.browser().get(path)

    assert done.status_code == 401
    assert done.headers["www-authenticate"] == 'Bearer realm="watcher"'
    assert done.headers["content-type"] == "application/problem+json"
    assert done.json()["detail"] == "sign in, or send a token"


@pytest.mark.parametrize("told", ["watcher_00000000_" + "x" * 43, "something-else"])
def test_a_token_that_is_none_is_told_as_such(here, told):
    done = here.browser(headers={"Authorization": f"Bearer {told}"}).get("/api/v1/cases")

    assert done.status_code == 401
    assert 'error="invalid_token"' in done.headers["www-authenticate"]


def test_who_may_not_is_told_what_they_are_and_what_it_takes(callers):
    told = callers[Role.READER].get("/api/v1/deliveries")
    page = callers[Role.EDITOR].get("/settings")

    assert (told.status_code, page.status_code) == (403, 403)
    assert told.json()["detail"] == "this is for operators and up, and you are a reader"
    assert "This is for operators and up, and you are an editor." in page.text


def test_the_table_and_the_documents_agree():
    assert [str(act) for act in Act if LEAST[act] is Role.OPERATOR] == [
        "see_deliveries",
        "resend",
        "decide",
        "see_settings",
    ]


def test_where_nobody_signs_in_there_is_nowhere_to(tmp_path):
    with entering(tmp_path, sign_in=None) as here:
        browser = here.browser(peer="127.0.0.1")
        for path in ("/sign-in", "/you", "/users", "/sign-in/provider"):
            assert browser.get(path).status_code == 404
        assert "signed in as" not in browser.get("/").text
