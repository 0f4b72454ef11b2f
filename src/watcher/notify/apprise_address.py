"""The one door to Apprise: an address becomes a service of it, bounded and without its habits.

Left to itself Apprise repeats after a timeout (and so doubles), follows redirects (and so carries
messages and tokens elsewhere, or takes a redirect for a success), waits 5.5 seconds between two
messages and, when asked to log, prints tokens.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from watcher.notify.markup import PLAIN, Flavour
from watcher.notify.redact import scheme
from watcher.ports import Attachment

_LOGGERS = ("apprise", "urllib3", "requests")


def service(url: str, *, seconds: float) -> Any:
    """Return Apprise's service for `url`: one recipient, no retries, no redirects, verified TLS.

    Args:
        url: The channel's address.
        seconds: How long one message may take.

    Raises:
        ValueError: Apprise knows no such service, or it is not one we would use; the message
            shows no part of the address but its scheme.
    """
    quieten()
    plugin = _instantiated(url, seconds)
    if plugin is None:
        message = f"no usable address: Apprise does not understand this {scheme(url)}:// address"
        raise ValueError(message)
    _bound(plugin, seconds)
    _check(plugin, url)
    return plugin


def _instantiated(url: str, seconds: float) -> Any:
    with warnings.catch_warnings():
        # Some of its 200 services import modules that Python means to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Apprise takes a third of a second to import, and only a process that sends needs it.
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415

        asset = AppriseAsset(
            app_id="watcher",
            app_desc="watcher",
            http_redirects=False,
            default_service_retry=0,
            service_timeout=seconds,
            storage_mode="memory",
        )
        return Apprise.instantiate(url, asset=asset, suppress_exceptions=True)


def of_web_hook(url: str) -> str:
    """Return the channel's address for the web hook that a service's own pages show.

    Args:
        url: `https://hooks.slack.com/services/…`, `https://….webhook.office.com/…` …

    Raises:
        ValueError: Apprise knows no service with such web hooks; the message shows none of it.
    """
    quieten()
    plugin = _instantiated(url, seconds=1)
    if plugin is None or scheme(url) in plugin.schemas():
        message = (
            "no chat is known with such a web hook; docs/channels.md tells how to write the "
            "address of any other service"
        )
        raise ValueError(message)
    return str(plugin.url())


def as_written(plugin: Any, flavour: Flavour) -> Any:
    """Return the format to declare so that a text of `flavour` arrives as it was written.

    Left to itself a service translates the Markdown it gets into its own dialect, in ways of its
    own. Of plain text that is wanted: then it escapes what it would act on.
    """
    from apprise import NotifyFormat  # noqa: PLC0415

    wanted = NotifyFormat(flavour.form)
    if flavour is PLAIN:
        return wanted
    plugin.dialect_convert = _unchanged
    return plugin.resolve_format(wanted)


def _unchanged(body: str, *_: object, **__: object) -> str:
    return body


@contextmanager
def files(plugin: Any, attachments: Sequence[Attachment]) -> Iterator[Any]:
    """Yield the attachments as Apprise takes them; None where the service carries no files.

    They lie in a folder of their own meanwhile: some services read them by their path only.
    """
    if not attachments or not plugin.attachment_support:
        yield None
        return
    from apprise import AppriseAttachment  # noqa: PLC0415
    from apprise.attachment.file import AttachFile  # noqa: PLC0415

    file: Any = AttachFile
    with tempfile.TemporaryDirectory(prefix="watcher-files-") as folder:
        carried = AppriseAttachment(asset=plugin.asset)
        for number, each in enumerate(attachments):
            path = Path(folder) / str(number)
            path.write_bytes(each.body)
            carried.add(file(path=str(path), name=each.name, mimetype=each.media_type))
        yield carried


def quieten() -> None:
    """Keep Apprise and its HTTP library out of our log: at some levels they print tokens."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _bound(plugin: Any, seconds: float) -> None:
    """Undo what the address itself may have asked for.

    The answer is awaited a little longer by the socket than by Apprise as a whole, so that no
    answer in time shows as a timeout ("unknown") and not as a failure ("refused").
    """
    plugin.request_rate_per_sec = 0
    plugin.retry = 0
    plugin.redirects = False
    plugin.optional = False
    plugin.socket_connect_timeout = seconds / 2
    plugin.socket_read_timeout = seconds + 5


def _check(plugin: Any, url: str) -> None:
    if not plugin.verify_certificate:
        message = (
            f"verify=no in a {scheme(url)}:// address: certificates are always verified here; "
            "name the file of your own authority in SSL_CERT_FILE and REQUESTS_CA_BUNDLE instead"
        )
        raise ValueError(message)
    if len(plugin) > 1:
        message = (
            f"a {scheme(url)}:// address with {len(plugin)} recipients: write one channel each, "
            "so that what one refuses is not sent twice to another"
        )
        raise ValueError(message)
