"""Web hooks and folders as channels, and the addresses we would not use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kit.free_port import free_port
from kit.receivers import LOOPBACK, Post, Webhook
from kit.sending import ENVELOPE, refusal, way
from watcher.ports import Envelope

TOKEN = "c4narytoken0123456789abcd"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine must not come between us and the loopback."""
    monkeypatch.setenv("NO_PROXY", f"{LOOPBACK},localhost")


def test_a_web_hook_gets_title_and_body():
    with Webhook() as hook:
        answer = way(hook.json_address()).send(ENVELOPE)

    (post,) = hook.posts
    assert answer == "taken by the json receiver"
    assert post.json()["title"] == "▲ CRITICAL – Alofisel [x]"
    assert post.json()["message"] == "**Authorised → Withdrawn**\nlast line · key 4f2a90c1"


def test_a_message_without_a_chat_form_goes_out_as_its_text():
    with Webhook() as hook:
        way(hook.json_address()).send(Envelope(key="k", subject="a subject", text="a text\n"))

    assert hook.posts[0].json()["title"] == "a subject"
    assert hook.posts[0].json()["message"].strip() == "a text"


def test_a_mattermost_server_gets_one_post_of_five_lines():
    with Webhook() as hook:
        way(hook.mattermost_address(TOKEN)).send(ENVELOPE)

    (post,) = hook.posts
    assert post.path == f"/hooks/{TOKEN}"
    assert "Authorised → Withdrawn" in post.json()["text"]


def test_two_messages_follow_one_another_without_a_pause():
    with Webhook() as hook:
        sender = way(hook.json_address(), seconds=2)
        for _ in range(3):
            sender.send(ENVELOPE)

    assert len(hook.posts) == 3


def test_a_redirect_is_a_refusal_and_nothing_goes_to_the_new_place():
    with Webhook() as elsewhere:
        location = f"{elsewhere.url}/hook"

        def redirect(_post: Post) -> tuple[int, dict[str, str]]:
            return 307, {"Location": location}

        with Webhook(redirect) as hook:
            error = refusal(hook.json_address(query="?redirect=yes"))

    assert error.kind == "refused"
    assert "answered 307" in str(error)
    assert elsewhere.posts == []


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "permanent"), (404, "permanent"), (429, "refused"), (500, "refused")]
)
def test_a_web_hook_that_says_no_is_asked_once(status, kind):
    with Webhook([status]) as hook:
        error = refusal(hook.json_address(query="?retry=3&wait=0"))

    assert error.kind == kind
    assert f"answered {status}" in str(error)
    assert len(hook.posts) == 1


def test_a_failure_stays_one_where_the_address_calls_itself_optional():
    with Webhook([500]) as hook:
        assert refusal(hook.json_address(query="?optional=yes")).kind == "refused"


def test_a_web_hook_that_does_not_answer_is_unknown():
    with Webhook(is_silent=True) as hook:
        error = refusal(hook.json_address(), seconds=2.0)
        hook.wait_for(1)

    assert error.kind == "unknown"


def test_a_web_hook_that_is_not_there_has_refused():
    error = refusal(f"json://{LOOPBACK}:{free_port()}/hook")

    assert error.kind == "refused"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mailto://mx.example.org/?from=w@example.org&to=a@example.org,b@example.org", "recipient"),
        ("mailto://mx.example.org/?from=w@example.org&to=a@example.org&cc=c@example.org", "cc="),
        ("mailto://mx.example.org/?from=w@example.org&to=a@example.org&bcc=c@example.org", "bcc="),
        ("mailto://mx.example.org/?from=w@example.org&to=a@example.org&+X-A=b", "one channel"),
        ("mailto://mx.example.org/?from=w@example.org&to=not-an-address", "recipient"),
        ("mailtos://mx.example.org/?from=w@example.org&to=a@example.org&verify=no", "verify=no"),
        ("mailto://mx.example.org/?from=w@example.org&to=a@example.org&pgp=sign", "pgp="),
        ("jsons://mx.example.org/hook?verify=no", "verify=no"),
        ("ntfy://mx.example.org/one/two", "one channel each"),
        ("nonsense://mx.example.org", "nonsense://"),
        ("folder:", "needs a folder"),
    ],
)
def test_an_address_we_would_not_use_is_refused_with_the_reason(url, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        way(url)


def test_a_folder_holds_each_message_once_however_often_it_is_sent(tmp_path: Path):
    sender = way(f"folder:{tmp_path / 'messages'}")

    answers = {sender.send(ENVELOPE) for _ in range(2)}

    files = sorted(path.name for path in (tmp_path / "messages").iterdir())
    assert answers == {"written to 4f2a90c1.txt"}
    assert files == ["4f2a90c1.html", "4f2a90c1.md", "4f2a90c1.txt"]
    written = (tmp_path / "messages" / "4f2a90c1.txt").read_text(encoding="utf-8")
    assert written == f"Subject: {ENVELOPE.subject}\n\n{ENVELOPE.text}"


def test_a_key_that_is_no_name_of_a_file_cannot_leave_the_folder(tmp_path: Path):
    hostile = Envelope(key="../../outside", subject="s", text="t\n")

    way(f"folder:{tmp_path / 'messages'}").send(hostile)

    assert [path.name for path in tmp_path.iterdir()] == ["messages"]
    assert len(list((tmp_path / "messages").iterdir())) == 1


def test_a_folder_that_takes_no_file_has_refused(tmp_path: Path):
    (tmp_path / "messages").write_text("in the way", encoding="utf-8")

    assert refusal(f"folder:{tmp_path / 'messages'}").kind == "refused"
