"""An identity provider on this machine: what OpenID Connect asks of one, and nothing else. It checks what a real one checks."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "jingwei", "between the two"


class Provider:
    """`says` is what the next ID token claims beyond what it must; `asked` what the browser was sent with."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signed_by = self.key
        self.says: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.seen: list[str] = []

    def authorize(self, url: str) -> str:
        """The person says yes: the code, and where the browser goes back to."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return f"{self.asked['redirect_uri']}?code=the-code&state={self.asked['state']}"

    def answer(self, path: str, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        """What is answered at an address."""
        self.seen.append(path)
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return 200, {"issuer": self.address, **{name: self.address + at for name, at in names.items()}}
        if path == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
        proven = challenge.rstrip("=") == self.asked.get("code_challenge") and form.get("code") == "the-code"
        known = basic == base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if not (proven and known and form.get("redirect_uri") == self.asked.get("redirect_uri")):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token()}

    def token(self) -> str:
        """The signed ID token."""
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": "person-4711", "iat": now, "exp": now + 300,
            "nonce": self.asked.get("nonce"), **self.says,
        }  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signed_by)


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that answers on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            basic = self.headers.get("authorization", "").removeprefix("Basic ")
            status, told = provider.answer(self.path, form, basic)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
