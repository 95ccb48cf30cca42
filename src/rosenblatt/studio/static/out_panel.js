/** What leaves the page: code, command line, link, settings, run folders, pictures, a recording. */

import { segmented } from "./curves.js";
import { h } from "./dom.js";
import { copy, downloadCanvas, Recorder } from "./export.js";

const FORMS = /** @type {[string, string][]} */ ([
  ["Python", "python"],
  ["Command", "command"],
  ["Link", "link"],
  ["TOML", "toml"],
]);

export class OutPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {Record<string, () => HTMLCanvasElement | null>} canvases pictures by name
   * @param {HTMLCanvasElement} surface what is recorded
   */
  constructor(state, canvases, surface) {
    this.state = state;
    this.name = "Code";
    this.form = "python";
    this.code = h("pre", {
      class: "code",
      tabIndex: 0,
      role: "region",
      "aria-label": "Code of this run",
    });
    this.copied = h("span", { class: "copied", role: "status" });
    const recorder = new Recorder(surface);
    this.record = h(
      "button",
      {
        type: "button",
        title: "A WebM video of the boundary until it is clicked again",
        onclick: () => {
          const running = recorder.toggle();
          this.record.textContent = running ? "Stop recording" : "Record WebM";
          this.record.classList.toggle("recording", running);
        },
      },
      "Record WebM",
    );
    this.runName = h("input", { type: "text", id: "run-name", placeholder: "name of the run" });
    this.runs = h("select", { id: "runs" });
    const pictures = Object.entries(canvases).map(([name, canvas]) =>
      h(
        "div",
        { class: "row picture" },
        h("span", {}, name),
        ...["png", "svg"].map((kind) =>
          h(
            "button",
            {
              type: "button",
              "aria-label": `${name} as ${kind.toUpperCase()}`,
              onclick: () => {
                const found = canvas();
                if (found) downloadCanvas(found, `${name.toLowerCase()}.${kind}`);
                else state.events.emit("notice", { text: `Open the panel ${name} first.` });
              },
            },
            kind.toUpperCase(),
          ),
        ),
      ),
    );
    this.element = h(
      "section",
      { class: "tab-panel out" },
      h(
        "div",
        { class: "row" },
        segmented(
          "Form of the code",
          FORMS.map(([text]) => text),
          "Python",
          (text) => {
            this.form = /** @type {[string, string]} */ (FORMS.find(([name]) => name === text))[1];
            this.load();
          },
        ),
        h(
          "button",
          {
            type: "button",
            class: "primary",
            onclick: async () => {
              await this.load();
              await copy(this.code.textContent ?? "");
              this.copied.textContent = "Copied. Run it to get the same bits.";
            },
          },
          "Copy",
        ),
        this.copied,
      ),
      this.code,
      h("h3", {}, "Run folders"),
      h(
        "form",
        {
          class: "row",
          onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            this.save();
          },
        },
        h("label", { for: "run-name", class: "visually-hidden" }, "Name of the run"),
        this.runName,
        h("button", { type: "submit", title: "A folder that rb.load_run opens" }, "Save"),
        h("label", { for: "runs", class: "visually-hidden" }, "Saved runs"),
        this.runs,
        h("button", { type: "button", onclick: () => this.open() }, "Open"),
      ),
      h("h3", {}, "Pictures"),
      ...pictures,
      h("div", { class: "row picture" }, h("span", {}, "Boundary, moving"), this.record),
    );
    state.on("session", () => {
      if (!this.element.hidden) this.load();
    });
  }

  show() {
    this.load();
    this.list();
  }

  hide() {}

  async load() {
    this.copied.textContent = "";
    const answer = await this.state.send("code", { as: this.form });
    if (answer === undefined) return;
    const text = answer?.text ?? answer;
    this.code.textContent = this.form === "link" ? fullLink(text) : text;
  }

  async list() {
    try {
      const answer = await this.state.link.send("runs");
      const runs = answer?.runs ?? answer ?? [];
      this.runs.replaceChildren(
        ...runs.map((/** @type {any} */ run) => {
          const name = run.name ?? run;
          return h("option", { value: name }, name);
        }),
      );
    } catch {
      // A server without a folder of runs has no list.
    }
    this.runs.hidden = !this.runs.options.length;
  }

  async save() {
    const answer = await this.state.send("save", { name: this.runName.value });
    if (answer === undefined) return;
    this.state.events.emit("notice", {
      text: `Saved${answer?.path ? ` as ${answer.path}` : ""}. Open it with rb.load_run or here.`,
    });
    this.list();
  }

  open() {
    if (this.runs.value) this.state.send("open", { name: this.runs.value });
  }
}

/** @param {string} link */
export function fullLink(link) {
  const fragment = link.includes("#") ? link.slice(link.indexOf("#") + 1) : link;
  return `${location.origin}/#${fragment}`;
}
