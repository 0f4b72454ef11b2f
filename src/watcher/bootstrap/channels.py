"""The ways to recipients, made of the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from watcher.bootstrap.letters import source_names
from watcher.config.channel_address import HOOKS
from watcher.config.model import Config
from watcher.errors import ConfigError, Problem
from watcher.ports import Channel, Clock, Poster
from watcher.ports.store import Store
from watcher.services.attaching import MakeBundle, attachments


def _poster(config: Config, clock: Clock) -> Poster | None:
    """Return what hands messages to web hooks; None where there are none."""
    if not any(each.scheme in HOOKS for each in config.channels):
        return None
    from watcher.fetch.http import HttpFetcher  # noqa: PLC0415  # httpx takes its time

    return HttpFetcher(contact=config.contact, clock=clock)


def channels_of(config: Config, clock: Clock) -> dict[str, Channel]:
    """Return the channels of a configuration by their ids.

    Raises:
        ConfigError: An address cannot be used.
    """
    from watcher.notify.channels import channel  # noqa: PLC0415  # loads Apprise

    poster = _poster(config, clock)
    made: dict[str, Channel] = {}
    for each in config.channels:
        try:
            made[each.id] = channel(each.id, each.url.reveal(), clock=clock, poster=poster)
        except ValueError as error:
            problem = Problem(
                file="sources.yaml", line=0, key=f"channels[{each.id}].url", message=str(error)
            )
            raise ConfigError([problem]) from error
    return made


def with_files(
    config: Config, channels: Mapping[str, Channel], store: Store, evidence: MakeBundle
) -> Iterator[tuple[str, Channel]]:
    """Yield those of the channels whose messages have files with them."""
    from watcher.notify.with_files import WithFiles  # noqa: PLC0415

    names = source_names(config)
    for each in config.channels:
        if each.attach and each.id in channels:
            wanted = frozenset(each.attach)
            make = partial(attachments, store, wanted=wanted, make_bundle=evidence, sources=names)
            yield each.id, WithFiles(channel=channels[each.id], make=make)
