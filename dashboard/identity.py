"""Signing in through the city's identity provider: OpenID Connect, authorization code with PKCE, by Authlib.

What the provider says of a person is used once, to find the post it means, and kept nowhere: one claim is read (a text, or a
list such as groups), and the first account that goes by one of its values outside is signed in. Nothing of it is stored.

State, nonce and verifier of a sign-in under way are in memory for ten minutes and bound to the browser by a cookie, so an
answer somebody else began is not taken.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard.cookies import read
from dashboard.desk import off_loop
from data.errors import NotFound, Refused
from data.settings import Settings

PATIENCE, MOST_UNDER_WAY = 600.0, 1000
ASK_SECONDS = 10
COOKIE, DONE = "jingwei_oidc", "/sign-in/provider/done"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
LEEWAY = 60


@dataclass(frozen=True)
class UnderWay:
    """A sign-in that left for the provider."""

    browser: str
    nonce: str
    verifier: str
    target: str
    until: float


class Provider:
    """The identity provider of the settings."""

    def __init__(self, issuer: str, client: str, secret: str, claim: str) -> None:
        self.issuer, self.client, self.secret, self.claim = issuer.rstrip("/"), client, secret, claim
        self._under_way: dict[str, UnderWay] = {}
        self._said: dict[str, Any] = {}

    @staticmethod
    def of(settings: Settings) -> Provider:
        """As the settings say."""
        return Provider(
            settings.oidc_issuer, settings.oidc_client, settings.oidc_secret.get_secret_value(), settings.oidc_claim
        )

    async def begin(self, request: Request, target: str) -> Response:
        """Send the browser to the provider. NotFound where none is set; Refused when it does not answer."""
        if not self.issuer:
            raise NotFound("no identity provider is set.", where="JINGWEI_OIDC_ISSUER")
        said = await off_loop(self._discovered)
        browser, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        one = UnderWay(browser, nonce, verifier, target, time.monotonic() + PATIENCE)
        url, state = self._client(request).create_authorization_url(
            said["authorization_endpoint"], code_verifier=one.verifier, nonce=one.nonce
        )
        self._keep(state, one)
        answer = RedirectResponse(url, 303, {"cache-control": "no-store"})
        secure = request.scope["scheme"] == "https"
        answer.set_cookie(
            COOKIE, one.browser, max_age=int(PATIENCE), path=DONE, secure=secure, httponly=True, samesite="lax"
        )
        return answer

    async def end(self, request: Request) -> tuple[list[str], str]:
        """The provider sent the browser back: what it calls the post, and where the person wanted to go. Raises Refused."""
        one = self._under_way.pop(request.query_params.get("state", ""), None)
        browser = read(request.headers.get("cookie", ""), COOKIE)
        if one is None or one.until < time.monotonic() or not secrets.compare_digest(one.browser, browser):
            raise Refused("this sign-in was not begun here, or too long ago.", todo="Begin again.")
        code = request.query_params.get("code", "")
        if not code:
            raise Refused("the identity provider refused.", todo="Begin again, or sign in with a password.")
        claims = await off_loop(self._claims, self._client(request), code, one)
        value = claims.get(self.claim)
        names = value if isinstance(value, list) else [value]
        return [name for name in names if isinstance(name, str) and name], one.target

    def _client(self, request: Request) -> OAuth2Session:
        back = f"{request.scope['scheme']}://{request.headers['host']}{DONE}"
        method = "client_secret_basic" if self.secret else "none"
        return OAuth2Session(
            self.client, self.secret or None, scope="openid profile", redirect_uri=back, code_challenge_method="S256",
            token_endpoint_auth_method=method, default_timeout=ASK_SECONDS,
        )  # fmt: skip

    def _claims(self, client: OAuth2Session, code: str, one: UnderWay) -> dict[str, Any]:
        """What the ID token says, after its signature, issuer, audience, times and nonce were checked."""
        said = self._discovered()
        try:
            token = client.fetch_token(said["token_endpoint"], code=code, code_verifier=one.verifier)
            keys = KeySet.import_key_set(cast(Any, _asked(said["jwks_uri"])))
            signed = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {"iss": {"values": [said["issuer"]]}, "aud": {"values": [self.client]}},
                {"nonce": one.nonce, "client_id": self.client},
            )
            claims.validate(leeway=LEEWAY)
        except (AuthlibBaseError, JoseError, requests.RequestException, KeyError, ValueError) as error:
            raise Refused(
                f"what the identity provider said cannot be trusted ({type(error).__name__}).",
                todo="Begin again; if it stays so, tell the administrator.",
            ) from error
        return dict(claims)

    def _discovered(self) -> dict[str, Any]:
        """The provider's own description, asked once. Refused when it cannot be had or is of another issuer."""
        if not self._said:
            try:
                said = _asked(f"{self.issuer}/.well-known/openid-configuration")
            except (requests.RequestException, ValueError) as error:
                raise Refused(
                    f"the identity provider does not answer ({type(error).__name__}).",
                    todo="Sign in with a password, or try again later.",
                ) from error
            if str(said.get("issuer", "")).rstrip("/") != self.issuer:
                raise Refused("the identity provider goes by another name.", where="JINGWEI_OIDC_ISSUER")
            self._said = said
        return self._said

    def _keep(self, state: str, one: UnderWay) -> None:
        now = time.monotonic()
        self._under_way = {key: kept for key, kept in self._under_way.items() if kept.until > now}
        while len(self._under_way) >= MOST_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        self._under_way[state] = one


def _asked(address: str) -> dict[str, Any]:
    answer = requests.get(address, timeout=ASK_SECONDS)
    answer.raise_for_status()
    said = answer.json()
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said
