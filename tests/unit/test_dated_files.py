"""What a file's name tells of its time: the same for the same name, whatever lies beside it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from watcher.core.capture import instant
from watcher.errors import OperationalError
from watcher.services.dated_files import date_of


def at(name):
    return instant(date_of(Path("archive") / name))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("2018-12-23_Medicines_output_EPAR.xlsx", "2018-12-23T00:00:00.000000Z"),
        ("2024-08-22_1506_medicines.xlsx", "2024-08-22T15:06:00.000000Z"),
        ("2024-08-22T15:06:31Z.html", "2024-08-22T15:06:31.000000Z"),
        ("2024-08-22_150631_page.html", "2024-08-22T15:06:31.000000Z"),
        ("medicines_2025-03-24.json", "2025-03-24T00:00:00.000000Z"),
        ("2024-08-22_1506_2.html", "2024-08-22T15:06:00.000002Z"),
        ("2024-08-22_page_17.html", "2024-08-22T00:00:00.000017Z"),
    ],
)
def test_a_name_tells_its_instant(name, wanted):
    assert at(name) == wanted


def test_files_of_one_minute_stay_in_the_order_of_their_names():
    names = [
        *("2024-08-22_1506.html", "2024-08-22_1506_1.html", "2024-08-22_1506_2.html"),
        *("2024-08-22_1506_10.html", "2024-08-22_1506_245eb08_m.xlsx"),
        *("2024-08-22_1506_3e5bdb8_m.xlsx", "2024-08-22_1506_a31.xlsx", "2024-08-22_1506_z9.xlsx"),
    ]

    assert all(at(one) < at(other) for one, other in pairwise(names))
    assert {at(name)[:19] for name in names} == {"2024-08-22T15:06:00"}


@pytest.mark.parametrize(
    ("name", "words"),
    [("medicines.xlsx", "has no date"), ("2024-02-30_m.xlsx", "does not exist: 2024-02-30")],
)
def test_a_name_without_a_day_that_exists_is_refused(name, words):
    with pytest.raises(OperationalError, match=words):
        at(name)
