/** The check-up: why the network does not learn, or could learn better, with what was measured and what to do. */

import { fit, h, number, powerOfTen } from "./dom.js";

const CHART_HEIGHT = 130;
const LEFT = 46;
const WORDS = /** @type {Record<string, string>} */ ({
  error: "Keeps it from learning",
  warning: "Slows it",
  note: "Good to know",
});

export class CheckupPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.name = "Check-up";
    /** @type {any} */
    this.result = null;
    this.start = h(
      "button",
      {
        type: "button",
        class: "primary",
        title: "Measures the run and trains small experiments. rb.checkup(run)",
        onclick: () => this.run(),
      },
      "Examine this run",
    );
    this.cancel = h(
      "button",
      {
        type: "button",
        hidden: true,
        onclick: () => state.send("cancel", { job: "checkup" }),
      },
      "Cancel",
    );
    this.progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Check-up" });
    this.summary = h(
      "p",
      { class: "panel-text", role: "status" },
      "Why does it not learn? The check-up looks at the loss at the start, gradients, dead units, ten samples, shuffled labels and 64 learning rates.",
    );
    this.findings = h("div", { class: "findings" });
    this.chart = h("canvas", {
      class: "rates",
      role: "img",
      hidden: true,
      "aria-label": "Learning rates",
    });
    this.caption = h("p", { class: "caption" });
    this.measures = h("div", {});
    this.element = h(
      "section",
      { class: "tab-panel checkup" },
      h("div", { class: "row" }, this.start, this.cancel, this.progress),
      this.summary,
      this.findings,
      this.chart,
      this.caption,
      this.measures,
    );
    state.link.on("progress", ({ job, done, of }) => {
      if (this.cancel.hidden || !String(job).includes("checkup")) return;
      this.progress.value = of ? done / of : 0;
    });
    state.on("theme", () => this.drawRates());
  }

  show() {
    this.drawRates();
  }

  hide() {}

  async run() {
    this.start.disabled = true;
    this.cancel.hidden = false;
    this.progress.hidden = false;
    this.progress.value = 0;
    this.summary.textContent = "Examining …";
    const result = await this.state.send("checkup");
    this.start.disabled = false;
    this.cancel.hidden = true;
    this.progress.hidden = true;
    if (!result?.findings) {
      this.summary.textContent = "The check-up did not end.";
      return;
    }
    this.result = result;
    this.build();
  }

  build() {
    const { findings, measures } = this.result;
    const serious = findings.filter((/** @type {any} */ f) => f.severity !== "note").length;
    const from = `The training loss went from ${number(measures.start, 3)} to ${number(measures.end, 3)}.`;
    this.summary.textContent = serious
      ? `${from} ${serious} ${serious === 1 ? "finding" : "findings"}.`
      : `${from} Nothing serious was found.`;
    this.findings.replaceChildren(
      ...findings.map((/** @type {any} */ finding) =>
        h(
          "article",
          { class: `finding ${finding.severity}` },
          h(
            "h3",
            {},
            h("span", { class: "verdict" }, WORDS[finding.severity] ?? finding.severity),
            finding.title,
          ),
          h("p", {}, finding.measured),
          h("p", {}, finding.meaning),
          h("p", { class: "advice" }, finding.advice),
          finding.python ? h("code", {}, finding.python) : null,
        ),
      ),
    );
    this.drawRates();
    this.measures.replaceChildren(layerTable(measures));
  }

  drawRates() {
    const rates = this.result?.measures.rates;
    this.chart.hidden = !rates?.rate?.length;
    if (this.chart.hidden || this.element.hidden) return;
    const { palette } = this;
    const width = this.chart.clientWidth || 480;
    const context = fit(this.chart, width, CHART_HEIGHT);
    context.clearRect(0, 0, width, CHART_HEIGHT);
    const bottom = CHART_HEIGHT - 20;
    const logs = rates.rate.map((/** @type {number} */ r) => Math.log10(r));
    const [low, high] = [logs[0], logs[logs.length - 1]];
    const finite = rates.loss.filter((/** @type {number | null} */ v) => v !== null);
    const top = Math.min(Math.max(...finite), 2 * this.result.measures.start);
    const x = (/** @type {number} */ log) =>
      LEFT + ((width - LEFT - 8) * (log - low)) / (high - low || 1);
    const y = (/** @type {number} */ v) => bottom - ((bottom - 8) * Math.min(v, top)) / (top || 1);
    context.strokeStyle = palette.line;
    context.strokeRect(LEFT + 0.5, 8.5, width - LEFT - 8, bottom - 8);
    logs.forEach((/** @type {number} */ log, /** @type {number} */ i) => {
      const loss = rates.loss[i];
      context.beginPath();
      context.arc(x(log), loss === null ? 10 : y(loss), 2.6, 0, 2 * Math.PI);
      context.fillStyle = loss === null || rates.diverged?.[i] ? palette.fails : palette.accent;
      context.fill();
    });
    context.font = `11px ${palette.sans}`;
    for (const [rate, name] of [
      [rates.own, "this run"],
      [rates.best, "best"],
    ]) {
      if (!rate) continue;
      context.strokeStyle = palette.ink;
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(x(Math.log10(rate)), 8);
      context.lineTo(x(Math.log10(rate)), bottom);
      context.stroke();
      context.setLineDash([]);
      context.fillStyle = palette.ink;
      context.textAlign = "left";
      context.fillText(name, x(Math.log10(rate)) + 4, name === "best" ? 34 : 20);
    }
    context.fillStyle = palette.soft;
    context.textAlign = "right";
    context.fillText(number(top, 2), LEFT - 4, 16);
    context.fillText("0", LEFT - 4, bottom);
    context.textAlign = "center";
    for (let power = Math.ceil(low); power <= high; power += 1)
      context.fillText(powerOfTen(power), x(power), CHART_HEIGHT - 5);
    this.caption.textContent =
      "Training loss after a short training, by learning rate. Red: diverged.";
    this.chart.setAttribute(
      "aria-label",
      `Loss by learning rate. This run: ${number(rates.own, 3)}. Best: ${number(rates.best, 3)}.`,
    );
  }
}

/** Columns of the table: the key of a measure, and its name. */
const COLUMNS = /** @type {[string, string, string][]} */ ([
  ["gradient_norm_start", "gradient, start", "Norm of the gradient before the first update"],
  ["gradient_norm_end", "gradient, end", "Norm of the gradient at the end"],
  ["weight_norm_end", "weights", "Norm of the weights at the end"],
  ["update_ratio_end", "update / weights", "Norm of an update by the norm of the weights"],
  ["dead_end", "dead", "Share of units that put out 0 for every sample"],
  ["saturated_end", "saturated", "Share of outputs on the flat ends of the activation"],
]);

/** @param {any} measures */
function layerTable(measures) {
  const rows = [...(measures.layers ?? []), ...(measures.activations ?? [])].sort(
    (a, b) => a.layer - b.layer,
  );
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { class: "measures" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, "layer"),
          ...COLUMNS.map(([, name, title]) => h("th", { scope: "col", title }, name)),
        ),
      ),
      h(
        "tbody",
        {},
        ...rows.map((row) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, `${row.layer} ${row.name}`),
            ...COLUMNS.map(([key]) => h("td", {}, key in row ? number(row[key], 3) : "")),
          ),
        ),
      ),
    ),
  );
}
