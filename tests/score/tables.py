"""Real tables of all medicines, run through the rehearsal: workbooks and twice-daily files."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from histories import is_regulatory, is_status, rehearsed
from rows import Row, row, scratch

from watcher.core.events import Recorded
from watcher.readers.reader import Payload
from watcher.readers.registry import reader
from watcher.services.rehearse import Step

SOURCE = {
    "id": "ema-medicines",
    "reader": "ema_medicines",
    "url": "https://www.ema.europa.eu/en/documents/report/medicines.xlsx",
}
WITHDRAWN_2025 = (
    *("Extavia", "Pirsue", "Arsenic trioxide Mylan", "BroPair Spiromax"),
    *("Beqvez (previously Durveqtix)", "Jetrea", "Regkirona", "Zostavax"),
)
ENDED_2025 = {
    *((name, "withdrawn") for name in WITHDRAWN_2025),
    ("Ontilyv", "lapsed"),
    ("Translarna", "expired"),
    ("Cinainu", "application_withdrawn"),
    # new rows: what is withdrawn before its opinion was in no list before
    ("Dazluma", "application_withdrawn"),
    ("Insulin Human Rechon", "application_withdrawn"),
    ("Teriparatide Ascend", "application_withdrawn"),
    ("Blenrep", "expired"),  # relabelled: it was withdrawn before
}


class Told:
    """What one table came to, by the names of its medicines."""

    def __init__(self, step: Step) -> None:
        body = step.page.answer().body
        read = reader("ema_medicines").read(Payload(body=body))
        self.step = step
        self._names = {
            str(record.subject): str(record.state().get("product.brand_name", ""))
            for record in read.records
        }

    def name(self, told: Recorded) -> str:
        subject = str(told.event.subject)
        return self._names.get(subject, subject)

    def of(self, kind: str) -> Iterator[Recorded]:
        return (told for told in self.step.outcome.events if told.event.type == kind)

    def named(self, kind: str) -> list[str]:
        return [self.name(told) for told in self.of(kind)]

    def statuses(self) -> list[tuple[str, str]]:
        """Return what changed its status, without rows that are new."""
        return [
            (self.name(told), told.event.details["after"])
            for told in self.step.outcome.events
            if is_status(told) and told.version > 1
        ]

    def masses(self) -> str:
        held = [told.event.details["alike"] for told in self.of("source.changed_in_bulk")]
        return f"held back: {', '.join(held)}" if held else "nothing held back"


def score_workbooks(shared: Path, *, quick: bool) -> list[Row]:
    """Score the week of 2024, the pair of 2025 and, if not quick, the relaunch before them."""
    folder = shared / "ema_bulk_xlsx"
    with scratch() as room:
        files = sorted(folder.glob("202[45]*.xlsx" if quick else "*.xlsx"))
        steps = rehearsed([_linked(files, room)], SOURCE)
        by_day = {step.page.name[:18]: Told(step) for step in steps}
    week, spring = by_day["2024-08-22_1506_24"], by_day["2025-07-15_1800_me"]
    same = (by_day["2024-08-16_0400_ea"], by_day["2024-08-22_1506_3e"])
    rows = [
        row(
            "workbooks, trap: other bytes, same content",
            [],
            # what an earlier file had and three in a row had not is let go of in one of these
            [
                told.event.type
                for each in same
                for told in each.step.outcome.events
                if any(change.action != "removed" for change in told.event.changes)
            ],
        ),
        row(
            "workbooks 2024-08: status changes",
            {("GalliaPharm", "authorised"), ("Tremelimumab AstraZeneca", "withdrawn")},
            week.statuses(),
        ),
        row(
            "workbooks 2024-08: holder transfers",
            {"Prometax", "Atazanavir Viatris (previously Atazanavir Mylan)"},
            week.named("authorisation.holder_transferred"),
        ),
        *_spring(spring),
    ]
    return rows if quick else [*rows, *_relaunch(by_day["2024-08-15_0400_me"])]


def _linked(files: Sequence[Path], folder: Path) -> Path:
    for file in files:
        (folder / file.name).symlink_to(file)
    return folder


def _spring(told: Told) -> list[Row]:
    """Score the pair of 2025 exactly as its inventory has it."""
    statuses = told.statuses()
    granted = [name for name, after in statuses if after == "authorised"]
    others = [each for each in statuses if each[1] not in {"authorised", "opinion"}]
    new = {told.name(each) for each in told.step.outcome.events if each.version == 1}
    return [
        row("workbooks 2025: endings and relabellings", ENDED_2025, others),
        counted("workbooks 2025: granted", 25, len(granted)),
        counted("workbooks 2025: rows added", 61, len(new)),
        counted("workbooks 2025: holder transfers", 16, _transfers(told)),
        counted("workbooks 2025: holders spelt otherwise", 6, len(_respelt(told))),
        row(
            "workbooks 2025, trap: delisted, reinstated, announced",
            [],
            [
                *told.named("product.delisted"),
                *told.named("authorisation.reinstated"),
                *told.named("authorisation.withdrawal_announced"),
            ],
            f"{len(told.step.messages)} messages; {told.masses()}",
        ),
    ]


def _transfers(told: Told) -> int:
    return len(set(told.named("authorisation.holder_transferred")))


def _respelt(told: Told) -> set[str]:
    """Return the six of the inventory's 22 whose legal entity is the same, written otherwise."""
    return {
        told.name(each)
        for each in told.of("fact.changed")
        if each.event.nature == "respelled" and each.event.change("authorisation[EU].holder")
    }


def counted(name: str, expected: int, found: int) -> Row:
    """Compare two counts where the names are not written down anywhere."""
    return Row(
        name=name,
        expected=expected,
        hits=min(expected, found),
        false=max(0, found - expected),
        note=f"counted {found}",
    )


def _relaunch(told: Told) -> list[Row]:
    """Score December 2023: 22 + 15 + 1 words changed, and no authorisation ended by it.

    Counted between the workbooks of November 2022 and August 2024: withdrawn to lapsed, to expired
    and to revoked. Five others were authorised in the one and ended in the other.
    """
    endings = [
        (told.name(each), each.event.type)
        for each in told.step.outcome.events
        if each.event.details.get("before") == "withdrawn"
        and each.event.type in {"authorisation.lapsed", "authorisation.expired"}
    ]
    return [
        counted("workbooks 2023: relabelled", 38, len(told.named("authorisation.relabelled"))),
        row("workbooks 2023, trap: a relabelling told as an ending", [], endings, told.masses()),
    ]


def score_twice_daily(shared: Path, tests: Path) -> list[Row]:
    """Score a week of twice-daily files: one indication, one change of schema, else nothing."""
    adapter = _adapter(tests / "integration" / "test_ema_bulk_files.py")
    archive = shared / "ema_bulk_json" / "authorised_subset_2026-08-11_to_17.tar.xz"
    with scratch() as room:
        with tarfile.open(archive) as packed:
            files = sorted((m for m in packed if m.isfile()), key=lambda found: found.name)
            for number, member in enumerate(files):
                file = packed.extractfile(member)
                body = adapter(json.load(file)) if file else b""
                (
                    room / f"2026-08-{11 + number // 2}_{6 + 12 * (number % 2):02}00.json"
                ).write_bytes(body)
        steps = rehearsed([room], {**SOURCE, "url": SOURCE["url"].replace("xlsx", "json")})
    quiet = [step for number, step in enumerate(steps) if number not in {1, 3}]
    schema = steps[3]
    to_people = [m for m in schema.messages if m.channel == "pv"]
    return [
        row(
            "twice daily: the one indication",
            {"indication.text"},
            [c.path for e in steps[1].outcome.events for c in e.event.changes],
        ),
        row(
            "twice daily, trap: files that say the same",
            [],
            [
                e.event.type
                for step in quiet
                for e in step.outcome.events
                if not e.event.type.startswith("source.")
            ],
        ),
        row(
            "twice daily, trap: messages of a change of schema",
            [],
            [m.subject for m in to_people],
            f"{len(schema.outcome.events)} events, {len(schema.messages) - len(to_people)} to the "
            f"operator, {sum(is_regulatory(e) for e in schema.outcome.events)} regulatory",
        ),
    ]


def _adapter(path: Path) -> object:
    """Return the function that puts a third party's file into EMA's columns, from its tests."""
    spec = spec_from_file_location("bulk_files_under_test", path)
    if spec is None or spec.loader is None:
        message = f"{path} cannot be loaded"
        raise RuntimeError(message)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.as_ema_s
