"""The pages behind a real nginx, set up as docs/howto/behind-a-proxy.md says."""

from __future__ import annotations

import re

import httpx
import pytest
import yaml

from kit.free_port import free_port
from kit.nginx import GUIDE, nginx
from kit.process import service
from kit.served import adds, sign_in, started
from kit.station import settings

SOURCE = {
    "id": "ema",
    "reader": "ema_medicines",
    "url": "http://127.0.0.1:9/medicines.json",
    "every": "1h",
}

pytestmark = pytest.mark.e2e


def web(port: int) -> object:
    """Return the `web` section of the guide, at another port."""
    (block,) = re.findall(r"```yaml\n( +web:\n.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return {**yaml.safe_load(block)["web"], "port": port}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("behind"), free_port()
    with nginx(port) as made:
        settings(folder, [SOURCE], channels={"pv": "folder:messages"}, web=web(port))
        with service(folder):
            assert started(f"http://127.0.0.1:{port}").text == "ok\n"
            adds(folder, "anna", "admin")
            yield made


def test_whoever_comes_without_encryption_is_led_to_it(proxy):
    answer = httpx.get(f"{proxy.plain}/cases", headers={"Host": proxy.name}, trust_env=False)

    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{proxy.name}/cases")


def test_the_two_lines_that_the_guide_asks_for_answer_as_it_says(proxy):
    with proxy.browser() as browser:
        assert browser.get("/cases").status_code == 401
        assert browser.get("/healthz").text == "ok\n"


def test_people_sign_in_and_their_session_is_for_encrypted_lines_alone(proxy):
    with proxy.browser() as browser:
        done = sign_in(browser, "anna")
        page = browser.get("/you")

    assert "an admin" in page.text
    assert "; Secure" in done.headers["set-cookie"]
    assert page.headers["strict-transport-security"] == "max-age=31536000"


def test_what_a_client_says_of_itself_is_not_passed_on(proxy):
    lies = {
        "X-Remote-User": "anna",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "a.example",
    }
    with proxy.browser(**lies) as browser:
        asked = browser.get("/cases")
        sign_in(browser, "anna")
        page = browser.get("/you")

    assert asked.status_code == 401
    assert page.status_code == 200


def test_a_page_that_stays_open_is_told_at_once(proxy):
    with proxy.browser() as browser:
        sign_in(browser, "anna")
        with browser.stream("GET", "/live") as line:
            first = next(line.iter_text())

    assert line.headers["content-type"].startswith("text/event-stream")
    assert first
