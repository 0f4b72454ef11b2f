"""The page of a one-time link: the case in plain words, a reason, and one button.

Mail scanners follow every link in a message: to look at it changes nothing, and only the button
does.
"""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Controller, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from watcher.core import wording
from watcher.core.access import Act
from watcher.errors import OperationalError
from watcher.web.links import Answer, Offer, act, offer
from watcher.web.problems import TooManyError
from watcher.web.site import Here, Site

_UNFILLED = 422


@dataclass(frozen=True, slots=True)
class Filled:
    """The form, as a browser sends it."""

    why: str = ""
    to: str = ""
    name: str = ""


class ActPage(Controller):
    """One-time links."""

    path = "/act"
    opt = {"act": Act.KNOCK}  # noqa: RUF012  Litestar's own form

    @get("/{token:str}", sync_to_thread=True)
    def show(self, site: Here, token: FromPath[str]) -> Template:
        """Show the case and what would be done; change nothing."""
        _take(site)
        return _page(offer(site, token))

    @post("/{token:str}", sync_to_thread=True, status_code=200)
    def do(self, site: Here, token: FromPath[str], data: URLEncodedBody[Filled]) -> Template:
        """Do it, once."""
        _take(site)
        offered = offer(site, token)
        try:
            act(site, offered, Answer(why=data.why, to=data.to, name=data.name))
        except OperationalError as error:
            return _page(offered, data, str(error))
        return _page(offer(site, token))


def _take(site: Site) -> None:
    """Let one more request through.

    Raises:
        TooManyError: There were too many.
    """
    if not site.allowance.take():
        message = "too many links were followed within a minute; try again in one"
        raise TooManyError(message)


def _page(offered: Offer, filled: Filled | None = None, problem: str = "") -> Template:
    """Return what was done under a link or, before that, the form that does it."""
    if offered.done is not None:
        is_wrong = offered.done.what == "judged wrong"
        context = {"offer": offered, "decided": offered.done, "is_wrong": is_wrong}
        return Template("done.html", context=context)
    told = {
        "offer": offered,
        "filled": filled or Filled(),
        "problem": problem,
        "action": wording.ACTIONS[offered.link.action],
    }
    return Template("act.html", context=told, status_code=_UNFILLED if problem else 200)
