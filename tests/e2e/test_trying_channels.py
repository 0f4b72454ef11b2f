"""`watcher test-channel`: a sample through every kind of channel, and what is said of it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from kit.free_port import free_port
from kit.process import command
from kit.receivers import LOOPBACK, Mailbox, Webhook
from kit.station import settings

pytestmark = pytest.mark.e2e

PASSWORD = "c4nary-pass"
SECRET = base64.b64encode(b"c4nary of thirty-two bytes, yes!").decode()
SOURCE = {"id": "ema", "reader": "ema_medicines", "url": "http://127.0.0.1:9/x.json"}


def configured(place: Path, **channels: str) -> Path:
    path = settings(place, [SOURCE], channels=channels)
    told = json.loads(path.read_text("utf-8"))
    for each in told["channels"]:
        if each["id"] == "folder":
            each["attach"] = ["diff"]
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def tried(folder: Path, *words: str):
    return command(
        folder,
        "test-channel",
        *words,
        HOOK_SECRET=SECRET,
        MAIL_PASSWORD=PASSWORD,
        CHAT_TOKEN="c4narytoken",
        NO_PROXY=LOOPBACK,
    )


def test_a_sample_goes_through_every_channel_and_is_plainly_a_test(tmp_path):
    with Mailbox() as box, Webhook() as chat, Webhook() as hook:
        private = f"{LOOPBACK}:{hook.port}/in?secret=${{HOOK_SECRET}}&allow_private=yes"
        configured(
            tmp_path,
            mail=box.address(),
            chat=chat.mattermost_address("${CHAT_TOKEN}"),
            hook=f"webhook+http://{private}",
            folder="folder:messages",
        )
        done = tried(tmp_path, "--all", "--json")

    assert done.returncode == 0, done.stderr
    told = {each["channel"]: (each["outcome"], each["answer"]) for each in json.loads(done.stdout)}
    assert told["mail"] == ("taken", "250 2.0.0 queued")
    assert told["chat"] == ("taken", "taken by the mmost receiver")
    assert told["hook"] == ("taken", "taken by the web hook (200)")
    assert told["folder"][1].startswith("written to ")
    (mail,), (post,) = box.messages, chat.posts
    assert mail.subject == "[TEST] watcher: the channel mail works"
    assert all("This is a test" in form for form in (mail.text, mail.html, post.json()["text"]))
    assert "□ TEST" in mail.html
    assert hook.posts[0].json()["type"] == "watcher.told.test"
    assert any(path.name.endswith("watcher-test.txt") for path in (tmp_path / "messages").iterdir())


def test_what_is_not_taken_is_told_with_its_reason_and_ends_with_1(tmp_path):
    with Mailbox(refuse=f"550 5.1.1 no such user, {PASSWORD}") as box, Webhook([500]) as chat:
        login = f"mailto://w:${{MAIL_PASSWORD}}@{LOOPBACK}:{box.port}"
        configured(
            tmp_path,
            mail=box.address(),
            login=f"{login}/?from=watcher@example.org&to=reader@example.org",
            chat=chat.mattermost_address("${CHAT_TOKEN}"),
            gone=f"json://{LOOPBACK}:{free_port()}/in",
        )
        done = tried(tmp_path, "--all")

    assert done.returncode == 1
    assert re.search(r"mail: refused; .*550 5\.1\.1", done.stderr)
    assert re.search(r"chat: not taken for now; .*answered 500", done.stderr)
    assert re.search(r"gone: not taken for now; .*was not reached", done.stderr)
    assert "c4nary" not in re.sub(r"mail: refused;.*", "", done.stderr + done.stdout)


def test_it_needs_no_store_so_that_it_works_beside_the_service(tmp_path):
    configured(tmp_path, folder="folder:messages")

    assert tried(tmp_path, "folder").returncode == 0
    assert not (tmp_path / "data").exists()


def test_channels_are_listed_and_an_unknown_one_is_told_with_the_known(tmp_path):
    configured(tmp_path, folder="folder:messages")

    listed = tried(tmp_path, "--json")
    unknown = tried(tmp_path, "nobody")

    assert json.loads(listed.stdout) == [{"channel": "folder", "who": "folder", "kind": "folder"}]
    assert unknown.returncode != 0
    assert "there are: folder" in unknown.stderr
