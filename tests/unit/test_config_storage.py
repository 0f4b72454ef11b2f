"""Where everything is kept, as the configuration names it: databases, folders, buckets."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.configs import SMALLEST, loaded
from watcher.config.flat import flat
from watcher.config.model import Secret
from watcher.errors import ConfigError
from watcher.store.database import postgres_at

ADDRESS = "postgresql://watcher:${DB_PASSWORD}@db.hospital.eu/watcher"


def with_database(address, folder, **environment):
    return loaded(f"{SMALLEST}storage: {{database: {address!r}}}\n", folder, environment)


def test_the_address_of_postgresql_is_a_secret_wherever_the_configuration_is_shown(tmp_path):
    config = with_database(ADDRESS, tmp_path, DB_PASSWORD="of-the-database")

    database = config.storage.database
    assert isinstance(database, Secret)
    assert database.reveal() == "postgresql://watcher:of-the-database@db.hospital.eu/watcher"
    for shown in (repr(config), str(config.redacted()), str(flat(config))):
        assert "of-the-database" not in shown
    assert config.storage.folder == tmp_path / "data"


def test_any_character_may_stand_in_the_password_of_the_database(tmp_path):
    config = with_database(ADDRESS, tmp_path, DB_PASSWORD="p@ss/w:1 %")

    assert postgres_at(config.storage.database.reveal()).password == "p@ss/w:1 %"


def test_a_password_that_stands_in_the_file_is_advised_against(tmp_path):
    config = with_database("postgresql://watcher:open@db.hospital.eu/watcher", tmp_path)

    assert ["put it into the environment" in str(each) for each in config.notices] == [True]
    assert "open@" not in repr(config)


@pytest.mark.parametrize(
    "address",
    ["postgresql://", "postgresql://db", "postgresql://db:x/watcher", "mysql://db/watcher"],
)
def test_an_address_that_names_no_database_is_refused(tmp_path, address):
    with pytest.raises(ConfigError, match=r"storage\.database: expected a SQLite file"):
        with_database(address, tmp_path)


def test_an_address_that_the_driver_cannot_read_is_told_without_its_password():
    with pytest.raises(ConfigError) as refused:
        postgres_at("postgresql://u:of-the-database@h:port:9/d")

    assert "of-the-database" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["s3://watcher-payloads", "s3://bucket/a/prefix/", "gs://bucket/x", "az://box/x"]
)
def test_payloads_may_be_in_a_bucket(tmp_path, address):
    config = loaded(f"{SMALLEST}storage: {{snapshots: '{address}', cache_size: 20MB}}\n", tmp_path)

    assert config.storage.snapshots == address.rstrip("/")
    assert (config.storage.cache, config.storage.cache_size) == (tmp_path / "cache", 20_000_000)


def test_the_address_of_a_folder_is_that_folder(tmp_path):
    config = loaded(f"{SMALLEST}storage: {{snapshots: 'file:///srv/the%20pages'}}\n", tmp_path)

    assert config.storage.snapshots == Path("/srv/the pages")


@pytest.mark.parametrize(
    "address",
    [
        "s3://",
        "s3://B/x",
        "s3://key:secret@bucket/x",
        "s3://bucket/../x",
        "ftp://host/x",
        "s3:///x",
    ],
)
def test_what_is_no_place_for_payloads_is_refused(tmp_path, address):
    with pytest.raises(ConfigError) as caught:
        loaded(f"{SMALLEST}storage: {{snapshots: '{address}'}}\n", tmp_path, {})

    [told] = map(str, caught.value.problems)
    assert "storage.snapshots: expected a folder such as snapshots, or a bucket" in told
    assert "secret" not in told
