"""A page of one's own through the whole line, read as its options in sources.yaml say."""

from __future__ import annotations

import pytest

from kit.clocks import StandingClock
from kit.faulty_server import FaultyServer
from kit.station import settings, station

OPTIONS = {
    "facts": [
        {
            "path": "authorisation[NL].status",
            "label": "Status",
            "kind": "status",
            "required": True,
        },
        {"path": "authorisation[NL].withdrawn", "label": "Withdrawn on", "kind": "date"},
    ],
    "lists": [{"path": "item", "below": "News", "key": "title", "least": 1}],
}
AUTHORISED = "<dt>Status</dt><dd>Authorised</dd>"
WITHDRAWN = "<dt>Status</dt><dd>Withdrawn</dd><dt>Withdrawn on</dt><dd>13 December 2024</dd>"
NEWS = ("Recall of a batch", "Letter to doctors", "New pack", "New strength")


def page(said: str, news: tuple[str, ...] = NEWS) -> str:
    items = "".join(f"<li>{words}</li>" for words in news)
    return (
        f"<!DOCTYPE html><html><head><title>Testol</title></head><body><h1>Testol</h1>"
        f"<dl>{said}</dl><h2>News</h2><ul>{items}</ul></body></html>"
    )


@pytest.fixture
def site():
    with FaultyServer() as site:
        site.page("/testol", page(AUTHORISED))
        yield site


def configured(folder, site, options=OPTIONS, **more):
    source = {"id": "agency", "reader": "generic", "url": site.url("/testol"), "options": options}
    messages = {"messages": f"folder:{folder / 'messages'}"}
    return settings(folder, [{**source, **more}], channels=messages)


def test_a_withdrawal_on_a_page_of_ones_own_is_told_like_any_other(tmp_path, site):
    with station(configured(tmp_path, site)) as at:
        at.look()
        site.page("/testol", page(WITHDRAWN))
        at.look()
        at.look()

        assert at.types() == ["authorisation.withdrawn"]
        [message] = at.outbox()
        assert message.state == "delivered"
        assert "2024" in message.envelope.text


def test_a_page_without_what_was_promised_makes_no_event(tmp_path, site):
    with station(configured(tmp_path, site)) as at:
        at.look()
        site.page("/testol", page("<dt>State</dt><dd>Withdrawn</dd>"))
        [outcome] = at.look()

        assert str(outcome.capture.verdict) == "unreadable"
        assert "expected `Status`" in outcome.capture.reason
        assert at.types() == []


def test_better_options_read_the_last_page_anew_and_alarm_no_one(tmp_path, site):
    clock = StandingClock()
    with station(configured(tmp_path, site), clock) as at:
        at.look()
    more = [*OPTIONS["facts"], {"path": "product.brand_name", "css": "h1"}]
    with station(configured(tmp_path, site, {**OPTIONS, "facts": more}), clock) as at:
        at.look()

        assert [str(told.cause) for told in at.log()] == ["reread"]
        assert at.outbox() == ()


def test_where_old_items_roll_off_for_ever_only_new_ones_are_told(tmp_path, site):
    with station(configured(tmp_path, site, absent_after="never")) as at:
        at.look()
        for number in range(5):
            site.page("/testol", page(AUTHORISED, (f"News {number}", *NEWS[:-1])))
            at.look()

        assert {change.action for told in at.log() for change in told.event.changes} == {"added"}
        assert len(at.log()) == 5
