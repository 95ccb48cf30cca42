"""The picture of a page in check.md: ``python -m docs.make_check_picture``.

It checks a file whose ReLU has the wrong mask, opens the page in a browser, and takes a picture of
its first half. Playwright and a browser are needed.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.studio_page import open_browser
from rosenblatt.check import check_file

TARGET = Path(__file__).parent / "check_page.png"
WIDTH = 830
"""Pixels: the text without the contents to its left."""

CODE = """\
import numpy as np


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (dout > 0)
"""


def main() -> int:
    """Make the picture."""
    with open_browser() as browser, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "modules.py"
        path.write_text(CODE, encoding="utf-8")
        page = browser.new_page(
            viewport={"width": WIDTH, "height": 900}, color_scheme="light", device_scale_factor=2
        )
        page.set_content(check_file(path).to_html())
        page.locator("nav").evaluate("part => part.remove()")
        page.locator("details.answer").evaluate("part => { part.open = true; }")
        bottom = page.locator("#finding-1").bounding_box()
        height = bottom["y"] + bottom["height"] + 24
        page.screenshot(
            path=TARGET,
            full_page=True,
            clip={"x": 0, "y": 0, "width": WIDTH, "height": height},
        )
    print(f"{TARGET}: {TARGET.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
