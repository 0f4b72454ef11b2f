"""Behind a proxy: paths below a base, encrypted lines, and a proxy that says who somebody is."""

from __future__ import annotations

import logging
import re

import pytest

from kit.entering import entering
from watcher.services.decisions import audit

PROXY, CLIENT = "10.0.0.5", "203.0.113.9"
NAME = "https://w.hospital.eu"
FORWARDED = {
    "X-Forwarded-For": CLIENT,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "w.hospital.eu",
}
SAYS = {
    "header": {
        "user": "X-Remote-User",
        "groups": "X-Remote-Groups",
        "proxies": [PROXY],
        "roles": {"reader": ["staff"], "editor": ["pv"], "admin": ["it"]},
    }
}


def through(here, name="", *, base="", strips="", **more):
    """Return a browser that comes through the proxy, which may take a base off."""
    told = {**FORWARDED, **more}
    return here.browser(name, peer=PROXY, at=NAME, headers=told, base=base, strips=strips)


@pytest.fixture(scope="module")
def below(tmp_path_factory):
    folder = tmp_path_factory.mktemp("below")
    with entering(folder, public_url=f"{NAME}/pv/", proxies=[PROXY]) as here:
        yield here


@pytest.fixture
def told(tmp_path):
    with entering(tmp_path, public_url=f"{NAME}/", proxies=[PROXY], sign_in=SAYS) as here:
        yield here


def test_where_the_line_is_encrypted_so_are_the_cookie_and_all_that_follows(tmp_path):
    with entering(tmp_path, public_url=f"{NAME}/", proxies=[PROXY]) as here:
        done = through(here).sign_in()
        plain = here.browser().sign_in()
    (cookie,) = [
        each for each in done.headers.get_list("set-cookie") if each.startswith("__Host-watcher=")
    ]

    assert "; Secure" in cookie
    assert "; Path=/" in cookie
    assert done.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in plain.headers


@pytest.mark.parametrize("strips", ["/pv", ""])
def test_every_link_form_and_way_leads_below_the_base(below, strips):
    browser, before = through(below, "admin", base="/pv", strips=strips), "/pv"
    for path in ("/", "/medicines", f"/cases/{below.case}", "/audit", "/users", "/sources/ema"):
        page = browser.get(before + path)
        assert page.status_code == 200, path
        ours = re.findall(r' (?:href|src|action|formaction)="(/[^"]*)"', page.text)
        assert len(ours) > 5
        assert [each for each in ours if not each.startswith("/pv/")] == []
    moved = browser.get(f"{before}/cases/{below.case[:12]}")
    assert moved.headers["location"] == f"/pv/cases/{below.case}"
    assert browser.get(f"{before}/static/watcher.css").status_code == 200


def test_signing_in_and_deciding_work_below_the_base(below):
    browser = through(below, base="/pv")
    done = browser.sign_in("editor", to="/medicines")
    assert done.headers["location"] == "/pv/medicines"
    cookie = done.headers["set-cookie"]
    assert cookie.startswith("__Secure-watcher=")
    assert "; Path=/pv/" in cookie
    page = f"/pv/cases/{below.case}"
    told = browser.fill(page, f"{page}/assign", to="ben")

    assert told.headers["location"] == f"{page}#answers"
    assert audit(below.watcher.store)[-1].who == "editor"


def test_programs_are_led_on_below_the_base(below):
    program = below.program()
    program.headers.update(FORWARDED)
    at = through(below, Authorization=program.headers["Authorization"])
    page = at.get("/pv/api/v1/events?limit=1")

    assert page.json()["next"].startswith("/pv/api/v1/events?limit=1&after=")
    assert at.get(page.json()["next"]).status_code == 200
    assert at.get("/api/v1/openapi.json").json()["servers"] == [{"url": "/pv"}]
    (source,) = {
        each["url"] for each in at.get("/api/v1/captures").json()["items"] if each["digest"]
    }
    links = at.get(f"/pv/memento/timemap/link/{source}").text
    assert f"<{NAME}/pv/memento/" in links


def test_one_time_links_lead_below_the_base_and_look_as_they_should(below):
    page = through(below).get(f"/pv{below.link(below.case, 'wrong')}")

    assert page.status_code == 200
    assert 'href="/pv/static/watcher.css"' in page.text


def test_a_name_that_is_not_ours_is_not_answered_whoever_forwards_it(below):
    for host in ("evil.example", "w.hospital.eu.evil.example", "w.hospital.eu:444"):
        told = {**FORWARDED, "X-Forwarded-Host": host}
        browser = below.browser(peer=PROXY, at=NAME, headers=told)
        assert browser.get("/sign-in").status_code == 421, host


def test_failures_are_counted_for_the_client_and_not_the_proxy(tmp_path):
    with entering(tmp_path, public_url=f"{NAME}/", proxies=[PROXY]) as here:
        guesser = through(here)
        for number in range(20):
            guesser.sign_in(f"user{number}")
        assert guesser.sign_in().status_code == 429
        other = through(here, **{"X-Forwarded-For": "203.0.113.10"})
        liar = through(here, **{"X-Forwarded-For": f"198.51.100.1, {CLIENT}"})

        assert other.sign_in().status_code == 303
        assert liar.sign_in().status_code == 429


def test_whom_the_proxy_names_is_in_with_the_role_of_their_groups(told):
    for groups, role in (("staff", "reader"), ("staff, pv", "editor"), ("it", "admin")):
        browser = through(told, **{"X-Remote-User": "K.Ito", "X-Remote-Groups": groups})
        page = browser.get("/")
        assert page.status_code == 200
        assert f'<a href="/you">k.ito</a>, {role}' in page.text
    assert "the word of a proxy" in browser.get("/you").text


@pytest.mark.parametrize("groups", ["", "others", "STAFF"])
def test_whom_no_group_lets_in_is_not(told, groups):
    browser = through(told, **{"X-Remote-User": "k.ito", "X-Remote-Groups": groups})

    assert browser.get("/").status_code == 401


@pytest.mark.parametrize("peer", [CLIENT, "10.0.0.6", "127.0.0.1"])
def test_nobody_but_the_proxy_is_believed(told, peer, caplog):
    caplog.set_level(logging.WARNING)
    headers = {"X-Remote-User": "k.ito", "X-Remote-Groups": "it", **FORWARDED}
    headers["X-Forwarded-For"] = PROXY
    browser = told.browser(peer=peer, at="http://127.0.0.1:8080", headers=headers)

    assert browser.get("/").status_code == 401
    assert browser.get("/api/v1/cases").status_code == 401
    assert f"{peer} said who it is in X-Remote-User, and is no proxy" in caplog.text


@pytest.mark.parametrize("name", ["", " ", "k ito", "<b>", "a" * 65])
def test_a_name_that_can_be_nobodys_is_nobodys(told, name):
    browser = through(told, **{"X-Remote-User": name, "X-Remote-Groups": "it"})

    assert browser.get("/").status_code == 401


def test_two_names_are_none(told):
    browser = through(told, **{"X-Remote-Groups": "it"})
    done = browser.get(
        "/", headers=[("X-Remote-User", "k.ito"), ("X-Remote-User", "root"), *FORWARDED.items()]
    )

    assert done.status_code == 401


def test_what_they_do_is_sealed_and_carries_their_name(told):
    browser = through(told, **{"X-Remote-User": "k.ito", "X-Remote-Groups": "pv"})
    page = f"/cases/{told.case}"
    bare = browser.post(f"{page}/acknowledge", data={"why": "x"})
    done = browser.fill(page, f"{page}/acknowledge", why="seen")

    assert (bare.status_code, done.status_code) == (403, 303)
    assert audit(told.watcher.store)[-1].who == "k.ito"
    assert "Sign out" not in browser.get("/").text, "the proxy signs people out"


def test_who_does_not_come_through_the_proxy_is_told_to(tmp_path):
    ways = {**SAYS, "users": False}
    with entering(tmp_path, public_url=f"{NAME}/", proxies=[PROXY], sign_in=ways) as here:
        page = through(here).get("/")
        refused = here.browser().post("/sign-in", data={"name": "anna", "password": "x"})

    assert page.status_code == 401
    assert "People are known here by the proxy" in page.text
    assert "<form" not in page.text
    assert refused.status_code == 404


def test_where_nobody_signs_in_a_proxy_still_reaches_links_alone(tmp_path):
    with entering(tmp_path, public_url=f"{NAME}/", proxies=[PROXY], sign_in=None) as here:
        browser = through(here)
        assert browser.get("/").status_code == 404
        assert browser.get(here.link(here.case, "wrong")).status_code == 200
