"""Half a year of real pages, run through the rehearsal and compared with what others found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rows import Row, row, scratch

from kit.station import settings, station
from watcher.core.events import Recorded
from watcher.core.status import authorisation_status
from watcher.core.taxonomy import Severity
from watcher.services.archive import pages
from watcher.services.explain import Audience
from watcher.services.rehearse import Step, rehearse

HERE = Path(__file__).parent
EVERYTHING = [
    {"id": "news", "channels": ["pv"]},
    {"id": "operator", "events": ["source.*", "watch.*"], "channels": ["operator"]},
]
CHANNELS = {"pv": "folder:pv", "operator": "folder:operator"}
STATUS = ("authorisation.", "application.", "opinion.")
QUIET = ("document.", "fact.", "source.", "watch.", "flag.", "corroboration.")


def rehearsed(archives: Sequence[Path], source: Mapping[str, object]) -> list[Step]:
    """Return what an archive comes to where everything would be told to somebody."""
    with scratch() as room:
        path = settings(room, [source], channels=CHANNELS, rules=EVERYTHING)
        with station(path) as watching:
            watcher = watching.watcher
            (watched,) = watcher.sources.values()
            archive = pages(archives, watched.urls[0], room / "archive")
            rules = watcher.config.rules
            done = rehearse(
                archive,
                lambda _: watched,
                watcher.tools,
                Audience.of(rules, (), ()),
                watcher.compose,
            )
            return list(done)


def is_status(told: Recorded) -> bool:
    return told.event.type.startswith(STATUS) and "after" in told.event.details


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
