"""`watcher mcp` as an assistant meets it: a process that is talked to over stdin and stdout."""

from __future__ import annotations

import json
import subprocess

import pytest

from kit.answering import answering
from kit.process import PROGRAM

pytestmark = pytest.mark.e2e
GREETING = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


class Talk:
    """A conversation with the process."""

    def __init__(self, config):
        self._process = subprocess.Popen(
            [PROGRAM, "mcp", "--config", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=config.parent,
        )
        self._number = 0

    def ask(self, method, **params):
        self._number += 1
        return self.say({"id": self._number, "method": method, "params": params})

    def say(self, message):
        return self.write(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def write(self, line):
        self.tell(line)
        return json.loads(self._process.stdout.readline())

    def tell(self, line):
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def use(self, tool, **arguments):
        return self.ask("tools/call", name=tool, arguments=arguments)["result"]

    def end(self):
        self._process.stdin.close()
        code = self._process.wait(20)
        self._process.stdout.close()
        return code


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mcp")
    with answering(folder) as here:
        here.told(2)
    talk = Talk(folder / "sources.yaml")
    early = talk.ask("tools/list")
    assert early["error"]["code"] == -32600
    greeted = talk.ask("initialize", **GREETING)
    assert greeted["result"]["protocolVersion"] == "2025-06-18"
    talk.tell(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
    yield talk
    assert talk.end() == 0


def test_it_lists_three_tools_that_only_read(talk):
    tools = talk.ask("tools/list")["result"]["tools"]

    assert [each["name"] for each in tools] == ["search_events", "get_medicine", "verify_event"]
    assert all(each["annotations"]["readOnlyHint"] for each in tools)
    assert all(each["inputSchema"]["type"] == "object" for each in tools)
    assert all(each["inputSchema"]["additionalProperties"] is False for each in tools)


def test_events_are_found_with_the_words_of_their_source(talk):
    found = talk.use("search_events", medicine="substance2", type="authorisation.*")
    (event,) = found["structuredContent"]["events"]

    assert found["isError"] is False
    assert json.loads(found["content"][0]["text"]) == found["structuredContent"]
    assert event["type"] == "authorisation.withdrawn"
    assert event["source"] == "ema"
    assert event["url"].endswith("/medicines.json")
    assert "Withdrawn" in event["quotes"]


def test_the_newest_are_found_where_there_are_more(talk):
    whole = talk.use("search_events", baseline=True, limit=50)["structuredContent"]["events"]
    some = talk.use("search_events", baseline=True, limit=2)["structuredContent"]["events"]

    assert some == whole[-2:]


def test_a_medicine_is_told_fact_by_fact_with_quotes(talk):
    told = talk.use("get_medicine", medicine="Medicine 2")["structuredContent"]
    status = next(each for each in told["facts"] if each["path"] == "authorisation[EU].status")

    assert told["subjects"] == ["medicine:EMEA/H/C/000002"]
    assert (status["value"], status["quote"], status["source"]) == ("withdrawn", "Withdrawn", "ema")


def test_an_event_is_verified(talk):
    event = talk.use("search_events", type="authorisation.*")["structuredContent"]["events"][0]
    told = talk.use("verify_event", event=event["event_id"])["structuredContent"]

    assert told["is_whole"] is True
    assert told["position"] == event["position"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get_medicine", {"medicine": "nothing"}, "nothing is known"),
        ("get_medicine", {}, "medicine"),
        ("get_medicine", {"medicine": 3}, "medicine"),
        ("verify_event", {"event": "99"}, "99"),
        ("verify_event", {"event": "x'; DROP"}, "event"),
        ("search_events", {"limit": 51}, "limit"),
        ("search_events", {"limit": "5"}, "limit"),
        ("search_events", {"since": "yesterday"}, "since"),
        ("search_events", {"medecine": "Alofisel"}, "medecine"),
    ],
)
def test_what_cannot_be_answered_is_an_error_of_the_tool(talk, tool, arguments, said):
    told = talk.use(tool, **arguments)

    assert told["isError"] is True
    assert said in told["content"][0]["text"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b'{"id":1,"params":{"a":' + b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","more":1}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"resources/list"}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm"}}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}', -32602),
        (b'{"x":"' + b"a" * 1_100_000 + b'"}', -32600),
    ],
)
def test_what_is_no_request_is_refused_and_the_conversation_goes_on(talk, line, code):
    assert talk.write(line)["error"]["code"] == code
    assert talk.ask("ping")["result"] == {}


MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def test_a_request_that_names_its_version_needs_no_greeting(talk):
    told = talk.ask("server/discover", _meta=MODERN)["result"]

    assert told["supportedVersions"] == ["2026-07-28"]
    assert told["capabilities"] == {"tools": {}}
    assert told["resultType"] == "complete"
    assert told["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "watcher"
    listed = talk.ask("tools/list", _meta=MODERN)["result"]
    assert (len(listed["tools"]), listed["cacheScope"]) == (3, "private")


def test_a_version_that_is_not_spoken_is_refused_with_those_that_are(talk):
    asked = {**MODERN, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    error = talk.ask("tools/list", _meta=asked)["error"]

    assert error["code"] == -32022
    assert error["data"] == {"supported": ["2026-07-28"], "requested": "2031-01-01"}


@pytest.mark.parametrize(
    ("method", "meta", "code"),
    [
        ("tools/list", {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}, -32602),
        ("initialize", MODERN, -32601),
        ("ping", MODERN, -32601),
    ],
)
def test_what_the_new_way_does_not_have_is_refused(talk, method, meta, code):
    assert talk.ask(method, _meta=meta)["error"]["code"] == code
