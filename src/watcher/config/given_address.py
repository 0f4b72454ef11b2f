"""A channel's address as a person has it becomes one for the file; its secrets go elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from watcher.config.addresses import MAIL, is_private
from watcher.config.channel_address import MAILS, scheme_of, written_out

PASSWORD, ADDRESS = "WATCHER_MAIL_PASSWORD", "WATCHER_CHANNEL_URL"
_SUBMISSION, _SMTPS, _RELAY = 587, 465, 25
_SERVER = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9a-fA-F:]+\])(?::([0-9]{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An address without its secrets.

    Attributes:
        url: As it may stand in the file, with `${NAMES}` for what may not.
        secrets: What those names stand for.
    """

    url: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def is_mail(text: str) -> bool:
    """Return whether a person gave a bare mail address."""
    return re.fullmatch(MAIL, text) is not None


def without_secrets(address: str) -> Given:
    """Return an address with each secret in it named instead of written.

    Of a mail server's address only the password is one. Of most others the address is the secret.
    """
    if not any(written_out(address)):
        return Given(url=address)
    if scheme_of(address) in MAILS:
        given = _mail_without_password(address)
        if given is not None and not any(written_out(given.url)):
            return given
    return Given(url=f"${{{ADDRESS}}}", secrets={ADDRESS: address})


def mail_through(to: str, server: str, *, user: str = "", password: str = "") -> Given:
    """Return the address of mail to one person through a server.

    It is always encrypted, but to a relay on this machine or in a private network that asks for
    no password. At port 465 the connection begins with TLS, at others STARTTLS is demanded.

    Args:
        to: The person's mail address.
        server: The server's name, `mail.hospital.eu` or `mail.hospital.eu:587`.
        user: Whom to sign in as; empty: nobody.
        password: Their password.

    Raises:
        ValueError: `server` is no server's name, or `to` no mail address; in words for a person.
    """
    match = _SERVER.fullmatch(server.strip())
    if match is None or int(match[2] or 1) > 65_535:
        message = "expected a mail server such as mail.your-organisation.eu or mail.your.eu:587"
        raise ValueError(message)
    if not is_mail(to):
        message = "expected a mail address such as you@your-organisation.eu"
        raise ValueError(message)
    host = match[1]
    is_own = is_private(host.strip("[]")) and not user
    port = int(match[2] or (_RELAY if is_own else _SUBMISSION))
    mode = "insecure" if is_own else "ssl" if port == _SMTPS else "starttls"
    login = f"{quote(user, safe='')}:${{{PASSWORD}}}@" if user else ""
    sender = user if is_mail(user) else to
    query = f"from={quote(sender, safe='@')}&to={quote(to, safe='@')}&mode={mode}"
    scheme = "mailto" if is_own else "mailtos"
    secrets = {PASSWORD: password} if user else {}
    return Given(url=f"{scheme}://{login}{host}:{port}/?{query}", secrets=secrets)


def _mail_without_password(address: str) -> Given | None:
    try:
        parts = urlsplit(address)
        password = parts.password
    except ValueError:
        return None
    if not password:
        return None
    login, _, host = parts.netloc.rpartition("@")
    user = login.partition(":")[0]
    url = parts._replace(netloc=f"{user}:${{{PASSWORD}}}@{host}").geturl()
    return Given(url=url, secrets={PASSWORD: unquote(password)})
