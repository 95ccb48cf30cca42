"""The studio's page in a real browser, with the times of its frames and inputs."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.process_memory import bytes_of
from rosenblatt.engines.compiled.cache import VARIABLE as CACHE_VARIABLE
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings import as_link

BROWSER_VARIABLE = "ROSENBLATT_BROWSER"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SIZE = {"width": 1400, "height": 900}
PATIENCE = 60.0
"""Seconds that a measurement waits for what must come."""

# Runs before the page's own scripts. A frame is drawn in the handler of its message, so that the
# picture is on the screen after the next animation frame.
WATCH = """
(() => {
  const watch = (window.watch = { frames: [], inputs: [], trains: null, bytes: 0 });
  const Native = WebSocket;
  const afterPicture = (action) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => action(performance.now());
    channel.port2.postMessage(null);
  });
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string") return;
        const length = new DataView(data).getUint32(0, true);
        const text = new TextDecoder().decode(new Uint8Array(data, 4, length));
        const { branch, update, newest, playing, epoch, blocks } = JSON.parse(text);
        const names = blocks.map((block) => block.name);
        const frame = { at: performance.now(), branch, update, newest, playing, epoch, names };
        watch.bytes += data.byteLength;
        watch.frames.push(frame);
        if (watch.frames.length > 20000) watch.frames.splice(0, 10000);
        afterPicture((now) => {
          frame.drawn = now;
          if (update > 0) watch.trains ??= performance.timeOrigin + now;
        });
      });
    }
  };
  for (const kind of ["keydown", "pointerdown", "change"])
    addEventListener(kind, (event) => watch.inputs.push([kind, event.timeStamp]), true);
})();
"""


class Page:
    """A page of the studio, and its server.

    Attributes:
        page: Playwright's page.
        seconds: the time from the start of the command to a page that trains.
    """

    def __init__(self, page: Any, server: "subprocess.Popen[str]", seconds: float) -> None:
        self.page, self.server, self.seconds = page, server, seconds

    def last(self) -> dict[str, Any]:
        """Return the last drawn frame."""
        frame: dict[str, Any] = self.page.evaluate("watch.frames.findLast(f => f.drawn)")
        return frame

    def frames(self, seconds: float) -> list[dict[str, Any]]:
        """Return the frames that are drawn in a time."""
        start = self.page.evaluate("performance.now()")
        self.page.wait_for_timeout(1000 * seconds)
        drawn: list[dict[str, Any]] = self.page.evaluate(
            "start => watch.frames.filter(f => f.drawn && f.at > start)", start
        )
        return drawn

    def until(self, condition: str, arg: Any = None) -> Any:
        """Wait until a JavaScript expression is true, and return it."""
        end = time.monotonic() + PATIENCE
        while not (found := self.page.evaluate(condition, arg)):
            if time.monotonic() > end:
                raise TimeoutError(f"did not come within {PATIENCE:g} s: {condition}")
            self.page.wait_for_timeout(10)
        return found

    def seconds_to_picture(self, kind: str, shows: str) -> float:
        """Return the time from the last input to the picture that shows its effect.

        Args:
            kind: the type of the input's event.
            shows: a JavaScript function that tells whether a frame shows it.
        """
        drawn = self.until(
            f"""() => {{
              const start = watch.inputs.findLast(([kind]) => kind === "{kind}")[1];
              const frame = watch.frames.find(f => f.drawn > start && f.at > start && ({shows})(f));
              return frame && frame.drawn - start;
            }}"""
        )
        return float(drawn) / 1000

    def set_speed(self, number: int) -> None:
        """Move the slider of the speed to one of its places."""
        self.page.evaluate(
            """number => {
              const slider = document.querySelector("#speed");
              slider.value = number < 0 ? slider.max : String(number);
              slider.dispatchEvent(new Event("input", {bubbles: true}));
            }""",
            number,
        )

    def full_speed(self) -> None:
        """Let it train as fast as the engine goes, and wait until it does."""
        self.set_speed(-1)
        self.page.wait_for_timeout(1000)

    def open_tab(self, name: str) -> None:
        """Open a panel."""
        self.page.get_by_role("tab", name=name).click()

    def memory(self) -> dict[str, int]:
        """Return the memory of the server, and of the page: its process and its objects."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        session.send("Performance.enable")
        metrics = session.send("Performance.getMetrics")["metrics"]
        objects = next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize")
        session.detach()
        root = self.page.context.browser.new_browser_cdp_session()
        processes = root.send("SystemInfo.getProcessInfo")["processInfo"]
        root.detach()
        renderers = [bytes_of(one["id"]) for one in processes if one["type"] == "renderer"]
        return {
            "server": bytes_of(self.server.pid),
            "page": max(renderers, default=0),
            "objects": int(objects),
        }


def find_browser() -> str:
    """Return the path of the browser.

    Raises:
        ConfigurationError: there is none.
    """
    name = os.environ.get(BROWSER_VARIABLE, "chromium")
    path = shutil.which(name)
    if path is None:
        raise ConfigurationError(
            f"{name} is not there: install Chromium, or name a browser in {BROWSER_VARIABLE}"
        )
    return path


@contextmanager
def open_browser() -> Iterator[Any]:
    """Yield a browser that shows nothing on the screen.

    Raises:
        ConfigurationError: there is none, or no Playwright.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise ConfigurationError("this needs Playwright: pip install playwright") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_studio(
    browser: Any,
    folder: Path,
    settings: Mapping[str, Any] | None = None,
    cache: Path | None = None,
    size: Mapping[str, int] = SIZE,
) -> Iterator[Page]:
    """Yield a page of a new server that trains.

    Args:
        browser: the browser, which gets a new profile for the page.
        folder: the folder that the server works in.
        settings: what the page's link says; by default there is none.
        cache: the folder of compiled code; by default the user's.
        size: width and height of the page in pixels.
    """
    # Python may keep its bytecode: an installation would have made it.
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    if cache is not None:
        variables[CACHE_VARIABLE] = str(cache)
    context = browser.new_context(viewport=dict(size), color_scheme="light")
    page = context.new_page()
    page.add_init_script(WATCH)
    started = time.time()
    server = subprocess.Popen(
        [sys.executable, "-m", "rosenblatt", "studio", "--no-open"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=variables,
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        page.goto(address + ("" if settings is None else f"#{as_link(dict(settings))}"))
        opened = Page(page, server, 0.0)
        opened.seconds = opened.until("watch.trains") / 1000 - started
        yield opened
    finally:
        context.close()
        server.terminate()
        server.communicate(timeout=10)
