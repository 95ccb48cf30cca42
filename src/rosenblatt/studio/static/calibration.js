/** Calibration: whether a predicted probability of 80 % is right in 80 % of the cases. */

import { fit, h, number } from "./dom.js";

const SIZE = 220;
const MARGIN = 42;

export class Calibration {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    /** @type {any} */
    this.result = null;
    this.canvas = h("canvas", {
      class: "calibration",
      role: "img",
      "aria-label": "Calibration",
      hidden: true,
    });
    this.text = h("p", { class: "caption" });
    this.button = h(
      "button",
      {
        type: "button",
        title:
          "Compares predicted probabilities with the share that is right. rb.analysis.calibration(run)",
        onclick: () => this.measure(),
      },
      "Measure the calibration",
    );
    this.element = h("div", {}, h("div", { class: "row" }, this.button), this.canvas, this.text);
    state.on("theme", () => this.draw());
  }

  async measure() {
    const result = await this.state.send("calibration");
    if (!result) return;
    this.result = result;
    this.draw();
  }

  draw() {
    const { result, palette } = this;
    this.canvas.hidden = !result;
    if (!result) return;
    const context = fit(this.canvas, SIZE, SIZE);
    context.clearRect(0, 0, SIZE, SIZE);
    const place = (/** @type {number} */ x, /** @type {number} */ y) =>
      /** @type {[number, number]} */ ([
        MARGIN + (SIZE - MARGIN - 6) * x,
        SIZE - 22 - (SIZE - 28) * y,
      ]);
    const line = (/** @type {[number, number][]} */ points) => {
      context.beginPath();
      for (const [x, y] of points) context.lineTo(...place(x, y));
      context.stroke();
    };
    context.lineWidth = 1;
    context.strokeStyle = palette.line;
    line([
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
      [0, 0],
    ]);
    context.setLineDash([3, 3]);
    context.strokeStyle = palette.soft;
    line([
      [0, 0],
      [1, 1],
    ]);
    context.setLineDash([]);
    context.strokeStyle = palette.accent;
    context.fillStyle = palette.accent;
    const shown = /** @type {[number, number][]} */ ([]);
    result.confidence.forEach((/** @type {number | null} */ x, /** @type {number} */ i) => {
      if (x === null) return;
      line([
        [x, result.low[i]],
        [x, result.high[i]],
      ]);
      shown.push([x, result.accuracy[i]]);
    });
    context.lineWidth = 2;
    line(shown);
    for (const [x, y] of shown) {
      context.beginPath();
      context.arc(...place(x, y), 3.5, 0, 2 * Math.PI);
      context.fill();
    }
    context.fillStyle = palette.soft;
    context.font = `11px ${palette.sans}`;
    context.textAlign = "right";
    context.fillText("100 %", MARGIN - 3, 14);
    context.fillText("0", MARGIN - 3, SIZE - 22);
    context.fillText("predicted probability", SIZE - 6, SIZE - 7);
    this.text.textContent = `Share that is right against predicted probability, ${result.measured_on} set, with 95 % intervals. Expected calibration error ${number(result.ece, 2)}.`;
    this.canvas.setAttribute("aria-label", this.text.textContent);
  }
}
