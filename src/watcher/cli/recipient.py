"""Where a new watcher sends its messages: asked for in the words people have for it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from watcher.cli.common import configured
from watcher.cli.questions import Asker
from watcher.config.first_file import FOLDER_URL, Wishes, first_file
from watcher.config.given_address import PASSWORD, Given, is_mail, mail_through, without_secrets
from watcher.errors import ConfigError

_QUESTION = (
    "Where to send: your mail address, the web hook of a chat (Teams, Slack …),\n"
    "another channel's address, or files in a folder"
)


def recipient(ask: Asker, send_to: str, server: str, user: str, config: Path) -> Given:
    """Return where to send to, without its secrets.

    Args:
        ask: Asks for what no flag says.
        send_to: A mail address, a chat's web hook or a channel's address; empty: ask.
        server: The mail server.
        user: Whom to sign in as there.
        config: The file it is for, which relative folders start at.

    Raises:
        typer.BadParameter: What a flag says cannot be used.
    """
    usable = partial(_usable, config=config)
    given = ask.answer(_QUESTION, send_to, usable, flag="--send-to", default=FOLDER_URL)
    if isinstance(given, Given):
        return given
    return ask.answer(
        "Your mail server, such as mail.your-organisation.eu:587",
        server,
        lambda named: _through(ask, given, named, user),
        flag="--mail-server",
    )


def _through(ask: Asker, to: str, server: str, user: str) -> Given:
    """Return mail to somebody through a server; asks whom to sign in as there.

    Raises:
        ValueError: `server` is no server's name.
    """
    mail_through(to, server)  # so that a misspelled server is told before a password is asked for
    if not user:
        question = "Whom to sign in as there (nothing: nobody, a relay of your own)"
        user = ask.answer(question, "", str, flag="--mail-user", default="")
    password = os.environ.get(PASSWORD, "")
    if user and not password:
        password = ask.secret("The password, which is kept in .env")
    if user and not password:
        message = f"a user needs a password: set {PASSWORD} in the environment"
        raise ValueError(message)
    return mail_through(to, server, user=user, password=password)


def _usable(text: str, config: Path) -> Given | str:
    """Return a mail address as it is, any other address without its secrets.

    Raises:
        ValueError: It is no address that a message can be sent to; shows no secret.
    """
    if is_mail(text):
        return text
    if text.startswith("https://"):
        text = _of_a_service(text)
    given = without_secrets(text)
    trial = Wishes(contact="mailto:you@your-organisation.eu", send_to=given.url)
    try:
        configured(first_file(trial).encode(), config, given.secrets)
    except ConfigError as error:
        raise ValueError(error.problems[0].message) from error
    return given


def _of_a_service(url: str) -> str:
    """Return the address of a channel for the web hook that a chat's own pages show.

    Raises:
        ValueError: No service knows it.
    """
    from watcher.notify.apprise_address import of_web_hook  # noqa: PLC0415  loads Apprise

    return of_web_hook(url)
