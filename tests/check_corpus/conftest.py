import pytest

collect_ignore_glob = ["right/*", "programs/*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole-corpus", action="store_true", help="check every wrong file, not every third"
    )
