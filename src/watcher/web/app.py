"""The application: every page, what guards them and how they are drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig

from watcher.bootstrap import Watcher
from watcher.config.model import Web
from watcher.core.capture import instant
from watcher.core.phrases import instant as in_words
from watcher.core.phrases import path_in_words, short_date
from watcher.errors import IntegrityError
from watcher.services.decisions import Decider
from watcher.services.orders import Arguments, Hands, Result, carry_out
from watcher.web.api.routes import api
from watcher.web.health import Health
from watcher.web.live import Live, LivePage
from watcher.web.memento import MementoPages
from watcher.web.metrics import Meter, MetricsPage
from watcher.web.pages.act import ActPage
from watcher.web.pages.audit import AuditPage
from watcher.web.pages.case import CasePage
from watcher.web.pages.compare import ComparePage
from watcher.web.pages.deliveries import DeliveriesPage
from watcher.web.pages.medicine import DossierPage, MedicinePage
from watcher.web.pages.medicines import MedicinesPage
from watcher.web.pages.settings import SettingsPage
from watcher.web.pages.snapshot import SnapshotPage
from watcher.web.pages.sources import SourcesPage
from watcher.web.pages.today import TodayPage
from watcher.web.problems import told
from watcher.web.security import guard, with_headers
from watcher.web.site import Allowance, Site

HERE = Path(__file__).parent
LARGEST_BODY = 16_384
"""Bytes of the largest form that is read."""
PAGES = (
    TodayPage,
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
    )
    meter = Meter()
    return Litestar(
        [
            *PAGES,
            api(),
            Health,
            MementoPages,
            MetricsPage,
            create_static_files_router(path="/static", directories=[HERE / "static"]),
        ],
        dependencies={
            "site": Provide(lambda: site, sync_to_thread=False),
            "meter": Provide(lambda: meter, sync_to_thread=False),
        },
        middleware=[guard(site)],
        before_send=[with_headers],
        exception_handlers={Exception: told},
        template_config=TemplateConfig(instance=_templates()),
        state=State({"site": site, "live": Live(watcher)}),
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _templates() -> JinjaTemplateEngine:
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
    environment.filters["alike"] = _alike
    environment.globals["shapes"] = SHAPES
    return JinjaTemplateEngine.from_environment(environment)


def _minute(at: str | datetime) -> str:
    """Return an instant as people write it: `22 November 2026, 12:00 UTC`."""
    return in_words(at if isinstance(at, str) else instant(at), seconds=False)


def _brief(at: str) -> str:
    """Return an instant as lists have it: `22 Nov 2026, 12:00`; every page says that it is UTC."""
    words = in_words(at, seconds=False)
    return f"{short_date(at[:10])}, {words[-9:-4]}" if words != at else at


def _alike(name: str) -> str:
    """Return in words what changes had in common: `fact.changed product.atc_code`, or a type."""
    kind, _, path = name.partition(" ")
    return f"{path_in_words(path)} changed" if path else kind.replace(".", " ").replace("_", " ")
