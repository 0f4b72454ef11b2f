"""The OpenAPI document: made by Litestar of the operations, finished here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from litestar import Controller, Litestar, Response, Router, get
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Contact, License, Tag

from watcher.core.access import LEAST, Act
from watcher.web.api.answers import Asked, answered
from watcher.web.api.examples import examples
from watcher.web.outside import outside

VERSION = "1.0.0"
_PROBLEM = "application/problem+json"
_JSON = "application/json"
_DESCRIPTION = """What this watcher knows of medicines, with its evidence, for other programs.

Lists are read page by page: `after` in an answer is the cursor of the next question, `next` and the
`Link` header the address of the next page. Answers carry a strong `ETag`; `If-None-Match` brings
304. A parameter that is not known, or not of its kind, is refused with 422 and named. Problems are
told as RFC 9457 has it. Where people have to sign in, a program sends a token; `x-role` is the
least role of whoever asks. Instants are RFC 3339, UTC; dates of legal effect are EDTF, as precise
as the source states them. EU regulatory information originates from the European Medicines Agency
(EMA), acknowledged as the source. Informational: the official source prevails over anything told
here.
"""
_TAGS = {
    "medicines": "What each source says of a medicine, now or as of a moment.",
    "cases": "One happening in the world, told by one or more events of one or more sources.",
    "events": "The log: append-only, gapless, chained.",
    "exports": "The log as a download.",
    "captures": "The ledger of looks, the failed ones too.",
    "snapshots": "Payloads as they were captured.",
    "sources": "What is watched, and how it does.",
    "deliveries": "Messages, and what became of each.",
    "acknowledgements": "What people did about cases.",
}
_REFUSALS = {
    "400": "The request cannot be understood.",
    "401": "Nobody knows who asks: where people sign in, a program sends a token.",
    "403": "Whoever asks may not do this; `x-role` says who may.",
    "404": "There is no such thing here.",
    "405": "The address is there, and cannot be asked so.",
    "409": "It cannot be done as things are, such as what somebody has done before.",
    "410": "It was here, and was taken away on purpose.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "A parameter, or a field of the body, cannot be used; it is named.",
    "503": "It is here, and cannot be read.",
}
_ALWAYS = ("400", "401", "403", "404", "422")
_WAYS = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that an admin made with `watcher tokens add`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "watcher",
        "description": "A browser that has signed in (`__Host-watcher` where the line is encrypted)"
        "; what changes something carries `X-Watcher-Seal` too, as our own pages have it.",
    },
}
"""How one says who one is; on an address that only its machine reaches nobody need."""
_ALSO = {
    "getSnapshot": ("503",),
    "getSnapshotBytes": ("410", "503"),
    "acknowledgeCase": ("409", "413", "415"),
    "assignCase": ("409", "413", "415"),
    "judgeCase": ("409", "413", "415"),
    "exportWorkbook": ("409",),
}


class DocumentApi(Controller):
    """The document itself."""

    @get("/openapi.json", include_in_schema=False, sync_to_thread=True)
    def show(self, request: Asked) -> Response[dict[str, Any]]:
        """Return the OpenAPI document."""
        base = outside(request.scope).base
        return answered(request, {**document(), "servers": [{"url": base}]} if base else document())


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the API: what there is to ask, and what is answered."""
    # imported late: the routes have this document among them
    from watcher.web.api.routes import CONTROLLERS  # noqa: PLC0415

    described = Litestar(
        [Router("/api/v1", route_handlers=list(CONTROLLERS), opt={"act": Act.SEE})],
        openapi_config=OpenAPIConfig(
            title="watcher",
            version=VERSION,
            summary="Medicines withdrawn, with the evidence",
            description=_DESCRIPTION,
            contact=Contact(name="Whoever runs this watcher"),
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
            tags=[Tag(name=name, description=text) for name, text in _TAGS.items()],
            use_handler_docstrings=True,
            render_plugins=[JsonRenderPlugin()],
        ),
        dependencies={"site": Provide(lambda: None, sync_to_thread=False)},
        logging_config=None,
    )
    made: dict[str, Any] = json.loads(json.dumps(described.openapi_schema.to_schema()))
    made["components"]["schemas"].update(_problem_schemas())
    made["components"]["securitySchemes"] = _WAYS
    made["security"] = [*({name: []} for name in _WAYS), {}]
    made["paths"] = {path: made["paths"][path] for path in sorted(made["paths"])}
    shown = examples()
    needed = _roles(described)
    for path in made["paths"].values():
        for operation in path.values():
            operation["x-role"] = needed[operation["operationId"]]
            _finish(operation, shown)
    return made


def _roles(described: Litestar) -> Mapping[str, str]:
    """Return the least role that each operation asks for, by its `operationId`."""
    return {
        str(handler.operation_id): str(LEAST[handler.opt["act"]])
        for route in described.routes
        for handler in getattr(route, "route_handlers", ())
        if handler.operation_id and "act" in handler.opt
    }


def _finish(operation: dict[str, Any], shown: Mapping[str, Any]) -> None:
    """Add to an operation what Litestar cannot know: refusals as they are told, and an example."""
    name, responses = operation["operationId"], operation["responses"]
    for status in (*_ALWAYS, *_ALSO.get(name, ())):
        responses[status] = {
            "description": _REFUSALS[status],
            "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    good = responses["200"]
    if _JSON in good.get("content", {}):
        good["content"][_JSON]["example"] = shown[name]
        good["headers"] = _headers(operation)
    if _JSON in good.get("content", {}) and "requestBody" not in operation:
        responses["304"] = {"description": "Nothing has changed since; see `If-None-Match`."}
    if "requestBody" in operation:
        operation["requestBody"]["content"][_JSON]["example"] = shown[f"{name}Body"]


def _headers(operation: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    told = {"ETag": {"description": "A strong validator of this answer.", "schema": text}}
    if operation["operationId"].startswith("list"):
        told["Link"] = {"description": 'The next page, `rel="next"`; RFC 8288.', "schema": text}
    return told


def _problem_schemas() -> dict[str, Any]:
    text = {"type": "string"}
    wrong = {
        "type": "object",
        "required": ["parameter", "message"],
        "properties": {"parameter": text, "message": text},
    }
    return {
        "Problem": {
            "type": "object",
            "title": "A problem, as RFC 9457 has it",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": text,
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "parameters": {"type": "array", "items": wrong},
            },
        }
    }
