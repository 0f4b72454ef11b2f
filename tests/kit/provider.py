"""A provider of OpenID Connect on loopback that checks what it is sent, and can be made to lie.

It is small and strict where `oidc_provider_mock` is whole and lenient: a code is for one verifier,
one address and one use, and the client has to prove who it is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from kit.clocks import StandingClock

CLIENT, SECRET = "watcher", "a secret / with % signs"
Claims = dict[str, Any]


class Provider:
    """What it says of itself and of people, as a test wants it.

    Attributes:
        claims: What it says of whoever comes.
        lie: Changes the claims of an identity before it is signed.
        more: What `userinfo` tells.
        known: Changes what it says of itself.
        sign: Signs an identity.
        asked: The paths it was asked.
    """

    def __init__(self, clock: StandingClock) -> None:
        self.clock = clock
        self.key = RSAKey.generate_key(2048, {"kid": "1"}, auto_kid=False)
        self.claims: Claims = {"sub": "7", "preferred_username": "k.ito", "name": "K. Ito"}
        self.claims["groups"] = ["pv"]
        self.lie: Callable[[Claims], Claims] = lambda told: told
        self.more: Claims = {}
        self.known: Callable[[Claims], Claims] = lambda told: told
        self.sign: Callable[[Claims], str] = self.signed
        self.asked: list[str] = []
        self.answer: tuple[int, bytes] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def signed(self, claims: Claims) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def with_a_shared_key(self, claims: Claims) -> str:
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))

    def with_no_key(self, claims: Claims) -> str:
        head, body = ({"alg": "none", "typ": "JWT"}, claims)
        return ".".join([*(_text(json.dumps(each).encode()) for each in (head, body)), ""])

    def by_somebody_else(self, claims: Claims) -> str:
        key = RSAKey.generate_key(2048, {"kid": self.key.kid}, auto_kid=False)
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def new_key(self, kid: str) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": kid}, auto_kid=False)

    def agrees(self, address: str) -> str:
        """Be the person who signs in and agrees: return where the browser is sent back to."""
        told = {name: each[0] for name, each in parse_qs(urlsplit(address).query).items()}
        assert told["response_type"] == "code"
        assert told["client_id"] == CLIENT
        assert told["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = told
        return f"{told['redirect_uri']}?{urlencode({'code': code, 'state': told['state']})}"

    def told_of_itself(self) -> Claims:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return self.known(told)

    def exchange(self, told: dict[str, str], authorization: str) -> tuple[int, Claims]:
        """Return what is given for a code."""
        known = self.codes.pop(told.get("code", ""), None)
        scheme, _, text = authorization.partition(" ")
        basic = base64.b64decode(text).decode() if scheme == "Basic" else ":"
        client, _, secret = basic.partition(":")
        client, secret = unquote(client), unquote(secret)
        if scheme != "Basic":
            client, secret = told.get("client_id", ""), told.get("client_secret", "")
        verifier = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        if (client, secret) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if known is None or _text(verifier) != known["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if told.get("redirect_uri") != known["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": known["nonce"],
            **self.claims,
        }
        identity = self.sign(self.lie(claims))
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": identity}


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@contextmanager
def provider(clock: StandingClock) -> Iterator[Provider]:
    """Yield a provider that answers on loopback."""
    told = Provider(clock)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: each[0] for name, each in parse_qs(body).items()})

        def _answer(self, sent: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            told.asked.append(path)
            if told.answer is not None:
                self._send(*told.answer)
                return
            status, found = (
                200,
                {
                    "/.well-known/openid-configuration": told.told_of_itself,
                    "/keys": lambda: {"keys": [told.key.as_dict(private=False)]},
                    "/userinfo": lambda: {"sub": told.claims["sub"], **told.more},
                }.get(path, dict)(),
            )
            if path == "/token":
                status, found = told.exchange(sent, self.headers.get("Authorization", ""))
            self._send(status, json.dumps(found).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_told: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
