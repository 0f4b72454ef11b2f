"""The weekly proof that we watch: what the golden ones leave out."""

from __future__ import annotations

from watcher.core.heartbeat import Proof
from watcher.core.heartbeat_message import compose_heartbeat
from watcher.core.watch_list import EVERYTHING


def test_a_proof_that_comes_late_says_so_and_counts_none_that_were_not_missed():
    proof = Proof(
        watch_list=EVERYTHING,
        since="2026-11-16T06:45:02Z",
        until="2026-11-23T09:45:00Z",
        due="2026-11-23T06:45:00Z",
        medicines=3,
    )

    told = [line.text for part in compose_heartbeat(proof, {}).sections for line in part.lines]

    (late,) = [line for line in told if "comes late" in line]
    assert "23 November 2026, 06:45 UTC" in late
    assert "never came" not in late
