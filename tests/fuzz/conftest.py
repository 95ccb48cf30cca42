"""Each test says how many cases it tried; in a long fuzz their number is checked at the end.

While a test runs, its process may take only so much more memory: what would take more fails here
rather than take the machine with it.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from fuzz.counting import CASES

AT_LEAST = 10_000
"""Cases of a long fuzz."""

MORE_MEMORY = 3 << 30


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if Path(__file__).parent not in item.path.parents:
        return (yield)
    CASES.clear()
    try:
        with _less_memory():
            return (yield)
    finally:
        item.user_properties.extend(("cases", list(entry)) for entry in CASES.items())


@contextmanager
def _less_memory() -> Iterator[None]:
    """Limit the addresses of this process, where Linux says how many it has."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(statm.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MORE_MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    cases = _counted(terminalreporter)
    if _is_long() and cases:
        terminalreporter.section("cases")
        for name, count in sorted(cases.items()):
            terminalreporter.write_line(f"{name:<16}{count:>8}")
        terminalreporter.write_line(f"{'in all':<16}{cases.total():>8}")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """End a long fuzz with an error if it had too few cases, whatever became of them."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    is_worker = hasattr(session.config, "workerinput")
    if _is_long() and reporter is not None and not is_worker:
        total = _counted(reporter).total()
        if total < AT_LEAST:
            reporter.write_line(f"only {total} cases; a fuzz has at least {AT_LEAST}", red=True)
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
    return (yield)


def _is_long() -> bool:
    return settings.get_current_profile_name() == "fuzz"


def _counted(reporter: pytest.TerminalReporter) -> Counter[str]:
    """Return the cases of all tests that have run, in this process and in others."""
    total: Counter[str] = Counter()
    for reports in reporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    if name == "cases":
                        total[value[0]] += value[1]
    return total
