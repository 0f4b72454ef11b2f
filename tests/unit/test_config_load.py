"""From a file and the environment to a configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.configs import ENVIRONMENT, FULL, READERS, SMALLEST, loaded
from watcher.config.document import Scalar
from watcher.config.inspection import Inspection
from watcher.config.load import load
from watcher.config.model import NEVER, UNLIMITED, Channel, Expect, Host, Secret, Source
from watcher.config.shape import POLITENESS, RULE, SOURCE
from watcher.core.rules import EVERYTHING, Rule, WatchList
from watcher.core.schedule import Cron, Every
from watcher.core.taxonomy import Severity
from watcher.errors import ConfigError
from watcher.readers.generic_options import FactRule, GenericOptions, ListRule, Words
from watcher.readers.registry import READERS as REGISTERED

SHIPPED = Path(__file__).resolve().parents[2] / "sources.yaml"


def problems(text: str, folder: Path, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(text, folder, environment)
    return [f"{told.line}: {told.key}: {told.message}" for told in caught.value.problems]


def test_the_shipped_file_runs_without_any_environment_variable():
    config = load(SHIPPED, {}, REGISTERED)

    assert [source.id for source in config.sources] == [
        "ema-medicines",
        "ema-alofisel",
        "medpath-alofisel",
    ]
    assert {channel.scheme for channel in config.channels} == {"folder"}
    assert config.pace("www.ema.europa.eu") >= 10


def test_the_shipped_file_asks_for_a_contact_of_ones_own():
    told = [str(notice) for notice in load(SHIPPED, {}, REGISTERED).notices]

    assert [notice.partition("sources.yaml:")[2] for notice in told] == [
        "6: contact: is nobody's address: give one at which you can be reached"
    ]


def test_the_smallest_file_gets_every_default(tmp_path):
    config = loaded(SMALLEST, tmp_path, {})

    assert config.sources == (
        Source(
            id="ema",
            title="ema",
            reader="ema_medicine_page",
            urls=("https://www.ema.europa.eu/en/medicines/human/EPAR/alofisel",),
            schedule=Every(43_200),
            tier=1,
        ),
    )
    assert config.storage.database == f"sqlite:///{tmp_path}/data/watcher.db"
    assert config.storage.snapshots == tmp_path / "snapshots"
    assert (config.watch_lists, config.channels, config.rules, config.notices) == ((), (), (), ())
    assert config.pace("anywhere.eu") == 10


def test_every_key_finds_its_place(tmp_path):
    config = loaded(FULL, tmp_path)

    assert config.contact == "https://hospital.eu/bot"
    assert config.storage.database == "sqlite:////srv/watcher/log.db"
    assert config.storage.snapshots == Path("/srv/data/snapshots")
    own_server = Host(pace=0, budget=UNLIMITED)
    assert config.hosts == {"www.ema.europa.eu": Host(pace=15), "127.0.0.1": own_server}
    assert config.pace("en.wikipedia.org") == 5
    table, local, own = config.sources
    assert table == Source(
        id="table",
        title="EMA, all medicines",
        reader="ema_medicines",
        urls=("https://www.ema.europa.eu/a.json",),
        schedule=Cron("15 6,18 * * mon-fri", "Europe/Amsterdam", 300),
        tier=1,
        expect=Expect(records=(2000, 4000)),
        absent_after=2,
        max_bytes=20_000_000,
        timeout=120,
    )
    assert local.urls == ("http://127.0.0.1:8080/a", "http://localhost:8080/b")
    assert local.schedule == Every(30, 5)
    assert local.allow_private
    assert own.absent_after == NEVER
    assert own.options == GenericOptions(
        subject="medicine_page",
        facts=(
            FactRule(
                path="authorisation[NL].status",
                label="Status",
                words=Words(kind="status"),
                is_required=True,
            ),
            FactRule(
                path="page.last_updated",
                words=Words(css="time", attribute="datetime", kind="date", order="day_first"),
            ),
            FactRule(
                path="product.inn",
                label="Substances",
                words=Words(kind="list", separator="/", language="fr"),
            ),
        ),
        lists=(
            ListRule(
                path="item",
                key="url",
                css="ul.news > li",
                fields={
                    "title": Words(css="a"),
                    "url": Words(css="a", attribute="href", kind="url"),
                },
                least=1,
            ),
            ListRule(path="pack", key="code", below="Packs", most=50),
        ),
    )
    crohn = WatchList(
        id="crohn",
        title="Crohn / ATMP",
        products=("Alofisel", "EMEA/H/C/004258"),
        substances=("darvadstrocel", "CX-601"),
        atc=("L04", "L04AX08", "QI09"),
        holders=("Takeda Pharma A/S",),
        areas=("Crohn Disease",),
        jurisdictions=("EU", "JP"),
    )
    assert config.watch_lists == (crohn,)
    assert config.rules == (
        Rule(
            id="mine",
            watch_list=crohn,
            events=("authorisation.*", "document.added"),
            least=Severity.NORMAL,
            jurisdictions=("EU",),
            sources=("table",),
            tiers=(1, 2),
            channels=("files", "elsewhere"),
        ),
        Rule(id="operator", watch_list=EVERYTHING, events=("source.*",), channels=("pv-team",)),
    )


def test_the_defaults_that_are_told_are_the_defaults_that_hold():
    plain = Source(id="a", title="a", reader="r", urls=("u",), schedule=Every(60), tier=1)
    held = {
        "zone": Cron("* * * * *").zone,
        "jitter": Every(60).jitter,
        "absent_after": plain.absent_after,
        "allow_private": plain.allow_private,
        "max_size": plain.max_bytes,
        "timeout": plain.timeout,
        "pace": Host().pace,
        "budget": Host().budget,
        "connections": Host().connections,
        "least": Rule(id="r").least,
    }
    on = Inspection(file="", folder=Path(), environment={}, known={})
    keys = [*SOURCE.keys, *POLITENESS.keys, *RULE.keys]

    told = {
        key.name: key.kind.read(Scalar(1, key.name, key.default), on)
        for key in keys
        if key.default is not None
    }

    assert told == held


def test_a_relative_folder_starts_where_the_file_is(tmp_path):
    files, elsewhere, _mail = loaded(FULL, tmp_path).channels

    assert files == Channel(
        id="files",
        title="files",
        url=Secret(f"folder:{tmp_path}/messages", written="folder:messages"),
        scheme="folder",
    )
    assert elsewhere.url.reveal() == "folder:/srv/messages"
    assert elsewhere.title == "An absolute folder"


def test_a_password_with_any_character_fits_into_an_address(tmp_path):
    mail = loaded(FULL, tmp_path).channels[2]

    assert mail.scheme == "mailtos"
    assert mail.url.reveal() == (
        "mailtos://watcher:p%40ss%2Fw%3A1@mail.hospital.eu/?to=pv@hospital.eu"
    )


def test_nothing_that_prints_the_configuration_shows_a_secret(tmp_path):
    config = loaded(FULL, tmp_path)
    printed = [repr(config), str(config), json.dumps(config.redacted()), f"{config.channels}"]

    for text in printed:
        assert "ss/w" not in text
        assert "%40ss" not in text
        assert "${WATCHER_MAIL_PASSWORD}" in text


def test_never_is_printed_as_it_is_written(tmp_path):
    printed = loaded(FULL, tmp_path).redacted()

    assert [source["absent_after"] for source in printed["sources"]] == [2, 3, "never"]


def test_every_missing_variable_is_told_at_once(tmp_path):
    assert problems(FULL, tmp_path, WATCHER_MAIL_PASSWORD="") == [  # set, but empty
        "3: storage.snapshots: the environment variable WATCHER_DATA is not set",
        "59: channels[pv-team].url: the environment variable WATCHER_MAIL_PASSWORD is not set",
    ]


def test_a_problem_is_one_line_that_editors_understand(tmp_path):
    with pytest.raises(ConfigError) as caught:
        loaded(SMALLEST.replace("every: 12h", "evry: 12h"), tmp_path)

    assert str(caught.value).splitlines() == [
        f"{tmp_path}/sources.yaml:4: sources[ema]: expected either every, cron or follow, "
        "found none of them",
        f"{tmp_path}/sources.yaml:7: sources[ema].evry: a source has no such key; "
        "did you mean 'every'?",
    ]


@pytest.mark.parametrize("text", ["[]", "just a text", "12"])
def test_a_file_that_is_no_mapping_is_refused(text, tmp_path):
    (told,) = problems(text, tmp_path)

    assert told.startswith("1: (file): expected a configuration with keys such as contact, ")


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n"])
def test_an_empty_file_is_refused(text, tmp_path):
    (told,) = problems(text, tmp_path)

    assert ": (file): " in told


def test_a_file_that_is_not_there_is_a_problem_like_any_other(tmp_path):
    for path in (tmp_path / "sources.yaml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            load(path, {}, READERS)

        assert str(caught.value).startswith(f"{path}:1: (file): cannot be read: ")


def test_what_works_but_is_hardly_meant_so_is_a_notice(tmp_path):
    often = SMALLEST.replace("12h", "5m").replace("hospital.eu", "example.org")
    unused = "watch_lists: [{id: mine}]\nchannels: [{id: files, url: 'folder:m'}]\n"

    notices = loaded(often + unused, tmp_path).notices

    assert [f"{notice.line}: {notice.key}: {notice.message}" for notice in notices] == [
        "2: contact: is nobody's address: give one at which you can be reached",
        "7: sources[ema].every: is more often than hourly, which authorities ask not to do",
        "9: watch_lists: no rule names the watch list 'mine'",
        "10: channels: no rule names the channel 'files'",
    ]


@pytest.mark.parametrize(
    "contact",
    [
        "ops@hospital.eu",
        "mailto:ops",
        "mailto:ops@hospital.eu)",
        "mailto:ops@hospital.eu, mailto:b@hospital.eu",
        "https://hospital.eu/a b",
        "https://hospital.eu/(a)",
        "javascript:alert",
        "",
    ],
)
def test_a_contact_that_cannot_stand_in_a_header_is_refused(contact, tmp_path):
    (told,) = problems(SMALLEST.replace('"mailto:pv@hospital.eu"', f'"{contact}"'), tmp_path)

    assert told.startswith("2: contact: expected a contact such as mailto:")


def test_a_contact_from_the_environment_cannot_smuggle_in_a_line(tmp_path):
    text = SMALLEST.replace("mailto:pv@hospital.eu", "${CONTACT}")

    assert loaded(text, tmp_path, {"CONTACT": "mailto:a@b.eu"}).contact == "mailto:a@b.eu"
    assert len(problems(text, tmp_path, CONTACT="mailto:a@b.eu\r\nHost: evil")) == 1


def test_the_environment_given_is_the_only_one_read(tmp_path, monkeypatch):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    assert len(problems(FULL, tmp_path)) == 2
