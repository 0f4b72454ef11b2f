"""USERS: who may sign in and as what, and which programs may ask; for admins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from litestar import Controller, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from watcher.core.access import Act, Role
from watcher.core.sign_in import why_not
from watcher.errors import OperationalError
from watcher.services.accounts import is_usable
from watcher.services.orders import Arguments
from watcher.services.sign_in import draw_token
from watcher.web.acting import Asked, Filled, decider, new_form
from watcher.web.callers import caller_of
from watcher.web.pages.sign_in import callers_of
from watcher.web.site import Here, Site

Change = Literal["role", "disable", "enable", "remove"]
_SEE: Final = 303
_UNFILLED = 422


@dataclass(frozen=True, slots=True)
class Adding:
    """The form of a new user, as a browser sends it."""

    form: str = ""
    name: str = ""
    title: str = ""
    role: str = str(Role.READER)
    password: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True)
class Changing:
    """The form of what is to become of a user."""

    form: str = ""
    role: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class AddingToken:
    """The form of a new token."""

    form: str = ""
    title: str = ""
    role: str = str(Role.READER)
    days: int = 365


class UsersPage(Controller):
    """Users and tokens."""

    path = "/users"
    opt = {"act": Act.MANAGE}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(self, site: Here) -> Template:
        """List the users and the tokens."""
        return _page(site)

    @post("/", sync_to_thread=True)
    def add(self, request: Asked, site: Here, data: URLEncodedBody[Adding]) -> Template | Redirect:
        """Add a user with a password."""
        try:
            told = _new_user(site, data)
            site.carry_out("user_add", told, decider(request, Filled(form=data.form)))
        except OperationalError as error:
            return _page(site, ("add", str(error)), filled=data)
        return Redirect("/users#users", status_code=_SEE)

    @post("/{name:str}/{change:str}", sync_to_thread=True)
    def change(
        self,
        request: Asked,
        site: Here,
        name: FromPath[str],
        change: FromPath[Change],
        data: URLEncodedBody[Changing],
    ) -> Template | Redirect:
        """Let a user be something else, sign in no more or again, or go."""
        try:
            order, told = _order(request, name, change, data)
            site.carry_out(order, told, decider(request, Filled(form=data.form)))
        except OperationalError as error:
            return _page(site, ("change", str(error)))
        return Redirect("/users#users", status_code=_SEE)

    @post("/tokens", sync_to_thread=True, status_code=200)
    def add_token(self, request: Asked, site: Here, data: URLEncodedBody[AddingToken]) -> Template:
        """Add a token and show it, this once."""
        token_id, token, kept = draw_token()
        told: Arguments = {
            "id": token_id,
            "title": data.title,
            "role": data.role,
            "secret": kept,
            "days": data.days,
        }
        try:
            site.carry_out("token_add", told, decider(request, Filled(form=data.form)))
        except OperationalError as error:
            return _page(site, ("token", str(error)))
        return _page(site, token=token)

    @post("/tokens/{token:str}/revoke", sync_to_thread=True)
    def revoke(
        self, request: Asked, site: Here, token: FromPath[str], data: URLEncodedBody[Changing]
    ) -> Template | Redirect:
        """Let a token be used no more."""
        told: Arguments = {"token": token, "why": data.why}
        try:
            site.carry_out("token_revoke", told, decider(request, Filled(form=data.form)))
        except OperationalError as error:
            return _page(site, ("token", str(error)))
        return Redirect("/users#tokens", status_code=_SEE)


def _new_user(site: Site, adding: Adding) -> Arguments:
    """Return the order for a new user.

    Raises:
        OperationalError: The password cannot be used.
    """
    problem = why_not(adding.password, adding.name)
    if adding.password != adding.again:
        problem = "the password is not the same both times"
    if problem:
        raise OperationalError(problem)
    kept = callers_of(site).door.passwords.hashed(adding.password)
    return {"name": adding.name, "title": adding.title, "role": adding.role, "password": kept}


def _order(request: Asked, name: str, change: Change, changing: Changing) -> tuple[str, Arguments]:
    """Return the order for what is to become of a user.

    Raises:
        OperationalError: It is oneself: the last admin would lock the door from inside.
    """
    caller = caller_of(request)
    if caller is not None and caller.user == name:
        message = "that is you: another admin does that, or `watcher users` on the machine"
        raise OperationalError(message)
    match change:
        case "role":
            return "user_role", {"name": name, "role": changing.role}
        case "disable" | "enable":
            told: Arguments = {"name": name, "disabled": change == "disable", "why": changing.why}
            return "user_disable", told
        case "remove":
            return "user_remove", {"name": name, "why": changing.why}


def _page(
    site: Site,
    problem: tuple[str, str] = ("", ""),
    *,
    filled: Adding | None = None,
    token: str = "",
) -> Template:
    callers_of(site)
    with site.watcher.store.reading() as work:
        users = [(each, len(work.access.sessions_of(each.name))) for each in work.access.users()]
        tokens = [(each, is_usable(each, site.now)) for each in work.access.tokens()]
    context = {
        "users": users,
        "tokens": tokens,
        "roles": list(Role),
        "has_passwords": site.web.sign_in is not None and site.web.sign_in.users,
        "filled": filled or Adding(),
        "form": new_form(),
        "failed": problem[0],
        "problem": problem[1],
        "token": token,
    }
    return Template("users.html", context=context, status_code=_UNFILLED if problem[1] else 200)
