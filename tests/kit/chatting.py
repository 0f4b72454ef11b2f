"""Real services of Apprise that speak to a server on the loopback, whatever their address says.

What reaches the server is what would reach the service: the words are read from the request.
"""

from __future__ import annotations

from typing import Any

from kit.clocks import StandingClock
from kit.receivers import LOOPBACK, Post, Webhook
from watcher.notify.channels import AppriseChannel, channel

TOKENS = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/%23alerts?footer=no",
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "gchat": "gchat://workspace/key/token",
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
}
"""Addresses with tokens that no service has given out."""


def channel_at(hook: Webhook, scheme: str) -> AppriseChannel:
    """Return a channel whose service takes `hook` for its server."""
    here = f"{LOOPBACK}:{hook.port}"
    own = {
        "mmost": f"mmost://{here}/{'a' * 26}?image=no",
        "rocket": f"rocket://{'a' * 17}/{'b' * 24}@{here}/%23alerts",
        "ntfy": f"ntfy://{here}/alerts?image=no",
        "gotify": f"gotify://{here}/token",
        "json": f"json://{here}/hook",
    }
    made = channel("chat", own.get(scheme) or TOKENS[scheme], clock=StandingClock(), seconds=10.0)
    assert isinstance(made, AppriseChannel)
    for name in ("webhook_url", "notify_url", "url"):
        if scheme in TOKENS and isinstance(getattr(made.plugin, name, None), str):
            setattr(made.plugin, name, f"{hook.url}/{scheme}")
    return made


def words(post: Post) -> str:
    """Return what a service would show of a request: a title of its own in its first line."""
    return "\n".join(filter(None, _texts(post.json())))


_SHOWN = ("title", "text", "content", "message", "body")


def _texts(told: Any) -> list[str]:
    if isinstance(told, list):
        return [text for each in told for text in _texts(each)]
    if not isinstance(told, dict):
        return []
    shown = [told[name] for name in _SHOWN if isinstance(told.get(name), str)]
    nested = (each for each in told.values() if isinstance(each, list | dict))
    return [*shown, *(text for each in nested for text in _texts(each))]
