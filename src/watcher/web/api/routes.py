"""Every operation of the API, under one path."""

from __future__ import annotations

from litestar import Router

from watcher.core.access import Act
from watcher.web.api.acknowledgements import AcknowledgementsApi
from watcher.web.api.body import JsonRequest, only_json
from watcher.web.api.captures import CapturesApi
from watcher.web.api.cases import CasesApi
from watcher.web.api.deliveries import DeliveriesApi
from watcher.web.api.document import DocumentApi
from watcher.web.api.events import EventsApi
from watcher.web.api.exports import ExportsApi
from watcher.web.api.medicines import MedicinesApi
from watcher.web.api.parameters import only_known
from watcher.web.api.snapshots import SnapshotsApi
from watcher.web.api.sources import SourcesApi

CONTROLLERS = (
    MedicinesApi,
    CasesApi,
    EventsApi,
    ExportsApi,
    CapturesApi,
    SnapshotsApi,
    SourcesApi,
    DeliveriesApi,
    AcknowledgementsApi,
)


def api() -> Router:
    """Return version 1 of the API; who may read may use all of it, unless an operation says more.

    An operation's `role` is what its caller has to be at least: `reader` or `editor`.
    """
    return Router(
        "/api/v1",
        route_handlers=[*CONTROLLERS, DocumentApi],
        guards=[only_known, only_json],
        request_class=JsonRequest,
        opt={"act": Act.SEE},
    )
