"""The secrets of a channel's address are taken out of whatever is shown of it."""

from __future__ import annotations

import pytest

from watcher.notify.redact import redact, scheme

MAIL = "mailtos://watcher:p%40ss%2Fword@mx.example.org/?from=w@example.org&to=a@example.org"


@pytest.mark.parametrize(
    "secret", ["p%40ss%2Fword", "p@ss/word", "cEBzcy93b3Jk", "AHdhdGNoZXIAcEBzcy93b3Jk"]
)
def test_a_password_is_hidden_as_written_decoded_and_as_a_login_sends_it(secret):
    assert redact(f"535 no: {secret}", MAIL) == "535 no: •••"


def test_the_server_and_the_recipient_of_a_mail_are_no_secret():
    assert redact("mx.example.org refused a@example.org", MAIL) == (
        "mx.example.org refused a@example.org"
    )


@pytest.mark.parametrize(
    "url",
    [
        "slack://ToKen1234/B1/C1",
        "tgram://123:ToKen1234/chat",
        "json://u:ToKen1234@host/",
        "json://host/?x=ToKen1234",
        "json://host/ToKen1234",
    ],
)
def test_any_part_of_another_address_may_be_a_token(url):
    assert redact("got ToKen1234", url) == "got •••"


def test_an_address_that_cannot_be_taken_apart_is_hidden_whole():
    assert redact("sent to json://[bad/token", "json://[bad/token") == "sent to •••"


def test_the_scheme_is_all_that_is_shown():
    assert scheme("Slack://token/x") == "slack"
