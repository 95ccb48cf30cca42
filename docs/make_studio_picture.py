"""The moving picture of the studio in README: ``python -m docs.make_studio_picture``.

It uses the page in a real browser: the boundary forms, the slider goes back, and a branch with
another learning rate begins there. Playwright and a browser are needed.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from benchmarks.studio_page import Page, open_browser, open_studio

TARGET = Path(__file__).parent / "studio.webp"
WIDTH = 800
VIEW = {"width": 1400, "height": 860}
SETTINGS = {
    "data": "spirals",
    "n": 400,
    "noise": 0.1,
    "hidden": [8, 8],
    "activation": "tanh",
    "init": "glorot",
    "optimizer": "adam",
    "learning_rate": 0.01,
    "batch_size": 10,
    "at": 1,
}
FORMING = [1] * 6 + [2] * 6 + [3] * 6 + [5] * 4
"""Epochs between the pictures in which the boundary forms."""
BACK = [0.93, 0.84, 0.74, 0.63, 0.52, 0.42, 0.33, 0.25, 0.19]
"""Places of the slider, relative to its end."""
BRANCH = [1] * 4 + [2] * 5 + [3] * 5 + [4] * 4
"""Epochs between the pictures of the branch."""
RATE = "0.1"
QUICK, STILL = 140, 1600
"""Milliseconds of a picture: in motion, and where there is something to read."""


class Pictures:
    """Pictures of a page with the time of each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.images: list[Image.Image] = []
        self.milliseconds: list[int] = []

    def take(self, milliseconds: int = QUICK) -> None:
        """Add a picture of the page as it is."""
        self.page.page.wait_for_timeout(250)
        shot = Image.open(io.BytesIO(self.page.page.screenshot())).convert("RGB")
        height = round(WIDTH * shot.height / shot.width)
        self.images.append(shot.resize((WIDTH, height), Image.Resampling.LANCZOS))
        self.milliseconds.append(milliseconds)

    def train(self, epochs: int) -> None:
        """Go forward by whole epochs, and take a picture."""
        for _ in range(epochs):
            before = self.page.last()["update"]
            self.page.page.keyboard.press("Shift+ArrowRight")
            self.page.until(f"watch.frames.at(-1).update > {before}")
        self.take()

    def go(self, share: float) -> None:
        """Move the slider of time, and take a picture."""
        wanted = self.page.page.evaluate(
            """share => {
              const slider = document.querySelector("#time");
              slider.value = String(Math.round(share * Number(slider.max)));
              slider.dispatchEvent(new Event("input", {bubbles: true}));
              return Number(slider.value);
            }""",
            share,
        )
        self.page.until(f"watch.frames.at(-1).update === {wanted}")
        self.take()

    def save(self, path: Path) -> None:
        """Write them as one animated picture, without an end."""
        first, *others = self.images
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=self.milliseconds,
            loop=0,
            quality=72,
            method=6,
        )


def main() -> int:
    """Make the picture."""
    with (
        open_browser() as browser,
        tempfile.TemporaryDirectory() as folder,
        open_studio(browser, Path(folder), SETTINGS, size=VIEW) as page,
    ):
        pictures, keys = Pictures(page), page.page.keyboard
        page.page.wait_for_timeout(500)
        pictures.take(700)
        for epochs in FORMING:
            pictures.train(epochs)
        pictures.milliseconds[-1] = STILL
        for share in BACK:
            pictures.go(share)
        page.page.locator("#time").dispatch_event("change")
        pictures.milliseconds[-1] = STILL // 2
        branch = page.last()["branch"]
        rate = page.page.locator("#setting-learning_rate")
        rate.fill(RATE)
        pictures.take(STILL // 2)
        keys.press("Enter")
        page.until(f"watch.frames.at(-1).branch > {branch}")
        rate.blur()
        pictures.take()
        for epochs in BRANCH:
            pictures.train(epochs)
        pictures.milliseconds[-1] = 2 * STILL
        pictures.save(TARGET)
    print(f"{TARGET}: {len(pictures.images)} pictures, {TARGET.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
