/** Loss and accuracy against epochs, updates or seconds, with branches laid over and bands of many seeds. */

import { h, number, throttle } from "./dom.js";
import uPlot from "./vendor/uPlot/uPlot.esm.js";

const COLUMNS = ["epoch", "update", "seconds"];
/** Points drawn per curve; longer curves are thinned. */
const DRAWN = 1500;
const HEIGHT = 162;
/** Quantiles over the seeds in a band. */
const QUANTILES = 5;

/**
 * A choice of one of a few words.
 * @param {string} label
 * @param {string[]} names
 * @param {string} chosen
 * @param {(name: string) => void} action
 */
export function segmented(label, names, chosen, action) {
  const buttons = names.map((name) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(name === chosen),
        onclick: () => {
          for (const other of buttons)
            other.setAttribute("aria-pressed", String(other.textContent === name));
          action(name);
        },
      },
      name,
    ),
  );
  return h("div", { class: "segmented", role: "group", "aria-label": label }, ...buttons);
}

/** Milliseconds between two drawings: a curve grows by little, and drawing it takes as long as the boundary. */
const DRAW_EVERY = 100;

export class CurvesPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.x = "epoch";
    this.log = false;
    /** @type {Record<string, {plot: any, box: HTMLElement, key: string, zoomed: boolean}>} */
    this.plots = {};
    this.boxes = {
      loss: h("div", { class: "plot" }),
      accuracy: h("div", { class: "plot" }),
    };
    this.text = h("p", { class: "visually-hidden" });
    this.bayesKey = h(
      "span",
      { title: "The best accuracy that any rule can have on these data" },
      h("i", { class: "key bayes" }),
      "Bayes",
    );
    const names = ["epochs", "updates", "seconds"];
    this.element = h(
      "section",
      { class: "curves", "aria-label": "Curves" },
      h(
        "div",
        { class: "panel-head" },
        h("h2", {}, "Curves"),
        h(
          "span",
          { class: "legend", "aria-hidden": "true" },
          h("i", { class: "key train" }),
          "training ",
          h("i", { class: "key test" }),
          "test ",
          this.bayesKey,
        ),
        segmented("Horizontal axis", names, "epochs", (name) => {
          this.x = COLUMNS[names.indexOf(name)];
          this.rebuild();
        }),
      ),
      h(
        "div",
        { class: "plots" },
        h(
          "figure",
          {},
          h(
            "figcaption",
            {},
            "Loss",
            segmented("Scale of the loss", ["linear", "log"], "linear", (name) => {
              this.log = name === "log";
              this.rebuild();
            }),
          ),
          this.boxes.loss,
        ),
        h("figure", { class: "accuracy" }, h("figcaption", {}, "Accuracy"), this.boxes.accuracy),
      ),
      this.text,
    );
    new ResizeObserver(() => this.rebuild()).observe(this.boxes.loss);
    const drawSoon = throttle(() => this.draw(), DRAW_EVERY);
    state.on("frame", (frame) => {
      if (frame.blocks.has("curves") || frame.blocks.has("many_bands")) drawSoon();
    });
    state.on("session", () => this.rebuild());
    state.on("theme", () => this.rebuild());
    state.ask("curves", { curves: true });
  }

  /**
   * The canvas of one of the plots.
   * @param {string} measure
   * @returns {HTMLCanvasElement | null}
   */
  canvas(measure) {
    return this.plots[measure]?.plot.ctx.canvas ?? null;
  }

  /** Branches drawn: the shown one last, on top. */
  branches() {
    const session = this.state.session;
    if (!session) return [];
    const root = this.state.rootOf(session.branch);
    return session.tree
      .filter(
        (branch) =>
          branch.id !== session.branch &&
          this.state.curves.has(branch.id) &&
          this.state.rootOf(branch.id) === root,
      )
      .map((branch) => branch.id)
      .slice(-6)
      .concat(session.branch);
  }

  rebuild() {
    for (const { plot } of Object.values(this.plots)) plot.destroy();
    this.plots = {};
    if (!this.state.session) return;
    const { classes, bayes_accuracy: bayes } = this.state.session.data;
    this.element.classList.toggle("regression", !classes);
    this.bayesKey.hidden = !classes || bayes == null;
    this.draw();
  }

  draw() {
    if (!this.state.session || this.element.hidden) return;
    this.drawOne("loss");
    if (this.state.session.data.classes) this.drawOne("accuracy");
    const metrics = this.state.frame?.header.metrics;
    if (metrics)
      this.text.textContent = `Curves up to epoch ${number(this.state.frame?.header.epoch, 3)}: training loss ${number(metrics.train_loss, 3)}.`;
  }

  /** @param {"loss" | "accuracy"} measure */
  drawOne(measure) {
    const box = this.boxes[measure];
    const width = box.clientWidth;
    if (!width) return;
    const branches = this.branches();
    const bayes = measure === "accuracy" ? this.state.session?.data.bayes_accuracy : null;
    const bands = this.x === "epoch" ? this.bands(measure) : null;
    const key = JSON.stringify([branches, width, bayes, !!bands]);
    const data = this.data(measure, branches, bayes, bands);
    const known = this.plots[measure];
    if (known?.key === key) {
      if (known.zoomed) {
        known.plot.setData(data, false);
        known.plot.redraw();
      } else known.plot.setData(data);
      return;
    }
    known?.plot.destroy();
    const entry = { plot: /** @type {any} */ (null), box, key, zoomed: false };
    this.plots[measure] = entry;
    entry.plot = new uPlot(
      this.options(measure, branches, bayes, width, entry, !!bands),
      data,
      box,
    );
  }

  /**
   * The bands of many seeds: epoch, and the quantiles 5 %, 50 % and 95 %.
   * @param {"loss" | "accuracy"} measure
   * @returns {(number | null)[][] | null}
   */
  bands(measure) {
    const block = this.state.frame?.blocks.get("many_bands");
    if (!block?.shape[0]) return null;
    const [rows, width] = block.shape;
    const first = measure === "accuracy" ? 1 : 1 + QUANTILES;
    return [0, first, first + 2, first + QUANTILES - 1].map((column) =>
      Array.from({ length: rows }, (_, r) => {
        const value = block.data[r * width + column];
        return Number.isFinite(value) && !(this.log && measure === "loss" && value <= 0)
          ? value
          : null;
      }),
    );
  }

  /**
   * @param {"loss" | "accuracy"} measure
   * @param {number[]} branches
   * @param {number | null | undefined} bayes
   * @param {(number | null)[][] | null} bands
   */
  data(measure, branches, bayes, bands) {
    const tables = /** @type {any[]} */ (bands ? [bands] : []);
    for (const id of branches) {
      const curves = this.state.curves.get(id);
      const x = curves?.column(this.x) ?? [];
      const step = Math.max(1, Math.ceil(x.length / DRAWN));
      const thin = (/** @type {number[]} */ column) =>
        column.filter((_, i) => i % step === 0 || i === column.length - 1);
      const clean = (/** @type {number[]} */ column) =>
        thin(column).map((v) =>
          Number.isFinite(v) && !(this.log && measure === "loss" && v <= 0) ? v : null,
        );
      tables.push([
        thin(x),
        clean(curves?.column(`train_${measure}`) ?? []),
        clean(curves?.column(`test_${measure}`) ?? []),
      ]);
    }
    const joined = tables.length > 1 ? uPlot.join(tables) : tables[0];
    if (bayes != null) joined.push(joined[0].map(() => bayes));
    return joined;
  }

  /**
   * @param {"loss" | "accuracy"} measure
   * @param {number[]} branches
   * @param {number | null | undefined} bayes
   * @param {number} width
   * @param {{zoomed: boolean, plot: any}} entry
   * @param {boolean} banded
   */
  options(measure, branches, bayes, width, entry, banded) {
    const { palette } = this;
    const shown = this.state.session?.branch;
    const series = /** @type {any[]} */ ([{}]);
    if (banded) {
      const edge = { width: 0, points: { show: false }, spanGaps: true };
      const middle = { ...edge, stroke: palette.accent, width: 1, dash: [6, 4] };
      series.push({ ...edge, stroke: palette.line }, middle, { ...edge, stroke: palette.line });
    }
    for (const id of branches) {
      const alone = id === shown;
      const colour = alone ? null : palette.branch(id);
      series.push(
        {
          stroke: colour ?? palette.soft,
          width: alone ? 1.6 : 1,
          points: { show: false },
          spanGaps: true,
        },
        {
          stroke: colour ?? palette.accent,
          width: alone ? 2.2 : 1.2,
          dash: alone ? undefined : [4, 3],
          points: { show: false },
          spanGaps: true,
        },
      );
    }
    if (bayes != null)
      series.push({ stroke: palette.ink, width: 1, dash: [2, 4], points: { show: false } });
    const axis = {
      stroke: palette.soft,
      font: `11px ${palette.sans}`,
      grid: { stroke: palette.line, width: 0.5 },
      ticks: { show: false },
    };
    const logarithmic = this.log && measure === "loss";
    return {
      width,
      height: HEIGHT,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: {
        x: { time: false },
        y: logarithmic
          ? { distr: 3 }
          : {
              range: (
                /** @type {any} */ _,
                /** @type {number} */ low,
                /** @type {number} */ high,
              ) =>
                measure === "accuracy"
                  ? [Math.min(0.5, Math.floor((low ?? 0.5) * 10) / 10), 1]
                  : [0, (high || 1) * 1.05],
            },
      },
      axes: [
        { ...axis, size: 26, gap: 4, values: short },
        { ...axis, size: 40, gap: 4, values: measure === "accuracy" ? percentages : short },
      ],
      series,
      bands: banded ? [{ series: [3, 1], fill: `${palette.accent}2e` }] : [],
      hooks: {
        setSelect: [
          (/** @type {any} */ plot) => {
            if (plot.select.width > 0) entry.zoomed = true;
          },
        ],
        ready: [
          (/** @type {any} */ plot) =>
            plot.over.addEventListener("dblclick", () => {
              entry.zoomed = false;
              plot.setData(plot.data);
            }),
        ],
      },
    };
  }
}

/**
 * @param {any} _
 * @param {(number | null)[]} values
 */
function short(_, values) {
  return values.map((v) => {
    if (v == null) return "";
    const size = Math.abs(v);
    if (size >= 1e6) return `${v / 1e6} M`;
    if (size >= 1e4) return `${v / 1e3} k`;
    if (size > 0 && size < 1e-3) return v.toExponential(0).replace("-", "−");
    return String(Number(v.toPrecision(3)));
  });
}

/**
 * @param {any} _
 * @param {number[]} values
 */
function percentages(_, values) {
  return values.map((v) => `${Math.round(100 * v)} %`);
}
