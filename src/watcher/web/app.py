"""The application: every page, what guards them and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2 import Template as JinjaTemplate
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from watcher.bootstrap import Watcher
from watcher.config.web_model import Web
from watcher.core.access import Act
from watcher.core.capture import instant
from watcher.core.phrases import instant as in_words
from watcher.core.phrases import short_date
from watcher.errors import IntegrityError
from watcher.services.decisions import Decider
from watcher.services.mass import in_words as alike
from watcher.services.orders import Arguments, Hands, Result, carry_out
from watcher.services.sign_in import Door
from watcher.web.api.routes import api
from watcher.web.callers import Callers, caller_of, may_ask
from watcher.web.health import Health
from watcher.web.live import Live, LivePage
from watcher.web.memento import MementoPages
from watcher.web.metrics import Meter, MetricsPage
from watcher.web.oidc import provider_of
from watcher.web.outside import note, outside, under
from watcher.web.pages.act import ActPage
from watcher.web.pages.audit import AuditPage
from watcher.web.pages.case import CasePage
from watcher.web.pages.cases import CasesPage
from watcher.web.pages.compare import ComparePage
from watcher.web.pages.deliveries import DeliveriesPage
from watcher.web.pages.medicine import DossierPage, MedicinePage
from watcher.web.pages.medicines import MedicinesPage
from watcher.web.pages.provider import ProviderPage
from watcher.web.pages.settings import SettingsPage
from watcher.web.pages.sign_in import SignInPage
from watcher.web.pages.snapshot import SnapshotPage
from watcher.web.pages.sources import SourcesPage
from watcher.web.pages.today import TodayPage
from watcher.web.pages.users import UsersPage
from watcher.web.pages.you import YouPage
from watcher.web.problems import told
from watcher.web.seal import LARGEST_BODY, sealing
from watcher.web.security import guard, with_headers
from watcher.web.site import Allowance, Site

if TYPE_CHECKING:
    from litestar.types import HTTPScope

HERE = Path(__file__).parent
PAGES = (
    TodayPage,
    CasesPage,
    CasePage,
    MedicinesPage,
    MedicinePage,
    DossierPage,
    ComparePage,
    SnapshotPage,
    SourcesPage,
    DeliveriesPage,
    AuditPage,
    SettingsPage,
    ActPage,
    LivePage,
    SignInPage,
    ProviderPage,
    YouPage,
    UsersPage,
)
SHAPES = {"critical": "▲", "high": "◆", "normal": "●", "low": "○"}
"""A shape a severity, for eyes that do not see the colour."""


def application(
    watcher: Watcher,
    *,
    hands: Hands,
    web: Web,
    is_alive: Callable[[], bool] = lambda: True,
    alarm: Callable[[IntegrityError], None] = lambda _error: None,
) -> Litestar:
    """Return the application.

    Args:
        watcher: The program, opened for writing.
        hands: What orders are carried out with.
        web: Where it is served.
        is_alive: Whether everything that runs in this process still does.
        alarm: Told of a history that would become wrong.
    """

    def carry(order: str, arguments: Arguments, by: Decider) -> Result:
        return carry_out(order, arguments, hands, by)

    site = Site(
        watcher=watcher,
        web=web,
        carry_out=carry,
        is_alive=is_alive,
        alarm=alarm,
        allowance=Allowance(watcher.tools.clock),
        callers=callers(watcher, web),
        provider=provider_of(web, watcher.tools.recorder),
    )
    meter = Meter()
    return Pages(
        [
            *PAGES,
            api(),
            Health,
            MementoPages,
            MetricsPage,
            create_static_files_router(
                path="/static", directories=[HERE / "static"], opt={"act": Act.KNOCK}
            ),
        ],
        dependencies={
            "site": Provide(lambda: site, sync_to_thread=False),
            "meter": Provide(lambda: meter, sync_to_thread=False),
        },
        middleware=[guard(site)],
        before_send=[with_headers],
        exception_handlers={Exception: told},
        template_config=TemplateConfig(instance=_templates(site)),
        state=State({"site": site, "live": Live(watcher)}),
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


class Pages(Litestar):
    """The application: it notes how each request looks from outside before anything else."""

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer a request."""
        if scope["type"] == ScopeType.HTTP:
            note(cast("HTTPScope", scope), self.state.site.web)
        await super().__call__(scope, receive, send)


def callers(watcher: Watcher, web: Web) -> Callers | None:
    """Return who knows who asks; None: nobody has to say who they are."""
    if web.sign_in is None:
        return None
    door = Door(
        store=watcher.store,
        passwords=watcher.passwords,
        clock=watcher.tools.recorder,
        limits=web.sign_in.sessions,
        key=watcher.form_key,
    )
    return Callers(door=door, header=web.sign_in.header, key=watcher.form_key)


class _Page(JinjaTemplate):
    """A page, whose links lead to where a browser sees us."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Return the page."""
        return under(outside(kwargs["request"].scope).base, super().render(*args, **kwargs))


def _templates(site: Site) -> JinjaTemplateEngine:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["minute"] = _minute
    environment.filters["brief"] = _brief
    environment.filters["day"] = short_date
    environment.filters["alike"] = alike
    environment.template_class = _Page
    environment.globals["shapes"] = SHAPES
    environment.globals["asker"] = caller_of
    environment.globals["may"] = lambda asked, act: may_ask(asked, Act(act))
    environment.globals["seal"] = partial(sealing, site.callers)
    environment.globals["signs_in"] = site.callers is not None
    return JinjaTemplateEngine.from_environment(environment)


def _minute(at: str | datetime) -> str:
    """Return an instant as people write it: `22 November 2026, 12:00 UTC`."""
    return in_words(at if isinstance(at, str) else instant(at), seconds=False)


def _brief(at: str) -> str:
    """Return an instant as lists have it: `22 Nov 2026, 12:00`; every page says that it is UTC."""
    words = in_words(at, seconds=False)
    return f"{short_date(at[:10])}, {words[-9:-4]}" if words != at else at
