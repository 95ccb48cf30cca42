/** The confusion matrix: how many samples of each class are taken for each class. */

import { Calibration } from "./calibration.js";
import { h, percent } from "./dom.js";

export class ConfusionPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.name = "Classes";
    this.table = h("table", { class: "confusion" });
    this.text = h("p", { class: "panel-text" });
    this.key = "";
    this.calibration = new Calibration(state, palette);
    /** @type {HTMLElement[]} */
    this.cells = [];
    /** @type {HTMLElement[]} */
    this.rates = [];
    this.element = h(
      "section",
      { class: "tab-panel" },
      this.text,
      h("div", { class: "scroll" }, this.table),
      this.calibration.element,
    );
    state.on("frame", (frame) => this.draw(frame));
  }

  show() {
    this.state.ask("confusion", { confusion: true });
    const data = this.state.session?.data;
    this.calibration.element.hidden = !data?.classes;
    this.text.textContent = data?.classes
      ? `Rows: the true class. Columns: the predicted class. ${data.n_test ? "Test" : "Training"} set.`
      : "A confusion matrix needs classes; this network predicts a value.";
  }

  hide() {
    this.state.ask("confusion", null);
  }

  /** @param {string[]} classes */
  build(classes) {
    this.cells = [];
    this.rates = [];
    const head = h(
      "tr",
      {},
      h("td"),
      ...classes.map((name) => h("th", { scope: "col" }, name)),
      h("th", { scope: "col", class: "rate", title: "Share of the class that is found" }, "recall"),
    );
    const body = classes.map((name) => {
      const cells = classes.map(() => h("td"));
      this.cells.push(...cells);
      const rate = h("td", { class: "rate" });
      this.rates.push(rate);
      return h("tr", {}, h("th", { scope: "row" }, name), ...cells, rate);
    });
    this.table.replaceChildren(h("thead", {}, head), h("tbody", {}, ...body));
  }

  /** @param {import("./types.js").Frame} frame */
  draw({ blocks }) {
    const block = blocks.get("confusion");
    const classes = this.state.session?.data.classes;
    this.table.hidden = !classes || !block;
    if (!block || !classes || this.element.hidden) return;
    const n = block.shape[0];
    const key = classes.join("|");
    if (key !== this.key) {
      this.key = key;
      this.build(classes);
    }
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += block.data[i * n + j];
      for (let j = 0; j < n; j++) {
        const value = block.data[i * n + j];
        const cell = this.cells[i * n + j];
        cell.textContent = String(value);
        const share = sum ? value / sum : 0;
        const colour = i === j ? `var(--class-${i % 10})` : "var(--fails)";
        cell.style.background = `color-mix(in srgb, ${colour} ${Math.round(45 * share + (value ? 4 : 0))}%, transparent)`;
      }
      this.rates[i].textContent = sum ? percent(block.data[i * n + i] / sum) : "–";
    }
  }
}
