"""A client of the API of a watcher that has told of one withdrawal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from litestar.testing import TestClient

from kit.answering import Answering, answering
from watcher.runtime.desk import hands
from watcher.web.app import application

OURS = "http://127.0.0.1:8080"


class Client(TestClient):
    """Asks, and knows the watcher that answers."""

    here: Answering
    case: str

    def items(self, path: str) -> list[dict]:
        """Return the items of a page."""
        found = self.get(f"/api/v1/{path}")
        assert found.status_code == 200, found.text
        return found.json()["items"]

    def walk(self, path: str) -> list[dict]:
        """Return the items of all pages, from the links of each to the next."""
        found, following = [], f"/api/v1/{path}"
        while following:
            page = self.get(following)
            found += page.json()["items"]
            assert page.links.get("next", {}).get("url") == page.json()["next"]
            following = page.json()["next"]
        return found


def app_of(here: Answering):
    """Return the application of a watcher."""
    return application(here.watcher, hands=hands(here.watcher), web=here.watcher.config.web)


@contextmanager
def asking(folder: Path) -> Iterator[Client]:
    """Yield a client of a watcher that looked twice: three medicines, of which one withdrawn."""
    with answering(folder, web={}) as here:
        case = here.told(2)
        with Client(app_of(here), base_url=OURS, raise_server_exceptions=False) as client:
            client.here, client.case = here, case
            yield client
