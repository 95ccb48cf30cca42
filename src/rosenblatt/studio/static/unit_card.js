/** The numbers of one unit: bias and incoming weights, which can be typed over, and what it puts out on the training rows. */

import { fit, h, number, percent } from "./dom.js";

const HISTOGRAM_HEIGHT = 46;
/** Incoming weights that are listed. */
const MOST_WEIGHTS = 64;

export class UnitCard {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.element = h("div", {
      class: "unit-card",
      role: "dialog",
      "aria-label": "Unit",
      hidden: true,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape") this.close();
        event.stopPropagation();
      },
    });
    /** @type {Element | null} */
    this.opener = null;
    this.shapes = "";
    state.on("session", (session) => {
      const shapes = JSON.stringify(session.network.parameters);
      if (shapes !== this.shapes) this.close();
      this.shapes = shapes;
    });
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    /** @type {HTMLElement | null} */ (this.opener)?.focus?.();
  }

  /**
   * @param {number} layer
   * @param {number} unit
   * @param {boolean} onLeft
   */
  async open(layer, unit, onLeft) {
    this.opener = document.activeElement;
    const known = await this.state.send("unit", { layer, unit });
    if (!known) return;
    const { session } = this.state;
    const weights = /** @type {number[]} */ (known.weights);
    const features = session?.data.features ?? [];
    const { statistics } = known;
    const histogram = h("canvas", { role: "img", "aria-label": "Histogram of its output" });
    const close = h(
      "button",
      {
        type: "button",
        class: "small",
        title: "Close",
        "aria-label": "Close",
        onclick: () => this.close(),
      },
      "×",
    );
    const bias = String(known.parameter).replace("weight", "bias");
    this.element.replaceChildren(
      h("div", { class: "row" }, h("b", {}, `Layer ${layer + 1}, unit ${unit + 1}`), close),
      histogram,
      h(
        "p",
        {},
        `Output on the training rows: ${number(statistics.min, 3)} to ${number(statistics.max, 3)}, mean ${number(statistics.mean, 3)}` +
          (statistics.zero > 0 ? `, ${percent(statistics.zero)} exactly 0.` : "."),
      ),
      ...(known.bias === null ? [] : [this.field("bias", bias, [unit], known.bias)]),
      ...weights
        .slice(0, MOST_WEIGHTS)
        .map((value, i) =>
          this.field(
            layer === 0 ? (features[i] ?? String(i)) : `from unit ${i + 1}`,
            known.parameter,
            [i, unit],
            value,
          ),
        ),
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            this.close();
            this.state.events.emit("microscope");
          },
        },
        "Its formula, in the microscope",
      ),
    );
    this.element.style.left = onLeft ? "0" : "auto";
    this.element.style.right = onLeft ? "auto" : "0";
    this.element.style.top = "0";
    this.element.hidden = false;
    this.draw(histogram, statistics.histogram);
    close.focus();
  }

  /**
   * @param {string} name
   * @param {string} parameter
   * @param {number[]} index
   * @param {number} value
   */
  field(name, parameter, index, value) {
    const input = h("input", {
      type: "number",
      step: "any",
      value: String(Number(value.toPrecision(6))),
      "aria-label": `${parameter}[${index.join(", ")}]`,
      title: `${parameter}[${index.join(", ")}]: type a value over it`,
      onchange: () => this.state.send("weight", { parameter, index, value: Number(input.value) }),
    });
    return h("label", { class: "row" }, h("span", {}, name), input);
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{counts: number[], edges: number[]} | undefined} histogram
   */
  draw(canvas, histogram) {
    if (!histogram) return;
    const width = canvas.clientWidth;
    const context = fit(canvas, width, HISTOGRAM_HEIGHT);
    const { counts, edges } = histogram;
    const most = Math.max(1, ...counts);
    const step = width / counts.length;
    counts.forEach((n, i) => {
      const tall = ((HISTOGRAM_HEIGHT - 2) * n) / most;
      context.fillStyle = this.palette.class(edges[i] + edges[i + 1] > 0 ? 1 : 0);
      context.fillRect(i * step + 0.5, HISTOGRAM_HEIGHT - tall, step - 1, tall);
    });
  }
}
