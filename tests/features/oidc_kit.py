"""A small OpenID provider over real HTTP, that lies on command."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "chatsite", "the-clients-secret"


class Provider:
    """`claims` are what it says of whoever signs in; `lies` changes what a token says, `told` what userinfo
    says, `config` what discovery says; `key` signs, and `published` is what JWKS has."""

    def __init__(self) -> None:
        self.key: Any = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.forget()

    def forget(self) -> None:
        self.claims: dict[str, Any] = {"sub": "ada-7", "email": "ada@corp.example"}
        self.lies: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self.signs_with: tuple[Any, str] = (self.key, "RS256")
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def consent(self, there: str) -> dict[str, str]:
        """What somebody's browser brings back from the page where they sign in."""
        asked = dict(parse_qsl(urlsplit(there).query))
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _token(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.codes.pop(form["code"])  # a code is good once
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == asked["code_challenge"]
        assert asked["code_challenge_method"] == "S256"
        assert form["redirect_uri"] == asked["redirect_uri"]
        assert (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **self.claims}
        said |= {"nonce": asked["nonce"], **self.lies}
        key, algorithm = self.signs_with
        kept = {name: value for name, value in said.items() if value is not None}
        token = jwt.encode(kept, key, algorithm=algorithm, headers={"kid": "one"})
        return {"access_token": "open", "token_type": "Bearer", "id_token": token}

    def answers(self, path: str, form: dict[str, str]) -> Any:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            ends = ("authorization", "token", "userinfo")
            config = {f"{end}_endpoint": f"{self.issuer}/{end}" for end in ends}
            known = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
            post = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
            return {**config, **known, **post, **self.config}
        if path == "/jwks":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}
        return self._token(form) if path == "/token" else {**self.claims, **self.told}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                form = parse_qs(self.rfile.read(length).decode())
                try:
                    one = {name: values[0] for name, values in form.items()}
                    status, found = 200, provider.answers(self.path, one)
                except (AssertionError, KeyError):
                    status, found = 400, {"error": "invalid_grant"}
                body = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def back(params: dict[str, str]) -> str:
    return f"/accounts/oidc/back/?{urlencode(params)}"
