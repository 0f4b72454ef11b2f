"""YOU: who you are here, where you are signed in, and your password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar import Controller, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template

from watcher.core.access import Act, may
from watcher.core.adapt import in_words
from watcher.core.sign_in import why_not
from watcher.errors import OperationalError, SignInError
from watcher.ports.access import User
from watcher.services.orders import Arguments
from watcher.web.acting import Asked, Filled, decider, new_form
from watcher.web.callers import Caller, caller_of, knock_of
from watcher.web.outside import outside
from watcher.web.pages.sign_in import callers_of
from watcher.web.site import Here, Site

_SEE: Final = 303
_UNFILLED = 422


@dataclass(frozen=True, slots=True)
class Changed:
    """The form of a new password, as a browser sends it."""

    form: str = ""
    old: str = ""
    new: str = ""
    again: str = ""


class YouPage(Controller):
    """One's own account."""

    path = "/you"
    opt = {"act": Act.OWN}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(self, request: Asked, site: Here) -> Template:
        """Show who one is, what one may do, and where one is signed in."""
        return _page(site, request)

    @post("/sign-out-elsewhere", sync_to_thread=True)
    def sign_out_elsewhere(self, request: Asked, site: Here) -> Redirect:
        """End all of one's sessions but this one."""
        caller = _caller(request)
        if caller.user:
            callers_of(site).door.sign_out_everywhere(caller.user, but=caller.session)
        return Redirect("/you#sessions", status_code=_SEE)

    @post("/password", sync_to_thread=True)
    def change_password(
        self, request: Asked, site: Here, data: URLEncodedBody[Changed]
    ) -> Template | Redirect:
        """Change one's password: the old one is asked for, and all other sessions end."""
        try:
            told = _change(site, request, data)
            site.carry_out("user_password", told, decider(request, Filled(form=data.form)))
        except OperationalError as error:
            return _page(site, request, str(error))
        return Redirect("/you#password", status_code=_SEE)


def _change(site: Site, request: Asked, changed: Changed) -> Arguments:
    """Return the order for a new password.

    Raises:
        OperationalError: It cannot be used, or whoever wants it is not who they seem.
    """
    callers, caller = callers_of(site), _caller(request)
    user = _user(site, caller)
    if user is None or user.kind != "local":
        message = "your password is not ours: change it where you sign in"
        raise OperationalError(message)
    knock = knock_of(request.headers, outside(request.scope))
    if not callers.door.is_password(user, changed.old, knock):
        message = "that is not your password as it is now"
        raise SignInError(message)
    problem = why_not(changed.new, user.name)
    if changed.new != changed.again:
        problem = "the new password is not the same both times"
    if problem:
        raise OperationalError(problem)
    kept = callers.door.passwords.hashed(changed.new)
    return {"name": user.name, "password": kept, "keep": caller.session}


def _caller(request: Asked) -> Caller:
    caller = caller_of(request)
    if caller is None:  # the guard lets nobody in whom it does not know
        message = "nobody is signed in"
        raise OperationalError(message)
    return caller


def _user(site: Site, caller: Caller) -> User | None:
    with site.watcher.store.reading() as work:
        return work.access.user(caller.user) if caller.user else None


def _page(site: Site, request: Asked, problem: str = "") -> Template:
    callers, caller = callers_of(site), _caller(request)
    with site.watcher.store.reading() as work:
        user = work.access.user(caller.user) if caller.user else None
        sessions = work.access.sessions_of(caller.user) if user else ()
    context = {
        "me": caller,
        "user": user,
        "sessions": tuple(reversed(sessions)),
        "limits": callers.door.limits,
        "acts": [act.in_words for act in Act if act is not Act.KNOCK and may(caller.role, act)],
        "idle": in_words(callers.door.limits.idle),
        "absolute": in_words(callers.door.limits.absolute),
        "form": new_form(),
        "problem": problem,
    }
    return Template("you.html", context=context, status_code=_UNFILLED if problem else 200)
