"""Mail: Apprise reads the address, we write the letter and hand it to the server ourselves.

Apprise would give every attempt a new `Message-ID`, derive the text from the HTML and tell nothing
of what the server answered.
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Literal, NoReturn, cast

from watcher.core.text import shorten
from watcher.errors import DeliveryError
from watcher.notify.apprise_address import service
from watcher.notify.redact import redact
from watcher.notify.render import clean
from watcher.ports import Clock, Envelope

Security = Literal["insecure", "starttls", "ssl"]

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Keys that can stand in a Message-ID as they are."""
_FOR_GOOD = frozenset({530, 535, 550, 551, 553, 556})
"""No such mailbox, or no right to send; what is full, or taken for spam, may pass another day."""
_WHOLE = frozenset({"message-id", "in-reply-to", "references", "list-id", "list-unsubscribe"})


class _LetterPolicy(EmailPolicy):
    """Folds long headers, but never an id: broken or encoded it would be another id."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header as it goes over the wire."""
        if name.lower() in _WHOLE:
            return f"{name}: {value}{self.linesep}".encode("ascii", "replace")
        return super().fold_binary(name, value)


_POLICY = _LetterPolicy(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAddress:
    """Where a mail goes and how: one server, one sender, one recipient.

    Attributes:
        url: The channel's address, which must never be shown.
        security: As the address says: `ssl`, `starttls`, or `insecure` for a relay of one's own.
        seconds: How long to wait for each answer of the server.
    """

    url: str = field(repr=False)
    host: str
    port: int
    security: Security
    user: str = field(repr=False)
    password: str = field(repr=False)
    sender: Address
    recipient: Address
    seconds: float


def mail_address(url: str, *, seconds: float) -> MailAddress:
    """Return what a `mailto://` or `mailtos://` address says.

    Raises:
        ValueError: It cannot be used; the message shows no secret of it.
    """
    parsed = service(url, seconds=seconds)
    _only_what_we_do(parsed)
    sender_name, sender = parsed.from_addr
    name, recipient = parsed.targets[0]
    return MailAddress(
        url=url,
        host=parsed.smtp_host,
        port=int(parsed.port),
        security=cast("Security", str(parsed.secure_mode)),
        user=parsed.user or "",
        password=parsed.password or "",
        sender=_address(sender_name, sender),
        recipient=_address(name, recipient),
        seconds=seconds,
    )


def _only_what_we_do(parsed: object) -> None:
    """Refuse what the address asks for and a letter of ours would silently lack."""
    if len(getattr(parsed, "targets", ())) != 1:
        message = "a mail address needs exactly one recipient: …?to=someone@example.org"
        raise ValueError(message)
    for name, value in (("cc", "cc"), ("bcc", "bcc"), ("reply", "reply_to"), ("+", "headers")):
        if getattr(parsed, value, None):
            message = f"{name}= in a mail address is not supported: write one channel a recipient"
            raise ValueError(message)
    if getattr(parsed, "pgp_mode", "no") != "no":
        message = "pgp= in a mail address is not supported"
        raise ValueError(message)


def _address(name: object, address: str) -> Address:
    return Address(clean(str(name)) if name else "", addr_spec=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChannel:
    """A way to one recipient by mail."""

    id: str
    address: MailAddress
    clock: Clock

    def send(self, envelope: Envelope) -> str:
        """Send it and return the server's last answer.

        Raises:
            DeliveryError: `refused` where the server said no before it had the letter, or said no
                to it, `permanent` where it knows no such mailbox; `unknown` where it had it and
                did not answer.
        """
        content = letter(envelope, self.address, self.clock.now()).as_bytes()
        server = _connected(self.address)
        try:
            return _handed_over(server, self.address, content)
        finally:
            # Whatever happens now, the letter is taken or it is not.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def letter(envelope: Envelope, address: MailAddress, now: datetime) -> EmailMessage:
    """Return the mail: text and HTML as alternatives, with headers that let a double be seen."""
    domain = address.sender.domain
    message = EmailMessage(policy=_POLICY)
    message["From"] = address.sender
    message["To"] = address.recipient
    message["Subject"] = shorten(clean(envelope.subject), 240)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(envelope.key, domain)
    if envelope.in_reply_to:
        message["In-Reply-To"] = message_id(envelope.in_reply_to, domain)
        message["References"] = message_id(envelope.in_reply_to, domain)
    message["List-Id"] = f"watcher <watcher.{domain}>"
    if unsubscribe := _one_click(envelope.unsubscribe):
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Watcher-Key"] = clean(envelope.key)
    message.set_content(_encodable(envelope.text), cte="quoted-printable")
    if envelope.html:
        html = _encodable(envelope.html)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    for file in envelope.attachments:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.body, maintype=main, subtype=sub, filename=clean(file.name))
    return message


def _one_click(address: str) -> str:
    """Return an address that can stand in a header and be posted to (RFC 8058); else nothing."""
    fits = re.fullmatch(r"https://[!-;=?-~]{1,800}", address)
    return address if fits else ""


def message_id(key: str, domain: str) -> str:
    """Return `<key@domain>`: the same key always gives the same, so that a double shows."""
    fits = _KEY.fullmatch(key)
    local = key if fits else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    return f"<{local}@{domain}>"


def _encodable(text: str) -> str:
    """Return `text` without lone surrogates, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _connected(address: MailAddress) -> smtplib.SMTP:
    """Return a connection to the server, secured and logged in as the address says.

    Where the server does not offer what the address asks for we do not go on without it.
    """
    context = ssl.create_default_context()
    name = _our_name()
    try:
        if address.security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                address.host,
                address.port,
                name,
                timeout=address.seconds,
                context=context,
            )
        else:
            server = smtplib.SMTP(address.host, address.port, name, timeout=address.seconds)
    except (smtplib.SMTPException, OSError) as error:
        _refuse(address, "did not let us connect", error)
    try:
        if address.security == "starttls":
            server.starttls(context=context)
        if address.user and address.password:
            server.login(address.user, address.password)
    except (smtplib.SMTPException, OSError) as error:
        server.close()
        _refuse(address, "did not let us in", error)
    return server


def _our_name() -> str:
    """Return how we greet; `smtplib` would ask the name service, which can take half a minute."""
    name = socket.gethostname()
    return name if "." in name else "[127.0.0.1]"


def _handed_over(server: smtplib.SMTP, address: MailAddress, content: bytes) -> str:
    try:
        server.ehlo_or_helo_if_needed()
        _accepted(address, "sender", server.mail(address.sender.addr_spec))
        _accepted(address, "recipient", server.rcpt(address.recipient.addr_spec))
    except (smtplib.SMTPException, OSError) as error:
        _refuse(address, "broke off before it had the mail", error)
    try:
        answer = server.data(content)
    except smtplib.SMTPDataError as error:
        _refuse(address, "refused the mail", error)
    except (smtplib.SMTPException, OSError) as error:
        message = (
            f"{address.host} had the mail and did not answer ({type(error).__name__}): whether "
            "it was taken is unknown"
        )
        raise DeliveryError(message, kind="unknown") from None
    return _accepted(address, "mail", answer)


def _accepted(address: MailAddress, what: str, answer: tuple[int, bytes]) -> str:
    """Return the server's answer in words where it was yes."""
    code, text = answer
    told = _in_words(address, code, text)
    if not 200 <= code < 300:
        message = f"{address.host} refused the {what}: {told}"
        raise DeliveryError(message, kind=_kind(code))
    return told


def _refuse(address: MailAddress, what: str, error: Exception) -> NoReturn:
    """Raise that nothing was taken; the cause is left out, for it may quote what we sent."""
    told, kind = type(error).__name__, "refused"
    if isinstance(error, smtplib.SMTPResponseException):
        told, kind = _in_words(address, error.smtp_code, error.smtp_error), _kind(error.smtp_code)
    elif isinstance(error, ssl.SSLCertVerificationError):
        told = f"its certificate is not trusted: {error.verify_message}"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        told = "it does not offer STARTTLS or the login that the address asks for"
    message = f"{address.host} {what}: {told}"
    raise DeliveryError(message, kind=kind) from None


def _kind(code: int) -> str:
    """Return whether asking again can help, by RFC 5321's and 4954's codes."""
    return "permanent" if code in _FOR_GOOD else "refused"


def _in_words(address: MailAddress, code: int, answer: bytes | str) -> str:
    """Return `451 4.7.1 Greylisted, try again (temporary)`, with secrets hidden."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    told = shorten(clean(redact(f"{code} {text}", address.url)), 200)
    if code >= 500:
        return f"{told} (permanent)"
    return f"{told} (temporary)" if code >= 400 else told
