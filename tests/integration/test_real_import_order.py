"""EMA's real bulk files of seven years lead to one history in whatever order they are imported."""

from __future__ import annotations

import pytest

from kit.archives import archivist
from watcher.readers.reader import Payload
from watcher.readers.registry import reader

pytestmark = pytest.mark.realdata

YEARS = ("2018-12-23", "2024-08-22_1506_2", "2024-08-22_1506_3")
"""Both layouts, and two files of one minute; the whole set takes minutes."""


@pytest.fixture(scope="module")
def files(shared_data):
    folder = shared_data / "ema_bulk_xlsx"
    return [next(folder.glob(f"{begin}*")) for begin in YEARS]


@pytest.fixture(scope="module")
def in_order(tmp_path_factory, files):
    with archivist(tmp_path_factory.mktemp("in order") / "store") as keeper:
        for file in files:
            keeper.imports(file)
        return keeper.digest(), keeper.history()


def test_backwards_and_all_at_once_they_tell_the_same(tmp_path, files, in_order):
    with archivist(tmp_path / "store") as keeper:
        keeper.imports(files[2])
        keeper.imports(*files[:2])

        assert (keeper.digest(), keeper.history()) == in_order
        assert keeper.digest() == keeper.rebuilt()


def test_each_withdrawal_of_these_years_is_seen_in_the_file_that_first_shows_it(files, in_order):
    _, history = in_order
    before, after = (statuses(file) for file in files[:2])
    ended = {
        subject
        for subject in before.keys() & after.keys()
        if (before[subject], after[subject]) == ("authorised", "withdrawn")
    }
    told = {
        (subject, observed[:10])
        for kind, subject, _, observed in history
        if kind == "authorisation.withdrawn"
    }

    assert len(ended) > 50
    assert {(subject, "2024-08-22") for subject in ended} <= told
    assert {day for _, day in told} == {"2024-08-22"}


def statuses(file):
    read = reader("ema_medicines").read(Payload(body=file.read_bytes()))
    return {
        str(record.subject): record.state().get("authorisation[EU].status")
        for record in read.records
    }
