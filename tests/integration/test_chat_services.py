"""Chat services of Apprise: what goes over the wire is what we wrote, in their own markup."""

from __future__ import annotations

import pytest

from kit.chatting import TOKENS, channel_at, words
from kit.receivers import LOOPBACK, Post, Webhook
from kit.sending import way
from watcher.notify.markup import COMMONMARK, FLAVOURS, PLAIN, lines_of
from watcher.ports import Attachment, Envelope

CHAT = (
    "**▲ CRITICAL – @\u200bchannel \\<!here\\> \\*x\\***\n"
    "**Authorised → Withdrawn**\n`watcher show 1` · https://x.org/a?b=1 · key k"
)
ENVELOPE = Envelope(key="k", subject="s", text="t\n", chat=CHAT)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", f"{LOOPBACK},localhost")


def taken(post: Post) -> tuple[int, dict[str, str]]:
    return (204 if "discord" in post.path else 200), {}


@pytest.mark.parametrize("scheme", ["mmost", "rocket", "ntfy", "gotify", "json", *TOKENS])
def test_a_service_gets_our_words_in_its_own_markup_and_nothing_else(scheme):
    with Webhook(taken) as hook:
        channel_at(hook, scheme).send(ENVELOPE)

    (post,) = hook.posts
    flavour = FLAVOURS.get(scheme, PLAIN)
    title, *rest = lines_of(CHAT)
    first = PLAIN.write([title]) if flavour.is_titled else flavour.write([title])
    told = words(post).replace("\r\n", "\n")
    if scheme == "slack":  # Apprise itself writes the title as entities
        first = first.replace("<", "&lt;").replace(">", "&gt;")
    assert told == f"{first}\n{flavour.write(rest)}"
    assert "@channel" not in told


def test_ntfy_that_is_asked_for_markdown_gets_it():
    with Webhook() as hook:
        way(f"ntfy://{LOOPBACK}:{hook.port}/alerts?image=no&format=markdown").send(ENVELOPE)

    (post,) = hook.posts
    assert post.headers["x-markdown"] == "yes"
    assert post.json()["message"] == COMMONMARK.write(lines_of(CHAT)[1:])


def test_a_service_that_carries_files_gets_them_and_one_that_does_not_gets_the_words():
    carried = Attachment(name="dates.ics", media_type="text/calendar", body=b"BEGIN:VCALENDAR")
    with_file = Envelope(key="k", subject="s", text="t\n", chat=CHAT, attachments=(carried,))

    with Webhook() as ntfy, Webhook() as mattermost:
        channel_at(ntfy, "ntfy").send(with_file)
        channel_at(mattermost, "mmost").send(with_file)

    assert any(b"BEGIN:VCALENDAR" in post.body for post in ntfy.posts)
    assert len(mattermost.posts) == 1
    assert "Withdrawn" in words(mattermost.posts[0])
