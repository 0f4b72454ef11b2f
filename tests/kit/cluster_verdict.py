"""What a tormented cluster's log, mailbox and site say, beside the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kit.receivers import Mail
from kit.swarm import Swarm

_TOLERANCE = 0.01
"""Seconds by which the site may see two requests closer than they were sent: it is busy as well."""
SEEN = "SELECT count(*) FROM targets WHERE source LIKE 'pages-%' AND last_good <> ''"
NEWS = (
    "SELECT subject, count(*) FROM events WHERE source LIKE 'pages-%'"
    " AND type = 'authorisation.withdrawn' AND cause = 'observed' GROUP BY 1"
)
OPEN_WORK = (
    "SELECT (SELECT count(*) FROM targets WHERE leased_by <> '' OR next_due <"
    " to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS'))"
    " + (SELECT coalesce(max(position), 0) FROM events)"
    " - coalesce((SELECT position FROM checkpoints WHERE consumer = 'alert'), 0)"
    " + (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))"
    " + (SELECT count(*) FROM digest_items WHERE told_in = '')"
)
"""What is due, untold or unsent, together."""
_TOLD = (
    'SELECT e.subject, (SELECT count(*) FROM outbox o WHERE o."case" = c.key'
    " AND o.state = 'delivered') + (SELECT count(*) FROM digest_items d JOIN outbox o"
    " ON o.key = d.told_in WHERE d.\"case\" = c.key AND o.state = 'delivered')"
    " FROM cases c JOIN events e ON e.position = c.lead WHERE e.source LIKE 'pages-%'"
)
_SENT = "SELECT count(*) FROM outbox WHERE state = 'delivered'"
_STILL_HELD = "SELECT count(*) FROM turns WHERE held_by <> ''"


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found, beside the truth.

    Attributes:
        planned: How many kills there were to be.
        kills: How often each kind was killed.
        restarted: Processes that ended by themselves and were started anew.
        seconds: How long it took, and of that `first_round` until every page had been seen.
        cpu: CPU seconds of all processes, the site and the database among them.
        requests: Requests that the site has had.
        unseen: Pages that nobody ever looked at.
        lost: Withdrawals of which no event tells; `false`: events of what never was.
        doubled_events: Events beyond the first of a withdrawal.
        untold: Withdrawals of which no message was delivered, or is not in the mailbox.
        doubles_same_key: Mails that came again and can be told by their key: allowed.
        doubles_other_key: Messages on one withdrawal under two keys.
        least_gap: Seconds between two requests to one server, the least; `rude`: too early ones.
        resumed: After how many seconds each server of a killed worker was asked again.
        not_resumed: How many of those it took more than a minute.
        is_whole: Whether `watcher verify` finds log and snapshots whole.
        is_settled: Whether nothing was left to do, in time.
        left_held: Turns that somebody still holds with nothing to do.
    """

    pages: int
    servers: int
    changed: int
    workers: int
    planned: int
    kills: dict[str, int] = field(default_factory=dict)
    restarted: int = 0
    seconds: float = 0.0
    first_round: float = 0.0
    cpu: float = 0.0
    requests: int = 0
    unseen: int = 0
    lost: int = 0
    false: int = 0
    doubled_events: int = 0
    untold: int = 0
    doubles_same_key: int = 0
    doubles_other_key: int = 0
    least_gap: float = 0.0
    rude: int = 0
    resumed: list[float] = field(default_factory=list)
    not_resumed: int = 0
    is_whole: bool = False
    is_settled: bool = False
    left_held: int = 0

    @property
    def is_good(self) -> bool:
        """Return whether everything was kept that is promised."""
        bad = self.unseen + self.lost + self.false + self.doubled_events + self.untold
        bad += self.doubles_other_key + self.rude + self.not_resumed + self.left_held
        is_over = self.is_settled and sum(self.kills.values()) == self.planned
        return not bad and self.is_whole and is_over

    def told(self) -> dict[str, object]:
        """Return what is told of it, in words."""
        kills = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        longest = max(self.resumed, default=0.0)
        return {
            "pages, on servers": f"{self.pages:,} on {self.servers}",
            "workers": self.workers,
            "kills, of those planned": f"{sum(self.kills.values())} ({kills}), {self.planned}",
            "processes that ended by themselves": self.restarted,
            "seconds, until all were seen": f"{self.seconds:.0f}, {self.first_round:.0f}",
            "CPU seconds of all processes": f"{self.cpu:.0f}",
            "requests that the site has had": f"{self.requests:,}",
            "pages never looked at": self.unseen,
            "withdrawals": self.changed,
            "withdrawals lost": self.lost,
            "events false": self.false,
            "events twice": self.doubled_events,
            "withdrawals untold": self.untold,
            "mails doubled, with the same key": self.doubles_same_key,
            "messages doubled, with another key": self.doubles_other_key,
            "least seconds between two requests": self.least_gap,
            "requests before a server's pace": self.rude,
            "servers resumed after a kill, longest": f"{len(self.resumed)}, {longest:.0f} s",
            "servers not resumed within a minute": self.not_resumed,
            "turns left held": self.left_held,
            "settled in time": self.is_settled,
            "watcher verify": "whole" if self.is_whole else "NOT WHOLE",
        }


def judge_log(swarm: Swarm, verdict: Verdict, changed: Sequence[str]) -> None:
    """Compare the log, and what nobody should hold any more, with the truth."""
    verdict.unseen = verdict.pages - swarm.count(SEEN)
    told = {_page(subject): int(count) for subject, count in swarm.ask(NEWS)}
    wanted = {_page(each) for each in changed}
    verdict.lost = len(wanted - told.keys())
    verdict.false = len(told.keys() - wanted)
    verdict.doubled_events = sum(count - 1 for count in told.values())
    verdict.left_held = swarm.count(_STILL_HELD)


def judge_mails(
    swarm: Swarm, mails: Iterable[Mail], verdict: Verdict, changed: Sequence[str]
) -> None:
    """Compare the outbox with the truth, and the mailbox with the outbox."""
    told = Counter({_page(subject): int(count) for subject, count in swarm.ask(_TOLD)})
    verdict.untold = sum(not told[_page(each)] for each in changed)
    verdict.doubles_other_key = sum(max(count - 1, 0) for count in told.values())
    came = Counter(str(mail.message["Message-ID"]) for mail in mails)
    verdict.doubles_same_key = sum(count - 1 for count in came.values())
    # what the outbox says was delivered has to be there
    verdict.untold += max(swarm.count(_SENT) - len(came), 0)


def judge_manners(swarm: Swarm, verdict: Verdict) -> dict[str, list[float]]:
    """Compare what the site noted of its requests with its pace; return them by server."""
    asked: dict[str, list[float]] = defaultdict(list)
    for at, host, _path in swarm.asked():
        asked[host].append(at)
    gaps = [later - earlier for times in asked.values() for earlier, later in pairwise(times)]
    verdict.requests = sum(map(len, asked.values()))
    verdict.least_gap = round(min(gaps, default=0.0), 4)
    verdict.rude = sum(gap < swarm.pace - _TOLERANCE for gap in gaps)
    return asked


def _page(text: object) -> str:
    """Return what follows the last slash: a page is the same in an address and in a subject."""
    return str(text).rpartition("/")[2]
