"""Our cookies: what a browser has of a session, and what its form to sign in is sealed with."""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie

from litestar.datastructures import Cookie, Headers

from watcher.web.outside import Outside

_SESSION, _FORM, _WAY = "watcher", "watcher-form", "watcher-way"
_DRAWN = re.compile(r"[0-9a-f]{32}")
_TEN_MINUTES = 600


def named(name: str, seen: Outside) -> str:
    """Return a cookie's name: where the line is encrypted, one that no other site can set.

    `__Host-` binds it to this very host, whole; below a base path to what is encrypted at least.
    """
    if not seen.is_secure:
        return name
    return f"__Secure-{name}" if seen.base else f"__Host-{name}"


def _made(name: str, value: str, seen: Outside, *, seconds: int) -> Cookie:
    return Cookie(
        key=named(name, seen),
        value=value,
        path=f"{seen.base}/",
        max_age=seconds,
        httponly=True,
        secure=seen.is_secure,
        samesite="lax",
    )


def _read(name: str, headers: Headers, seen: Outside) -> str:
    """Return a cookie's value; empty: there is none."""
    cookies: SimpleCookie = SimpleCookie()
    for each in headers.getall("cookie", []):
        try:
            cookies.load(each)
        except CookieError:
            return ""
    found = cookies.get(named(name, seen))
    return found.value if found else ""


def session_of(headers: Headers, seen: Outside) -> str:
    """Return what a browser has of a session; empty: nothing."""
    return _read(_SESSION, headers, seen)


def session_cookie(secret: str, seen: Outside, *, seconds: int) -> Cookie:
    """Return the cookie of a session that begins."""
    return _made(_SESSION, secret, seen, seconds=seconds)


def no_session(seen: Outside) -> Cookie:
    """Return the cookie that takes a session away from a browser."""
    return _made(_SESSION, "", seen, seconds=0)


def form_cookie(headers: Headers, seen: Outside) -> Cookie:
    """Return the cookie that a form to sign in is sealed with: the one there is, or a new one."""
    there = form_of(headers, seen)
    return _made(_FORM, there or secrets.token_hex(16), seen, seconds=24 * 3600)


def form_of(headers: Headers, seen: Outside) -> str:
    """Return what a form to sign in was sealed with; empty: nothing."""
    there = _read(_FORM, headers, seen)
    return there if _DRAWN.fullmatch(there) else ""


def way_cookie(told: str, seen: Outside) -> Cookie:
    """Return the cookie in which a browser carries where it was on its way to a provider."""
    return _made(_WAY, told, seen, seconds=_TEN_MINUTES)


def way_of(headers: Headers, seen: Outside) -> str:
    """Return what a browser carries of its way to a provider; empty: nothing."""
    return _read(_WAY, headers, seen)


def no_way(seen: Outside) -> Cookie:
    """Return the cookie that takes that away again."""
    return _made(_WAY, "", seen, seconds=0)
