"""By the word of an OpenID Connect provider: who is let in, as what, and what is not believed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kit.clocks import StandingClock
from kit.entering import HERE, entering
from kit.provider import CLIENT, SECRET, provider
from kit.signing_in import by
from watcher.services.accounts import disable

ROLES = {"editor": ["pv"], "admin": ["it"]}


def ways(issuer, **changed):
    told = {
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": "${OIDC_SECRET}",
        "title": "the hospital",
        "roles": ROLES,
    }
    return {"oidc": {**told, **changed}}


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def idp(clock):
    with provider(clock) as idp:
        yield idp


@pytest.fixture
def here(tmp_path, clock, idp):
    with entered(tmp_path, clock, ways(idp.issuer)) as here:
        yield here


def entered(folder, clock, sign_in):
    return entering(
        folder,
        clock=clock,
        environment={"OIDC_SECRET": SECRET},
        public_url=f"{HERE}/",
        sign_in=sign_in,
    )


def comes_back(browser, idp, to="/"):
    """Go to the provider, agree there, and return what we say on the way back."""
    sent = browser.get("/sign-in/provider", params={"to": to})
    assert sent.status_code == 303, sent.text
    return browser.get(idp.agrees(sent.headers["location"]))


def users(here):
    with here.watcher.store.reading() as work:
        return {each.name: each for each in work.access.users() if each.kind == "oidc"}


def test_whom_the_provider_knows_is_led_to_what_they_asked_for(here, idp):
    browser = here.browser()
    page = browser.get(f"/cases/{here.case}").text
    assert f'href="/sign-in/provider?to=/cases/{here.case}">Sign in with the hospital' in page
    done = comes_back(browser, idp, f"/cases/{here.case}")

    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{here.case}")
    shown = browser.get("/you").text
    assert "K. Ito (k.ito)" in shown
    assert "the word of your organisation" in shown
    assert (users(here)["k.ito"].role, users(here)["k.ito"].subject) == (
        "editor",
        f"{idp.issuer}|7",
    )


def test_what_is_asked_of_the_provider_is_what_the_flow_asks_for(here, idp):
    sent = here.browser().get("/sign-in/provider").headers["location"]
    told = {name: each[0] for name, each in parse_qs(urlsplit(sent).query).items()}

    assert sent.startswith(f"{idp.issuer}/authorize?")
    assert told["scope"] == "openid profile email"
    assert told["redirect_uri"] == f"{HERE}/sign-in/provider/callback"
    assert len(told["state"]) == len(told["nonce"]) == 32
    assert len(told["code_challenge"]) == 43
    assert told["state"] != told["nonce"]


def test_a_role_is_what_the_groups_are_at_each_sign_in(here, idp):
    browser = here.browser()
    comes_back(browser, idp)
    idp.claims["groups"] = ["it", "pv"]
    comes_back(browser, idp)
    assert users(here)["k.ito"].role == "admin"
    idp.claims["groups"] = ["others"]
    refused = comes_back(here.browser(), idp)

    assert refused.status_code == 403
    assert "none of your groups is let in here" in refused.text


def test_who_was_let_in_once_is_known_by_their_number_whatever_their_name_becomes(here, idp):
    comes_back(here.browser(), idp)
    idp.claims |= {"preferred_username": "k.weber", "name": "K. Weber"}
    comes_back(here.browser(), idp)

    assert list(users(here)) == ["k.ito"]
    assert users(here)["k.ito"].title == "K. Weber"


def test_nobody_becomes_somebody_else_by_having_their_name(here, idp):
    idp.claims |= {"preferred_username": "Admin", "sub": "8"}
    taken = comes_back(here.browser(), idp)
    idp.claims |= {"preferred_username": "k.ito", "sub": "7"}
    comes_back(here.browser(), idp)
    idp.claims["sub"] = "9"
    other = comes_back(here.browser(), idp)

    assert (taken.status_code, other.status_code) == (403, 403)
    assert "Admin is somebody else here" in taken.text
    assert list(users(here)) == ["k.ito"]


def test_who_is_disabled_here_is_not_let_in_by_anybodys_word(here, idp):
    browser = here.browser()
    comes_back(browser, idp)
    disable(here.watcher.store, "k.ito", "", by(), here.clock)
    refused = comes_back(here.browser(), idp)

    assert browser.get("/").status_code == 401
    assert (refused.status_code, "may not sign in here any more" in refused.text) == (403, True)


@pytest.mark.parametrize(
    "lie",
    [
        lambda told: {**told, "iss": "https://evil.example"},
        lambda told: {**told, "aud": "somebody else"},
        lambda told: {**told, "aud": [CLIENT, "somebody else"]},
        lambda told: {**told, "aud": [CLIENT, "b"], "azp": "b"},
        lambda told: {**told, "nonce": "of another attempt"},
        lambda told: {name: each for name, each in told.items() if name != "nonce"},
        lambda told: {**told, "exp": told["iat"] - 61},
        lambda told: {**told, "iat": told["iat"] + 3_600},
        lambda told: {name: each for name, each in told.items() if name != "sub"},
        lambda told: {**told, "at_hash": "of another access"},
    ],
)
def test_an_identity_that_is_not_for_us_now_is_not_believed(here, idp, lie):
    idp.lie = lie
    browser = here.browser()
    refused = comes_back(browser, idp)

    assert refused.status_code == 503
    assert "does not answer as it should" in refused.text
    assert (browser.get("/").status_code, users(here)) == (401, {})


@pytest.mark.parametrize("sign", ["with_no_key", "with_a_shared_key", "by_somebody_else"])
def test_an_identity_that_the_provider_did_not_sign_is_not_believed(here, idp, sign):
    idp.sign = getattr(idp, sign)

    assert comes_back(here.browser(), idp).status_code == 503
    assert users(here) == {}


def test_a_provider_may_change_its_keys(here, idp):
    comes_back(here.browser(), idp)
    idp.new_key("2")

    assert comes_back(here.browser(), idp).status_code == 303


def test_an_answer_belongs_to_the_browser_that_asked_and_to_one_attempt(here, idp):
    mine, theirs = here.browser(), here.browser()
    sent = theirs.get("/sign-in/provider").headers["location"]
    answer = idp.agrees(sent)
    mine.get("/sign-in/provider")
    foreign = mine.get(answer)
    bare = here.browser().get(answer)
    assert theirs.get(answer).status_code == 303
    again = theirs.get(answer)

    assert [each.status_code for each in (foreign, bare, again)] == [403, 403, 403]
    assert "began in another browser" in foreign.text


def test_an_attempt_is_good_for_ten_minutes(here, idp):
    browser = here.browser()
    sent = browser.get("/sign-in/provider").headers["location"]
    here.clock.forward(601)

    assert browser.get(idp.agrees(sent)).status_code == 403


def test_what_a_browser_carries_cannot_be_made_up(here, idp):
    browser = here.browser()
    sent = browser.get("/sign-in/provider").headers["location"]
    body, _, _seal = browser.cookies["watcher-way"].partition(".")
    for made_up in (f"{body}.{'0' * 64}", body, ".", "x.y"):
        other = here.browser(headers={"Cookie": f"watcher-way={made_up}"})
        assert other.get(idp.agrees(sent)).status_code == 403


def test_who_declines_or_fails_there_is_told_and_not_let_in(here):
    browser = here.browser()
    state = parse_qs(urlsplit(browser.get("/sign-in/provider").headers["location"]).query)["state"]
    refused = browser.get(
        "/sign-in/provider/callback", params={"error": "access_denied", "state": state[0]}
    )

    assert refused.status_code == 503
    assert "access_denied" not in refused.text


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (302, b"{}"), (200, b'"' + b"x" * 1_000_001)],
)
def test_a_provider_that_does_not_answer_as_it_should_lets_nobody_in(here, idp, answer, caplog):
    caplog.set_level(logging.WARNING)
    idp.answer = answer
    page = here.browser().get("/sign-in/provider")

    assert page.status_code == 503
    assert "nobody let in by the provider's word: /.well-known/openid-configuration" in caplog.text
    assert "Sign in with the hospital" in page.text
    idp.answer = None
    assert comes_back(here.browser(), idp).status_code == 303, "it is asked again"


def test_a_provider_that_says_it_is_another_is_not_asked_on(here, idp):
    idp.known = lambda told: {**told, "issuer": "https://evil.example"}
    assert here.browser().get("/sign-in/provider").status_code == 503
    idp.known = lambda told: {**told, "token_endpoint": "http://8.8.8.8/token"}
    assert here.browser().get("/sign-in/provider").status_code == 503

    assert set(idp.asked) == {"/.well-known/openid-configuration"}


def test_groups_that_are_not_in_the_identity_are_asked_for_and_are_of_the_same_person(here, idp):
    del idp.claims["groups"]
    idp.more = {"groups": ["it"], "preferred_username": "somebody"}
    comes_back(here.browser(), idp)
    assert (users(here)["k.ito"].role, idp.asked.count("/userinfo")) == ("admin", 1)
    idp.more = {"groups": ["it"], "sub": "8"}

    assert comes_back(here.browser(), idp).status_code == 503


def test_a_provider_that_takes_its_clients_in_the_body_gets_them_there(here, idp):
    idp.known = lambda told: {
        **told,
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }

    assert comes_back(here.browser(), idp).status_code == 303


def test_no_secret_stands_in_a_page_a_log_or_the_configuration_told(here, idp, caplog):
    caplog.set_level(logging.DEBUG, logger="watcher")
    browser = here.browser()
    comes_back(browser, idp)
    idp.claims["groups"] = ["it"]
    comes_back(browser, idp)
    page = browser.get("/settings").text

    assert page.count("${OIDC_SECRET}") == 1
    assert SECRET not in page
    assert SECRET not in caplog.text
    assert "signed in from" in caplog.text


def test_where_no_provider_is_named_there_is_no_way_to_one(tmp_path):
    with entering(tmp_path) as here:
        assert here.browser().get("/sign-in/provider").status_code == 404
        assert "Sign in with" not in here.browser().get("/").text.replace("Sign in with a", "")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider's, not ours
def test_a_whole_provider_of_somebody_elses_making_lets_people_in(tmp_path):
    import oidc_provider_mock  # noqa: PLC0415  warns of its own libraries

    # its clock is the machine's, and ours is there after two looks
    clock = StandingClock(datetime.now(UTC) - timedelta(days=1))  # noqa: TID251
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    claims = {"preferred_username": "k.ito", "groups": ["pv"]}
    user = oidc_provider_mock.User(sub="7", claims=claims)
    with oidc_provider_mock.run_server_in_thread(user_claims=[user]) as server:
        issuer = f"http://localhost:{server.server_port}"
        with entered(tmp_path, clock, ways(issuer)) as here:
            browser = here.browser()
            sent = browser.get("/sign-in/provider").headers["location"]
            agreed = httpx.post(sent, data={"sub": "7"})
            done = browser.get(agreed.headers["location"])
            page = browser.get("/you").text

    assert agreed.status_code == 302
    assert done.status_code == 303, done.text
    assert "k.ito" in page
    assert "an editor" in page
