"""What reaches the service: from whom, with which token, how large, how deep, and of which type."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final, final
from urllib.parse import parse_qs

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST: Final = 200_000
"""Bytes of a body at most, but of an upload."""

DEEPEST: Final = 20
"""Brackets within brackets of a body at most."""

HERE: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})

COOKIE: Final = "ecumene_token"

UPLOAD: Final = "/api/worlds"
"""Where a body comes as a file, which its route reads piece by piece and bounds."""

JSON: Final = "application/json"
FILE: Final = "application/octet-stream"

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
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
        if scope["type"] == "websocket":
            return  # there are none; returning without an answer refuses it
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
            await send(message)

        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        try:
            _addressed(headers, self._hosts)
            if self._token is not None and not _shown(headers, self._token):
                if scope["method"] == "GET" and scope["path"] == "/" and _invited(scope, self._token):
                    await _admit(sealed, self._token)
                    return
                raise Refused(
                    401, "this service wants a token: Authorization: Bearer TOKEN, or open /?token=TOKEN"
                )
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if scope["method"] == "POST" and scope["path"] == UPLOAD:
                if kind != FILE:
                    raise Refused(415, f"a world is sent as {FILE}")
                replayed = receive
            else:
                replayed = _replayed(await _body(kind, receive), receive)
        except Refused as refused:
            await _answer(sealed, refused)
            return
        await self._app(scope, replayed, sealed)


def _addressed(headers: dict[str, str], hosts: frozenset[str]) -> None:
    """Whether a request is meant for this service, and comes from its own pages or no page. Errors: Refused."""
    host = headers.get("host", "")
    if _without_port(host) not in hosts:
        raise Refused(400, f"this service does not answer for the host '{host[:60]}'")
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        raise Refused(403, "this service answers only to its own pages")


def _without_port(host: str) -> str:
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


def _shown(headers: dict[str, str], token: str) -> bool:
    """Whether a request shows the token, in its header or its cookie."""
    given = headers.get("authorization", "").removeprefix("Bearer ")
    try:
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        kept = None
    return _same(given, token) or (kept is not None and _same(kept.value, token))


def _invited(scope: Scope, token: str) -> bool:
    """Whether the address names the token."""
    given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])
    return _same(given[0], token)


def _same(given: str, token: str) -> bool:
    return compare_digest(given.encode(), token.encode())


async def _admit(send: Send, token: str) -> None:
    """Let a browser keep the token for its next requests, and leave it out of the address."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[COOKIE] = token
    cookie[COOKIE]["httponly"] = True
    cookie[COOKIE]["samesite"] = "Strict"
    cookie[COOKIE]["path"] = "/"
    headers = [
        (b"location", b"/"),
        (b"set-cookie", cookie[COOKIE].OutputString().encode()),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _body(kind: str, receive: Receive) -> bytes:
    """The whole body. Errors: Refused for another type, too many bytes, or too deep."""
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
    if body and kind != JSON:
        raise Refused(415, f"the body is not {JSON}")
    if _depth(body) > DEEPEST:
        raise Refused(400, f"the body has more than {DEEPEST} brackets within each other")
    return body


def _depth(body: bytes) -> int:
    """Most brackets within each other; those inside texts count too: none of ours has so many."""
    depth = deepest = 0
    for byte in body:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


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
    body = json.dumps({"detail": refused.message, "problems": []}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refused.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refused.status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
