"""`watcher init`: a first configuration, written whole or not at all, tried, and looked through."""

from __future__ import annotations

import json
import stat

import pytest
from typer.testing import CliRunner

from kit.catalogues import table
from kit.ema_site import TABLE, ema_site
from kit.free_port import free_port
from kit.receivers import Mailbox, Webhook
from watcher.cli.common import configuration
from watcher.cli.main import app

CONTACT = ("--contact", "pv@hospital.eu")


@pytest.fixture
def site():
    with ema_site() as site:
        yield site


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sources.yaml"


def init(path, *words, code=0, **environment):
    command = ["init", "--config", str(path), *words]
    given = {"NO_COLOR": "1", "COLUMNS": "200", "TZ": "Europe/Vienna", **environment}
    done = CliRunner().invoke(app, command, env=given)
    assert done.exit_code == code, done.output
    return done


def files(path):
    return sorted(each.name for each in path.parent.iterdir())


def test_in_one_command_it_is_written_tried_and_the_baseline_is_known(path, site):
    with Mailbox() as box:
        done = init(
            path,
            *CONTACT,
            *("--medicine", "alofisel, substance1"),
            *("--medicine", "Medicine 2"),
            *("--send-to", "pv@hospital.eu", "--mail-server", f"127.0.0.1:{box.port}"),
            *("--table", site.table),
        )
        assert [mail.subject for mail in box.messages] == [
            "[TEST] watcher: the channel inbox works"
        ]

    config = configuration(path)
    assert config.contact == "mailto:pv@hospital.eu"
    assert [person.zone for person in config.people] == ["Europe/Vienna"]
    assert [(each.id, each.products, each.substances) for each in config.watch_lists] == [
        ("my-products", ("EMEA/H/C/004258", "EMEA/H/C/000002"), ()),
        ("my-substances", (), ("substance1",)),
    ]
    assert "EMEA/H/C/004258  # Alofisel (darvadstrocel)" in path.read_text(encoding="utf-8")
    first, *others = done.stdout.splitlines()[1:4]
    assert first.split()[:2] == ["Medicine", "2"]
    assert "withdrawn" in first
    assert "13 December 2024" in first
    assert len(others) == 2
    assert "3 of your medicines: 2 authorised, 1 withdrawn; 1 ended already" in done.stderr
    assert len(site.asked(TABLE)) == 1, "the table is asked for once, not once for each step"
    assert ".env" not in files(path)


def test_a_secret_goes_into_a_file_that_only_its_owner_reads(path, site):
    with Webhook([200]) as hook:
        address = f"json://u:hunter2@127.0.0.1:{hook.port}/a"
        init(path, *CONTACT, "--send-to", address, "--table", site.table, "-m", "alofisel")
        assert len(hook.posts) == 1

    kept = path.with_name(".env")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text(encoding="utf-8") == f"WATCHER_CHANNEL_URL={address}\n"
    assert "hunter2" not in path.read_text(encoding="utf-8")
    (channel,) = configuration(path).channels
    assert (channel.url.reveal(), str(channel.url)) == (address, "${WATCHER_CHANNEL_URL}")


def test_a_password_of_the_environment_is_kept_too_and_other_lines_stay(path):
    path.with_name(".env").write_text("OTHER=1", encoding="utf-8")
    init(
        path,
        *(*CONTACT, "--offline", "--send-to", "pv@h.eu", "--mail-server", "mail.h.eu"),
        *("--mail-user", "w"),
        WATCHER_MAIL_PASSWORD="p w",
    )

    lines = path.with_name(".env").read_text(encoding="utf-8").splitlines()
    assert lines == ["OTHER=1"], "what the environment has is not written down once more"


def test_offline_it_says_what_was_not_done_and_the_command_that_does_it(path):
    done = init(path, *CONTACT, "--offline", "-m", "Alofisel", "-m", "h-c-4258")

    assert configuration(path).watch_lists[0].products == ("Alofisel", "EMEA/H/C/004258")
    for words in ("watcher add 'Alofisel'", "watcher test-channel inbox", "watcher once"):
        assert f"`{words}" in done.stderr
    assert files(path) == ["sources.yaml"]


def test_a_bulk_file_is_looked_up_in_without_a_network(path, tmp_path):
    bulk = tmp_path / "medicines.json"
    bulk.write_text(table(), encoding="utf-8")

    done = init(path, *CONTACT, "--offline", "--bulk", str(bulk), "-m", "imatinib", "--json")

    assert configuration(path).watch_lists[0].substances == ("imatinib",)
    told = json.loads(done.stdout)
    assert [each["command"] for each in told["not_done"]] == [
        "watcher test-channel inbox",
        "watcher once",
    ]


def test_a_portfolio_may_stand_in_a_file(path, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_text("# ours\nAlofisel;Takeda\n\nH-C-4258\tx\n", encoding="utf-8")

    init(path, *CONTACT, "--offline", "--medicines-from", str(mine))

    assert configuration(path).watch_lists[0].products == ("Alofisel", "EMEA/H/C/004258")


def test_a_table_that_cannot_be_had_leaves_a_file_that_can_be_used(path):
    nowhere = f"http://127.0.0.1:{free_port()}/medicines.json"
    done = init(path, *CONTACT, "-m", "alofisel", "--table", nowhere, "--no-test", code=1)

    assert "could not be had; unreachable" in done.stderr
    assert "`watcher once` does it" in done.stderr
    assert configuration(path).watch_lists[0].products == ("alofisel",)


def test_what_is_not_known_is_told_with_what_is_nearly_so_and_nothing_is_written(path, site):
    words = (*CONTACT, "--table", site.table, "-m", "alofizel", "-m", "product:imatinib")
    done = init(path, *words, code=1)

    assert "no substance 'alofizel'; nearly so: Alofisel" in done.stderr
    assert "'product:imatinib' may mean: Imatinib Accord" in done.stderr
    assert not path.exists()


def test_a_receiver_that_does_not_take_the_sample_is_told_and_the_rest_is_done(path, site):
    with Mailbox(refuse="550 5.1.1 no such user") as box:
        server = ("--mail-server", f"127.0.0.1:{box.port}")
        words = (*CONTACT, "-m", "alofisel", "--send-to", "pv@h.eu", *server)
        done = init(path, *words, "--table", site.table, code=1)

    assert "550 5.1.1 no such user" in done.stderr
    assert "`watcher test-channel inbox` does it" in done.stderr
    assert "1 of your medicines: 1 authorised" in done.stderr


def test_a_file_that_is_there_is_never_written_over(path):
    path.write_text("mine", encoding="utf-8")

    done = init(path, *CONTACT, "--offline", code=2)

    assert "is there already and stays as it is: `watcher add NAME`" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ((), "--contact"),
        (("--contact", "nobody"), "--contact"),
        ((*CONTACT, "--send-to", "carrierpigeon://x"), "--send-to"),
        ((*CONTACT, "--send-to", "https://hooks.example.org/x"), "--send-to"),
        ((*CONTACT, "--send-to", "pv@h.eu"), "--mail-server"),
        ((*CONTACT, "--send-to", "pv@h.eu", "--mail-server", "a b"), "--mail-server"),
    ],
)
def test_an_answer_that_is_missing_or_cannot_be_used_names_its_flag(path, words, flag):
    done = init(path, "--offline", *words, code=2)

    assert flag in done.stderr
    assert files(path) == []


def test_a_folder_that_cannot_be_written_to_is_told(path):
    done = init(path.parent / "nowhere" / "sources.yaml", *CONTACT, "--offline", code=1)

    assert "cannot be written" in done.stderr
    assert files(path) == []
