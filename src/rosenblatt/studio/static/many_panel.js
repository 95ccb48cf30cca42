/** Many seeds: the same settings from 2 to 256 initialisations, their accuracies, their share of failures, small surfaces. */

import { count, fit, h, number, percent } from "./dom.js";
import { HeatMap, traceZero } from "./heat.js";
import { level } from "./palette.js";

const SEEDS = [8, 16, 32, 64, 128, 256];
const FIRST = 64;
const SURFACES = 24;
const BINS = 20;
/** Pixels per side of a small surface. */
const PIXELS = 120;
const HISTOGRAM_HEIGHT = 92;

export class ManyPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.name = "Seeds";
    this.select = h(
      "select",
      { id: "seeds", title: "Initialisations and orders that are trained together. rb.train_many" },
      ...SEEDS.map((n) => h("option", { value: String(n), selected: n === FIRST }, String(n))),
    );
    this.start = h(
      "button",
      { type: "button", class: "primary", onclick: () => this.run() },
      "Train them",
    );
    this.stop = h(
      "button",
      { type: "button", onclick: () => state.send("many", { seeds: null }) },
      "Discard",
    );
    this.summary = h(
      "p",
      { class: "panel-text", role: "status" },
      "One run is one draw. Train the same settings from many seeds at once and see how often they succeed.",
    );
    this.histogram = h("canvas", { class: "histogram", role: "img", "aria-label": "Histogram" });
    this.caption = h("p", { class: "caption" });
    this.grid = h("div", { class: "small-surfaces" });
    /** @type {{heat: HeatMap, button: HTMLButtonElement, canvas: HTMLCanvasElement, text: HTMLElement}[]} */
    this.cells = [];
    this.element = h(
      "section",
      { class: "tab-panel many" },
      h(
        "div",
        { class: "row" },
        h("label", { for: "seeds" }, "Seeds"),
        this.select,
        this.start,
        this.stop,
      ),
      this.summary,
      this.histogram,
      this.caption,
      this.grid,
    );
    state.on("frame", (frame) => this.draw(frame));
    state.on("session", (session) => {
      this.stop.hidden = !session.many;
    });
    state.on("theme", () => state.frame && this.draw(state.frame));
  }

  show() {
    this.state.ask("many", { many: true });
  }

  hide() {
    this.state.ask("many", null);
  }

  run() {
    this.state.ask("many", { many: true });
    this.state.send("many", { seeds: Number(this.select.value) });
  }

  /** @param {import("./types.js").Frame} frame */
  draw({ header, blocks }) {
    const final = blocks.get("many_final");
    if (!final || this.element.hidden || !header.many) return;
    const classes = this.state.session?.data.classes;
    const values = [...final.data].filter(Number.isFinite);
    const sorted = values.slice().sort((a, b) => a - b);
    const quantile = (/** @type {number} */ q) =>
      sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
    const show = classes ? percent : number;
    const failed = Math.round((header.many_failed ?? 0) * final.data.length);
    this.summary.textContent =
      `${count(header.many.done)} epochs. ${failed} of ${final.data.length} failed (${percent(header.many_failed)}). ` +
      `${classes ? "Accuracy" : "Loss"}: median ${show(quantile(0.5))}, half of the seeds from ${show(quantile(0.25))} to ${show(quantile(0.75))}.`;
    this.drawHistogram(values, !!classes);
    this.drawSurfaces(header, blocks, show);
  }

  /**
   * @param {number[]} values
   * @param {boolean} accuracy
   */
  drawHistogram(values, accuracy) {
    const width = this.histogram.clientWidth || 480;
    const context = fit(this.histogram, width, HISTOGRAM_HEIGHT);
    context.clearRect(0, 0, width, HISTOGRAM_HEIGHT);
    const { palette } = this;
    const low = accuracy ? Math.min(0.5, Math.floor(Math.min(...values) * 10) / 10) : 0;
    const high = accuracy ? 1 : Math.max(...values, 1e-9);
    const bins = new Array(BINS).fill(0);
    for (const v of values)
      bins[Math.max(0, Math.min(BINS - 1, Math.floor(((v - low) / (high - low || 1)) * BINS)))] +=
        1;
    const most = Math.max(1, ...bins);
    const floor = HISTOGRAM_HEIGHT - 18;
    const step = width / BINS;
    bins.forEach((n, i) => {
      const tall = ((floor - 14) * n) / most;
      context.fillStyle = palette.accent;
      context.fillRect(i * step + 1, floor - tall, step - 2, tall);
      if (!n) return;
      context.fillStyle = palette.soft;
      context.font = `10px ${palette.sans}`;
      context.textAlign = "center";
      context.fillText(String(n), (i + 0.5) * step, floor - tall - 3);
    });
    context.strokeStyle = palette.line;
    context.beginPath();
    context.moveTo(0, floor + 0.5);
    context.lineTo(width, floor + 0.5);
    context.stroke();
    context.fillStyle = palette.soft;
    context.font = `11px ${palette.sans}`;
    const label = (/** @type {number} */ v) =>
      accuracy ? `${Math.round(100 * v)} %` : number(v, 2);
    context.textAlign = "left";
    context.fillText(label(low), 0, HISTOGRAM_HEIGHT - 4);
    context.textAlign = "right";
    context.fillText(label(high), width, HISTOGRAM_HEIGHT - 4);
    this.caption.textContent = accuracy
      ? "Number of seeds by accuracy on the test set."
      : "Number of seeds by loss on the test set.";
    this.histogram.setAttribute(
      "aria-label",
      `Number of seeds by ${accuracy ? "accuracy" : "loss"} from ${label(low)} to ${label(high)}: ${bins.join(", ")}`,
    );
  }

  /**
   * @param {import("./types.js").FrameHeader} header
   * @param {Map<string, import("./types.js").Block>} blocks
   * @param {(value: number) => string} show
   */
  drawSurfaces(header, blocks, show) {
    const block = blocks.get("many_surfaces");
    const final = blocks.get("many_final");
    const session = this.state.session;
    if (!block || !final || !session) return;
    const shown = Math.min(SURFACES, block.shape[0]);
    const size = block.shape[block.shape.length - 1];
    const seeds = /** @type {any} */ (header.many).seeds ?? [];
    while (this.cells.length < shown) this.addCell();
    this.cells.forEach(({ button }, i) => {
      button.hidden = i >= shown;
    });
    if (block.shape.length < 3) return;
    const classes = session.data.classes?.length ?? 0;
    for (let i = 0; i < shown; i++) {
      const { heat, canvas, button, text } = this.cells[i];
      const values = block.data.subarray(i * size * size, (i + 1) * size * size);
      heat.fill(size, (k) =>
        classes > 2
          ? (this.palette.certain[values[k] % 10] ?? this.palette.certain[0])[level(0.9)]
          : this.palette.two[level(values[k])],
      );
      this.drawSmall(canvas, heat, values, size, classes);
      const seed = seeds[i] ?? i;
      text.textContent = show(final.data[i]);
      button.dataset.seed = String(seed);
      button.title = `Seed ${seed}: ${show(final.data[i])}. Click to make it the main run.`;
      button.setAttribute("aria-label", button.title);
    }
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HeatMap} heat
   * @param {Float32Array} values
   * @param {number} size
   * @param {number} classes
   */
  drawSmall(canvas, heat, values, size, classes) {
    canvas.width = PIXELS;
    canvas.height = PIXELS;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.drawImage(heat.canvas, 0, 0, PIXELS, PIXELS);
    if (classes !== 2) return;
    const path = new Path2D();
    const field = values.map((v) => v - 0.5);
    const step = PIXELS / (size - 1);
    traceZero(path, field, size, (column, row) => [column * step, PIXELS - row * step]);
    context.strokeStyle = this.palette.ink;
    context.lineWidth = 2.5;
    context.stroke(path);
  }

  addCell() {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const text = h("span", {});
    const button = h(
      "button",
      {
        type: "button",
        class: "small-surface",
        onclick: () => this.state.send("many_seed", { seed: Number(button.dataset.seed) }),
      },
      canvas,
      text,
    );
    this.cells.push({ heat: new HeatMap(), button, canvas, text });
    this.grid.append(button);
  }
}
