"""SETTINGS: the configuration as understood, to be read; rules and people in sentences."""

from __future__ import annotations

import json

from litestar import Controller, get
from litestar.response import Template

from watcher.config.model import Config
from watcher.core import wording
from watcher.core.access import Act
from watcher.core.rules_in_words import person_in_words, rule_in_words
from watcher.web.site import Here


class SettingsPage(Controller):
    """The configuration, without what is secret in it."""

    path = "/settings"
    opt = {"act": Act.SEE_SETTINGS}  # noqa: RUF012  Litestar's own form

    @get("/", sync_to_thread=True)
    def show(self, site: Here) -> Template:
        """Show the configuration; it is changed in its file and nowhere else."""
        config = site.watcher.config
        people = {each.id: each for each in config.people}
        groups = {each.id: each for each in config.groups}
        context = {
            "config": config,
            "rules": [(each, rule_in_words(each, people, groups)) for each in config.rules],
            "people": [(each, person_in_words(each, people)) for each in config.people],
            "names": {each.id: str(each) for each in config.people},
            "tiers": wording.TIERS,
            "plain": json.dumps(_shown(config), indent=2, ensure_ascii=False),
        }
        return Template("settings.html", context=context)


def _shown(config: Config) -> dict[str, object]:
    """Return the configuration without the addresses that may hold a password.

    One that stands in the file as it is, and not as the name of a variable, is a secret too.
    """
    channels = [
        {"id": each.id, "title": each.title, "kind": each.scheme, "attach": list(each.attach)}
        for each in config.channels
    ]
    ping = "an address that is not shown" if config.ping else None
    return {**config.redacted(), "channels": channels, "ping": ping}
