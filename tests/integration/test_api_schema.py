"""The OpenAPI document is true of the API: asked by machine, with many odd questions."""

from __future__ import annotations

import json

import jsonschema
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.config import SchemathesisConfig

from kit.api import OURS, asking
from kit.entering import entering
from kit.write_documents import DOCS, PARTS, between, openapi
from watcher.core.access import Role
from watcher.web.api.document import document

EXAMPLES = 8
"""Odd questions an operation and mode."""
SEED = 20261122
JSON = "application/json"
OPERATIONS = sorted((method, path) for path, item in document()["paths"].items() for method in item)
ASKED = [
    (method, path, mode)
    for method, path in OPERATIONS
    for mode in ("positive", "negative")
    # what takes nothing cannot be asked wrongly
    if mode == "positive" or document()["paths"][path][method].get("parameters")
]
READING = sorted(path for method, path in OPERATIONS if method == "get")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
HOSTILE = (
    *("%00", "%ED%A0%80", "%FF", "..%2f..%2fetc%2fpasswd", "' OR 1=1 --", "%25", "_", "*", "-1"),
    *("9" * 30, "a" * 3_000, "${jndi:x}", "<script>", "%E2%80%AE", "1e400", "NaN", "[]", "{}"),
    *("position:99999999999999999999", "2026-11-22T25:00", "9999-12-31", "0001-01-01", "%0d%0aX:"),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with asking(tmp_path_factory.mktemp("api")) as client:
        yield client


@pytest.fixture(scope="module")
def described():
    config = SchemathesisConfig.from_dict({"seed": SEED})
    return schemathesis.openapi.from_dict(document(), config=config)


@pytest.mark.parametrize(("method", "path", "mode"), ASKED)
def test_no_question_breaks_an_operation_or_gets_an_answer_that_is_not_described(
    client, described, method, path, mode
):
    operation = described[path][method]
    odd = operation.as_strategy(generation_mode=schemathesis.GenerationMode(mode))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=odd)
    def ask(case):
        answer = sent(client, case.as_transport_kwargs(base_url=OURS))
        case.validate_response(answer, checks=CHECKS)

    ask()


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    with entering(tmp_path_factory.mktemp("entered")) as here:
        yield [here.browser(), *(here.program(role) for role in Role)]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_where_people_sign_in_every_answer_is_described_too(entered, described, method, path):
    operation = described[path][method]
    odd = operation.as_strategy(generation_mode=schemathesis.GenerationMode("positive"))

    @settings(
        max_examples=2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=odd)
    def ask(case):
        for client in entered:
            answer = sent(client, case.as_transport_kwargs(base_url=OURS))
            case.validate_response(answer, checks=CHECKS)
            if client is entered[0]:
                assert answer.status_code == 401

    ask()


def test_the_document_says_how_to_say_who_one_is():
    told = document()

    assert sorted(told["components"]["securitySchemes"]) == ["session", "token"]
    assert told["security"] == [{"token": []}, {"session": []}, {}]
    for item in told["paths"].values():
        for operation in item.values():
            assert {"401", "403"} <= operation["responses"].keys()
            assert operation["x-role"] in {"reader", "editor", "operator"}


def sent(client, asked):
    """Return the answer to a question, however odd its values are."""
    ready = requests.Request(**asked).prepare()
    headers = [(name.encode(), each.encode("latin-1")) for name, each in ready.headers.items()]
    return client.request(ready.method, ready.url, headers=headers, content=ready.body)


@pytest.mark.parametrize("path", READING)
def test_hostile_values_are_refused_or_answered_and_never_break_anything(client, path):
    operation = document()["paths"][path]["get"]
    described = {int(status) for status in operation["responses"]}
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    filled = path.replace("{", "").replace("}", "")
    for value in HOSTILE:
        asked = [f"{filled}?{name}={value}" for name in names]
        if "{" in path:
            asked.append(f"{path.partition('{')[0]}{value}{path.partition('}')[2]}")
        for question in asked:
            told = client.get(question)
            assert told.status_code in described | {404}, (question, told.text[:200])
            assert "Traceback" not in told.text


def test_the_document_is_valid():
    validate(document())


def test_every_operation_is_described_and_shows_an_example_that_fits():
    told = document()
    for item in told["paths"].values():
        for operation in item.values():
            assert operation["description"]
            assert operation["operationId"]
            assert operation["tags"][0] in {each["name"] for each in told["tags"]}
            for part in (operation["responses"]["200"], operation.get("requestBody", {})):
                for shown in part.get("content", {}).values():
                    if "example" in shown:
                        fits(shown["schema"], shown["example"])


def fits(schema, example):
    whole = {**schema, "components": document()["components"]}
    jsonschema.Draft202012Validator(whole).validate(example)


def test_every_json_answer_has_an_example():
    without = [
        operation["operationId"]
        for item in document()["paths"].values()
        for operation in item.values()
        if "example" not in operation["responses"]["200"]["content"].get(JSON, "example")
    ]

    assert without == []


def test_the_kept_copy_is_what_is_served(client):
    kept = (DOCS / "api" / "openapi.json").read_text("utf-8")

    assert kept == openapi(), "run `python tests/kit/write_documents.py`"
    assert client.get("/api/v1/openapi.json").json() == json.loads(kept)


@pytest.mark.parametrize("name", sorted(PARTS))
def test_tables_in_the_documents_are_what_the_program_has(name):
    page = (DOCS / name).read_text("utf-8")

    assert between(page, PARTS[name]()) == page, "run `python tests/kit/write_documents.py`"
