"""The page as a PDF file, printed by an installed browser of the Chromium family.

The page's formulas are MathML, which these browsers set; nothing is downloaded.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rosenblatt.errors import ConfigurationError, FileError

BROWSER_VARIABLE = "ROSENBLATT_BROWSER"
"""The environment variable that names the browser: a command or a path."""

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "brave-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""Commands and places to look for a browser, in this order."""

PATIENCE = 180.0
"""Seconds after which a browser that prints is taken for stuck."""

_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


def find_browser() -> str:
    """Return the path of a browser that can print.

    Raises:
        ConfigurationError: there is none, or not where the environment variable says.
    """
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise ConfigurationError(
                f'{BROWSER_VARIABLE} names "{named}", which cannot be run: set it to the path of '
                "Chromium, Chrome or Edge, or unset it"
            )
        return found
    for candidate in BROWSERS:
        found = shutil.which(candidate)
        if found is not None:
            return found
    raise ConfigurationError(
        "a PDF is printed by Chromium, Chrome or Edge, and none is installed: install one (Debian: "
        f"apt install chromium), or set {BROWSER_VARIABLE} to its path; without --pdf the report "
        "is written as a page, which any browser prints"
    )


def pdf_bytes(page: str, browser: str) -> bytes:
    """Return a page of HTML as PDF.

    Args:
        page: the page, which needs no other file.
        browser: what :func:`find_browser` returned.

    Raises:
        FileError: the browser did not print it.
    """
    with tempfile.TemporaryDirectory(prefix="rosenblatt-", ignore_cleanup_errors=True) as folder:
        source, printed = Path(folder, "index.html"), Path(folder, "report.pdf")
        source.write_text(for_print(page), encoding="utf-8")
        command = [
            browser,
            *_FLAGS,
            # As root, Chromium starts without its sandbox only; it opens this one page, of ours.
            *(["--no-sandbox"] if _is_root() else []),
            f"--user-data-dir={Path(folder, 'profile')}",
            f"--print-to-pdf={printed}",
            source.as_uri(),
        ]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except OSError as error:
            raise FileError(f"cannot run {browser}: {error.strerror or error}") from error
        except subprocess.TimeoutExpired:
            raise FileError(f"{browser} has not printed the page in {PATIENCE:.0f} s") from None
        content = printed.read_bytes() if printed.exists() else b""
    if done.returncode != 0 or not content.startswith(b"%PDF-"):
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        why = f": {lines[-1]}" if lines else ""
        raise FileError(f"{browser} did not print the page (status {done.returncode}){why}")
    return content


def for_print(page: str) -> str:
    """Return a page whose details are open and whose links stay within it.

    A PDF is passed on without the other files: links to them would hold the path of this machine.

    >>> for_print('<details><a href="#a">a</a>, <a href="rows/b">b</a></details>')
    '<details open><a href="#a">a</a>, b</details>'
    """
    page = page.replace("<details>", "<details open>")
    return re.sub(r'<a href="(?!#)[^"]*">(.*?)</a>', r"\1", page, flags=re.DOTALL)


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
