"""Archives of the past lead to one history, whatever the order in which they are read."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from kit.archives import TABLE, archivist, one_by_one, written
from kit.bulk import row, withdrawn
from watcher.core.rules import Rule
from watcher.ports import Envelope
from watcher.services.alert import alert

DAMAGED = {"ema_product_number": "H/C/000005/N/0049"}
FILES = (
    "2019-01-01_m.json",
    "2020-01-01_m.json",
    "2021-01-01_m.json",
    "2022-01-01_m.json",
    "2023-01-01_m.json",
)


def table(*, without=(), ended=(), more=(), damaged=False):
    """Twelve medicines, but for what happened to some."""
    rows = []
    for number in [*range(1, 13), *more]:
        if number in ended:
            rows.append(withdrawn(number))
        elif number not in without:
            rows.append(row(number, **(DAMAGED if damaged and number == 5 else {})))
    return rows


YEARS = dict(
    zip(
        FILES,
        (
            table(),
            table(without={3}, ended={2}, damaged=True),
            table(without={3}, damaged=True),
            table(without={3}, ended={2, 4}, more=(13,)),
            table(ended={2, 4, 5}, more=(13,)),
        ),
        strict=True,
    )
)
"""A flap of 2, 3 gone and back, a number damaged for years, 5 withdrawn after it, 13 new."""
LIVE = table(ended={2, 4, 5, 6}, more=(13, 14))
EVERYTHING = [Rule(id="all", channels=("pv",))]
LATER = table(ended={2, 4, 5, 6, 7}, more=(13, 14))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return written(tmp_path_factory.mktemp("files"), YEARS)


def letter(case, _why, _known, _recipient):
    return Envelope(
        key=case.key, subject=f"{case.lead.event.type} {case.lead.event.subject.id}", text=""
    )


def told(keeper):
    """What must not depend on the order, once it was seen to be what the log leads to."""
    digest = keeper.digest()
    assert keeper.rebuilt() == digest
    with keeper.tools.store.reading() as work:
        target = replace(work.captures.target(keeper.source.id, TABLE), next_due="")
    return digest, keeper.states(), keeper.history(), target


@pytest.fixture(scope="module")
def in_order(tmp_path_factory, files):
    """The history of the five files and two live looks, each taken on its day."""
    with archivist(tmp_path_factory.mktemp("in_order") / "store") as keeper:
        one_by_one(keeper, files)
        keeper.looks(*LIVE)
        keeper.looks(*LATER)
        return told(keeper)


def test_the_years_in_their_order_tell_what_happened_in_them(in_order):
    _, _, history, _ = in_order
    by_subject = {
        (kind, subject[-2:], observed[:4])
        for kind, subject, _, observed in history
        if not kind.startswith("fact.")
    }

    assert by_subject == {
        ("authorisation.withdrawn", "02", "2020"),
        ("authorisation.reinstated", "02", "2021"),
        ("authorisation.withdrawn", "02", "2022"),
        ("product.delisted", "03", "2022"),
        ("authorisation.withdrawn", "04", "2022"),
        ("product.listed", "13", "2022"),
        ("authorisation.withdrawn", "05", "2023"),
        ("authorisation.withdrawn", "06", "2026"),
        ("product.listed", "14", "2026"),
        ("authorisation.withdrawn", "07", "2026"),
    }


@pytest.mark.parametrize("seed", range(6))
def test_files_and_live_looks_in_any_order_make_the_same_history(tmp_path, files, in_order, seed):
    chance = random.Random(seed)  # noqa: S311  no secret hangs on it
    shuffled = chance.sample(files, len(files))
    cut = chance.randrange(len(files) + 1)
    with archivist(tmp_path / "store") as keeper:
        one_by_one(keeper, shuffled[:cut])
        keeper.looks(*LIVE)
        if late := shuffled[cut:]:
            keeper.imports(*late)
        keeper.looks(*LATER)

        assert told(keeper) == in_order


def test_three_files_in_all_orders_make_the_same_history(tmp_path, files):
    histories = []
    for number, order in enumerate(itertools.permutations(files[:3])):
        with archivist(tmp_path / str(number)) as keeper:
            one_by_one(keeper, order)
            histories.append(told(keeper))
    with archivist(tmp_path / "at once") as keeper:
        keeper.imports(*files[:3])
        histories.append(told(keeper))

    assert all(history == histories[0] for history in histories)
    _, _, history, _ = histories[0]
    assert sum(history.values()) > 12


def test_nothing_that_was_imported_is_told_to_anyone(tmp_path, files):
    with archivist(tmp_path / "store") as keeper:
        alert(keeper.tools.store, EVERYTHING, letter, keeper.clock)
        keeper.looks(*LIVE)
        live = len(keeper.log())
        keeper.imports(files[3])
        keeper.imports(files[0])

        assert {str(each.cause) for each in keeper.log()[live:]} == {"baseline", "imported"}
        assert alert(keeper.tools.store, EVERYTHING, letter, keeper.clock).queued == 0
        keeper.looks(*LATER)
        alert(keeper.tools.store, EVERYTHING, letter, keeper.clock)
        with keeper.tools.store.reading() as work:
            waiting = {each.envelope.subject for each in work.outbox.latest(100)}
        assert waiting == {"authorisation.withdrawn EMEA/H/C/000007"}


def test_the_digest_is_another_one_where_one_date_of_one_file_is(tmp_path, files):
    changed = {
        **YEARS,
        FILES[1]: [*YEARS[FILES[1]][:-1], row(12, first_published_date="01/01/2001")],
    }
    digests = set()
    for name, paths in (("as told", files), ("changed", written(tmp_path / "files", changed))):
        with archivist(tmp_path / name) as keeper:
            keeper.imports(*paths)
            digests.add(keeper.digest())

    assert len(digests) == 2
