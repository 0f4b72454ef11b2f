"""Postfix with a queue, a configuration and mailboxes of its own, below one folder."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from kit.receivers import LOOPBACK
from kit.servers import a_port, answers, needed, place, running, until

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/q
data_directory = {folder}/data
mail_owner = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {{reader@example.org=reader/}}, {{b@example.org=b/}} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 100
alias_maps =
local_recipient_maps =
default_transport = error:no-outside-mail
relay_transport = error:no-outside-mail
maillog_file = {folder}/maillog
maillog_file_prefixes = /var, {folder}
biff = no
"""
"""Nothing can leave: whatever is not for these mailboxes is an error."""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A mail server that somebody else has written."""

    port: int
    folder: Path

    def address(self, to: str = "reader@example.org") -> str:
        return f"mailto://{LOOPBACK}:{self.port}/?from=watcher@example.org&to={to}"

    def mails(self, user: str = "reader") -> list[EmailMessage]:
        """Return what lies in a mailbox."""
        found = sorted((self.folder / "mail" / user / "new").glob("*"))
        parsed = (message_from_bytes(each.read_bytes(), policy=default) for each in found)
        return [each for each in parsed if isinstance(each, EmailMessage)]

    @property
    def log(self) -> str:
        return (self.folder / "maillog").read_text("utf-8", "replace")


@contextmanager
def postfix() -> Iterator[Postfix]:
    """Yield a Postfix that listens; skip where it is not installed, or nobody is root."""
    program = needed("postfix", package="postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts as root only")
    with place("postfix") as folder:
        port = a_port()
        owner, box = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
        for name in ("etc", "q", "data", "mail"):
            (folder / name).mkdir()
        os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
        os.chown(folder / "mail", box.pw_uid, box.pw_gid)
        main = _MAIN.format(folder=folder, uid=box.pw_uid, gid=box.pw_gid)
        (folder / "etc" / "main.cf").write_text(main)
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=port))
        command = [program, "-c", str(folder / "etc")]
        with running([*command, "start-fg"], folder / "log") as process:
            try:
                until(lambda: answers(port), what="Postfix", process=process)
                yield Postfix(port, folder)
            finally:
                # what `start-fg` started is a shell; only Postfix itself ends its master
                subprocess.run([*command, "stop"], capture_output=True, check=False)
