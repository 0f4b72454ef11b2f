"""The page at which people sign in: also what they find who ask for a page and are not known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from litestar import MediaType
from litestar.datastructures import Cookie
from litestar.response import Template

from watcher.web.callers import Connection
from watcher.web.cookies import form_cookie
from watcher.web.outside import outside
from watcher.web.site import Site

_HERE = re.compile(r"/(?![/\\])[!-~]{0,500}")
_GUEST = "guest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the page says beside its form.

    Attributes:
        problem: Why nobody was let in; empty: nobody tried.
        done: What was done before; empty: nothing.
        name: The name that was filled in.
    """

    problem: str = ""
    done: str = ""
    name: str = ""


def within(address: str) -> str:
    """Return an address if it is a path of ours, to be led to after signing in; else the first."""
    return address if _HERE.fullmatch(address) and "\\" not in address else "/"


def wanted(request: Connection) -> str:
    """Return what somebody asked for who has to sign in first; what was sent is not sent again."""
    if request.scope.get("method", "GET") != "GET":
        return "/"
    query = request.scope["query_string"].decode("latin-1")
    return within(request.scope["path"] + (f"?{query}" if query else ""))


def guest_of(value: str) -> str:
    """Return what the form of somebody is sealed by whom nobody knows yet."""
    return f"{_GUEST} {value}"


def entrance(
    site: Site,
    request: Connection,
    *,
    to: str,
    told: Told | None = None,
    status: int = 401,
    headers: Mapping[str, str] | None = None,
) -> Template:
    """Return the page.

    Args:
        site: Ours.
        request: What was asked.
        to: Where whoever signs in is led.
        told: What it says beside its form.
        status: Its status.
        headers: Its further headers.
    """
    ways = site.web.sign_in
    cookies: list[Cookie] = []
    seal = ""
    if ways is not None and ways.users and site.callers is not None:
        cookie = form_cookie(request.headers, outside(request.scope))
        cookies.append(cookie)
        seal = site.callers.seal(guest_of(cookie.value or ""))
    context = {
        "ways": ways,
        "is_empty": ways is not None and ways.users and not _has_users(site),
        "seal": seal,
        "to": within(to),
        "told": told or Told(),
        "is_asked_for": to not in {"", "/"},
    }
    return Template(
        "sign_in.html",
        context=context,
        cookies=cookies,
        status_code=status,
        media_type=MediaType.HTML,
        headers=dict(headers or {}),
    )


def _has_users(site: Site) -> bool:
    with site.watcher.store.reading() as work:
        return bool(work.access.users())
