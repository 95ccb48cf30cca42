/** The landscape: the loss over a plane through the present weights, the path of the run on it, and the curvature along the run. */

import { fit, h, number } from "./dom.js";
import { HeatMap, traceZero } from "./heat.js";
import { level } from "./palette.js";

const SIZE = 41;
const LEVELS = 14;
const CHART_HEIGHT = 140;
const LEFT = 48;
const DIRECTIONS = /** @type {[string, string][]} */ ([
  ["trajectory", "principal components of the trajectory"],
  ["random", "two random directions, scaled by filter"],
  ["hessian", "top two eigenvectors of the Hessian"],
]);

export class LandscapePanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.name = "Landscape";
    /** @type {any} */
    this.result = null;
    /** @type {any} */
    this.curvature = null;
    this.heat = new HeatMap();
    this.select = h(
      "select",
      {
        id: "directions",
        title: "The two directions of the plane. rb.analysis.landscape(run, directions=…)",
      },
      ...DIRECTIONS.map(([value, text]) => h("option", { value }, text)),
    );
    this.start = h(
      "button",
      { type: "button", class: "primary", onclick: () => this.run() },
      "Compute",
    );
    this.sharpness = h(
      "button",
      {
        type: "button",
        title: "The largest eigenvalue of the Hessian along the run, with the line 2/η",
        onclick: () => this.runEigenvalues(),
      },
      "Curvature along the run",
    );
    this.progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Landscape" });
    this.cancel = h(
      "button",
      { type: "button", hidden: true, onclick: () => state.send("cancel", { job: this.job }) },
      "Cancel",
    );
    this.job = "landscape";
    this.text = h(
      "p",
      { class: "panel-text", role: "status" },
      "The loss over a plane through the weights of this run, computed exactly on the training rows.",
    );
    this.canvas = h("canvas", {
      class: "landscape-map",
      role: "img",
      "aria-label": "Landscape",
      hidden: true,
    });
    this.chart = h("canvas", {
      class: "sharpness",
      role: "img",
      "aria-label": "Curvature",
      hidden: true,
    });
    this.caption = h("p", { class: "caption" });
    this.element = h(
      "section",
      { class: "tab-panel landscape" },
      h(
        "div",
        { class: "row" },
        h("label", { for: "directions" }, "Plane"),
        this.select,
        this.start,
      ),
      h("div", { class: "row" }, this.sharpness, this.cancel, this.progress),
      this.text,
      this.canvas,
      this.chart,
      this.caption,
    );
    state.link.on("progress", ({ job, done, of }) => {
      if (this.progress.hidden || !String(job).includes(this.job)) return;
      this.progress.value = of ? done / of : 0;
    });
    state.on("theme", () => this.show());
  }

  show() {
    this.draw();
    this.drawCurvature();
  }

  hide() {}

  /**
   * @param {string} job
   * @param {Record<string, any>} args
   */
  async compute(job, args) {
    this.job = job;
    this.start.disabled = true;
    this.sharpness.disabled = true;
    this.progress.hidden = false;
    this.cancel.hidden = false;
    this.progress.value = 0;
    this.text.textContent = "Computing …";
    const result = await this.state.send(job, args);
    this.start.disabled = false;
    this.sharpness.disabled = false;
    this.progress.hidden = true;
    this.cancel.hidden = true;
    if (!result) this.text.textContent = "";
    return result;
  }

  async run() {
    const result = await this.compute("landscape", { directions: this.select.value, size: SIZE });
    if (!result?.grid) return;
    this.result = result;
    this.draw();
  }

  async runEigenvalues() {
    const result = await this.compute("eigenvalues", {});
    if (!result?.updates) return;
    this.curvature = result;
    this.text.textContent =
      "Where the largest eigenvalue meets 2/η, gradient descent stops becoming sharper: the edge of stability.";
    this.drawCurvature();
  }

  draw() {
    const { result, palette } = this;
    this.canvas.hidden = !result;
    if (!result || this.element.hidden) return;
    const rows = /** @type {(number | null)[][]} */ (result.grid);
    const size = rows.length;
    const flat = Float32Array.from(rows.flat(), (v) => v ?? Number.NaN);
    const sorted = [...flat].filter(Number.isFinite).sort((a, b) => a - b);
    const [least, most] = [sorted[0], sorted[sorted.length - 1]];
    const scaled = (/** @type {number} */ v) =>
      Math.log(1 + (v - least) / (0.02 * (most - least) + 1e-12)) / Math.log(1 + 1 / 0.02);
    this.heat.fill(
      size,
      (i) => palette.single[level(Number.isFinite(flat[i]) ? 0.75 * scaled(flat[i]) : 1)],
    );
    const width = this.canvas.clientWidth || 440;
    const height = width;
    const context = fit(this.canvas, width, height);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.heat.canvas, 0, 0, width, height);
    const place = (/** @type {number} */ c, /** @type {number} */ r) =>
      /** @type {[number, number]} */ ([(width * c) / (size - 1), height * (1 - r / (size - 1))]);
    const path = new Path2D();
    const field = new Float32Array(flat.length);
    for (let k = 1; k < LEVELS; k++) {
      for (let i = 0; i < flat.length; i++)
        field[i] = (Number.isFinite(flat[i]) ? scaled(flat[i]) : 1) - k / LEVELS;
      traceZero(path, field, size, place);
    }
    context.strokeStyle = palette.ink;
    context.globalAlpha = 0.35;
    context.lineWidth = 0.8;
    context.stroke(path);
    context.globalAlpha = 1;
    this.drawTrajectory(context, width, height);
    this.text.textContent = `Loss from ${number(least, 3)} to ${number(most, 3)} on this plane. Horizontal: ${result.labels?.[0] ?? "first direction"}, vertical: ${result.labels?.[1] ?? "second direction"}.`;
    this.canvas.setAttribute("aria-label", this.text.textContent);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   */
  drawTrajectory(context, width, height) {
    const { result, palette } = this;
    const span = (/** @type {number[]} */ axis) =>
      /** @type {[number, number]} */ ([axis[0], axis[axis.length - 1]]);
    const [x0, x1] = span(result.axes[0]);
    const [y0, y1] = span(result.axes[1]);
    const at = (/** @type {number} */ x, /** @type {number} */ y) =>
      /** @type {[number, number]} */ ([
        (width * (x - x0)) / (x1 - x0),
        height * (1 - (y - y0) / (y1 - y0)),
      ]);
    const { trajectory } = result;
    const path = /** @type {[number, number][]} */ (
      Array.isArray(trajectory)
        ? trajectory
        : (trajectory?.x ?? []).map((/** @type {number} */ x, /** @type {number} */ i) => [
            x,
            trajectory.y[i],
          ])
    );
    if (path.length) {
      for (const [colour, w] of /** @type {[string, number][]} */ ([
        [palette.page, 4.5],
        [palette.class(1), 2.2],
      ])) {
        context.strokeStyle = colour;
        context.lineWidth = w;
        context.lineJoin = "round";
        context.beginPath();
        for (const [x, y] of path) context.lineTo(...at(x, y));
        context.stroke();
      }
    }
    context.beginPath();
    context.arc(...at(0, 0), 6, 0, 2 * Math.PI);
    context.fillStyle = palette.class(1);
    context.strokeStyle = palette.page;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
  }

  drawCurvature() {
    const { curvature, palette } = this;
    this.chart.hidden = !curvature;
    if (!curvature || this.element.hidden) return;
    const width = this.chart.clientWidth || 480;
    const context = fit(this.chart, width, CHART_HEIGHT);
    context.clearRect(0, 0, width, CHART_HEIGHT);
    const updates = curvature.updates;
    const largest = curvature.largest;
    const limit = curvature.limit ?? curvature.two_over_eta ?? [];
    const top =
      1.1 *
      Math.max(
        ...largest,
        ...limit
          .filter(Boolean)
          .slice(0, 1)
          .map((/** @type {number} */ l) => Math.min(l, 3 * Math.max(...largest))),
        1e-9,
      );
    const bottom = CHART_HEIGHT - 20;
    const last = updates[updates.length - 1] || 1;
    const at = (/** @type {number} */ i, /** @type {number} */ v) =>
      /** @type {[number, number]} */ ([
        LEFT + ((width - LEFT - 8) * updates[i]) / last,
        bottom - ((bottom - 8) * Math.min(v, top)) / top,
      ]);
    context.strokeStyle = palette.line;
    context.strokeRect(LEFT + 0.5, 8.5, width - LEFT - 8, bottom - 8);
    const line = (
      /** @type {(number | null)[]} */ values,
      /** @type {string} */ colour,
      /** @type {number[]} */ dash,
    ) => {
      context.strokeStyle = colour;
      context.lineWidth = 2;
      context.setLineDash(dash);
      context.beginPath();
      values.forEach((v, i) => {
        if (v !== null) context.lineTo(...at(i, v));
      });
      context.stroke();
      context.setLineDash([]);
    };
    line(largest, palette.accent, []);
    line(limit, palette.fails, [5, 4]);
    context.fillStyle = palette.soft;
    context.font = `11px ${palette.sans}`;
    context.textAlign = "right";
    context.fillText(number(top, 2), LEFT - 4, 16);
    context.fillText("0", LEFT - 4, bottom);
    context.fillText(`update ${last}`, width - 8, CHART_HEIGHT - 5);
    this.caption.textContent =
      "Blue: the largest eigenvalue of the Hessian of the training loss. Dashed: 2/η.";
    this.chart.setAttribute(
      "aria-label",
      `Largest eigenvalue of the Hessian, ${number(largest[0], 3)} at update ${updates[0]} and ${number(largest.at(-1), 3)} at update ${last}`,
    );
  }
}
