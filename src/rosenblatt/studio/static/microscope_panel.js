/** The microscope: every number of one update on one sample or batch, with its formula and the numbers in it. */

import { h, number } from "./dom.js";

/** Entries of a row that are shown; the rest is a count. */
const MOST_ENTRIES = 12;

export class MicroscopePanel {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.name = "Microscope";
    /** @type {any} */
    this.explanation = null;
    this.step = 0;
    this.sample = h("input", {
      type: "number",
      id: "sample",
      min: "0",
      step: "1",
      value: "0",
      title: "The number of a training row. run.explain(…)",
      onchange: () => this.explain({ samples: [Number(this.sample.value)] }),
    });
    this.steps = h("ol", { class: "steps" });
    this.said = h("p", { class: "step-said", role: "status" });
    this.body = h("div", { class: "explanation" });
    this.element = h(
      "section",
      { class: "tab-panel microscope" },
      h(
        "div",
        { class: "row" },
        h("label", { for: "sample" }, "Sample"),
        this.sample,
        h(
          "button",
          {
            type: "button",
            class: "primary",
            onclick: () => this.explain({ samples: [Number(this.sample.value)] }),
          },
          "Explain it",
        ),
        h(
          "button",
          {
            type: "button",
            title: "The samples of the next update. run.explain()",
            onclick: () => this.explain({ batch: true }),
          },
          "The next batch",
        ),
      ),
      h(
        "div",
        { class: "row step-row" },
        h("button", { type: "button", onclick: () => this.go(-1) }, "← Step"),
        h("button", { type: "button", onclick: () => this.go(1) }, "Step →"),
        this.said,
      ),
      this.body,
    );
    this.said.textContent = "Choose a sample here or click one on the plane.";
    state.on("sample", (position) => {
      const points = state.session?.data.points;
      if (!points) return;
      this.explain(
        points.test[position]
          ? { point: points.x[position], label: points.y[position] }
          : { samples: [this.trainingRow(position)] },
      );
    });
  }

  /**
   * The number of a shown sample among the training rows.
   * @param {number} position
   */
  trainingRow(position) {
    const { data } = /** @type {import("./types.js").Session} */ (this.state.session);
    const rows = data.points.test.length;
    return rows >= data.n_train + data.n_test
      ? position
      : Math.round((position * (data.n_train + data.n_test - 1)) / (rows - 1));
  }

  show() {}

  hide() {}

  /** @param {Record<string, any>} request */
  async explain(request) {
    if (request.samples) this.sample.value = String(request.samples[0]);
    this.said.textContent = "Computing …";
    const explanation = await this.state.send("explain", request);
    if (!explanation) {
      this.said.textContent = "";
      return;
    }
    this.explanation = explanation;
    this.step = 0;
    this.build();
  }

  build() {
    const { explanation } = this;
    /** @type {HTMLElement[]} */
    this.sections = [];
    const parts = /** @type {Node[]} */ ([]);
    const loss = explanation.loss;
    parts.push(
      h(
        "p",
        { class: "panel-text" },
        `Update ${explanation.update + 1}, ${explanation.n_samples === 1 ? "1 sample" : `${explanation.n_samples} samples`}, learning rate ${number(explanation.learning_rate, 3)}` +
          (loss ? `. Loss ${number(loss.value, 4)} before, ${number(loss.after, 4)} after.` : "."),
      ),
    );
    parts.push(
      this.section("Input", [{ name: "x", meaning: "the sample", values: explanation.x }]),
    );
    for (const layer of explanation.layers)
      parts.push(this.section(`Forward: layer ${layer.number}, ${layer.name}`, layer.forward));
    if (loss) {
      parts.push(this.section(`Loss: ${loss.name}`, [...loss.forward, ...loss.backward]));
      for (const layer of [...explanation.layers].reverse())
        if (layer.backward.length)
          parts.push(
            this.section(`Backward: layer ${layer.number}, ${layer.name}`, layer.backward),
          );
    }
    for (const update of explanation.updates) parts.push(this.updateSection(update));
    this.body.replaceChildren(...parts);
    this.tell();
  }

  /**
   * @param {string} title
   * @param {any[]} quantities
   */
  section(title, quantities) {
    const section = h(
      "details",
      { open: true },
      h("summary", {}, title),
      ...quantities.map(quantityView),
    );
    this.sections?.push(section);
    return section;
  }

  /** @param {any} update */
  updateSection(update) {
    const section = h(
      "details",
      { open: true },
      h("summary", {}, `Update of ${update.name}`),
      ...update.formulas.map((/** @type {any} */ f) => h("p", { class: "formula" }, f.text)),
      ...update.example.map((/** @type {any} */ line) => h("p", { class: "worked" }, line.text)),
      matrix("before", update.before),
      matrix("change", update.change),
      matrix("after", update.after),
    );
    this.sections?.push(section);
    return section;
  }

  /** @param {number} by */
  go(by) {
    if (!this.explanation) return;
    const last = this.explanation.steps.length - 1;
    this.step = Math.max(0, Math.min(last, this.step + by));
    this.tell();
  }

  tell() {
    const steps = this.explanation.steps;
    this.said.textContent = `${this.step + 1} of ${steps.length}: ${steps[this.step]}`;
    const sections = this.sections ?? [];
    const shown = Math.round((this.step * (sections.length - 1)) / Math.max(1, steps.length - 1));
    sections.forEach((section, i) => {
      section.classList.toggle("here", i === shown);
    });
    const section = sections[shown];
    if (section) this.body.scrollTop = section.offsetTop - this.body.offsetTop;
  }
}

/** @param {any} quantity */
function quantityView(quantity) {
  const parts = /** @type {Node[]} */ ([
    h("p", { class: "quantity" }, h("b", {}, quantity.name), ` ${quantity.meaning}`),
  ]);
  if (quantity.formula) parts.push(h("p", { class: "formula" }, quantity.formula.text));
  if (quantity.example) parts.push(h("p", { class: "worked" }, quantity.example.text));
  parts.push(matrix("", quantity.values));
  if (quantity.differences) {
    parts.push(matrix("by finite differences", quantity.differences));
    parts.push(
      h(
        "p",
        { class: quantity.agree ? "agrees" : "differs" },
        quantity.agree
          ? "The gradient agrees with the finite differences."
          : "The gradient differs from the finite differences.",
      ),
    );
  }
  return h("div", { class: "quantity-view" }, ...parts);
}

/**
 * @param {string} name
 * @param {any} values
 */
function matrix(name, values) {
  const rows = Array.isArray(values) ? (Array.isArray(values[0]) ? values : [values]) : [[values]];
  const table = h(
    "table",
    { class: "matrix" },
    h(
      "tbody",
      {},
      ...rows
        .slice(0, MOST_ENTRIES)
        .map((row) =>
          h(
            "tr",
            {},
            ...row
              .slice(0, MOST_ENTRIES)
              .map((/** @type {number | null} */ v) => h("td", {}, number(v, 3))),
            row.length > MOST_ENTRIES ? h("td", {}, `… ${row.length}`) : null,
          ),
        ),
      rows.length > MOST_ENTRIES ? h("tr", {}, h("td", {}, `… ${rows.length} rows`)) : null,
    ),
  );
  return h(
    "div",
    { class: "matrix-box scroll" },
    name ? h("span", { class: "matrix-name" }, name) : null,
    table,
  );
}
