"""Whatever goes wrong is told to machines in one way: RFC 9457, with the status that fits."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest
from litestar.testing import TestClient

from kit.api import OURS, asking
from watcher.runtime.desk import hands
from watcher.web.api.document import document
from watcher.web.app import LARGEST_BODY, application
from watcher.web.problems import TooManyError, in_words, status_of

PROBLEM = "application/problem+json"
BODY = {"content-type": "application/json"}
ACKNOWLEDGE = "/api/v1/acknowledgements/{case}/acknowledge"
WRONG = [
    ("GET", "/api/v1/nothing", {}, 404),
    ("GET", "/api/v2/events", {}, 404),
    ("GET", "/api/v1/events/9999", {}, 404),
    ("DELETE", "/api/v1/events", {}, 405),
    ("POST", "/api/v1/medicines", {"json": {}}, 405),
    ("GET", ACKNOWLEDGE, {}, 405),
    ("POST", ACKNOWLEDGE, {"content": b"{" * 9, "headers": BODY}, 400),
    ("POST", ACKNOWLEDGE, {"content": b'{"who": "\xff"}', "headers": BODY}, 400),
    ("POST", ACKNOWLEDGE, {"json": {"who": "x" * LARGEST_BODY}}, 413),
    ("POST", ACKNOWLEDGE, {"data": {"who": "K. Ito"}}, 415),
    ("POST", ACKNOWLEDGE, {"content": b'{"who": "K. Ito"}'}, 415),
    ("POST", ACKNOWLEDGE, {"json": {"who": 3}}, 422),
    ("POST", ACKNOWLEDGE, {"json": {"who": "K. Ito", "more": 1}}, 422),
    ("POST", ACKNOWLEDGE, {"json": {}}, 422),
    ("GET", "/api/v1/events?limit=0", {}, 422),
    ("GET", "/api/v1/events?limit=x", {}, 422),
    ("GET", "/api/v1/events?lmit=5", {}, 422),
    ("GET", "/api/v1/events?since=yesterday", {}, 422),
    ("GET", "/api/v1/medicines?as_of=position:x", {}, 422),
    ("GET", "/api/v1/snapshots/sha256:zz", {}, 422),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with asking(tmp_path_factory.mktemp("api")) as client:
        yield client


def fits(told):
    """Check that an answer is a problem as the document describes it, and return it."""
    assert told.headers["content-type"] == PROBLEM
    problem = told.json()
    jsonschema.validate(problem, document()["components"]["schemas"]["Problem"])
    assert problem["status"] == told.status_code
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(("method", "path", "asked", "status"), WRONG)
def test_what_cannot_be_answered_is_a_problem(client, method, path, asked, status):
    told = client.request(method, path.format(case=client.case), **asked)

    assert told.status_code == status, told.text
    fits(told)


@pytest.mark.parametrize(("path", "name"), [("events?limit=0", "limit"), ("events?lmit=5", "lmit")])
def test_the_parameter_that_cannot_be_used_is_named(client, path, name):
    problem = fits(client.get(f"/api/v1/{path}"))

    assert [each["parameter"] for each in problem["parameters"]] == [name]


def test_an_error_of_ours_is_a_problem_that_tells_nothing_of_the_inside(client):
    class Broken:
        def __getattr__(self, name):
            message = "the inside"
            raise RuntimeError(message)

    here, config = client.here.watcher, client.here.watcher.config.web
    pages = application(replace(here, store=Broken()), hands=hands(here), web=config)
    with TestClient(pages, base_url=OURS, raise_server_exceptions=False) as broken:
        told = broken.get("/api/v1/events")

    assert told.status_code == 500
    fits(told)
    assert "the inside" not in told.text


def test_more_than_is_let_through_is_told_in_our_own_words():
    error = TooManyError("wait a minute")

    assert (status_of(error), in_words(error)) == (429, "wait a minute")
