"""What the doctor says of a PostgreSQL database: the server, its promises, the tables, our role."""

from __future__ import annotations

import pytest

from watcher.doctor.server import server
from watcher.store.checkup import Checkup
from watcher.store.postgres_checkup import ServerCheckup, check_up_server


def found(checkup):
    return {each.what: (str(each.level), each.found) for each in server(checkup)}


def test_a_server_that_may_forget_is_failing_and_a_role_that_may_do_all_is_told(postgres):
    with postgres.database() as url:
        told = found(check_up_server(url))

    assert told["server"][0] == "ok"
    assert told["durability"] == ("failing", "fsync and full_page_writes off")
    assert told["version"][0] == "ok"
    assert told["role"] == ("warning", "postgres is a superuser")


def test_an_empty_database_and_one_that_is_not_there_are_told_apart(postgres):
    with postgres.database(is_empty=True) as url:
        assert found(check_up_server(url))["tables"][0] == "warning"
    told = found(check_up_server(postgres.url("nowhere")))

    assert list(told) == ["server"]
    assert told["server"][0] == "failing"
    assert "nowhere" in told["server"][1]


@pytest.mark.parametrize(("number", "level"), [("14.9", "warning"), ("18.1", "ok")])
def test_an_old_server_is_a_warning(number, level):
    checkup = ServerCheckup(name="it", server=number, role="watcher", tables=Checkup())

    assert found(checkup)["server"][0] == level
