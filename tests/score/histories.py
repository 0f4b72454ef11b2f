"""Labelled histories, run through the rehearsal: real pages, real workbooks, twice-daily files."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from kit.station import settings, station
from rows import Row, row
from watcher.core.events import Recorded
from watcher.core.status import authorisation_status
from watcher.core.taxonomy import Severity
from watcher.services.archive import pages
from watcher.services.rehearse import Step, rehearse

HERE = Path(__file__).parent
EVERYTHING = [
    {"id": "news", "channels": ["pv"]},
    {"id": "operator", "events": ["source.*", "watch.*"], "channels": ["operator"]},
]
CHANNELS = {"pv": "folder:pv", "operator": "folder:operator"}
STATUS = ("authorisation.", "application.", "opinion.", "product.", "indication.")
QUIET = ("document.", "fact.", "source.", "watch.", "flag.", "corroboration.")


def rehearsed(archives: Sequence[Path], source: Mapping[str, object]) -> list[Step]:
    """Return what an archive comes to where everything would be told to somebody."""
    with tempfile.TemporaryDirectory(prefix="watcher-score-") as scratch:
        room = Path(scratch)
        path = settings(room, [source], channels=CHANNELS, rules=EVERYTHING)
        with station(path) as watching:
            watcher = watching.watcher
            (watched,) = watcher.sources.values()
            archive = pages(archives, watched.urls[0], room / "archive")
            rules = watcher.config.rules
            done = rehearse(archive, lambda _: watched, watcher.tools, rules, watcher.compose)
            return list(done)


def is_status(told: Recorded) -> bool:
    return told.event.type.startswith(STATUS[:3]) and "after" in told.event.details


def is_regulatory(told: Recorded) -> bool:
    """Return whether somebody who watches the medicine would take it for news of it."""
    return not told.event.type.startswith(QUIET)


def score_pages(shared: Path) -> list[Row]:
    """Score the 213 versions of 75 pages against the pairs that others have compared."""
    source = {
        "id": "ema-pages",
        "reader": "ema_medicine_page",
        "url": "https://www.ema.europa.eu/en/medicines/human/EPAR/page",
    }
    steps = rehearsed([shared / "ema_pages" / "versions"], source)
    pairs = [
        {**json.loads(line), "file": file.stem}
        for file in sorted((shared / "ema_pages" / "expected").glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    told = [(*_version(step), event) for step in steps for event in step.outcome.events]
    noise = {(pair["slug"], pair["to"]) for pair in pairs if pair["file"] == "noise_pairs"}
    return [
        row(
            "pages: status changes",
            _expected_statuses(pairs),
            [(s, v, e.event.details["after"]) for s, v, e in told if is_status(e)],
        ),
        row(
            "pages: critical endings, one message each",
            [(s, after) for s, _, after in _expected_statuses(pairs) if after == "withdrawn"],
            [
                (_version(step)[0], "withdrawn")
                for step in steps
                for message in step.messages
                if message.subject.startswith(f"[{Severity.CRITICAL.upper()}]")
            ],
        ),
        row(
            "pages: holder transfers",
            _expected_holders(pairs),
            [(s, v) for s, v, e in told if e.event.type == "authorisation.holder_transferred"],
        ),
        row(
            "pages: revisions of the product information",
            _expected_revisions(pairs),
            [(s, v) for s, v, e in told if e.event.type == "product_information.updated"],
        ),
        row(
            "pages: documents added",
            _expected_documents(pairs),
            [(s, v, _address(e)) for s, v, e in told if e.event.type == "document.added"],
        ),
        row(
            "pages, trap: pairs that differ in noise alone",
            [],
            [(s, v, e.event.type) for s, v, e in told if (s, v) in noise and is_regulatory(e)],
        ),
        row(
            "pages, trap: a good page not believed",
            [],
            [_version(s) for s in steps if not s.outcome.capture.verdict.is_good],
            f"{len(steps)} versions",
        ),
    ]


def _version(step: Step) -> tuple[str, str]:
    """Return the page's name and the version's revision: `alofisel`, `f5bc26089`."""
    path = step.page.path
    return (path.parent.name, path.stem.rpartition("_")[2]) if path else ("", "")


def _decided(kind: str) -> set[tuple[str, str]]:
    decisions = json.loads((HERE / "decisions.json").read_text("utf-8"))
    return {(key.split()[0], key.split()[1]) for key in decisions.get(kind, {})}


def _expected_statuses(pairs: Sequence[Mapping[str, object]]) -> set[tuple[str, str, str]]:
    found = set()
    for pair in pairs:
        if "status" in pair["changes"]:
            status = authorisation_status(pair["changes"]["status"][1])
            found.add((pair["slug"], pair["to"], str(status)))
    return found


def _expected_holders(pairs: Sequence[Mapping[str, object]]) -> set[tuple[str, str]]:
    named = {(pair["slug"], pair["to"]) for pair in pairs if "mah" in pair["changes"]}
    return named - _decided("not_a_transfer")


def _expected_revisions(pairs: Sequence[Mapping[str, object]]) -> set[tuple[str, str]]:
    found = {
        (pair["slug"], pair["to"])
        for pair in pairs
        if (dates := pair["changes"].get("dates"))
        and dates[1].get("Revision")
        and dates[0].get("Revision") != dates[1].get("Revision")
    }
    return (found | _decided("a_revision")) - _decided("not_a_revision")


def _expected_documents(pairs: Sequence[Mapping[str, object]]) -> set[tuple[str, str, str]]:
    other = _decided("not_added")
    return {
        (pair["slug"], pair["to"], address)
        for pair in pairs
        for address in pair["changes"].get("docs_added", ())
        if (pair["to"], address) not in other
    }


def _address(told: Recorded) -> str:
    value = told.event.changes[0].after
    url = str(value.get("url", "")) if isinstance(value, dict) else ""
    return "/en/" + url.partition("/en/")[2] if "/en/" in url else url


def score_workbooks(shared: Path, *, quick: bool) -> list[Row]:
    """Score the real workbooks: the week of 2024, the pair of 2025 and the relaunch before."""
    folder = shared / "ema_bulk_xlsx"
    source = {
        "id": "ema-medicines",
        "reader": "ema_medicines",
        "url": "https://www.ema.europa.eu/en/documents/report/medicines.xlsx",
    }
    recent = rehearsed(sorted(folder.glob("202[45]*.xlsx")), source)
    found = {step.page.name[:18]: step for step in recent}
    week, spring = found["2024-08-22_1506_24"], found["2025-07-15_1800_me"]
    same = [found["2024-08-16_0400_ea"], found["2024-08-22_1506_3e"]]
    rows = [
        row("workbooks, trap: other bytes, same content", [], [e for s in same for e in _all(s)]),
        row(
            "workbooks 2024-08-16 → 22: statuses",
            {("GalliaPharm", "authorised"), ("Tremelimumab AstraZeneca", "withdrawn")},
            _statuses(week),
        ),
        row(
            "workbooks 2024-08-16 → 22: holders",
            {"Prometax", "Atazanavir Viatris"},
            _named(week, "authorisation.holder_transferred"),
        ),
        *_spring(spring),
    ]
    return rows if quick else [*rows, *_relaunch(rehearsed([folder], source))]


WITHDRAWN_2025 = (
    *("Extavia", "Pirsue", "Arsenic trioxide Mylan", "BroPair Spiromax"),
    *("Beqvez", "Jetrea", "Regkirona", "Zostavax"),
)


def _spring(step: Step) -> list[Row]:
    """Score the pair of 2025 exactly as its inventory has it."""
    ended = {
        *((name, "withdrawn") for name in WITHDRAWN_2025),
        ("Ontilyv", "lapsed"),
        ("Translarna", "expired"),
        ("Cinainu", "application_withdrawn"),
        ("Blenrep", "expired"),
    }
    told = _statuses(step)
    granted = [name for name, after in told if after == "authorised"]
    listed = _named(step, "product.listed") + [
        name for kind in ("opinion.", "application.") for name in _new(step, kind)
    ]
    transfers = len(_named(step, "authorisation.holder_transferred"))
    masses = [e.event.details.get("reason", "") for e in _of(step, "source.changed_in_bulk")]
    return [
        row(
            "workbooks 2025-03-24 → 07-15: endings and relabellings",
            ended,
            [each for each in told if each[1] != "authorised" and not each[1].startswith("opinion")],
        ),
        _counted("workbooks 2025-03-24 → 07-15: granted", 25, len(granted)),
        _counted("workbooks 2025-03-24 → 07-15: rows added", 61, len(set(_new(step, "")))),
        _counted("workbooks 2025-03-24 → 07-15: holder transfers", 22, transfers),
        row(
            "workbooks 2025, trap: delisted or reinstated",
            [],
            _named(step, "product.delisted") + _named(step, "authorisation.reinstated"),
            f"{len(listed)} listed; {len(step.messages)} messages; {'; '.join(masses)}",
        ),
    ]


def _counted(name: str, expected: int, found: int) -> Row:
    return Row(
        name=name,
        expected=expected,
        hits=min(expected, found),
        false=max(0, found - expected),
        note=f"counted {found}",
    )


def _relaunch(steps: Sequence[Step]) -> list[Row]:
    """Score the relabelling of December 2023: forty words changed, no authorisation ended."""
    step = next(each for each in steps if each.page.name.startswith("2024-08-15"))
    relabelled = _named(step, "authorisation.relabelled")
    wrong = [
        (str(e.event.subject), e.event.type)
        for e in step.outcome.events
        if e.event.details.get("before") == "withdrawn"
        and e.event.type in {"authorisation.lapsed", "authorisation.expired"}
    ]
    return [
        _counted("workbooks, relaunch of 2023: relabelled", 40, len(relabelled)),
        row("workbooks, trap: a relabelling told as an ending", [], wrong),
    ]


def _all(step: Step) -> list[str]:
    return [f"{e.event.type} {e.event.subject}" for e in step.outcome.events]


def _of(step: Step, kind: str) -> Iterator[Recorded]:
    return (e for e in step.outcome.events if e.event.type == kind)


def _named(step: Step, kind: str) -> list[str]:
    return [step.names.get(str(e.event.subject), str(e.event.subject)) for e in _of(step, kind)]
