"""Pages over HTTP: what they show, what a link does, and what nobody is let through to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from litestar import post
from litestar.datastructures import State
from litestar.testing import TestClient

from kit.answering import PUBLIC, answering, by
from watcher.core.links import LASTING
from watcher.errors import BrokenLogError
from watcher.runtime.desk import hands
from watcher.services.acknowledge import acknowledge
from watcher.services.decisions import audit
from watcher.web.app import Pages, application
from watcher.web.security import guard

OURS = "http://127.0.0.1:8080"
EVERYWHERE = (
    "/",
    "/healthz",
    "/readyz",
    "/api/v1/cases",
    "/act/none",
    "/static/watcher.css",
    "/none",
)


@pytest.fixture
def here(tmp_path):
    with answering(tmp_path, web={"public_url": PUBLIC}) as here:
        yield here


@pytest.fixture
def case(here):
    return here.told()


def browser(here, **told):
    config = here.watcher.config.web
    pages = application(here.watcher, hands=hands(here.watcher), web=config, **told)
    return TestClient(pages, base_url=OURS, raise_server_exceptions=False)


@pytest.fixture
def client(here):
    with browser(here) as client:
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Pages of which no test changes anything."""
    folder = tmp_path_factory.mktemp("shared")
    with answering(folder, web={"public_url": PUBLIC}) as here, browser(here) as client:
        yield client


def decisions(here):
    return [
        (each.what, each.who, each.via) for each in audit(here.watcher.store) if each.via == "page"
    ]


def test_to_look_at_a_link_changes_nothing_however_often(here, case, client):
    with here.watcher.store.reading() as work:
        before = work.log.head()
    for action in ("acknowledge", "assign", "irrelevant", "wrong"):
        for _ in range(3):
            page = client.get(here.link(case, action))
            assert page.status_code == 200
            assert "Medicine 2 (substance2)" in page.text
            assert '<button type="submit">' in page.text

    with here.watcher.store.reading() as work:
        assert work.log.head() == before
    assert here.state(case).state == "open"


def test_the_link_in_a_message_acknowledges_its_case_as_its_reader(here, case, client):
    letter = here.outbox()[0].envelope
    (link,) = {
        found[1] for found in re.finditer(rf"Acknowledge[^\n]*\n\s+{PUBLIC}(act/\S+)", letter.text)
    }
    assert f'href="{PUBLIC}{link}"' in letter.html
    done = client.post(f"/{link}", data={"why": "I call the ward"})

    assert done.status_code == 200
    assert "acknowledged by Anna Visser" in done.text
    assert decisions(here) == [("alert.acknowledged", "Anna Visser", "page")]
    assert here.state(case).why == "I call the ward"


def test_a_second_post_is_told_by_whom_and_when_and_changes_nothing(here, case, client):
    link = here.link(case, "wrong")
    client.post(link, data={"why": "misread"})
    here.clock.forward(60)
    again = client.post(link, data={"why": "something else"})

    assert "judged wrong by Anna Visser, 23 November 2026, 12:00 UTC" in again.text
    assert "watcher correct 4" in again.text
    assert len(decisions(here)) == 1
    assert here.state(case).why == "misread"


def test_another_link_for_what_is_done_says_that_nothing_is_left(here, case, client):
    acknowledge(here.watcher.store, case, "", by(), here.clock)
    page = client.get(here.link(case, "acknowledge"))
    done = client.post(here.link(case, "acknowledge"), data={})

    assert "acknowledged by m. weber" in page.text
    assert "<form" not in page.text
    assert done.status_code == 422
    assert decisions(here) == []


def test_what_a_channel_got_is_answered_by_whoever_says_who_they_are(here, case, client):
    link = here.link(case, "assign", "channel:pv-team")
    unnamed = client.post(link, data={"to": "ben"})
    assert (unnamed.status_code, "Say who you are" in unnamed.text) == (422, True)
    assert '<option value="ben" selected>' in unnamed.text
    client.post(link, data={"to": "ben", "name": "  K.\nIto ", "why": "his ward"})

    assert decisions(here) == [("alert.assigned", "K. Ito (channel pv-team)", "page")]
    assert here.state(case).assigned_to == "ben"


@pytest.mark.parametrize(
    ("action", "filled", "said"),
    [
        ("wrong", {"why": " "}, "Say why."),
        ("irrelevant", {}, "Say why."),
        ("assign", {}, "Say whose it is to be."),
        ("assign", {"to": "dora"}, "There is no person &#39;dora&#39;"),
        ("acknowledge", {"why": "x" * 2_001}, "The reason is too long"),
    ],
)
def test_what_is_missing_is_asked_for_again(here, case, client, action, filled, said):
    done = client.post(here.link(case, action), data=filled)

    assert done.status_code == 422
    assert said in done.text
    assert decisions(here) == []


def test_a_link_ends_after_thirty_days(here, case, client):
    link = here.link(case, "acknowledge")
    here.clock.forward((LASTING + timedelta(seconds=1)).total_seconds())

    for done in (client.get(link), client.post(link, data={})):
        assert done.status_code == 410
        assert "time is over" in done.text
    assert decisions(here) == []


def test_a_changed_link_and_one_of_another_store_do_nothing(here, case, client, tmp_path):
    link = here.link(case, "acknowledge")
    (tmp_path / "other").mkdir()
    with answering(tmp_path / "other", web={"public_url": PUBLIC}) as other:
        foreign = other.link(case, "acknowledge")
    unknown = here.link("f" * 32, "acknowledge")
    changed = f"{link[:-6]}{'A' if link[-6] != 'A' else 'B'}{link[-5:]}"
    for each in (link[:-1], changed, foreign, unknown, "/act/x" * 400):
        for done in (client.get(each), client.post(each, data={})):
            assert done.status_code == 404, each
    assert decisions(here) == []


def test_what_a_source_and_a_person_say_is_text_and_never_markup(here, case, client):
    told = '<script>alert(1)</script>"&'
    page = client.post(here.link(case, "acknowledge"), data={"why": told})

    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&amp;" in page.text


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_every_answer_carries_our_headers(shared, path, method):
    headers = shared.request(method, path).headers

    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in {"no-store", "private, no-cache", "public, max-age=300"}
    assert "server" not in headers
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost:8081", "", "127.0.0.1:8080.evil.example"]
)
def test_a_name_that_is_not_ours_is_not_answered(shared, host):
    for path in EVERYWHERE[:-1]:
        assert shared.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "header", [{"host": "watcher.example.org"}, {"x-forwarded-for": "1.2.3.4"}, {"via": "1.1 p"}]
)
def test_through_a_proxy_there_are_links_and_nothing_else(here, case, client, header):
    for path in ("/", "/healthz", "/readyz", "/api/v1/cases"):
        assert client.get(path, headers=header).status_code == 404
    assert client.get("/static/watcher.css", headers=header).status_code == 200
    assert client.get(here.link(case, "wrong"), headers=header).status_code == 200


@pytest.mark.parametrize(
    ("header", "is_done"),
    [
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"origin": OURS}, True),
        ({}, True),
    ],
)
def test_a_page_elsewhere_decides_nothing_through_its_readers_browser(shared, header, is_done):
    @post("/decide", sync_to_thread=False)
    def decide() -> str:
        return "done"

    site = shared.app.state.site
    # without a configuration of its own, Litestar would set the level of every logger there is
    pages = Pages(
        [decide], middleware=[guard(site)], state=State({"site": site}), logging_config=None
    )
    with TestClient(pages, base_url=OURS) as client:
        done = client.post("/decide", headers=header)

    assert done.status_code == (201 if is_done else 403)


def test_more_links_than_people_follow_in_a_minute_wait(here, case, client):
    link = here.link(case, "acknowledge")
    codes = [client.get(link).status_code for _ in range(121)]
    assert codes == [200] * 120 + [429]
    assert client.post(link, data={}).headers["retry-after"] == "60"
    here.clock.forward(61)

    assert client.post(link, data={}).status_code == 200


@pytest.mark.usefixtures("case")
def test_today_lists_what_needs_somebody_and_leads_to_it(here, client):
    page = client.get("/").text
    assert "Needs you (1)" in page
    assert "▲</span> CRITICAL" in page
    link = re.search(r'href="(/cases/[0-9a-f]{32})#answer">Answer', page)
    assert link
    client.post(f"{link[1]}/acknowledge", data={"name": "K. Ito"})

    assert "Nothing needs you" in client.get("/").text
    assert decisions(here) == [("alert.acknowledged", "K. Ito", "page")]


def test_machines_are_answered_in_json_and_told_problems_as_rfc_9457_has_them(case, client):
    (told,) = client.get("/api/v1/cases?state=open").json()["items"]
    assert (told["case"], told["severity"], told["state"]) == (case, "critical", "open")
    for path, status in (("/api/v1/cases?limit=0", 422), ("/api/none", 404)):
        problem = client.get(path)
        assert problem.headers["content-type"] == "application/problem+json"
        assert (problem.json()["status"], problem.json()["type"]) == (status, "about:blank")


def test_it_tells_whether_it_is_alive_and_whether_it_is_ready(here):
    with browser(here, is_alive=lambda: False) as client:
        assert client.get("/healthz").status_code == 503
        assert client.get("/readyz").text == "ok\n"
    with browser(here) as client:
        assert client.get("/healthz").text == "ok\n"


def test_an_unreadable_database_is_not_ready_and_tells_no_details(here):
    with browser(here) as client:
        here.watcher.store.close()
        (here.watcher.config.storage.snapshots.parent / "data" / "watcher.db").write_bytes(
            b"x" * 9_000
        )
        done = client.get("/readyz")

    assert done.status_code == 500
    assert "log says what" in done.text
    assert "sqlite" not in done.text.casefold()


def test_a_history_that_would_become_wrong_is_told_to_the_service(here, case):
    class Broken:
        def __init__(self, store):
            self.reading = store.reading

        def writing(self):
            raise BrokenLogError(7, "does not fit")

    alarms = []
    config = here.watcher.config.web
    tools = replace(hands(here.watcher), store=Broken(here.watcher.store))
    pages = application(here.watcher, hands=tools, web=config, alarm=alarms.append)
    with TestClient(pages, base_url=OURS, raise_server_exceptions=False) as client:
        done = client.post(here.link(case, "acknowledge"), data={})

    assert done.status_code == 500
    assert [str(each) for each in alarms] == ["position 7: does not fit"]


def test_a_huge_form_is_turned_away(here, case, client):
    done = client.post(here.link(case, "wrong"), data={"why": "x" * 20_000})

    assert done.status_code == 413


def test_static_files_have_a_tag_and_nothing_beside_them_is_served(shared):
    assert shared.get("/static/watcher.css").headers["etag"]
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/"):
        assert shared.get(path).status_code == 404


def test_an_address_without_a_page_is_told_once_and_what_to_do(shared):
    page = shared.get("/no-such-page").text

    assert page.count("Not Found") == 2  # the tab's title and the heading
    assert "There is no page at this address." in page
    assert "look for the medicine" in page
