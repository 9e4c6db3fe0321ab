"""Tokens as somebody may make them who has a key: the server's own, or another."""

import base64
import json
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import RSAKey

from serving import REPORT, Server

Claims = dict[str, Any]


def send(server: Server, token: str) -> httpx.Response:
    return server.http.post(REPORT, json={}, headers={"Authorization": f"Bearer {token}"})


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(jwk: dict[str, Any] | RSAKey, claims: Claims, **header: Any) -> str:
    key = jwk if isinstance(jwk, RSAKey) else RSAKey.import_key(jwk)
    kid = {} if isinstance(jwk, RSAKey) else {"kid": jwk["kid"]}
    return jwt.encode({"alg": "RS256", "typ": "at+jwt", **kid, **header}, claims, key, algorithms=["RS256"])


def signed(jwk: dict[str, Any], header: bytes, payload: bytes) -> str:
    """A token of these very bytes under the server's own signature."""
    head = f"{part(header)}.{part(payload)}"
    signature = RSAKey.import_key(jwk).private_key.sign(head.encode(), padding.PKCS1v15(), SHA256())
    return f"{head}.{part(signature)}"


def header_of(jwk: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": jwk["kid"], **more}).encode()
