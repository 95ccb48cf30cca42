"""Every route and socket, asked as a foreign page, a foreign name and a stranger would."""

import pytest
from starlette.routing import Mount, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from rosenblatt.studio.security import Gate
from studio_page import HEADERS, serving

FOREIGN = {
    "host": {"host": "evil.example:8000"},
    "host without port": {"host": "127.0.0.1"},
    "another port": {"host": "127.0.0.1:9000"},
    "origin": {"origin": "http://evil.example"},
    "origin of another port": {"origin": "http://127.0.0.1:9000"},
    "null origin": {"origin": "null"},
    "cross-site": {"sec-fetch-site": "cross-site"},
    "same-site": {"sec-fetch-site": "same-site"},
}


@pytest.fixture(scope="module")
def studio():
    with serving() as (studio, client):
        yield studio, client


def routes(studio):
    """Return each route as method and path."""
    found = []
    for route in studio.starlette.routes:
        if isinstance(route, WebSocketRoute):
            continue
        path = f"{route.path}/studio.css" if isinstance(route, Mount) else route.path
        methods = ["GET"] if isinstance(route, Mount) else route.methods - {"HEAD"}
        found += [(method, path) for method in methods]
    return [*found, ("GET", "/no/such/page")]


def sockets(studio):
    return [route.path for route in studio.starlette.routes if isinstance(route, WebSocketRoute)]


def is_refused(client, path, headers):
    try:
        with client.websocket_connect(f"ws://127.0.0.1:8000{path}", headers=headers) as socket:
            socket.send_text('{"id": 1, "do": "pause"}')
            socket.receive_text()
    except WebSocketDisconnect:
        return True
    return False


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_foreign_requests_are_refused(studio, headers):
    studio, client = studio
    for method, path in routes(studio):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code in (403, 421), (method, path)
    for path in sockets(studio):
        assert is_refused(client, path, {**HEADERS, **headers}), path


def test_strangers_are_refused(studio):
    studio, _ = studio
    stranger = TestClient(studio.app, base_url="http://127.0.0.1:8000")
    wrong = {"cookie": f"{studio.gate.cookie}=guess"}
    for method, path in routes(studio):
        for headers in (HEADERS, {**HEADERS, **wrong}):
            answer = stranger.request(method, path, headers=headers)
            assert answer.status_code == 403, (method, path)
            assert studio.gate.token not in answer.text
    for path in ("/?token=guess", "/?token=", "/static/studio.css?token=" + studio.gate.token):
        assert stranger.get(path, follow_redirects=False).status_code == 403
    for path in sockets(studio):
        assert is_refused(stranger, path, HEADERS)
        assert is_refused(stranger, path, {**HEADERS, **wrong})


def test_what_writes_needs_an_origin(studio):
    studio, client = studio
    for method, path in routes(studio):
        if method != "GET":
            assert client.request(method, path).status_code == 403
    for path in sockets(studio):
        assert is_refused(client, path, {})


def test_the_page_is_admitted(studio):
    studio, client = studio
    assert client.get("/").status_code == 200
    for path in sockets(studio):
        assert not is_refused(client, path, HEADERS)
    for host in ("localhost:8000", "[::1]:8000", "LOCALHOST:8000"):
        cookie = {"cookie": f"{studio.gate.cookie}={studio.gate.secret}"}
        assert client.get("/", headers={"host": host, **cookie}).status_code == 200


def test_the_token_becomes_a_cookie_and_leaves_the_address(studio):
    studio, _ = studio
    stranger = TestClient(studio.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    answer = stranger.get(f"/?token={studio.gate.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("rosenblatt-studio-8000=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert studio.gate.token not in cookie


def test_every_answer_says_what_a_page_may_load(studio):
    studio, client = studio
    for method, path in routes(studio):
        answer = client.request(method, path, headers=HEADERS)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_no_path_leads_out_of_the_package(studio):
    _, client = studio
    for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 404


def test_other_addresses_only_where_the_studio_listens_on_all():
    assert not Gate(8000).admits_host("192.168.0.7:8000")
    everywhere = Gate(8000, any_address=True)
    assert everywhere.admits_host("192.168.0.7:8000")
    assert everywhere.admits_host("[fe80::1]:8000")
    assert not everywhere.admits_host("evil.example:8000")
