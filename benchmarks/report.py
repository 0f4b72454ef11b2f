"""What was measured, as one record and as a picture: `benchmarks/results/` and `docs/benchmarks.md`.

`collect` makes one record of the JSON files that the benchmarks wrote; `draw` makes the picture and
the table of `docs/benchmarks.md` from all records, the newest in the table. Both are run by
`make bench-full`; drawing alone needs nothing but the records.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from meter import HERE

DOCS = HERE.parent / "docs"
PICTURE = DOCS / "images/benchmarks.svg"
RESULTS = HERE / "results"
_MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure against its aim.

    Attributes:
        name: What was measured.
        value: The median.
        aim: The aim.
        most: Whether the aim is the most it may be; else it is the least.
        spread: The least and the most that was measured.
        rounds: In how many pairs.
    """

    name: str
    value: float
    aim: float
    most: bool
    spread: tuple[float, float]
    rounds: int

    @property
    def holds(self) -> bool:
        return self.value <= self.aim if self.most else self.value >= self.aim

    @property
    def reached(self) -> float:
        """Return how much of the aim is reached: 1 is all of it, more is better."""
        if not self.value:
            return 2.0 if self.most else 0.0
        return self.aim / self.value if self.most else self.value / self.aim


_PASS_AIMS = {
    ("first", "urlwatch"): 0.85,
    ("first", "webchanges"): 0.1,
    ("first", "changedetection.io"): 0.04,
    ("unchanged", "urlwatch"): 0.5,
    ("1 % changed", "urlwatch"): 0.55,
}


def _of_passes(told: dict[str, Any]) -> list[Measure]:
    rounds, found = told["rounds"], list[Measure]()
    rows = {(row["pass"], row["who"]): row for row in told["results"]}
    for (what, who), aim in _PASS_AIMS.items():
        row = rows.get((what, who))
        if row and row["ratio"]:
            ratio = row["ratio"]
            name = f"{what}, CPU against {who}, {told['pages']} pages"
            found.append(Measure(name, ratio["median"], aim, most=True,
                                 spread=(ratio["least"], ratio["most"]), rounds=rounds))  # fmt: skip
    ours, first = rows.get(("noise", "watcher")), rows.get(("first", "urlwatch"))
    if ours and first:
        value = ours["cpu_ms"]["median"] / first["cpu_ms"]["median"]
        found.append(Measure(f"noise on every page, CPU against urlwatch's first pass, {told['pages']} pages",
                             value, 0.7, most=True, spread=(value, value), rounds=rounds))  # fmt: skip
    if after := rows.get(("unchanged after noise", "watcher")):
        share = after["unmodified"]
        found.append(Measure("share of 304 in the pass after noise", share, 1.0, most=False,
                             spread=(share, share), rounds=rounds))  # fmt: skip
    if peak := max(
        (row["megabytes"] for row in told["results"] if row["who"] == "watcher"), default=0
    ):
        found.append(Measure(f"peak memory, MB, {told['pages']} pages", peak, 150, most=True,
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
        Measure("re-reading kept pages, speed against bare selectolax", again["median"], 0.6,
                most=False, spread=(again["least"], again["most"]), rounds=rounds),
    ]  # fmt: skip
    for name, aim in (("unchanged", 300), ("noisy", 1_000), ("changed", 2_000)):
        value = stored[name]
        found.append(Measure(f"snapshot bytes, {name} page", value, aim, most=True,
                             spread=(value, value), rounds=1))  # fmt: skip
    return found


_KINDS = {"passes": _of_passes, "log": _of_log, "parts": _of_parts}


def collect(day: str, folder: Path) -> Path:
    """Make the record of a day of what the benchmarks wrote into a folder."""
    measures: list[Measure] = []
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
    record = {
        "day": day, "machine": machine, "commands": commands,
        "measures": [{**asdict(each), "holds": each.holds} for each in measures],
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    place = RESULTS / f"{day}.json"
    place.write_text(json.dumps(record, indent=1) + "\n")
    return place


def _read(measure: dict[str, Any]) -> Measure:
    fields = {name: value for name, value in measure.items() if name != "holds"}
    return Measure(**{**fields, "spread": tuple(measure["spread"])})


def picture(records: list[dict[str, Any]]) -> str:
    """Return how much of each aim was reached, as SVG: a bar to the line is all of it."""
    newest = [_read(each) for each in records[-1]["measures"]]
    before = {each["name"]: _read(each) for record in records[:-1] for each in record["measures"]}
    row, left, width = 22, 470, 300
    height = row * len(newest) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 90} {height}" '
        'font-family="sans-serif" font-size="12" role="img" aria-label="Measures against their aims">',
        f'<rect width="{left + width + 90}" height="{height}" fill="#fff"/>',
        f'<line x1="{left + width / 2}" y1="24" x2="{left + width / 2}" y2="{height - 18}" stroke="#333"/>',
        f'<text x="{left + width / 2}" y="16" text-anchor="middle">the aim</text>',
    ]
    for place, each in enumerate(newest):
        y = 30 + place * row
        long = min(each.reached, 2.0) * width / 2
        shade, mark = ("#1a7f37", "✓") if each.holds else ("#b35900", "✗")
        parts.append(
            f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">{escape(each.name)}</text>'
        )
        parts.append(f'<rect x="{left}" y="{y}" width="{long:.0f}" height="15" fill="{shade}"/>')
        if each.name in before:
            was = left + min(before[each.name].reached, 2.0) * width / 2
            parts.append(f'<line x1="{was:.0f}" y1="{y - 2}" x2="{was:.0f}" y2="{y + 17}" '
                         'stroke="#666" stroke-dasharray="2"/>')  # fmt: skip
        parts.append(f'<text x="{left + width + 8}" y="{y + 12}">{mark} {each.value:.3g}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def table(record: dict[str, Any]) -> str:
    """Return the newest record as a table."""
    lines = ["| measure | aim | median | least – most | pairs | |", "|---|---|---|---|---|---|"]
    for told in record["measures"]:
        each = _read(told)
        sign = "≤" if each.most else "≥"
        low, high = each.spread
        lines.append(f"| {each.name} | {sign} {each.aim:g} | {each.value:.3g} | {low:.3g} – {high:.3g} "
                     f"| {each.rounds} | {'holds' if each.holds else 'not reached'} |")  # fmt: skip
    machine = ", ".join(f"{name} {value}" for name, value in record["machine"].items())
    commands = "\n".join(f"    python benchmarks/{each}" for each in record["commands"])
    return "\n".join([*lines, "", f"{record['day']}; {machine}. Commands:", "", commands])


def draw() -> None:
    """Write the picture, and the newest table into the document."""
    records = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    PICTURE.write_text(picture(records))
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
