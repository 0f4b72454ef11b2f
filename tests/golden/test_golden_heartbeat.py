"""The weekly proof that we watch, word for word: a good week, a bad one, and an empty list.

`--accept` rewrites the forms in `heartbeats/`; all of it is reconstructed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.happenings import SOURCES, withdrawal
from watcher.core.heartbeat import Anchor, Gap, Looked, Proof
from watcher.core.heartbeat_message import compose_heartbeat
from watcher.core.watch_list import WatchList
from watcher.notify.anchor import with_note
from watcher.notify.render import render

FOLDER = Path(__file__).parent / "heartbeats"
CROHN = WatchList(id="crohn", title="Crohn / ATMP", substances=("darvadstrocel",))
WEEK = {
    "watch_list": CROHN,
    "since": "2026-11-16T06:45:02Z",
    "until": "2026-11-23T06:45:01Z",
    "due": "2026-11-23T06:45:00Z",
    "medicines": 3,
}
DIGEST = "sha256:720b5f89" + "0" * 56
EMA = Looked(
    name="EMA medicine data",
    tier=1,
    looks=14,
    good=14,
    last_good_at="2026-11-23T05:15:07Z",
    snapshot=DIGEST,
    server_date="Mon, 23 Nov 2026 05:00:11 GMT",
    stated="2026-11-20T17:00:00Z",
)
PAGES = Looked(
    name="EMA, pages of our medicines",
    tier=1,
    looks=21,
    good=17,
    last_good_at="2026-11-22T18:15:07Z",
    snapshot=DIGEST,
    addresses=3,
    failing=1,
    gaps=(
        Gap("2026-11-17T05:15:07Z", "2026-11-19T05:15:07Z", "https://ema.example/alofisel"),
        Gap("2026-11-21T05:15:07Z", "", "https://ema.example/entyvio"),
    ),
)
DEAD = Looked(name="MedPath", tier=3)
NOTE = (
    "watcher.example/log\n4711\neFow06cZirZIH6eSSNk/pzKZbYL8Wp4KcasJ7EX+wuQ=\n"
    "at 2026-11-23T06:00:00.000000Z\n\n— watcher.example/log " + "A" * 92 + "\n"
)
ANCHOR = Anchor(size=4711, root="78" * 32, at="2026-11-23T06:00:00Z", note=NOTE)

PROOFS = {
    "quiet_week": Proof(**WEEK, looked=(EMA,), anchor=ANCHOR),
    "bad_week": Proof(
        **{**WEEK, "until": "2026-11-25T09:12:00Z"},
        missed=1,
        looked=(EMA, PAGES, DEAD),
        changed=(withdrawal(),),
        open=(withdrawal(),),
        held=412,
        anchor=ANCHOR,
    ),
    "first_of_an_empty_list": Proof(**{**WEEK, "medicines": 0}, is_first=True, looked=(EMA,)),
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_heartbeat_reads_as_it_did(name, accepts):
    proof = PROOFS[name]
    told = render(compose_heartbeat(proof, SOURCES), key="heartbeat:anna:crohn:2026-11-23")
    told = with_note(told, proof.anchor.note if proof.anchor else "")
    forms = {
        ".txt": f"Subject: {told.subject}\n\n{told.text}",
        ".md": f"{told.chat}\n",
        ".html": told.html,
    }
    for suffix, form in forms.items():
        golden = FOLDER / f"{name}{suffix}"
        if accepts:
            golden.write_text(form, encoding="utf-8")
        assert golden.is_file(), f"{golden.name} is missing: look at it and run with --accept"
        assert form == golden.read_text(encoding="utf-8")
