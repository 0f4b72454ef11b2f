"""`watcher mcp` as the protocol's own client meets it, in each way of speaking it."""

from __future__ import annotations

import json

import anyio
import pytest
from mcp import MCPError, StdioServerParameters
from mcp.client.client import Client

from kit.answering import answering
from kit.process import PROGRAM
from watcher.mcp.stdio import STATELESS, VERSIONS

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mcp")
    with answering(folder) as here:
        here.told(2)
    return folder / "sources.yaml"


def spoken(config, mode, talk):
    """Talk to the server through the client, in its own way of beginning."""
    command = StdioServerParameters(
        command=str(PROGRAM), args=["mcp", "--config", str(config)], cwd=config.parent
    )

    async def main():
        async with Client(command, mode=mode) as client:
            return await talk(client)

    return anyio.run(main)


@pytest.mark.parametrize(
    ("mode", "version"), [("auto", STATELESS[0]), ("legacy", VERSIONS[0]), (STATELESS[0],) * 2]
)
def test_the_client_agrees_on_a_version_lists_the_tools_and_calls_each(config, mode, version):
    async def talk(client):
        assert client.session.protocol_version == version
        assert {each.name for each in (await client.list_tools()).tools} == {
            "search_events",
            "get_medicine",
            "verify_event",
        }
        found = await client.call_tool("search_events", {"type": "authorisation.*"})
        (event,) = found.structured_content["events"]
        told = await client.call_tool("get_medicine", {"medicine": "substance2"})
        proof = await client.call_tool("verify_event", {"event": event["event_id"]})
        return found, told, proof

    found, told, proof = spoken(config, mode, talk)

    assert not any(each.is_error for each in (found, told, proof))
    assert json.loads(found.content[0].text) == found.structured_content
    assert told.structured_content["subjects"] == ["medicine:EMEA/H/C/000002"]
    assert proof.structured_content["is_whole"] is True


def test_what_a_tool_cannot_answer_is_its_own_error_and_a_tool_that_is_none_the_protocols(config):
    async def talk(client):
        told = await client.call_tool("get_medicine", {"medicine": "nothing at all"})
        with pytest.raises(MCPError, match="no such tool"):
            await client.call_tool("remove_everything", {})
        return told

    told = spoken(config, "auto", talk)

    assert told.is_error is True
    assert "nothing is known" in told.content[0].text
