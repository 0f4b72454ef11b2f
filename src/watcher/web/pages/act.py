"""The page of a one-time link: the case in plain words, a reason, and one button.

Mail scanners follow every link in a message: to look at it changes nothing, and only the button
does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import Controller, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template

from watcher.core import wording
from watcher.errors import LinkError, NotFoundError, OperationalError
from watcher.services.acknowledge import VERDICTS
from watcher.web.links import Answer, act, offer
from watcher.web.problems import TooManyError
from watcher.web.site import Site

_UNFILLED = 422


@dataclass(frozen=True, slots=True)
class Filled:
    """The form, as a browser sends it."""

    why: str = ""
    to: str = ""
    name: str = ""


Form = Annotated[Filled, Body(media_type=RequestEncodingType.URL_ENCODED)]


class ActPage(Controller):
    """One-time links."""

    path = "/act"

    @get("/{token:str}", sync_to_thread=True)
    def show(self, site: Site, token: str) -> Template:
        """Show the case and what would be done; change nothing."""
        _take(site)
        return _page(site, token)

    @post("/{token:str}", sync_to_thread=True, status_code=200)
    def do(self, site: Site, token: str, data: Form) -> Template:
        """Do it, once."""
        _take(site)
        try:
            decided = act(site, token, Answer(why=data.why, to=data.to, name=data.name))
        except (LinkError, NotFoundError):
            raise
        except OperationalError as error:
            return _page(site, token, filled=data, problem=str(error))
        offered = offer(site, token)
        context = {"offer": offered, "decided": decided, "is_wrong": _is_wrong(decided.what)}
        return Template("done.html", context=context)


def _take(site: Site) -> None:
    """Let one more request through.

    Raises:
        TooManyError: There were too many.
    """
    if not site.allowance.take():
        message = "too many links were followed within a minute; try again in one"
        raise TooManyError(message)


def _page(
    site: Site, token: str, *, filled: Filled | None = None, problem: str = ""
) -> Template:
    offered = offer(site, token)
    if offered.done is not None:
        is_wrong = _is_wrong(offered.done.what)
        context = {"offer": offered, "decided": offered.done, "is_wrong": is_wrong}
        return Template("done.html", context=context)
    context = {
        "offer": offered,
        "filled": filled or Filled(),
        "problem": problem,
        "action": wording.ACTIONS[offered.link.action],
    }
    return Template("act.html", context=context, status_code=_UNFILLED if problem else 200)


def _is_wrong(what: str) -> bool:
    """Return whether what was decided calls for a correction."""
    return what == f"judged {VERDICTS[1]}"
