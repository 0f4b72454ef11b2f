"""nginx on the loopback with the site that the guide gives it: docs/howto/behind-a-proxy.md."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from kit.authority import authority
from kit.receivers import LOOPBACK, Authority
from kit.servers import REPOSITORY, a_port, answers, needed, place, running, until

GUIDE = REPOSITORY / "docs" / "howto" / "behind-a-proxy.md"
_UNPACKED = REPOSITORY / ".venv-servers" / "nginx" / "usr" / "sbin" / "nginx"
_AROUND = """\
daemon off;
pid {folder}/pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {site}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A proxy before the pages.

    Attributes:
        plain: Where it leads those on who come without encryption.
        address: Where the pages are read.
        authority: Who vouches for its certificate.
        name: What people call it.
    """

    plain: str
    address: str
    authority: Authority
    name: str

    def browser(self, **headers: str) -> httpx.Client:
        """Return a browser that knows it by its name."""
        return httpx.Client(
            base_url=self.address,
            headers={"Host": self.name, **headers},
            verify=ssl.create_default_context(cafile=self.authority.ca),
            trust_env=False,
            timeout=30,
        )


def site() -> str:
    """Return the site as the guide writes it."""
    (block,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return str(block)


@contextmanager
def nginx(pages: int) -> Iterator[Nginx]:
    """Run nginx before pages at a port of the loopback; its own ports are of the loopback too."""
    program = str(_UNPACKED) if _UNPACKED.exists() else needed("nginx", package="nginx")
    plain, encrypted = a_port(), a_port()
    with place("nginx") as folder:
        trusted = authority(folder)
        written = site()
        for there, instead in (
            ("listen 80;", f"listen {LOOPBACK}:{plain};"),
            ("listen 443 ssl;", f"listen {LOOPBACK}:{encrypted} ssl;"),
            ("http://127.0.0.1:8080", f"http://{LOOPBACK}:{pages}"),
            ("/etc/ssl/watcher.crt", str(trusted.certificate)),
            ("/etc/ssl/watcher.key", str(trusted.key)),
        ):
            assert written.count(there) == 1, f"the guide says `{there}` otherwise"
            written = written.replace(there, instead)
        (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, site=written), "utf-8")
        log = folder / "error.log"
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(log)]
        with running(command, folder / "said") as process:
            until(lambda: answers(encrypted), what="nginx", process=process)
            yield Nginx(
                plain=f"http://{LOOPBACK}:{plain}",
                address=f"https://{LOOPBACK}:{encrypted}",
                authority=trusted,
                name=_name(written),
            )


def _name(written: str) -> str:
    (name,) = set(re.findall(r"server_name (\S+);", written))
    return str(name)
