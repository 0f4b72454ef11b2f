"""robots.txt by RFC 9309: what each kind of answer lets us do, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clocks import StandingClock
from watcher.core.capture import instant
from watcher.errors import FetchError, FetchRefusedError
from watcher.fetch.robots import RobotsBook
from watcher.fetch.tally import Unwritten
from watcher.ports import Answer, Request
from watcher.ports.hosts import RobotsCopy

HOUR = 3600.0


class Server:
    """Hands out robots.txt answers in order, the last one again and again."""

    def __init__(self, *answers: tuple[int, str] | FetchError) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []

    def fetch(self, request: Request) -> Answer:
        self.asked.append(request)
        outcome = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(outcome, FetchError):
            raise outcome
        return Answer(url=request.url, status=outcome[0], body=outcome[1].encode())


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


def a_page(path: str = "/page") -> Request:
    return Request(url=f"https://a.example{path}", allow_private=True)


def test_the_file_is_asked_for_once_at_the_root_of_the_server_and_kept_for_a_day(clock):
    server = Server((200, "User-agent: *\nDisallow:"))
    book = RobotsBook(server.fetch, clock, Unwritten())

    book.admit(a_page("/a/b?c=d"))
    clock.forward(23.9 * HOUR)
    book.admit(a_page())
    assert [request.url for request in server.asked] == ["https://a.example/robots.txt"]
    assert server.asked[0].allow_private

    clock.forward(0.2 * HOUR)
    book.admit(a_page())
    assert len(server.asked) == 2


def test_every_server_has_its_own_file(clock):
    server = Server((404, ""))
    book = RobotsBook(server.fetch, clock, Unwritten())

    for url in ("https://a.example/", "http://a.example/", "https://a.example:81/"):
        book.admit(Request(url=url))

    assert [request.url for request in server.asked] == [
        "https://a.example/robots.txt",
        "http://a.example/robots.txt",
        "https://a.example:81/robots.txt",
    ]


@pytest.mark.parametrize(
    ("text", "path", "welcome"),
    [
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        (
            "User-agent: *\nDisallow: /\nAllow: /*/documents/report/*.json$",
            "/en/documents/report/m.json",
            True,
        ),
        ("User-agent: *\nDisallow: /\nAllow: /*/documents/report/*.json$", "/en/medicines", False),
        ("User-agent: watcher\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True),
        ("User-agent: Watcher\nDisallow: /a\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: googlebot\nDisallow: /", "/a", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("<html><body>Not a robots file</body></html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_the_rules_decide(clock, text: str, path: str, welcome: bool):  # noqa: FBT001
    book = RobotsBook(Server((200, text)).fetch, clock, Unwritten())

    if welcome:
        book.admit(a_page(path))
    else:
        with pytest.raises(FetchRefusedError) as refused:
            book.admit(a_page(path))
        assert refused.value.kind == "robots"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_such_file_means_no_restriction(clock, status: int):
    assert (
        RobotsBook(Server((status, "Disallow: /")).fetch, clock, Unwritten()).admit(a_page()) == 0
    )


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_failing_server_means_stay_out_for_now(clock, status: int):
    book = RobotsBook(Server((status, "")).fetch, clock, Unwritten())

    with pytest.raises(FetchError, match=str(status)) as failed:
        book.admit(a_page())

    assert (failed.value.kind, failed.value.is_transient) == ("robots", True)


def test_a_server_out_of_reach_means_stay_out_and_says_why(clock):
    book = RobotsBook(Server(FetchError("silence", kind="timeout")).fetch, clock, Unwritten())

    with pytest.raises(
        FetchError, match=r"robots\.txt of a\.example cannot be read: silence"
    ) as out:
        book.admit(a_page())

    assert out.value.kind == "timeout"


def test_a_file_that_could_not_be_read_is_asked_for_again_after_a_while_and_not_before(clock):
    server = Server((503, ""), (404, ""))
    book = RobotsBook(server.fetch, clock, Unwritten(), again=300)
    for _ in range(2):
        with pytest.raises(FetchError):
            book.admit(a_page())
    assert len(server.asked) == 1

    clock.forward(300)
    book.admit(a_page())

    assert len(server.asked) == 2


def test_an_older_copy_serves_while_the_server_fails(clock):
    server = Server((200, "User-agent: *\nDisallow: /private"), (503, ""))
    book = RobotsBook(server.fetch, clock, Unwritten())
    book.admit(a_page())
    clock.forward(30 * HOUR)

    book.admit(a_page())

    with pytest.raises(FetchRefusedError):
        book.admit(a_page("/private"))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "ours", [FetchError("wait", kind="paused"), FetchRefusedError("no", kind="address")]
)
def test_a_pause_or_a_refusal_of_ours_is_no_news_about_the_rules(clock, ours: FetchError):
    book = RobotsBook(Server(ours, (404, "")).fetch, clock, Unwritten())

    with pytest.raises(FetchError) as raised:
        book.admit(a_page())

    assert raised.value is ours
    assert book.admit(a_page()) == 0


def test_a_crawl_delay_is_handed_on(clock):
    text = "User-agent: watcher\nCrawl-delay: 7\n\nUser-agent: *\nCrawl-delay: 99"

    assert RobotsBook(Server((200, text)).fetch, clock, Unwritten()).admit(a_page()) == 7


def a_copy_of(ledger: Unwritten) -> RobotsCopy:
    copy = ledger.robots("a.example", "https://a.example")
    assert copy is not None
    return copy


def test_a_copy_outlives_the_process_and_is_asked_for_again_with_its_validators(clock):
    ledger = Unwritten()
    headers = {"etag": '"1"', "last-modified": "Sun, 22 Nov 2026 00:00:00 GMT"}
    text = b"User-agent: *\nDisallow: /private"
    answers = [
        Answer(url="", status=200, headers=headers, body=text),
        Answer(url="", status=304, headers=headers),
    ]
    asked: list[Request] = []

    def fetch(request: Request) -> Answer:
        asked.append(request)
        return answers[len(asked) - 1]

    for hours in (0, 1, 22, 2):
        clock.forward(hours * HOUR)
        book = RobotsBook(fetch, clock, ledger)  # a new process each time
        with pytest.raises(FetchRefusedError):
            book.admit(a_page("/private"))

    assert [request.etag for request in asked] == ["", '"1"']
    assert asked[1].last_modified == headers["last-modified"]
    assert a_copy_of(ledger).at == instant(clock.now())


def test_a_server_that_fails_for_thirty_days_has_no_robots_txt_and_restarts_do_not_matter(clock):
    ledger = Unwritten()
    server = Server((503, ""))
    for _ in range(29):
        with pytest.raises(FetchError, match="503"):
            RobotsBook(server.fetch, clock, ledger).admit(a_page())
        clock.forward(24 * HOUR)
    clock.forward(24 * HOUR)

    assert RobotsBook(server.fetch, clock, ledger).admit(a_page()) == 0


def test_rules_once_known_hold_however_long_the_server_fails(clock):
    ledger = Unwritten()
    server = Server((200, "User-agent: *\nDisallow: /private"), (503, ""))
    RobotsBook(server.fetch, clock, ledger).admit(a_page())
    clock.forward(40 * 24 * HOUR)
    RobotsBook(server.fetch, clock, ledger).admit(a_page())
    clock.forward(40 * 24 * HOUR)

    with pytest.raises(FetchRefusedError):
        RobotsBook(server.fetch, clock, ledger).admit(a_page("/private"))


def test_a_restart_does_not_ask_again_at_once_for_a_file_that_could_not_be_read(clock):
    ledger = Unwritten()
    server = Server((503, ""))
    for _ in range(5):
        with pytest.raises(FetchError, match="503"):
            RobotsBook(server.fetch, clock, ledger, again=300).admit(a_page())
        clock.forward(50)

    assert len(server.asked) == 1


def test_of_a_vast_file_the_first_500_kibibytes_count_in_whole_lines(clock):
    text = "User-agent: *\nDisallow: /first\n" + "# noise\n" * 64_000 + "Disallow: /last\n"
    ledger = Unwritten()
    book = RobotsBook(Server((200, text)).fetch, clock, ledger)

    with pytest.raises(FetchRefusedError):
        book.admit(a_page("/first"))
    assert book.admit(a_page("/last")) == 0
    assert len(a_copy_of(ledger).text) <= 512_000
    assert a_copy_of(ledger).text.endswith("# noise")


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_set_wrong_makes_the_copy_old_and_nothing_else(clock, days):
    server = Server((200, "User-agent: *\nDisallow: /private"))
    ledger = Unwritten()
    RobotsBook(server.fetch, clock, ledger).admit(a_page())
    clock._at += timedelta(days=days)

    for _ in range(3):
        RobotsBook(server.fetch, clock, ledger).admit(a_page())

    assert len(server.asked) == 2
