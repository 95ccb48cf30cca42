"""The page's modules as one module, for a notebook's cell.

Jupyter, VS Code and marimo take a widget's code as one text. The cell gets a frame of its own, so
that neither the styles nor the keys of page and notebook meet. In it, each module becomes an
address that the modules after it import.
"""

import json
import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
FIRST = "notebook.js"
STYLES = ("vendor/uPlot/uPlot.min.css", "studio.css")
_IMPORT = re.compile(r"""^(?:import|\} from|export)\b[^;]*?["']\./([^"']+)["']""", re.MULTILINE)


@cache
def notebook_module() -> str:
    """Return the module that draws the studio in a cell, as anywidget loads it."""
    names = _in_order(FIRST)
    modules = [[name, (STATIC / name).read_text("utf-8")] for name in names]
    styles = "\n".join((STATIC / name).read_text("utf-8") for name in STYLES)
    return (
        f"const modules = {json.dumps(modules)};\nconst styles = {json.dumps(styles)};\n"
        f"const first = {json.dumps(FIRST)};\n{_LOADER}"
    )


def _in_order(first: str) -> list[str]:
    """Return a module and all that it imports, each after those that it imports itself."""
    names: list[str] = []

    def add(name: str) -> None:
        folder = Path(name).parent
        for imported in _IMPORT.findall((STATIC / name).read_text("utf-8")):
            target = (folder / imported).as_posix()
            if target not in names:
                add(target)
        names.append(name)

    add(first)
    return names


_LOADER = r"""
/** Gives each module an address, in the window in which it will run. */
function addressesIn(window) {
  const addresses = new Map();
  for (const [name, source] of modules) {
    const folder = name.slice(0, name.lastIndexOf("/") + 1);
    const text = source.replace(/(\bfrom\s*["'])\.\/([^"']+)(["'])/g, (_, before, file, after) =>
      before + addresses.get(folder + file) + after);
    const blob = new window.Blob([text], { type: "text/javascript" });
    addresses.set(name, window.URL.createObjectURL(blob));
  }
  return addresses;
}

function render({ model, el }) {
  const view = crypto.randomUUID();
  const frame = document.createElement("iframe");
  frame.title = "rosenblatt studio";
  frame.style.cssText = "width: 100%; border: 0; display: block;";
  const resize = () => { frame.style.height = `${model.get("height")}px`; };
  resize();
  model.on("change:height", resize);
  // A classic script: what it imports runs in the frame's own window.
  frame.srcdoc = '<!doctype html><html lang="en"><meta charset="utf-8">'
    + '<meta name="color-scheme" content="light dark"><div id="studio"></div>'
    + '<script>window.load = (address) => import(address)</' + 'script></html>';
  frame.addEventListener("load", async () => {
    const inner = frame.contentWindow;
    const style = inner.document.createElement("style");
    style.textContent = styles;
    inner.document.head.append(style);
    const { open } = await inner.load(addressesIn(inner).get(first));
    open(inner.document.getElementById("studio"), model, view);
  }, { once: true });
  el.append(frame);
  return () => model.send({ view, closed: true });
}

export default { render };
"""
