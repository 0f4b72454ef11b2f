"""Days on which nothing ran, nights on which the clock changed: one look, and the gap shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kit.bulk import bulk, row, withdrawn
from kit.clocks import LooseClock, StandingClock
from kit.faulty_server import FaultyServer
from kit.station import settings, station
from watcher.services.dossier import looks

PATHS = ("/one.json", "/two.json")
DAY = 86_400


@pytest.fixture
def site():
    with FaultyServer() as site:
        for path in PATHS:
            site.page(path, bulk(row(1), row(2)), media_type="application/json")
        yield site


def configured(folder, site, **schedule):
    sources = [
        {
            "id": f"ema{number}",
            "reader": "ema_medicines",
            "url": site.url(path),
            **schedule,
        }
        for number, path in enumerate(PATHS)
    ]
    return settings(folder, sources, channels={"pv": "folder:messages"})


def due(here):
    """Look at what is due, as a tick does; return how many targets that were."""
    found = [*here.watcher.due()]
    for source, url in found:
        here.watcher.check(source, url)
    here.watcher.alert()
    return len(found)


def test_three_days_of_downtime_are_one_look_a_target_and_the_gap_shows(tmp_path, site):
    path = configured(tmp_path, site)
    clock = StandingClock()
    with station(path, clock) as here:
        assert [due(here), due(here)] == [2, 0]
    last = clock.now()
    clock.forward(3 * DAY)
    site.page(PATHS[0], bulk(row(1), withdrawn(2)), media_type="application/json")
    with station(path, clock) as here:
        seen = []
        for _ in range(60):
            seen.append(due(here))
            clock.forward(60)
        with here.watcher.store.reading() as work:
            captures = [*work.captures.read(url=site.url(PATHS[0]))]
        (told,) = here.log(types=("authorisation.withdrawn",))
        shown = looks("ema0", site.url(PATHS[0]), captures)

    assert sum(seen) == 2, "one catch-up each, and not one for each look that was missed"
    assert told.provenance.previously[:19] == f"{last:%Y-%m-%dT%H:%M:%S}"
    began, ended = map(datetime.fromisoformat, shown.gap)
    assert ended - began == timedelta(days=3)


@pytest.mark.parametrize(
    ("night", "what"),
    [(datetime(2026, 10, 24, tzinfo=UTC), "twice"), (datetime(2027, 3, 27, tzinfo=UTC), "missing")],
    ids=["half past two comes twice", "half past two does not come"],
)
def test_a_daily_look_at_half_past_two_in_amsterdam_is_made_once_a_day(tmp_path, site, night, what):
    schedule = {"cron": "30 2 * * *", "zone": "Europe/Amsterdam"}
    sources = configured(tmp_path, site, **schedule)
    clock = StandingClock(night - timedelta(days=1))
    with station(sources, clock) as here:
        due(here)  # the first look of all
        clock.forward((night + timedelta(hours=12) - clock.now()).total_seconds())
        due(here)
        made = []
        for _ in range(2 * 24 * 4):
            clock.forward(900)
            made += [clock.now()] * due(here)

    days = [at.astimezone(UTC).date() for at in made]
    assert len(made) == 2 * len(PATHS), (what, made)
    assert len(set(days)) == 2


def test_what_is_observed_after_the_clock_was_set_back_is_not_observed_before(tmp_path, site):
    clock = LooseClock()
    with station(configured(tmp_path, site), clock) as here:
        due(here)
        clock.forward(2 * DAY)
        site.page(PATHS[0], bulk(row(1), withdrawn(2)), media_type="application/json")
        due(here)
        clock.moved = -timedelta(hours=2)
        site.page(PATHS[0], bulk(withdrawn(1), withdrawn(2)), media_type="application/json")
        here.look("ema0", after=0)  # somebody asks for it now
        for stream in {told.stream for told in here.log(without_baseline=False)}:
            told = [each for each in here.log(without_baseline=False) if each.stream == stream]
            observed = [each.provenance.observed_at for each in told]
            assert observed == sorted(observed), stream

        assert here.types(types=("authorisation.*",)) == ["authorisation.withdrawn"] * 2
