"""Signed web hooks over the loopback: what a receiver can rely on, and what each answer means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from kit.authority import authority
from kit.clocks import RealClock, StandingClock
from kit.free_port import free_port
from kit.receivers import LOOPBACK, Webhook
from kit.sending import ENVELOPE
from watcher.errors import DeliveryError
from watcher.fetch.http import HttpFetcher
from watcher.notify.channels import channel
from watcher.notify.webhook import hook_id
from watcher.ports import Channel, Envelope

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes, ok").decode()
CONTACT = "mailto:ops@example.org"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "channels.md"


def way(
    hook: Webhook | str, *, query: str = "&allow_private=yes", seconds: float = 10.0
) -> Channel:
    place = hook if isinstance(hook, str) else f"webhook+http://{LOOPBACK}:{hook.port}/in"
    poster = HttpFetcher(contact=CONTACT, clock=RealClock())
    url = f"{place}?secret={SECRET.replace('=', '%3D')}{query}"
    return channel("hook", url, clock=StandingClock(), poster=poster, seconds=seconds)


def refusal(hook: Webhook | str, **rest) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        way(hook, **rest).send(ENVELOPE)
    return caught.value


def test_a_hook_gets_a_cloud_event_with_the_message_in_words_and_in_values():
    told = replace(ENVELOPE, data={"kind": "case", "subject": "medicine:EMEA/H/C/004258"})
    with Webhook() as hook:
        answer = way(hook).send(told)

    (post,) = hook.posts
    event = post.json()
    assert answer == "taken by the web hook (200)"
    assert post.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert event["specversion"] == "1.0"
    assert (event["id"], event["source"], event["type"]) == (
        "4f2a90c1",
        "/messages",
        "watcher.told.case",
    )
    assert event["subject"] == "medicine:EMEA/H/C/004258"
    assert event["data"]["lines"][1] == "Authorised → Withdrawn"
    assert event["data"]["text"] == ENVELOPE.text
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in event)


def test_its_own_parameters_stay_with_us_and_the_others_go_on():
    with Webhook() as hook:
        way(hook, query="&allow_private=yes&team=pv").send(ENVELOPE)

    assert hook.posts[0].path == "/in?team=pv"


def verifier():
    """Return the function that the documentation gives to receivers."""
    (snippet,) = re.findall(
        r"```python\n(.*?def verify.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL
    )
    names: dict[str, object] = {}
    exec(snippet, names)  # noqa: S102  what readers will paste has to run
    return names["verify"]


def test_the_receivers_check_of_the_documentation_takes_it_and_nothing_else():
    verify = verifier()
    with Webhook() as hook:
        way(hook).send(ENVELOPE)
    (post,) = hook.posts
    now = int(StandingClock().now().timestamp())

    assert verify(SECRET, post.headers, post.body, now=now) == post.json()
    forged = post.body.replace(b"Withdrawn", b"Authorised")
    for headers, body, moment in (
        (post.headers, forged, now),
        (post.headers, post.body, now + 3_600),
        ({**post.headers, "webhook-id": "another"}, post.body, now),
        ({**post.headers, "webhook-signature": "v1,AAAA"}, post.body, now),
        ({name: value for name, value in post.headers.items() if "id" not in name}, post.body, now),
    ):
        with pytest.raises(ValueError, match="not from"):
            verify(SECRET, headers, body, now=moment)


def test_the_signature_is_that_of_standard_webhooks():
    with Webhook() as hook:
        way(hook).send(ENVELOPE)

    (post,) = hook.posts
    over = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, over, hashlib.sha256).digest()).decode()
    assert post.headers["webhook-signature"] == f"v1,{mark}"


def test_a_message_sent_twice_has_one_id_and_one_body():
    with Webhook() as hook:
        for _ in range(2):
            way(hook).send(ENVELOPE)

    assert len({(post.headers["webhook-id"], post.body) for post in hook.posts}) == 1


def test_a_key_that_cannot_stand_in_a_signature_is_replaced_by_its_digest():
    assert hook_id("4f2a-confirmed") == "4f2a-confirmed"
    assert hook_id("digest:anna.daily") == hashlib.sha256(b"digest:anna.daily").hexdigest()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_yes_is_one(status):
    with Webhook([status]) as hook:
        assert way(hook).send(ENVELOPE) == f"taken by the web hook ({status})"


@pytest.mark.parametrize(
    ("status", "headers", "kind", "pause"),
    [
        (410, {}, "permanent", None),
        (404, {}, "refused", None),
        (500, {"Retry-After": "30"}, "refused", None),
        (429, {}, "refused", None),
        (429, {"Retry-After": "30"}, "refused", 30.0),
        (503, {"Retry-After": "Sun, 22 Nov 2026 12:01:00 GMT"}, "refused", 60.0),
        (429, {"Retry-After": "99999999999"}, "refused", 86_400.0),
        (429, {"Retry-After": "-1"}, "refused", None),
        (429, {"Retry-After": "Sun, 22 Nov 2020 12:01:00 GMT"}, "refused", 0.0),
    ],
)
def test_what_a_no_means(status, headers, kind, pause):
    with Webhook(lambda _post: (status, headers)) as hook:
        error = refusal(hook)

    assert (error.kind, error.retry_after) == (kind, pause)
    assert len(hook.posts) == 1


def test_a_redirect_is_a_refusal_and_nothing_goes_to_the_new_place():
    with Webhook() as elsewhere:
        location = {"Location": f"{elsewhere.url}/in"}
        with Webhook(lambda _post: (307, location)) as hook:
            error = refusal(hook)

    assert error.kind == "refused"
    assert "redirects are not followed" in str(error)
    assert elsewhere.posts == []


def test_no_answer_in_time_is_unknown_since_the_message_may_be_there():
    with Webhook(is_silent=True) as hook:
        error = refusal(hook, seconds=2.0)
        hook.wait_for(1)

    assert error.kind == "unknown"


def test_a_hook_that_is_not_there_has_refused():
    error = refusal(f"webhook+http://{LOOPBACK}:{free_port()}/in")

    assert error.kind == "refused"
    assert "no connection" in str(error)


def test_a_private_address_is_not_asked_unless_the_address_says_so():
    with Webhook() as hook:
        error = refusal(f"webhook+https://{LOOPBACK}:{hook.port}/in", query="")

    assert error.kind == "refused"
    assert "allow_private=yes" in str(error)
    assert hook.posts == []


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    trusted_by_nobody = authority(tmp_path)
    with Webhook() as hook:
        context = trusted_by_nobody.server_context()
        hook._server.socket = context.wrap_socket(hook._server.socket, server_side=True)
        error = refusal(f"webhook+https://localhost:{hook.port}/in")

    assert error.kind == "refused"
    assert "certificate" in str(error)
    assert hook.posts == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("webhook+https://x.example.org/in", "at least 24 bytes"),
        ("webhook+https://x.example.org/in?secret=short", "at least 24 bytes"),
        ("webhook+https://x.example.org/in?secret=whsec_%21%21", "not base64"),
        ("webhook+http://x.example.org/in?secret=" + "x" * 32, "in clear"),
        ("webhook+https:///in?secret=" + "x" * 32, "needs a host"),
        ("webhook+https://u:p@x.example.org/in?secret=" + "x" * 32, "no user"),
    ],
)
def test_an_address_we_would_not_use_is_refused_with_the_reason(url, words):
    with pytest.raises(ValueError, match=words):
        channel("hook", url, clock=StandingClock())


def test_no_secret_is_shown_by_the_channel_nor_by_an_error():
    with Webhook([500]) as hook:
        sender = way(hook, query="&allow_private=yes&token=c4nary")
        shown = [repr(sender), str(refusal(hook, query="&allow_private=yes&token=c4nary"))]

    assert not [text for text in shown if "c4nary" in text or SECRET[6:] in text]


def test_lone_surrogates_cannot_break_the_event():
    with Webhook() as hook:
        way(hook).send(Envelope(key="k", subject="\ud800", text="\udfff"))

    assert json.loads(hook.posts[0].body)["data"]["title"] == "\ufffd"
