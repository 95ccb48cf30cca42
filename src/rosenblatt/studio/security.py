"""Who may use the studio: the token, the host, the origin, and what a page may load.

A server on the loopback interface can be reached by every page that the user's browser has open. A
request is answered only if it names this server as its host (a foreign name could have been
pointed at 127.0.0.1), comes from a page of this server or from the address bar, and has the cookie
that was given for the token in the printed address.
"""

import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}
"""Headers of every answer. Pictures and recordings that the page makes are blobs."""

NOT_ADMITTED = (
    "This studio needs the address that `rosenblatt studio` printed when it started, with its "
    "token. Copy the whole address from the terminal."
)


@dataclass(frozen=True)
class Gate:
    """What a request must bring.

    Attributes:
        port: the port of the server.
        hosts: the names under which it may be reached.
        any_address: whether it may also be reached under any IP address of the machine.
        token: the token of the printed address.
        secret: the value of the cookie.
    """

    port: int
    hosts: tuple[str, ...] = LOOPBACK
    any_address: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def cookie(self) -> str:
        """The name of the cookie: servers on other ports have their own."""
        return f"rosenblatt-studio-{self.port}"

    def admits_host(self, host: str) -> bool:
        """Return whether a Host header names this server."""
        name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "80")
        if not name:
            name, port = host, "80"
        name = name.strip("[]").lower()
        if port != str(self.port):
            return False
        return name in self.hosts or (self.any_address and _is_address(name))

    def admits_origin(self, headers: Mapping[str, str], *, required: bool) -> bool:
        """Return whether a request comes from a page of this server, or from no page."""
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        if origin is None:
            return not required
        scheme, _, host = origin.partition("://")
        return scheme in ("http", "https") and host == headers.get("host", "")

    def has_cookie(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request has the cookie."""
        for part in headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == self.cookie:
                return hmac.compare_digest(value.encode(), self.secret.encode())
        return False

    def has_token(self, scope: Scope) -> bool:
        """Return whether a request is the printed address."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            return False
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return hmac.compare_digest(given.encode(), self.token.encode())


class Guard:
    """An application behind a gate; the gate is looked at before any route."""

    def __init__(self, app: App, gate: Callable[[], Gate]) -> None:
        self._app, self._gate = app, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        gate = self._gate()
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        is_socket = scope["type"] == "websocket"
        if not gate.admits_host(headers.get("host", "")):
            await _refuse(scope, receive, send, 421, "This server does not have that name.")
            return
        writes = is_socket or scope["method"] not in ("GET", "HEAD")
        if not gate.admits_origin(headers, required=writes):
            await _refuse(scope, receive, send, 403, "Requests from other pages are refused.")
            return
        if gate.has_token(scope):
            cookie = f"{gate.cookie}={gate.secret}; HttpOnly; SameSite=Strict; Path=/"
            await _answer(send, 303, "", {"location": "/", "set-cookie": cookie})
            return
        if not gate.has_cookie(headers):
            await _refuse(scope, receive, send, 403, NOT_ADMITTED)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                names = {name for name, _ in extra}
                given = [(k, v) for k, v in message.get("headers", []) if k.lower() not in names]
                message = {**message, "headers": [*given, *extra]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await _answer(send, status, text, {})


async def _answer(send: Send, status: int, text: str, more: Mapping[str, str]) -> None:
    body = text.encode()
    headers = HEADERS | {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        **more,
    }
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
