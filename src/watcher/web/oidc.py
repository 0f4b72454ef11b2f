"""OpenID Connect: somebody else says who a person is (authorization code, PKCE, discovery).

What the provider says is believed where it is signed by a key of the issuer that is configured, for
us, for this very attempt, and still in time. Everything it sends is bounded, and it is asked at the
addresses that its own configuration names, encrypted unless it is on this machine.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from watcher.config.addresses import is_private
from watcher.config.web_model import Oidc, Web
from watcher.errors import SignInError
from watcher.ports import Clock

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""How an identity may be signed: by a private key of the provider's, and never by a shared one."""
_LARGEST = 1_000_000
_SECONDS = 10.0
_LEEWAY = 60
_KNOWN_FOR = timedelta(hours=1).total_seconds()
_MOST_GROUPS = 1_000
_UNAVAILABLE = "the one who knows you does not answer as it should just now; try again in a while"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One attempt: what ties the answer to the browser that asked.

    Attributes:
        state: Comes back with the answer.
        nonce: Stands in the identity.
        verifier: Shows that whoever exchanges the code is who asked for it.
    """

    state: str
    nonce: str
    verifier: str


def new_way() -> Way:
    """Return the tokens of a new attempt, drawn by chance."""
    return Way(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is, by the provider's word.

    Attributes:
        subject: `issuer|sub`: what never changes of them.
        name: What they are called.
        title: Their name for people; empty: not told.
        groups: The groups they are in.
    """

    subject: str
    name: str
    title: str
    groups: tuple[str, ...]


class ProviderError(SignInError):
    """The provider did not say, in a way that can be believed, who somebody is.

    Attributes:
        reason: Why, for the log: nothing secret stands in it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(_UNAVAILABLE)
        self.reason = reason


CALLBACK = "sign-in/provider/callback"
"""Below our public address: where a provider sends people back."""


def _client() -> httpx.Client:
    return httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False)


@dataclass(slots=True)
class Provider:
    """A provider of OpenID Connect.

    Attributes:
        settings: Who, and what we are to them.
        callback: The address to which they send people back.
        clock: Tells whether an identity is still in time.
        connect: Opens a connection to them.
    """

    settings: Oidc
    callback: str
    clock: Clock
    connect: Callable[[], httpx.Client] = _client
    _known: dict[str, Any] = field(default_factory=dict)
    _keys: Any = None
    _until: float = -1.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def address(self, way: Way) -> str:
        """Return where to send a browser.

        Raises:
            ProviderError: The provider's configuration cannot be had, or not be used.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415  an extra
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

        with self.connect() as client:
            known = self._configuration(client)
        made = prepare_grant_uri(
            known["authorization_endpoint"],
            self.settings.client_id,
            "code",
            redirect_uri=self.callback,
            scope=" ".join(dict.fromkeys(("openid", *self.settings.scopes))),
            state=way.state,
            nonce=way.nonce,
            code_challenge=create_s256_code_challenge(way.verifier),
            code_challenge_method="S256",
        )
        return str(made)

    def identity(self, way: Way, code: str) -> Identity:
        """Return who somebody is for whom the provider gave this code.

        Raises:
            ProviderError: The provider does not say, or not so that it can be believed.
        """
        with self.connect() as client:
            known = self._configuration(client)
            told = self._exchanged(client, known, way, code)
            claims = self._believed(client, known, way, told)
            if not self._names_groups(claims) and known.get("userinfo_endpoint"):
                claims = {**self._more(client, known, told, claims), **claims}
        return self._identity(claims)

    def _configuration(self, client: httpx.Client) -> Mapping[str, Any]:
        """Return what the provider says of itself; asked for once an hour."""
        with self._turn:
            if self.clock.monotonic() < self._until:
                return self._known
            issuer = self.settings.issuer
            found = _asked(client, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                reason = f"it says it is {str(found.get('issuer'))[:200]!r}, and not {issuer!r}"
                raise ProviderError(reason)
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_address(name, found.get(name))
            if found.get("userinfo_endpoint"):
                _check_address("userinfo_endpoint", found["userinfo_endpoint"])
            self._known, self._keys = dict(found), None
            self._until = self.clock.monotonic() + _KNOWN_FOR
            return found

    def _exchanged(
        self, client: httpx.Client, known: Mapping[str, Any], way: Way, code: str
    ) -> Mapping[str, Any]:
        """Return what the provider gives for a code."""
        own = self.settings
        data = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": way.verifier,
        }
        methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        secret = own.client_secret.reveal()
        if "client_secret_basic" in methods:
            # RFC 6749, 2.3.1: both parts are form-encoded before they are put together
            auth = httpx.BasicAuth(quote(own.client_id, safe=""), quote(secret, safe=""))
            return _asked(client, "POST", known["token_endpoint"], data=data, auth=auth)
        data |= {"client_id": own.client_id, "client_secret": secret}
        return _asked(client, "POST", known["token_endpoint"], data=data)

    def _believed(
        self,
        client: httpx.Client,
        known: Mapping[str, Any],
        way: Way,
        told: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the claims of an identity that is signed, for us, for this attempt, in time."""
        from authlib.oidc.core import CodeIDToken  # noqa: PLC0415  an extra
        from joserfc import jwt  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415

        own, text = self.settings, told.get("id_token")
        if not isinstance(text, str):
            reason = "there is no identity in its answer"
            raise ProviderError(reason)
        try:
            found = self._decoded(jwt.decode, client, known, text)
            claims = CodeIDToken(
                found.claims,
                found.header,
                options={
                    "iss": {"essential": True, "value": own.issuer},
                    "aud": {"essential": True, "value": own.client_id},
                },
                params={
                    "nonce": way.nonce,
                    "client_id": own.client_id,
                    "access_token": told.get("access_token"),
                },
            )
            claims.validate(now=int(self.clock.now().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            reason = f"its identity cannot be believed: {type(error).__name__} {error}"
            raise ProviderError(reason[:300]) from error
        return dict(claims)

    def _decoded(
        self,
        decode: Callable[..., Any],
        client: httpx.Client,
        known: Mapping[str, Any],
        text: str,
    ) -> Any:
        """Return an identity whose signature fits; where no key does, with the keys asked anew."""
        from joserfc.errors import JoseError  # noqa: PLC0415  an extra

        had_keys = self._keys is not None
        try:
            return decode(text, self._key_set(client, known), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            if not had_keys:
                raise
            self._keys = None
            return decode(text, self._key_set(client, known), algorithms=list(ALGORITHMS))

    def _key_set(self, client: httpx.Client, known: Mapping[str, Any]) -> Any:
        from joserfc.jwk import KeySet  # noqa: PLC0415  an extra

        if self._keys is None:
            told: Any = _asked(client, "GET", known["jwks_uri"])
            self._keys = KeySet.import_key_set(told)
        return self._keys

    def _names_groups(self, claims: Mapping[str, Any]) -> bool:
        return self.settings.name in claims and self.settings.groups in claims

    def _more(
        self,
        client: httpx.Client,
        known: Mapping[str, Any],
        told: Mapping[str, Any],
        claims: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """Return what the provider tells of somebody beside their identity, of them for sure."""
        headers = {"Authorization": f"Bearer {told.get('access_token', '')}"}
        more = _asked(client, "GET", known["userinfo_endpoint"], headers=headers)
        if more.get("sub") != claims["sub"]:
            reason = "its words on somebody are on somebody else"
            raise ProviderError(reason)
        return more

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        own = self.settings
        groups = claims.get(own.groups, [])
        listed = groups if isinstance(groups, list) else [groups]
        return Identity(
            subject=f"{own.issuer}|{claims['sub']}",
            name=str(claims.get(own.name, "")).strip().casefold(),
            title=str(claims.get("name", "")),
            groups=tuple(each for each in listed[:_MOST_GROUPS] if isinstance(each, str)),
        )


def provider_of(web: Web, clock: Clock) -> Provider | None:
    """Return the provider that the configuration names; None: none."""
    oidc = web.sign_in.oidc if web.sign_in else None
    if oidc is None:
        return None
    return Provider(settings=oidc, callback=f"{web.public_url}{CALLBACK}", clock=clock)


def _check_address(name: str, address: object) -> None:
    """Refuse an address that would be asked in clear, or is none.

    Raises:
        ProviderError: It is.
    """
    parts = urlsplit(address if isinstance(address, str) else "")
    is_encrypted = parts.scheme == "https" or (
        parts.scheme == "http" and is_private(parts.hostname or "")
    )
    if not parts.hostname or not is_encrypted:
        reason = f"its {name} is no address that can be asked"
        raise ProviderError(reason)


def _asked(client: httpx.Client, method: str, url: str, **more: Any) -> Mapping[str, Any]:
    """Return the JSON object that an address answers with.

    Raises:
        ProviderError: It answers with anything else, or not at all.
    """
    name = urlsplit(url).path
    try:
        with client.stream(method, url, **more) as answer:
            body = b""
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    reason = f"{name} sent more than {_LARGEST} bytes"
                    raise ProviderError(reason)
        told = json.loads(body)
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        reason = f"{name}: {type(error).__name__}"
        raise ProviderError(reason) from error
    if answer.status_code != httpx.codes.OK or not isinstance(told, dict):
        code = str(told.get("error", ""))[:100] if isinstance(told, dict) else ""
        reason = f"{name} answered {answer.status_code} {code}".strip()
        raise ProviderError(reason)
    return told
