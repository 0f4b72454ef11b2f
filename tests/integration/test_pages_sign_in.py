"""Signing in to the pages: the form, the cookie, the seal, the ways out, and whose name is kept."""

from __future__ import annotations

import re

import pytest

from kit.entering import entering, seal_of
from kit.signing_in import PASSWORD, by
from watcher.core.access import Role
from watcher.services.accounts import disable
from watcher.services.decisions import audit
from watcher.services.overdue import tell_overdue

EVERYTHING = ("reader", "editor", "operator", "admin")


@pytest.fixture
def here(tmp_path):
    with entering(tmp_path) as here:
        yield here


def decided(here):
    return [(each.what, each.who) for each in audit(here.watcher.store) if each.via == "page"]


def cookie_of(answer, name="watcher"):
    (told,) = [
        each for each in answer.headers.get_list("set-cookie") if each.startswith(f"{name}=")
    ]
    return told


def test_who_asks_for_a_page_finds_a_form_that_leads_to_it(here):
    browser = here.browser()
    page = browser.get(f"/cases/{here.case}?x=1")
    assert (page.status_code, page.headers["www-authenticate"][:6]) == (401, "Bearer")
    assert f'name="to" value="/cases/{here.case}?x=1"' in page.text
    assert "What you asked for is for people we know" in page.text
    assert "Medicine 2" not in page.text
    done = browser.sign_in(to=f"/cases/{here.case}")

    assert done.status_code == 303
    assert done.headers["location"] == f"/cases/{here.case}"
    shown = browser.get(done.headers["location"])
    assert shown.status_code == 200
    assert 'signed in as <a href="/you">anna</a>, editor' in shown.text


def test_the_cookie_is_for_our_pages_and_no_script_and_no_other_site(here):
    told = cookie_of(here.browser().sign_in()).casefold()

    assert "httponly" in told
    assert "samesite=lax" in told
    assert "path=/;" in f"{told};"
    assert "secure" not in told
    assert "domain" not in told
    assert re.match(r"watcher=[a-z0-9_-]{43};", told)


@pytest.mark.parametrize(
    "where",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil", "evil", "", "/a\nb"],
)
def test_nobody_is_led_away_after_signing_in(here, where):
    assert here.browser().sign_in(to=where).headers["location"] == "/"


def test_a_wrong_name_and_a_wrong_password_look_the_same(here):
    browser = here.browser()
    pages = [
        browser.sign_in("anna", "not the words at all"),
        browser.sign_in("nobody", PASSWORD),
        browser.sign_in("anna", ""),
    ]

    assert {each.status_code for each in pages} == {401}
    assert all("The name or the password is not right." in each.text for each in pages)
    assert all('role="alert"' in each.text for each in pages)
    assert 'value="anna"' in pages[0].text
    assert "watcher=" not in str([each.headers.get_list("set-cookie") for each in pages])


def test_one_who_guesses_is_told_to_wait_and_whose_account_it_is_too(here):
    guesser, anna = here.browser(), here.browser(peer="192.0.2.8")
    for _ in range(5):
        assert guesser.sign_in("anna", "not the words at all").status_code == 401
    for browser in (guesser, anna):
        told = browser.sign_in("anna")
        assert (told.status_code, told.headers["retry-after"]) == (429, "1")
        assert "wait a little before you try again; in 1 second." in told.text
    here.clock.forward(1)

    assert anna.sign_in().status_code == 303


def test_one_address_that_guesses_does_not_shut_others_out(here):
    guesser = here.browser(peer="2001:db8:1:2::1")
    for number in range(20):
        guesser.sign_in(f"user{number}")
    neighbour = here.browser(peer="2001:db8:1:2:ffff::1")

    assert neighbour.sign_in().status_code == 429, "of the same household"
    assert here.browser(peer="2001:db8:1:3::1").sign_in().status_code == 303


def test_with_each_sign_in_a_session_begins_anew(here):
    browser = here.browser("anna")
    before = browser.cookies["watcher"]
    browser.sign_in()
    after = browser.cookies["watcher"]

    assert before != after
    old = here.browser(headers={"Cookie": f"watcher={before}"})
    assert old.get("/").status_code == 401


def test_to_sign_out_ends_the_session_not_only_the_cookie(here):
    browser = here.browser("anna")
    secret = browser.cookies["watcher"]
    done = browser.fill("/", "/sign-out")

    assert (done.status_code, done.headers["location"]) == (303, "/sign-in?out=yes")
    assert "max-age=0" in cookie_of(done).casefold()
    assert done.headers["clear-site-data"] == '"cache", "storage"'
    assert browser.get("/").status_code == 401
    assert here.browser(headers={"Cookie": f"watcher={secret}"}).get("/").status_code == 401
    assert "You have signed out." in browser.get("/sign-in?out=yes").text


def test_a_session_that_is_not_used_ends_by_the_clock(here):
    browser = here.browser("anna")
    here.clock.forward(8 * 3600)
    assert browser.get("/").status_code == 200
    here.clock.forward(8 * 3600 + 61)

    page = browser.get("/medicines")
    assert page.status_code == 401
    assert '<form method="post" action="/sign-in"' in page.text


def test_a_form_that_was_filled_in_too_late_does_nothing_and_says_so(here):
    browser = here.browser("anna")
    page = browser.get(f"/cases/{here.case}").text
    here.clock.forward(9 * 3600)
    done = browser.post(f"/cases/{here.case}/acknowledge", data={"seal": seal_of(page)})

    assert done.status_code == 401
    assert decided(here) == []


def test_who_is_disabled_is_out_at_once(here):
    browser = here.browser("anna")
    disable(here.watcher.store, "anna", "", by(), here.clock)

    assert browser.get("/").status_code == 401
    assert browser.sign_in().status_code == 401


def test_decisions_carry_the_name_of_who_is_signed_in_whatever_a_form_says(here):
    browser = here.browser("anna")
    page = f"/cases/{here.case}"
    assert "You are <strong>anna</strong>" in browser.get(page).text
    assert 'name="name"' not in browser.get(page).text
    browser.fill(page, f"{page}/acknowledge", name="somebody else", why="seen")
    operator = here.program(Role.OPERATOR)
    told = operator.post(
        f"/api/v1/acknowledgements/{here.case}/judge",
        json={"verdict": "wrong", "why": "no", "who": "somebody else"},
    )

    assert told.status_code == 200
    assert [each[0] for each in decided(here)] == ["alert.acknowledged", "alert.judged"]
    assert decided(here)[0][1] == "anna"
    assert re.fullmatch(r"token [0-9a-f]{8} \(the dashboard\)", decided(here)[1][1])


@pytest.mark.parametrize("role", EVERYTHING)
def test_a_page_shows_no_button_that_would_be_refused(here, role):
    browser = here.browser(role)
    case = browser.get(f"/cases/{here.case}").text
    rooms = re.findall(r'<li><a href="(/\w*)"', browser.get("/").text)

    assert (">Acknowledge</button>" in case) is (role != "reader")
    assert ("/deliveries" in rooms) is (role in {"operator", "admin"})
    assert ("/settings" in rooms) is (role in {"operator", "admin"})
    assert ("/users" in rooms) is (role == "admin")
    assert rooms[:3] == ["/", "/medicines", "/sources"]
    assert all(browser.get(each).status_code == 200 for each in rooms)


def test_every_form_that_changes_something_is_sealed(here):
    browser = here.browser("admin")
    pages = ["/", f"/cases/{here.case}", "/deliveries", "/audit", "/you", "/users", "/sources/ema"]
    for path in pages:
        for form in re.findall(r'<form method="post".*?</form>', browser.get(path).text, re.DOTALL):
            assert seal_of(form), (path, form[:200])


@pytest.mark.parametrize("seal", ["", "0" * 40, "x", "é" * 40])
def test_a_form_without_its_seal_does_nothing(here, seal):
    browser = here.browser("anna")
    done = browser.post(f"/cases/{here.case}/acknowledge", data={"seal": seal})

    assert done.status_code == 403
    assert "was not made for you" in done.text
    assert decided(here) == []


def test_the_seal_of_somebody_else_is_none(here):
    theirs = seal_of(here.browser("editor").get(f"/cases/{here.case}").text)
    mine = here.browser("anna")
    before = seal_of(mine.get(f"/cases/{here.case}").text)
    done = mine.post(f"/cases/{here.case}/acknowledge", data={"seal": theirs})
    mine.sign_in()
    again = mine.post(f"/cases/{here.case}/acknowledge", data={"seal": before})

    assert (done.status_code, again.status_code) == (403, 403), "nor that of my last session"
    assert decided(here) == []


def test_twice_the_seal_or_a_form_of_another_kind_is_refused(here):
    browser = here.browser("anna")
    seal = seal_of(browser.get(f"/cases/{here.case}").text)
    address = f"/cases/{here.case}/acknowledge"
    twice = browser.post(
        address,
        content=f"seal={seal}&seal={seal}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    plain = browser.post(address, content=f"seal={seal}", headers={"Content-Type": "text/plain"})
    huge = browser.post(address, data={"seal": seal, "why": "x" * 20_000})

    assert [each.status_code for each in (twice, plain, huge)] == [403, 403, 413]
    assert decided(here) == []


def test_a_script_of_ours_seals_in_a_header_and_a_program_needs_no_seal(here):
    browser = here.browser("anna")
    seal = seal_of(browser.get(f"/cases/{here.case}").text)
    address = f"/api/v1/acknowledgements/{here.case}/assign"
    bare = browser.post(address, json={"to": "ben"})
    sealed = browser.post(address, json={"to": "ben"}, headers={"X-Watcher-Seal": seal})
    program = here.program(Role.EDITOR).post(address, json={"to": "anna"})

    assert [each.status_code for each in (bare, sealed, program)] == [403, 200, 200]
    assert bare.headers["content-type"] == "application/problem+json"
    assert [each[0] for each in decided(here)] == ["alert.assigned"] * 2


@pytest.mark.parametrize(
    "header", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_another_page_signs_nobody_in_and_decides_nothing(here, header):
    browser = here.browser("anna")
    seal = seal_of(browser.get(f"/cases/{here.case}").text)
    done = browser.post(f"/cases/{here.case}/acknowledge", data={"seal": seal}, headers=header)
    form = seal_of(browser.get("/sign-in").text)
    told = {"name": "editor", "password": PASSWORD, "seal": form}
    entered = browser.post("/sign-in", data=told, headers=header)

    assert (done.status_code, entered.status_code) == (403, 403)
    assert "anna" in browser.get("/you").text


def test_nobody_is_signed_in_by_a_form_of_another_browser(here):
    theirs = seal_of(here.browser().get("/sign-in").text)
    mine = here.browser()
    told = {"name": "anna", "password": PASSWORD, "seal": theirs}
    without, other = mine.post("/sign-in", data=told), None
    mine.get("/sign-in")
    other = mine.post("/sign-in", data=told)

    assert (without.status_code, other.status_code) == (403, 403)
    assert "open for too long" in other.text
    assert mine.get("/").status_code == 401


def test_one_time_links_work_without_signing_in(here):
    browser = here.browser()
    done = browser.post(here.link(here.case, "acknowledge"), data={"why": "from my telephone"})

    assert done.status_code == 200
    assert decided(here) == [("alert.acknowledged", "Anna Visser")]


def test_supervisors_need_not_sign_in_and_learn_no_names(here):
    browser = here.browser(at="http://10.0.0.9:8080")
    assert browser.get("/healthz").text == "ok\n"
    here.clock.forward(3 * 86_400)
    due = here.watcher.late()
    tell_overdue(here.watcher.store, due, due, here.clock.now())
    late = browser.get("/readyz")

    assert late.status_code == 503
    assert late.text == "looks are overdue; `watcher sources` names them\n"
    assert browser.get("/").status_code == 421


def test_signed_in_pages_are_kept_nowhere_and_carry_our_headers(here):
    browser = here.browser("anna")
    for path in ("/", f"/cases/{here.case}", "/you", "/sign-in", "/none", "/settings"):
        headers = browser.get(path).headers
        assert headers["cache-control"] == "no-store", path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers
    assert browser.get("/api/v1/cases").headers["cache-control"] == "private, no-cache"
