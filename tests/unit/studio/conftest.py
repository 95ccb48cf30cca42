import pytest

from rosenblatt.studio.session import Session
from studio_page import HEADERS, SMALL, SOCKET, Page, serving


@pytest.fixture
def session():
    made = Session(SMALL)
    made.touched = True
    return made


@pytest.fixture
def page():
    with serving() as (_, client), client.websocket_connect(SOCKET, headers=HEADERS) as socket:
        yield Page(socket)
