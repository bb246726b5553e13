"""What reaches the service: from whom, with which token, how large, how deep, and of which type."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any, Final, final

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST: Final = 200_000
"""Bytes of a body at most."""

DEEPEST: Final = 20
"""Brackets within brackets of a body at most."""

HERE: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


@final
class Refused(Exception):
    """A request that goes no further: status and one sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@final
class Guard:
    """An ASGI application that lets through only what is meant for it."""

    def __init__(self, app: App, hosts: frozenset[str], token: str | None) -> None:
        self._app, self._hosts, self._token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
            await send(message)

        try:
            self._check(scope)
            body = await _body(scope, receive)
        except Refused as refused:
            await _answer(sealed, refused)
            return
        await self._app(scope, _replayed(body, receive), sealed)

    def _check(self, scope: Scope) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = _without_port(headers.get(b"host", ""))
        if host not in self._hosts:
            raise Refused(400, f"this service does not answer for the host '{host[:60]}'")
        origin = headers.get(b"origin")
        if origin is not None and origin.partition("://")[2] != headers.get(b"host"):
            raise Refused(403, "this service answers only to its own pages")
        if self._token is not None:
            given = headers.get(b"authorization", "").removeprefix("Bearer ")
            if not compare_digest(given.encode(), self._token.encode()):
                raise Refused(401, "this service wants a token: Authorization: Bearer TOKEN")


def _without_port(host: str) -> str:
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Errors: Refused for another type, too many bytes, too deep, or not JSON."""
    headers = {name.lower(): value for name, value in scope["headers"]}
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "the request ended before its body did")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST:
            raise Refused(413, f"the body has more than {LARGEST} bytes")
        if not message.get("more_body", False):
            break
    body = b"".join(parts)
    if body and headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise Refused(415, "the body is not application/json")
    if body:
        depth = deepest = 0
        for byte in body:  # brackets inside texts count too: none of ours has so many
            depth += (byte in b"[{") - (byte in b"]}")
            deepest = max(deepest, depth)
        if deepest > DEEPEST:
            raise Refused(400, f"the body has more than {DEEPEST} brackets within each other")
    return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if not told:
            told = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()  # tells when the reader has gone

    return again


async def _answer(send: Send, refused: Refused) -> None:
    body = json.dumps({"detail": refused.message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
