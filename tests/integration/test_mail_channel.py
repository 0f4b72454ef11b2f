"""Mail to real servers: what is sent arrives whole, and what did not is known as such."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

from kit.authority import authority
from kit.free_port import free_port
from kit.receivers import LOOPBACK, Authority, Mailbox, Webhook
from kit.scripted_mail import ScriptedServer
from kit.sending import ENVELOPE, refusal, way
from watcher.ports import Envelope

PASSWORD = "c4nary/p@ss:w0rd"
TOKEN = "c4narytoken0123456789abcd"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trust(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.ca))
    return trusted


def test_a_mail_arrives_as_text_and_html_with_both_whole():
    with Mailbox() as box:
        answer = way(box.address()).send(ENVELOPE)

    (mail,) = box.messages
    assert answer == "250 2.0.0 queued"
    assert mail.text == ENVELOPE.text
    assert mail.html.strip() == ENVELOPE.html
    assert mail.subject == ENVELOPE.subject
    assert mail.message.get_content_type() == "multipart/alternative"
    assert (mail.sender, mail.recipients) == ("watcher@example.org", ("reader@example.org",))


def test_a_mail_says_when_by_the_clock_and_that_a_machine_sent_it():
    with Mailbox() as box:
        way(box.address()).send(ENVELOPE)

    message = box.messages[0].message
    assert message["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "watcher <watcher.example.org>"
    assert message["X-Watcher-Key"] == "4f2a90c1"


def test_a_mail_sent_twice_carries_one_message_id():
    with Mailbox() as box:
        for _ in range(2):
            way(box.address()).send(ENVELOPE)

    assert [mail.message["Message-ID"] for mail in box.messages] == ["<4f2a90c1@example.org>"] * 2


def test_a_follow_up_hangs_on_the_mail_it_follows():
    follow_up = Envelope(key="b7", subject="s", text="t\n", in_reply_to="4f2a90c1")
    with Mailbox() as box:
        way(box.address()).send(follow_up)

    message = box.messages[0].message
    assert message["In-Reply-To"] == message["References"] == "<4f2a90c1@example.org>"


def test_only_a_mail_that_has_an_address_for_it_can_be_unsubscribed_with_one_click():
    address = f"https://watcher.example.org/stop/{'a' * 120}"
    with Mailbox() as box:
        for unsubscribe in ("", address, "http://x.org/", "https://x.org/>\r\nBcc: a@b.org"):
            digest = Envelope(key="k", subject="s", text="t\n", unsubscribe=unsubscribe)
            way(box.address()).send(digest)

    said = [mail.message["List-Unsubscribe"] for mail in box.messages]
    assert said == [None, f"<{address}>", None, None]
    assert box.messages[1].message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"\r\nList-Unsubscribe: <{address}>\r\n".encode() in box.messages[1].raw


def test_every_header_line_of_a_long_mail_is_of_a_length_servers_take():
    long = Envelope(
        key="k" * 300, subject="→ é " * 100, text="x" * 5_000, in_reply_to="sha256:" + "e" * 64
    )
    with Mailbox() as box:
        sender = f"watcher@{'sub.' * 12}example.org"
        way(box.address(sender=sender)).send(long)

    raw = box.messages[0].raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    domain = sender.partition("@")[2]
    ids = re.findall(rb"<[0-9a-f]{64}@" + domain.encode() + rb">", raw)
    assert len(ids) == 3
    assert box.messages[0].text.strip() == long.text


def test_a_line_break_in_a_subject_makes_no_header():
    hostile = Envelope(
        key="k\r\nBcc: x@example.org", subject="a\r\nBcc: x@example.org\x00", text="t\n"
    )
    with Mailbox() as box:
        way(box.address()).send(hostile)

    (mail,) = box.messages
    assert mail.message["Bcc"] is None
    assert mail.recipients == ("reader@example.org",)


def test_a_mail_goes_encrypted_and_logged_in_where_the_address_says_so(trust):
    login = ("watcher", PASSWORD)
    with Mailbox(tls=trust, login=login) as box:
        way(box.address()).send(ENVELOPE)

    assert box.messages[0].is_encrypted
    assert box.messages[0].login == "watcher"


def test_a_mail_goes_over_tls_from_the_first_byte_where_the_address_says_so(trust):
    with Mailbox(tls=trust, is_implicit_tls=True) as box:
        way(box.address()).send(ENVELOPE)

    assert box.messages[0].is_encrypted


@pytest.mark.parametrize("is_implicit_tls", [False, True])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(trusted, is_implicit_tls):
    with Mailbox(tls=trusted, is_implicit_tls=is_implicit_tls) as box:
        error = refusal(box.address())

    assert error.kind == "refused"
    assert "certificate is not trusted" in str(error)
    assert box.messages == []


def test_a_server_without_encryption_gets_nothing_from_an_address_that_asks_for_it():
    with Mailbox() as box:
        error = refusal(
            box.address().replace("mailto:", "mailtos:").replace("insecure", "starttls")
        )

    assert error.kind == "refused"
    assert "STARTTLS" in str(error)
    assert box.messages == []


def test_a_wrong_password_is_told_without_the_password(trust):
    with Mailbox(tls=trust, login=("watcher", PASSWORD)) as box:
        url = box.address().replace("c4nary", "c5nary")
        error = refusal(url)

    assert error.kind == "permanent"
    assert "535" in str(error)
    assert "(permanent)" in str(error)
    assert "p@ss" not in str(error)


def test_a_greylisting_server_refuses_for_now_and_takes_the_next_attempt():
    with Mailbox(greylist=1) as box:
        error = refusal(box.address())
        way(box.address()).send(ENVELOPE)

    assert error.kind == "refused"
    assert "451 4.7.1 Greylisted, try again (temporary)" in str(error)
    assert len(box.messages) == 1


@pytest.mark.parametrize(
    ("box", "words", "kind"),
    [
        (
            Mailbox(refuse="550 5.1.1 no such user"),
            "refused the recipient: 550 5.1.1 no such user",
            "permanent",
        ),
        (Mailbox(refuse_content="554 5.7.1 spam"), "refused the mail: 554 5.7.1 spam", "refused"),
    ],
    ids=["recipient", "content"],
)
def test_a_refusal_for_good_is_called_permanent(box, words, kind):
    with box:
        error = refusal(box.address())

    assert error.kind == kind
    assert f"{words} (permanent)" in str(error)


def test_a_mail_that_was_taken_without_an_answer_is_unknown_and_not_refused():
    with Mailbox(is_silent=True) as box:
        error = refusal(box.address(), seconds=2.0)
        box.wait_for(1)

    assert error.kind == "unknown"
    assert "unknown" in str(error)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"RCPT": ""}, "broke off before it had the mail"),
        ({"DATA": "451 4.3.0 no room"}, "refused the mail: 451 4.3.0 no room (temporary)"),
        ({"MAIL": "530 5.7.0 log in first"}, "refused the sender: 530 5.7.0 log in first"),
    ],
    ids=["hangs up", "before the mail", "sender"],
)
def test_what_goes_wrong_before_the_mail_was_there_is_a_refusal(answers, words):
    with ScriptedServer(answers) as server:
        error = refusal(server.address)

    assert error.kind == ("permanent" if "530" in words else "refused")
    assert words in str(error)


def test_a_server_that_hangs_up_on_the_whole_mail_leaves_it_unknown():
    with ScriptedServer({"DATA": "354 go on", "FROM:": ""}) as server:
        error = refusal(server.address)

    assert error.kind == "unknown"


def test_a_server_that_is_not_there_has_refused():
    error = refusal(f"mailto://{LOOPBACK}:{free_port()}/?from=w@example.org&to=r@example.org")

    assert error.kind == "refused"
    assert "did not let us connect" in str(error)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every line at every level, whoever writes it."""
    with caplog.at_level(1):
        yield caplog


def test_no_secret_reaches_a_log_or_an_error(everything_logged, trust, monkeypatch):
    monkeypatch.setenv("NO_PROXY", LOOPBACK)
    secrets = re.compile("c4nary|p@ss|p%40ss|YzRuYXJ5")
    errors = []
    with Mailbox(tls=trust, login=("watcher", PASSWORD)) as box:
        way(box.address()).send(ENVELOPE)
        box.refuse = f"550 I will not take it, {PASSWORD}"
        errors.append(refusal(box.address()))
    with Webhook([200, 404]) as hook:
        way(hook.mattermost_address(TOKEN)).send(ENVELOPE)
        errors.append(refusal(hook.mattermost_address(TOKEN)))
    with Webhook([200, 403]) as hook:
        url = hook.json_address("c4narypath", login="u:c4nary@", query="?+X-Key=c4naryheader")
        way(url).send(ENVELOPE)
        errors.append(refusal(url))
    with pytest.raises(ValueError, match="slack") as unusable:
        way(f"slack://{TOKEN}")

    ours = [record for record in everything_logged.records if record.name != "mail.log"]
    lines = [record.getMessage() for record in ours]
    told = [str(error) for error in errors] + [repr(error.__cause__) for error in errors]
    assert [line for line in [*lines, *told, str(unusable.value)] if secrets.search(line)] == []
    assert logging.getLogger("apprise").level == logging.WARNING


def test_no_secret_is_shown_by_a_channel_itself(trust):
    with Mailbox(tls=trust, login=("watcher", PASSWORD)) as box:
        shown = [repr(way(box.address())), repr(way(f"json://u:{TOKEN}@{LOOPBACK}/{TOKEN}"))]

    assert not [text for text in shown if "c4nary" in text]
