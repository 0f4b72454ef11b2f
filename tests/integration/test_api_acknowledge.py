"""Cases answered through the API: once, in somebody's name, and only by who may send JSON."""

from __future__ import annotations

import pytest

from kit.api import asking


@pytest.fixture
def client(tmp_path):
    with asking(tmp_path) as client:
        yield client


def send(client, what, body, **headers):
    path = f"/api/v1/acknowledgements/{client.case}/{what}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, json=body, headers=named)


def test_a_case_is_acknowledged_and_the_list_says_by_whom(client):
    done = send(client, "acknowledge", {"who": "Anna Visser", "why": "Seen."})

    assert done.status_code == 200
    assert (done.json()["before"], done.json()["after"]) == ("open", "acknowledged")
    (listed,) = client.items(f"acknowledgements?case={client.case}")
    assert (listed["who"], listed["why"], listed["via"]) == ("Anna Visser", "Seen.", "page")
    assert client.items("cases?state=open") == []
    assert client.items("cases?state=acknowledged")[0]["by"] == "Anna Visser"


def test_the_same_request_sent_again_is_done_once_and_answered_the_same(client):
    first = send(client, "acknowledge", {"who": "Anna"}, Idempotency_Key="4f1c")
    again = send(client, "acknowledge", {"who": "Anna"}, Idempotency_Key="4f1c")

    assert again.json() == first.json()
    assert len(client.items("acknowledgements")) == 1


def test_what_somebody_has_done_before_is_in_conflict(client):
    send(client, "acknowledge", {"who": "Anna"})
    again = send(client, "acknowledge", {"who": "Ben"})

    assert again.status_code == 409
    assert "Anna" in again.json()["detail"]


def test_a_case_is_given_to_somebody_and_judged(client):
    given = send(client, "assign", {"to": "ben", "who": "Anna"})
    judged = send(
        client, "judge", {"verdict": "wrong", "why": "It is another strength.", "who": "Ben"}
    )

    assert given.json()["after"] == "ben"
    assert judged.json()["after"] == "wrong"
    assert judged.json()["lead"] > 0
    assert [each["what"] for each in client.items("acknowledgements")] == [
        "alert.assigned",
        "alert.judged",
    ]


def test_nobody_who_does_not_work_here_is_given_a_case(client):
    assert send(client, "assign", {"to": "nobody", "who": "Anna"}).status_code == 404


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("judge", {"verdict": "wrong"}),
        ("judge", {"verdict": "wrong", "why": "   "}),
        ("judge", {"verdict": "dull", "why": "so"}),
        ("assign", {}),
        ("assign", {"to": ""}),
        ("acknowledge", {"whom": "Anna"}),
        ("acknowledge", {}),
        ("acknowledge", {"who": "  "}),
        ("acknowledge", {"who": "a" * 81}),
        ("acknowledge", []),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_and_nothing_is_done(client, what, body):
    told = send(client, what, body)

    assert told.status_code == 422
    assert told.json()["parameters"]
    assert client.items("acknowledgements") == []


@pytest.mark.parametrize("sent_as", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_of_another_site_could_send_is_refused(client, sent_as):
    path = f"/api/v1/acknowledgements/{client.case}/acknowledge"
    told = client.post(path, content=b"{}", headers={"content-type": sent_as})

    assert told.status_code in {400, 415, 422}
    assert client.items("acknowledgements") == []


def test_a_body_that_is_no_json_is_refused(client):
    path = f"/api/v1/acknowledgements/{client.case}/acknowledge"
    told = client.post(path, content=b"{", headers={"content-type": "application/json"})

    assert told.status_code == 400


def test_every_operation_says_what_its_caller_has_to_be(client):
    told = client.get("/api/v1/openapi.json").json()["paths"].values()
    roles = {each["operationId"]: each["x-role"] for path in told for each in path.values()}
    doing = {"acknowledgeCase", "assignCase", "judgeCase"}

    assert {name for name, role in roles.items() if role == "editor"} == doing
    assert {name for name, role in roles.items() if role == "operator"} == {
        "listDeliveries",
        "getDelivery",
    }
    assert set(roles.values()) == {"reader", "editor", "operator"}
