"""What was measured, as one record and as pictures: `benchmarks/results/` and `docs/benchmarks.md`.

`collect` makes one record of the JSON files that the benchmarks wrote; `draw` makes the pictures and
the table of `docs/benchmarks.md` from all records, the newest in the table. Both are run by
`make bench-full`; drawing alone needs nothing but the records.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from meter import HERE
from pictures import Curve, Measure, bars, curves, one_value, short

DOCS = HERE.parent / "docs"
PICTURE, CURVES = DOCS / "images/benchmarks.svg", DOCS / "images/benchmarks-curves.svg"
RESULTS = HERE / "results"
_MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")


_PASS_AIMS = {
    ("first", "urlwatch"): 0.85,
    ("first", "webchanges"): 0.1,
    ("first", "changedetection.io"): 0.04,
    ("unchanged", "urlwatch"): 0.5,
    ("unchanged after noise", "urlwatch"): None,
    ("1 % changed", "urlwatch"): 0.55,
}


def _of_passes(told: dict[str, Any]) -> list[Measure]:
    rounds, found = told["rounds"], list[Measure]()
    rows = {(row["pass"], row["who"]): row for row in told["results"]}
    where = f"{told['pages']:,} pages"
    if "--shared" in told["command"]:
        where += " of another site"

    def compared(name: str, ratio: dict[str, float] | None, aim: float | None) -> None:
        if ratio:
            found.append(Measure(f"{name}, {where}", ratio["median"], aim, most=True,
                                 spread=(ratio["least"], ratio["most"]), rounds=rounds))  # fmt: skip

    for (what, who), aim in _PASS_AIMS.items():
        compared(f"{what}, CPU against {who}", rows.get((what, who), {}).get("ratio"), aim)
    first = rows.get(("first", "urlwatch"), {})
    compared(
        "noise on every page, CPU against urlwatch's first pass", first.get("noise_ratio"), 0.7
    )
    if after := rows.get(("unchanged after noise", "watcher")):
        share = after["unmodified"]
        found.append(Measure(f"share of 304 in the pass after noise, {where}", share, 1.0, most=False,
                             spread=(share, share), rounds=rounds))  # fmt: skip
    ours = [row for row in told["results"] if row["who"] == "watcher"]
    if ours:
        wrong = sum(row["missed"] + row["false"] for row in ours)
        found.append(
            one_value(f"changes missed or told falsely in all passes, {where}", wrong, 0, rounds)
        )
    if peak := max(
        (row["megabytes"] for row in told["results"] if row["who"] == "watcher"), default=0
    ):
        found.append(Measure(f"peak memory, MB, {where}", peak, 150, most=True,
                             spread=(peak, peak), rounds=rounds))  # fmt: skip
    return found


def _of_log(told: dict[str, Any]) -> list[Measure]:
    results = told["results"]
    events = f"{results['events']:,} events"
    aims = {"append": ("append by 100, speed against raw SQLite", 0.8),
            "fold": (f"replay to state, speed against cursor and msgspec, {events}", 0.8),
            "verify": (f"verify, speed against a raw chain check, {events}", 0.8)}  # fmt: skip
    found = []
    for key, (name, aim) in aims.items():
        ratio = results[key]["ratio"]
        found.append(Measure(name, ratio["median"], aim, most=False,
                             spread=(ratio["least"], ratio["most"]), rounds=told["rounds"]))  # fmt: skip
    if library := results["eventsourcing"]:
        ours = results["append"]["ours"] / (results["batches"] * 100) * 1e6
        fold = results["fold"]["ours"] / results["events"] * 1e6
        for name, value, aim in (
            ("append by 100, speed against eventsourcing", library["append_us"] / ours, 1.5),
            ("replay, speed against eventsourcing's mapper", library["read_us"] / fold, 5.0),
        ):
            found.append(Measure(name, value, aim, most=False, spread=(value, value),
                                 rounds=told["rounds"]))  # fmt: skip
    for each in results["past"]:
        name = f"one medicine as of any moment, CPU ms, {each['events']:,} events"
        found.append(Measure(name, each["cpu_ms"], 5.0, most=True,
                             spread=(each["cpu_ms"], each["cpu_ms"]), rounds=1))  # fmt: skip
    return found


def _of_parts(told: dict[str, Any]) -> list[Measure]:
    results, rounds = told["results"], told["rounds"]
    start, again = results["start"]["ratio"], results["rereading"]["ratio"]
    stored = results["snapshot_bytes"]
    found = [
        Measure("watcher --help, CPU against python -c pass", start["median"], 4.0, most=True,
                spread=(start["least"], start["most"]), rounds=rounds),
        Measure("re-reading kept pages by EMA's reader, speed against bare selectolax", again["median"],
                0.6, most=False, spread=(again["least"], again["most"]), rounds=rounds),
    ]  # fmt: skip
    if alike := results["rereading"].get("by_selectors"):
        found.append(Measure("re-reading kept pages by a user's selectors, speed against bare selectolax",
                             alike["median"], 0.6, most=False,
                             spread=(alike["least"], alike["most"]), rounds=rounds))  # fmt: skip
    hours = results["rereading"]["million_pages_hours_on_two_cores"]
    found.append(
        one_value("re-reading a million kept pages on two cores, hours", hours, None, rounds)
    )
    for name, aim in (("unchanged", 300), ("noisy", 1_000), ("changed", 2_000)):
        value = stored[name]
        found.append(Measure(f"snapshot bytes, {name} page", value, aim, most=True,
                             spread=(value, value), rounds=1))  # fmt: skip
    return found


def _of_told(told: dict[str, Any]) -> list[Measure]:
    found, pages = [], f"1 % of {told['pages']:,} pages changed"
    for row in told["results"]:
        who = f"`watcher {row['who']}`"
        if "p99_ms" in row:
            name = f"answer received to mail accepted, p99 ms, {who}, {pages}"
            found.append(Measure(name, row["p99_ms"], 1_000, most=True,
                                 spread=(row["least_ms"], row["most_ms"]), rounds=told["rounds"]))  # fmt: skip
        wrong = row["missed"] + row["false"]
        found.append(one_value(f"changes missed or told falsely, {who}, {pages}", wrong, 0))
    return found


def _of_days(told: dict[str, Any]) -> list[Measure]:
    results = told["results"]
    days = f"{results['days']:,} days of {results['pages']} pages"
    return [
        one_value(f"CPU of the last day against the first, {days}", results["ratio"], 1.1),
        one_value(
            f"CPU of an idle second, last against first, {days}", results["idle"]["ratio"], 1.1
        ),
    ]


def _of_memory(told: dict[str, Any]) -> list[Measure]:
    peaks: dict[int, float] = {}
    for row in told["results"]:
        peaks[row["pages"]] = max(peaks.get(row["pages"], 0.0), row["megabytes"])
    found = [
        one_value(f"peak memory of a pass, MB, {pages:,} pages", peak, 150)
        for pages, peak in peaks.items()
    ]
    least, most = min(peaks), max(peaks)
    if least != most:
        name = f"peak memory, {most:,} pages against {least:,}"
        found.append(one_value(name, peaks[most] / peaks[least], 1.2))
    return found


def _of_bulk(told: dict[str, Any]) -> list[Measure]:
    found = []
    for row in told["results"]:
        name = f"{told['records']:,} rows as {row['form']}, {row['what']}, CPU ms a row"
        found.append(one_value(name, row["cpu_ms"], None, told["rounds"]))
    return found


def _of_web(told: dict[str, Any]) -> list[Measure]:
    found, events = [], f"{told['events']:,} events, {told['connections']} connections"
    for row in told["results"]:
        found.append(one_value(f"{row['what']}, answers a second, {events}", row["a_second"], None))
        if "p99_ms" in row:
            found.append(one_value(f"{row['what']}, p99 ms, {events}", row["p99_ms"], None))
    failed = sum(row["failed"] for row in told["results"])
    return [*found, one_value(f"answers that failed, {events}", failed, 0)]


_KINDS = {
    "passes": _of_passes, "log": _of_log, "parts": _of_parts, "told": _of_told, "days": _of_days,
    "memory": _of_memory, "bulk": _of_bulk, "web": _of_web,
}  # fmt: skip


def _curves(kind: str, told: dict[str, Any]) -> list[Curve]:
    """Return what is drawn as a line of a benchmark's results."""
    results = told["results"]
    if kind == "log":
        points = [(each["events"], each["cpu_ms"]) for each in results["past"]]
        return [Curve("One medicine as of any moment", "events in the log", "CPU ms", points)]
    if kind == "days":
        return [
            Curve("Cost of the n-th day", "day", "CPU ms", results["curve"]),
            Curve("Cost of a second without news", "day", "CPU ms", results["idle_curve"]),
        ]
    return []


def collect(day: str, folder: Path) -> Path:
    """Make the record of a day of what the benchmarks wrote into a folder."""
    measures: list[Measure] = []
    drawn: list[Curve] = []
    machine, commands = {}, []
    for path in sorted(folder.glob("*.json")):
        kind = re.match(r"[a-z]+", path.stem)
        if kind is None or kind[0] not in _KINDS:
            continue
        told = json.loads(path.read_text())
        machine = told["machine"]
        arguments = [Path(told["command"][0]).name, *told["command"][1:]]
        commands.append(" ".join(each for each in arguments if "/" not in each))
        rounds = re.search(r"--rounds (\d+)", commands[-1])
        told.setdefault("rounds", int(rounds[1]) if rounds else 1)
        measures += _KINDS[kind[0]](told)
        drawn += _curves(kind[0], told)
    record = {
        "day": day, "machine": machine, "commands": commands,
        "measures": [{**asdict(each), "holds": each.holds} for each in measures],
        "curves": [asdict(each) for each in drawn],
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    place = RESULTS / f"{day}.json"
    place.write_text(json.dumps(record, indent=1) + "\n")
    return place


def table(record: dict[str, Any]) -> str:
    """Return the newest record as a table."""
    lines = ["| measure | aim | median | least – most | pairs | |", "|---|---|---|---|---|---|"]
    for told in record["measures"]:
        each = Measure.read(told)
        low, high = each.spread
        lines.append(f"| {each.name} | {each.aim_in_words} | {short(each.value)} | {short(low)} – "
                     f"{short(high)} | {each.rounds} | {each.verdict} |")  # fmt: skip
    machine = ", ".join(f"{name} {value}" for name, value in record["machine"].items())
    commands = "\n".join(f"    python benchmarks/{each}" for each in record["commands"])
    shown = ["", f"![Costs along a length](images/{CURVES.name})"] if record.get("curves") else []
    return "\n".join([*lines, *shown, "", f"{record['day']}; {machine}. Commands:", "", commands])


def draw() -> None:
    """Write the pictures, and the newest table into the document."""
    records = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    PICTURE.write_text(bars([record["measures"] for record in records]))
    if drawn := records[-1].get("curves"):
        CURVES.write_text(curves([Curve(**each) for each in drawn]))
    page = DOCS / "benchmarks.md"
    text = page.read_text()
    begin, end = (text.index(mark) for mark in _MARKS)
    page.write_text(f"{text[: begin + len(_MARKS[0])]}\n{table(records[-1])}\n{text[end:]}")


def main() -> None:
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--day", help="collect the record of this day")
    wanted.add_argument("--of", type=Path, help="the folder of what was measured")
    chosen = wanted.parse_args()
    if chosen.day and chosen.of:
        collect(chosen.day, chosen.of)
    draw()


if __name__ == "__main__":
    main()
