"""The API for other programs: pages by cursor, validators, refusals that name the parameter."""

from __future__ import annotations

import json

import pytest

from kit.api import asking
from watcher.cli.printing import plain
from watcher.ports.store import EventFilter


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A client of a watcher that no test changes."""
    with asking(tmp_path_factory.mktemp("api")) as client:
        yield client


@pytest.fixture
def client(tmp_path):
    with asking(tmp_path) as client:
        yield client


LISTS = ("medicines", "cases", "events", "captures", "deliveries", "acknowledgements")


def test_pages_of_one_lead_through_the_whole_log_and_nothing_comes_twice(shared):
    one_by_one = shared.walk("events?limit=1")

    assert [each["position"] for each in one_by_one] == list(range(1, len(one_by_one) + 1))
    assert one_by_one == shared.items("events?limit=1000")


@pytest.mark.parametrize("path", LISTS)
def test_every_list_gives_the_same_by_small_pages_as_by_one(shared, path):
    assert shared.walk(f"{path}?limit=1") == shared.items(path)


def test_events_bear_the_names_and_values_that_the_command_prints(shared):
    with shared.here.watcher.store.reading() as work:
        printed = json.loads(json.dumps([plain(each) for each in work.log.read(EventFilter())]))
    told = shared.items("events")

    assert [{name: each[name] for name in printed[0]} for each in told] == printed
    assert set(told[0]) - set(printed[0]) == {"severity", "counts"}


def test_a_cursor_kept_at_the_end_brings_what_comes_later_and_no_more(client):
    kept = client.get("/api/v1/events").json()
    assert kept["next"] is None
    assert kept["after"] == kept["head"]

    client.here.told(3)
    later = client.get(f"/api/v1/events?after={kept['after']}&type=authorisation.*").json()

    assert [each["event"]["type"] for each in later["items"]] == ["authorisation.withdrawn"]
    assert later["items"][0]["position"] > kept["after"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("type=authorisation.withdrawn", 1),
        ("type=authorisation.*&type=fact.*", 5),
        ("severity=critical", 1),
        ("cause=baseline", 3),
        ("cause=observed&source=ema&type=authorisation.withdrawn", 1),
        ("subject=medicine:EMEA/H/C/000002&cause=baseline", 1),
        ("source=nobody", 0),
        ("until=2026-11-22", 0),
        ("since=2026-11-23T06:00:00Z&type=authorisation.*", 1),
        ("since=2026-11-23T13:00:00%2B01:00&type=authorisation.*", 1),
    ],
)
def test_events_are_chosen_by_filters(shared, asked, count):
    assert len(shared.items(f"events?{asked}")) == count


def test_the_log_as_of_a_position_ends_there(shared):
    told = shared.get("/api/v1/events?as_of=position:2").json()

    assert [each["position"] for each in told["items"]] == [1, 2]


def test_a_medicine_is_told_as_it_was_and_as_it_is(shared):
    was = shared.get("/api/v1/medicines/EMEA/H/C/000002?as_of=position:3").json()
    now = shared.get("/api/v1/medicines/EMEA/H/C/000002").json()

    assert [each["status"] for each in was["sources"]] == ["authorised"]
    assert [each["status"] for each in now["sources"]] == ["withdrawn"]
    assert now["sources"][0]["state"]["authorisation[EU].withdrawn"] == "2024-12-13"


@pytest.mark.parametrize("name", ["Medicine 2", "substance2", "medicine:EMEA/H/C/000002"])
def test_a_medicine_is_found_by_name_substance_and_identity(shared, name):
    assert shared.get(f"/api/v1/medicines/{name}").json()["id"] == "EMEA/H/C/000002"


def test_medicines_are_searched_by_name(shared):
    assert [each["id"] for each in shared.items("medicines?q=medicine%203")] == ["EMEA/H/C/000003"]


def test_an_answer_that_has_not_changed_is_not_sent_again(client):
    first = client.get("/api/v1/events")
    again = client.get("/api/v1/events", headers={"If-None-Match": first.headers["etag"]})
    among = client.get("/api/v1/events", headers={"If-None-Match": f'"x", {first.headers["etag"]}'})
    client.here.told(3)
    later = client.get("/api/v1/events", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert among.status_code == 304
    assert later.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("events?limit=0", "limit"),
        ("events?limit=1001", "limit"),
        ("events?limit=many", "limit"),
        ("events?after=-1", "after"),
        ("events?after=99999999999999999999", "after"),
        ("events?since=yesterday", "since"),
        ("events?until=2026-13-01", "until"),
        ("events?until=0001-01-01T00:00:00%2B14:00", "until"),
        ("events?type=A%20B", "type"),
        ("events?severity=grave", "severity"),
        ("events?cause=rumour", "cause"),
        ("events?as_of=position:x", "as_of"),
        ("events?as_of=soon", "as_of"),
        ("events?least=high", "least"),
        ("events?limit=1&limit=2", "limit"),
        ("medicines?known_at=2026-01-01&axis=recorded", "known_at"),
        ("cases?state=closed", "state"),
        ("captures?verdict=good", "verdict"),
        ("deliveries?state=lost", "state"),
        ("snapshots/sha256:00", "digest"),
        ("cases/xyz", "case"),
        ("events.csv?after=1", "after"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(shared, asked, named):
    told = shared.get(f"/api/v1/{asked}")

    assert told.status_code == 422
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["status"] == 422
    assert [each["parameter"] for each in told.json()["parameters"]] == [named]
    assert told.json()["parameters"][0]["message"]


@pytest.mark.parametrize(
    "path",
    [
        *("none", "events/99", "cases/00000000", "captures/none", "deliveries/99", "sources/none"),
        *("medicines/none", "medicines/Crohn", f"snapshots/sha256:{'ab' * 32}"),
        *("events?as_of=position:99", "events.csv?product=none"),
    ],
)
def test_what_is_not_here_is_a_problem_for_machines(shared, path):
    told = shared.get(f"/api/v1/{path}")

    assert told.status_code == 404
    assert told.headers["content-type"] == "application/problem+json"


def test_an_address_that_cannot_be_asked_so_says_how_it_can(shared):
    told = shared.delete("/api/v1/events")

    assert told.status_code == 405
    assert "GET" in told.headers["allow"]


def test_sources_tell_how_each_does(shared):
    (told,) = shared.get("/api/v1/sources").json()

    assert (told["source"], told["state"], told["targets"]) == ("ema", "well", 1)
    assert told["verdicts"] == {"ok": 2}
    assert told["last_good_at"] == "2026-11-23T12:00:00.000000Z"


def test_a_source_that_fails_says_since_when(client):
    client.here.site.page("/medicines.json", "<html><body>Just a moment</body></html>")
    client.here.look()

    told = client.get("/api/v1/sources/ema").json()

    assert told["state"] == "failing"
    assert told["failing_since"]
    assert told["urls"][0]["failures"] == 1


def test_captures_are_chosen_by_verdict_address_and_payload(shared):
    first, second = shared.items("captures")

    assert [first["number"], second["number"]] == [1, 2]
    assert shared.items(f"captures?snapshot={second['digest']}") == [second]
    assert len(shared.items(f"captures?url={first['url']}&verdict=ok&source=ema")) == 2
    assert shared.items("captures?verdict=blocked") == []
    assert shared.get(f"/api/v1/captures/{first['id']}").json() == first


def test_a_delivery_never_tells_the_one_time_links_of_its_message(shared):
    everything = shared.get("/api/v1/deliveries").text
    one = shared.get("/api/v1/deliveries/1").json()

    assert one["state"] == "delivered"
    assert one["subject"]
    assert "/act/" not in everything
    assert "envelope" not in one


def test_the_list_of_now_is_that_of_the_views_and_of_the_log_alike(client):
    now = client.get("/api/v1/medicines").json()

    assert len(now["items"]) == 3
    for moment in ("now", f"position:{client.items('events')[-1]['position']}"):
        assert client.get(f"/api/v1/medicines?as_of={moment}").json()["items"] == now["items"]


@pytest.mark.parametrize("moment", ["", "&as_of=now"])
def test_medicines_are_listed_page_by_page_each_once(client, moment):
    listed, address = [], f"/api/v1/medicines?limit=1{moment}"
    while address:
        page = client.get(address).json()
        listed += [each["id"] for each in page["items"]]
        address = page["next"]

    assert listed == [f"EMEA/H/C/{number:06d}" for number in (1, 2, 3)]


@pytest.mark.parametrize("moment", ["", "&as_of=now"])
@pytest.mark.parametrize(("q", "count"), [("medicine 2", 1), ("C/000003", 1), ("zzz", 0)])
def test_a_part_of_a_name_or_number_chooses_medicines_now_and_then(client, q, count, moment):
    assert len(client.get(f"/api/v1/medicines?q={q}{moment}").json()["items"]) == count
