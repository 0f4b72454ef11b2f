"""The `web` section: pages are served to this machine alone, until people can sign in."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.configs import READERS, SMALLEST
from watcher.config.load import checked
from watcher.config.web_model import HeaderSignIn, SignIn, Web, served
from watcher.core.access import Grants, Role
from watcher.core.sign_in import Limits
from watcher.errors import ConfigError


def config(web="", **environment):
    return checked(f"{SMALLEST}{web}".encode(), Path("sources.yaml"), environment, READERS)


def problem(web):
    with pytest.raises(ConfigError) as caught:
        config(web)
    (found,) = caught.value.problems
    return found


OIDC = (
    "{issuer: 'https://login.hospital.eu/', client_id: watcher, client_secret: '${SECRET}', "
    "roles: {editor: [pv], everyone: reader}}"
)


def with_oidc(**changed):
    told = {
        "issuer": "https://login.hospital.eu/",
        "client_id": "watcher",
        "client_secret": "${SECRET}",
        "roles": "{reader: [staff]}",
        **changed,
    }
    return _in_web("oidc", told, 'public_url: "https://w.hospital.eu/", ')


def with_header(**changed):
    told = {"user": "X-Remote-User", "proxies": "[127.0.0.1]", "roles": "{admin: [it]}", **changed}
    return _in_web("header", told, "")


def _in_web(name, told, more):
    keys = ", ".join(
        f"{key}: {text if text[:1] in '[{' else repr(text)}" for key, text in told.items()
    )
    return f"{{{more}sign_in: {{{name}: {{{keys}}}}}}}"


def test_without_the_section_nothing_is_served():
    assert config().web is None


def test_an_empty_section_serves_this_machine():
    assert config("web: {}").web == Web(address="127.0.0.1", port=8080, public_url="")


def test_a_public_address_ends_with_a_slash():
    web = config('web: {address: "::1", port: 8443, public_url: "https://w.hospital.eu/x"}').web

    assert web == Web(address="::1", port=8443, public_url="https://w.hospital.eu/x/")
    assert web.authority == "[::1]:8443"


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.7", "::", "8.8.8.8"])  # noqa: S104
def test_an_address_that_others_reach_is_refused_where_nobody_signs_in(address):
    found = problem(f'web: {{address: "{address}"}}')

    assert found.key == "web.address"
    assert "add sign_in" in found.message
    assert config(f'web: {{address: "{address}", sign_in: {{}}}}').web.sign_in == SignIn()


def test_what_goes_unencrypted_is_advised_against_until_a_proxy_is_named():
    bare = config("web: {address: 10.0.0.1, sign_in: {}}").notices
    proxied = config("web: {address: 10.0.0.1, sign_in: {}, proxies: [10.0.0.2]}").notices

    assert any("put a proxy with https before it" in each.message for each in bare)
    assert not any("proxy" in each.message for each in proxied)


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("{address: localhost}", "web.address"),
        ("{port: 0}", "web.port"),
        ("{port: 70000}", "web.port"),
        ("{public_url: watcher.hospital.eu}", "web.public_url"),
        ('{public_url: "https://user:secret@w.hospital.eu/"}', "web.public_url"),
        ('{public_url: "https://w.hospital.eu/?a=b"}', "web.public_url"),
        ('{public_url: "ftp://w.hospital.eu/"}', "web.public_url"),
        ("{public: yes}", "web.public"),
        ("{base_path: watcher}", "web.base_path"),
        ("{base_path: /watcher/}", "web.base_path"),
        ("{base_path: /}", "web.base_path"),
        ("{proxies: [all]}", "web.proxies[1]"),
        ("{proxies: [0.0.0.0/0]}", "web.proxies[1]"),
        ("{proxies: [10.0.0.1/8]}", "web.proxies[1]"),
        ("{sign_in: {users: false}}", "web.sign_in.users"),
        ("{sign_in: {sessions: {idle: 1m}}}", "web.sign_in.sessions.idle"),
        ("{sign_in: {sessions: {most: 0}}}", "web.sign_in.sessions.most"),
        (f"{{sign_in: {{oidc: {OIDC}}}}}", "web.sign_in.oidc"),
        (with_oidc(client_secret="written-out"), "web.sign_in.oidc.client_secret"),
        (with_oidc(client_secret="${NOWHERE}"), "web.sign_in.oidc.client_secret"),
        (with_oidc(issuer="http://login.hospital.eu"), "web.sign_in.oidc.issuer"),
        (with_oidc(issuer="login.hospital.eu"), "web.sign_in.oidc.issuer"),
        (with_oidc(scopes='["a b"]'), "web.sign_in.oidc.scopes[1]"),
        (with_oidc(roles="{}"), "web.sign_in.oidc.roles"),
        (with_oidc(roles="{owner: [a], reader: [b]}"), "web.sign_in.oidc.roles.owner"),
        (with_header(user="Authorization"), "web.sign_in.header.user"),
        (with_header(groups="X-Forwarded-For"), "web.sign_in.header.groups"),
        (with_header(proxies="[]"), "web.sign_in.header.proxies"),
        (with_header(proxies='["::/0"]'), "web.sign_in.header.proxies[1]"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_key(section, key):
    with pytest.raises(ConfigError) as caught:
        config(f"web: {section}", SECRET="the-secret-itself")
    (found,) = caught.value.problems
    assert found.key == key
    assert "the-secret-itself" not in str(found)
    assert "written-out" not in str(found)


def test_links_without_encryption_are_advised_against():
    notices = config('web: {public_url: "http://w.hospital.eu/"}').notices

    assert any("use https" in each.message for each in notices)
    assert not any(
        "use https" in each.message
        for each in config('web: {public_url: "http://127.0.0.1:8080/"}').notices
    )


def test_people_who_sign_in_are_told_apart_by_groups_and_stay_for_a_while():
    told = config(
        "web:\n  public_url: https://w.hospital.eu/x\n  proxies: [10.0.0.5, 172.16.0.0/12]\n"
        "  sign_in:\n    users: false\n    sessions: {idle: 30m, absolute: 12h, most: 2}\n"
        f"    oidc: {OIDC}\n"
        "    header: {user: X-Remote-User, groups: X-Groups, proxies: ['::1'],"
        " roles: {admin: [it]}}",
        SECRET="the-secret-itself",
    )
    web = told.web

    assert web.proxies == ("10.0.0.5", "172.16.0.0/12")
    assert web.base == "/x"
    assert web.sign_in.sessions == Limits(idle=1_800, absolute=43_200, most=2)
    assert web.sign_in.oidc.roles == Grants(editor=("pv",), everyone=Role.READER)
    assert web.sign_in.header == HeaderSignIn(
        user="X-Remote-User", groups="X-Groups", proxies=("::1",), roles=Grants(admin=("it",))
    )
    assert [each.reveal() for each in told.secrets] == ["the-secret-itself"]
    assert "the-secret-itself" not in repr(told)
    assert "the-secret-itself" not in str(told.redacted())


def test_a_base_path_of_its_own_goes_before_that_of_the_public_address():
    assert config('web: {public_url: "https://w.eu/a", base_path: /b}').web.base == "/b"
    assert config("web: {}").web.base == ""


def test_a_command_may_name_another_address_and_port_and_nothing_unsafe():
    assert served(None) is None
    assert served(None, port=81) == Web(port=81)
    assert served(Web(port=82), address="::1") == Web(address="::1", port=82)
    guarded = Web(sign_in=SignIn())
    assert served(guarded, address="10.0.0.7").address == "10.0.0.7"
    for web, address in ((None, "10.0.0.7"), (Web(), "0.0.0.0"), (guarded, "here")):  # noqa: S104
        with pytest.raises(ConfigError) as caught:
            served(web, address=address)
        (found,) = caught.value.problems
        assert (found.file, found.key) == ("command line", "--web-address")
