"""EMA's list of medicines, 2,700 rows: a first look and the next day's, a medicine at a time.

The whole line over the file as JSON and as a workbook: judge, keep, read, compare with what is
known, append. The next day one row in a hundred says something else, some that they are withdrawn.
Beside it what anybody has to do who wants the rows: `json`, and the two libraries that open
workbooks, python-calamine (which ours uses) and openpyxl. CPU milliseconds a record, medians of
pairs in turns; `ratio` is ours as a multiple of the bare reading.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import openpyxl
import python_calamine
from meter import cpu_of, keep, settings, spread

from kit.clocks import StandingClock
from kit.ema_tables import NEW_HEADINGS, a_list, a_medicine, a_workbook
from watcher.bootstrap import World, opened
from watcher.config.load import load
from watcher.ports import Answer, Request
from watcher.readers.registry import READERS

DAY = 24 * 3600.0
ENDED = "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date"


@dataclass(slots=True)
class Shelf:
    """A fetcher with one file."""

    body: bytes
    media_type: str

    def fetch(self, request: Request) -> Answer:
        told = {"content-type": self.media_type}
        return Answer(url=request.url, status=200, headers=told, body=self.body)


def rows(count: int, *, later: bool) -> list[dict[str, object]]:
    """Return the file's rows; of the later ones each hundredth is another, every other ended."""
    found = [a_medicine(number) for number in range(1, count + 1)]
    for turn, row in enumerate(found[::100] if later else ()):
        row["last_updated_date"] = "27/09/2026"
        if turn % 2 == 0:
            row |= {"medicine_status": "Withdrawn", ENDED: "25/09/2026"}
        else:
            row["marketing_authorisation_developer_applicant_holder"] = "Another Pharma B.V."
    return found


def with_json(body: bytes) -> int:
    return len(json.loads(body)["data"])


def with_calamine(body: bytes) -> int:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(body))
    return len(book.get_sheet_by_index(0).to_python())


def with_openpyxl(body: bytes) -> int:
    book = openpyxl.load_workbook(BytesIO(body), read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the file: its end, its media type, how it is made, and who else reads it."""

    end: str
    media_type: str
    made: Callable[[list[dict[str, object]]], bytes]
    others: dict[str, Callable[[bytes], int]]


_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {
    "json": Form("json", "application/json", a_list, {"json": with_json}),
    "workbook": Form(
        "xlsx", _WORKBOOK, lambda some: a_workbook(some, NEW_HEADINGS),
        {"python-calamine": with_calamine, "openpyxl": with_openpyxl},
    ),
}  # fmt: skip


def ours(form: Form, count: int, bodies: tuple[bytes, bytes]) -> dict[str, float]:
    """Return the CPU seconds of the first look and of the next day's, and what came of them."""
    url = f"https://ema.example/medicines.{form.end}"
    source = {"id": "ema", "reader": "ema_medicines", "url": url, "every": "12h", "tier": 1,
              "expect": {"records": [1, 2 * count + 1]}}  # fmt: skip
    clock, shelf = StandingClock(), Shelf(bodies[0], form.media_type)
    with tempfile.TemporaryDirectory(prefix="watcher-bulk-") as name:
        path = Path(name) / "sources.yaml"
        path.write_text(settings([], {"sink": f"folder:{name}/sent"}, sources=[source]))
        world = World(clock=clock, sleep=clock.sleep, fetcher=shelf)
        with opened(load(path, {}, READERS), world, writable=True) as watcher:
            done = []

            def look() -> None:
                done.append(watcher.check(watcher.source("ema"), url))
                watcher.alert()

            first = cpu_of(look)
            clock.forward(DAY)
            shelf.body = bodies[1]
            later = cpu_of(look)
    assert done[0].baseline == count, done[0].capture.reason
    return {"first": first, "next day": later, "events": len(done[1].events)}


def measured(name: str, count: int, rounds: int) -> list[dict[str, object]]:
    form = FORMS[name]
    bodies = (form.made(rows(count, later=False)), form.made(rows(count, later=True)))
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for what, seconds in ours(form, count, bodies).items():
            taken.setdefault(what, []).append(seconds)
        for who, read in form.others.items():
            taken.setdefault(who, []).append(cpu_of(lambda read=read: read(bodies[1])))  # type: ignore[misc]
    events = taken.pop("events")
    bare = taken[next(iter(form.others))]
    return [
        {
            "form": name, "what": what, "megabytes": len(bodies[1]) / 1e6,
            "cpu_ms": statistics.median(some) / count * 1000,
            "ratio": spread([one / other for one, other in zip(some, bare, strict=True)]),
            "events": int(events[0]) if what == "next day" else 0,
        }
        for what, some in taken.items()
    ]  # fmt: skip


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--records", type=int, default=2_700)
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--json", type=Path)
    chosen = wanted.parse_args()
    found = [row for name in FORMS for row in measured(name, chosen.records, chosen.rounds)]
    print(
        f"{chosen.records} records; bare: {', '.join(next(iter(each.others)) for each in FORMS.values())}"
    )
    print(f"{'form':10} {'what':16} {'CPU ms a record':>16} {'x bare':>8} {'events':>7}")
    for row in found:
        ratio = row["ratio"]
        assert isinstance(ratio, dict)
        print(f"{row['form']:10} {row['what']:16} {row['cpu_ms']:16.4f} {ratio['median']:8.2f} "
              f"{row['events']:7}")  # fmt: skip
    keep(chosen.json, found, records=chosen.records, rounds=chosen.rounds)


if __name__ == "__main__":
    main()
