/** The drawing of the network: a heat map per unit, edges by weight, biases; layers and units added and removed. */

import { fit, h, number, throttle } from "./dom.js";
import { HeatMap } from "./heat.js";
import { UnitCard } from "./unit_card.js";

/** Points per side of a unit's heat map. */
export const UNIT_SIZE = 25;
/** Layers wider than this are drawn as a block. */
const WIDEST = 32;
const MOST_LAYERS = 8;
const TOP = 64;
const BOTTOM = 22;
/** Room for the names of the classes: per letter, and at most. */
const LETTER = 7;
const WIDEST_NAME = 72;
const LARGEST_UNIT = 44;
/** Levels of width and opacity of an edge. */
const BINS = 8;
/** Distance in CSS pixels within which the pointer takes an edge. */
const REACH = 7;

/**
 * @typedef {object} Column
 * @property {number} count units
 * @property {number} x centre
 * @property {number} size side of a unit's square
 * @property {number[]} y centres of the units; a single one for a block
 * @property {boolean} block
 * @property {number} first index of the first unit's heat map; −1 for inputs
 *
 * @typedef {{name: string, shape: number[], offset: number}} Parameter
 */

/**
 * Parameters with their place among all parameters.
 * @param {import("./types.js").Session} session
 * @returns {Parameter[]}
 */
export function parametersOf(session) {
  let offset = 0;
  return session.network.parameters.map(({ name, shape }) => {
    const parameter = { name, shape, offset };
    offset += shape.reduce((a, b) => a * b, 1);
    return parameter;
  });
}

/**
 * The weight and bias of each layer of the drawing.
 * @param {import("./types.js").Session} session
 * @returns {{weight: Parameter, bias: Parameter | null}[]}
 */
export function linearLayers(session) {
  const all = parametersOf(session);
  return all
    .filter((parameter) => parameter.shape.length === 2)
    .map((weight) => {
      const stem = weight.name.replace(/[^.]*$/, "");
      return {
        weight,
        bias: all.find((p) => p.shape.length === 1 && p.name.startsWith(stem)) ?? null,
      };
    });
}

export class Network {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.name = "Network";
    /** @type {HeatMap[]} */
    this.heats = [];
    /** @type {Column[]} */
    this.columns = [];
    /** @type {{weight: Parameter, bias: Parameter | null}[]} */
    this.linear = [];
    /** @type {{layer: number, i: number, j: number} | null} */
    this.edge = null;
    this.width = 0;
    this.height = 0;
    this.nameRoom = 0;
    this.canvas = h("canvas", { class: "network-canvas", "aria-hidden": "true" });
    this.overlay = h("div", { class: "network-overlay" });
    this.tip = h("div", { class: "tip", role: "status", hidden: true });
    this.editor = h("form", { class: "value-editor", hidden: true });
    this.card = new UnitCard(state, palette);
    this.box = h(
      "div",
      { class: "network-box" },
      this.canvas,
      this.overlay,
      this.tip,
      this.editor,
      this.card.element,
    );
    this.description = h("p", { class: "visually-hidden", id: "network-text" });
    this.element = h(
      "section",
      { class: "network", "aria-label": "Network" },
      this.box,
      this.description,
    );
    this.ask = throttle((edge) => this.inspect(edge), 200);
    this.signature = "";
    new ResizeObserver(() => {
      this.measure();
      this.rebuild();
    }).observe(this.box);
    this.box.addEventListener("pointermove", (event) => this.hover(event));
    this.box.addEventListener("pointerleave", () => this.leave());
    this.box.addEventListener("click", (event) => this.click(event));
    state.on("frame", () => this.draw());
    state.on("session", () => this.rebuild());
    state.on("schema", () => this.rebuild());
    state.on("theme", () => this.draw());
  }

  show() {
    this.state.ask("network", { units: { size: UNIT_SIZE }, weights: true });
    this.measure();
    this.rebuild();
  }

  hide() {
    this.state.ask("network", null);
  }

  measure() {
    const box = this.box.getBoundingClientRect();
    this.width = box.width;
    this.height = box.height;
  }

  /** Widths of the hidden layers as set. */
  hiddenWidths() {
    const hidden = this.state.value("hidden") ?? [];
    return (Array.isArray(hidden) ? hidden : [hidden]).filter((n) => n > 0);
  }

  rebuild() {
    const session = this.state.session;
    if (!session || !this.width) return;
    this.linear = linearLayers(session);
    const counts = this.linear.length
      ? [this.linear[0].weight.shape[0], ...this.linear.map((l) => l.weight.shape[1])]
      : [];
    const names = session.data.classes ?? [];
    const longest = Math.max(1, ...names.map((name) => name.length));
    this.nameRoom = Math.min(WIDEST_NAME, 10 + LETTER * longest);
    const room = this.nameRoom;
    const tall = this.height - TOP - BOTTOM;
    const side = Math.min(LARGEST_UNIT, (this.width / Math.max(counts.length, 2)) * 0.5);
    let first = -counts[0];
    this.columns = counts.map((count, k) => {
      const x =
        counts.length === 1
          ? this.width / 2
          : side / 2 + 14 + ((this.width - side - 20 - room) * k) / (counts.length - 1);
      const block = count > WIDEST;
      const pitch = Math.min(side + 12, tall / count);
      const size = block ? side * 1.15 : Math.max(5, Math.min(side, pitch - (pitch > 18 ? 8 : 2)));
      const middle = TOP + tall / 2;
      const y = block
        ? [middle]
        : Array.from({ length: count }, (_, i) => middle + (i - (count - 1) / 2) * pitch);
      const column = { count, x, size, y, block, first };
      first += count;
      return column;
    });
    const units = Math.max(first, 0);
    while (this.heats.length < units) this.heats.push(new HeatMap());
    this.heats.length = units;
    this.buildOverlay();
    this.draw();
  }

  buildOverlay() {
    const session = /** @type {import("./types.js").Session} */ (this.state.session);
    const fixed = this.state.isFixed("hidden");
    const signature = JSON.stringify([
      this.width,
      this.height,
      this.columns.map((c) => c.count),
      session.settings.activation,
      session.settings.hidden,
      fixed,
      !!this.state.schema,
    ]);
    if (signature === this.signature) return;
    this.signature = signature;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.key;
    this.overlay.replaceChildren();
    const last = this.columns.length - 1;
    this.columns.forEach((column, k) => {
      this.overlay.append(this.heading(column, k, last, fixed));
      if (!fixed && k < last) this.overlay.append(this.adder(column, this.columns[k + 1], k));
      if (k === 0 || column.block) return;
      column.y.forEach((y, i) => {
        const button = h("button", {
          type: "button",
          class: "unit",
          "aria-label": `${k === last ? "output" : `hidden layer ${k}`}, unit ${i + 1}`,
          onfocus: () => this.hoverUnit(k, i),
          onclick: (/** @type {Event} */ event) => {
            event.stopPropagation();
            this.tip.hidden = true;
            this.card.open(k - 1, i, column.x > this.width / 2);
          },
        });
        button.dataset.key = `unit-${k}-${i}`;
        place(button, column.x - column.size / 2, y - column.size / 2, column.size, column.size);
        this.overlay.append(button);
      });
    });
    if (focused)
      /** @type {HTMLElement | null} */ (
        this.overlay.querySelector(`[data-key="${CSS.escape(focused)}"]`)
      )?.focus();
    this.description.textContent = `Network with ${this.columns[0].count} inputs, ${
      last - 1
    } hidden layers of ${this.hiddenWidths().join(", ")} units, and ${this.columns[last].count} outputs.`;
  }

  /**
   * @param {Column} column
   * @param {number} k
   * @param {number} last
   * @param {boolean} fixed
   */
  heading(column, k, last, fixed) {
    const name = k === 0 ? "inputs" : k === last ? "outputs" : `layer ${k}`;
    const heading = h("div", { class: "layer-heading" }, h("span", { class: "layer-name" }, name));
    // Centred on its column, and within the box: the last column can be near its edge.
    const room = 2 * Math.min(column.x, this.width - column.x);
    const span = Math.min(this.width / this.columns.length, room);
    place(heading, column.x - span / 2, 0, span, TOP - 8);
    if (k === 0 || k === last || fixed) {
      heading.append(h("span", { class: "layer-count" }, String(column.count)));
      return heading;
    }
    const change = (/** @type {number} */ by) => {
      const widths = this.hiddenWidths();
      widths[k - 1] += by;
      this.setWidths(widths, k - 1);
    };
    const button = (/** @type {string} */ sign, /** @type {number} */ by) => {
      const title = by > 0 ? `Add a unit to layer ${k}` : removal(column.count, k);
      const made = h(
        "button",
        { type: "button", class: "small", title, "aria-label": title, onclick: () => change(by) },
        sign,
      );
      made.dataset.key = `change-${k}-${by}`;
      return made;
    };
    heading.append(
      h(
        "span",
        { class: "layer-count" },
        button("−", -1),
        this.widthField(column, k),
        button("+", 1),
      ),
      this.activationChoice(k - 1),
    );
    return heading;
  }

  /**
   * The number of units, to be typed.
   * @param {Column} column
   * @param {number} k
   */
  widthField(column, k) {
    const title = `Units of layer ${k}`;
    const field = h("input", {
      type: "number",
      class: "layer-width",
      min: "1",
      step: "1",
      value: String(column.count),
      title,
      "aria-label": title,
      onchange: () => {
        const typed = Math.round(Number(field.value));
        if (typed >= 1) {
          const widths = this.hiddenWidths();
          widths[k - 1] = typed;
          this.setWidths(widths, k - 1);
        } else field.value = String(column.count);
      },
    });
    field.dataset.key = `width-${k}`;
    return field;
  }

  /** @param {number} layer */
  activationChoice(layer) {
    const setting = this.state.schema?.settings.find((s) => s.key === "activation");
    const value = this.state.value("activation");
    const chosen = Array.isArray(value) ? value[layer] : value;
    const select = h(
      "select",
      {
        class: "activation",
        "aria-label": `Activation of layer ${layer + 1}`,
        title: setting ? `${setting.help} ${setting.python}` : "",
        onchange: () => {
          const widths = this.hiddenWidths();
          const names = widths.map((_, i) => (Array.isArray(value) ? value[i] : value));
          names[layer] = select.value;
          const same = names.every((name) => name === names[0]);
          this.state.send("set", { key: "activation", value: same ? names[0] : names });
        },
      },
      ...(setting?.choices ?? [chosen]).map((name) => h("option", { value: name }, name)),
    );
    select.value = chosen;
    select.disabled = this.state.isFixed("activation");
    select.dataset.key = `activation-${layer}`;
    return select;
  }

  /**
   * @param {Column} left
   * @param {Column} right
   * @param {number} k
   */
  adder(left, right, k) {
    const title = `Add a layer ${k === 0 ? "after the inputs" : `after layer ${k}`}`;
    const button = h(
      "button",
      {
        type: "button",
        class: "small add-layer",
        title,
        "aria-label": title,
        onclick: () => {
          const widths = this.hiddenWidths();
          widths.splice(k, 0, widths[Math.min(k, widths.length - 1)] ?? 4);
          this.setWidths(widths, -1, k);
        },
      },
      "+",
    );
    button.dataset.key = `add-${k}`;
    if (this.hiddenWidths().length >= MOST_LAYERS) button.hidden = true;
    place(button, (left.x + right.x) / 2 - 9, this.height - 20, 18, 18);
    return button;
  }

  /**
   * @param {number[]} widths
   * @param {number} changed
   * @param {number} [inserted]
   */
  setWidths(widths, changed, inserted) {
    const value = this.state.value("activation");
    const settings = /** @type {Record<string, any>} */ ({});
    let names = Array.isArray(value) ? [...value] : null;
    if (names && inserted !== undefined)
      names.splice(inserted, 0, names[Math.max(inserted - 1, 0)]);
    if (changed >= 0 && widths[changed] <= 0) {
      widths.splice(changed, 1);
      names?.splice(changed, 1);
    }
    if (names?.length === 0) names = null;
    settings.hidden = widths.length ? widths : 0;
    if (Array.isArray(value)) settings.activation = names ?? value[0];
    this.state.send("settings", settings);
  }

  draw() {
    const { session, frame } = this.state;
    if (!session || !this.width || !this.columns.length || this.element.hidden) return;
    const context = fit(this.canvas, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    const weights = frame?.blocks.get("weights")?.data;
    if (weights) this.drawEdges(context, weights);
    this.drawUnits(context, frame?.blocks.get("units"), weights);
    if (this.edge && !this.tip.hidden) this.updateTip();
  }

  /**
   * @param {number} layer
   * @param {number} i
   * @param {number} j
   */
  ends(layer, i, j) {
    const [from, to] = [this.columns[layer], this.columns[layer + 1]];
    return {
      x0: from.x + from.size / 2,
      y0: from.block ? spread(from, i, this.height) : from.y[i],
      x1: to.x - to.size / 2,
      y1: to.block ? spread(to, j, this.height) : to.y[j],
    };
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} weights
   */
  drawEdges(context, weights) {
    this.linear.forEach(({ weight }, layer) => {
      const [rows, columns] = weight.shape;
      const stepI = Math.ceil(rows / WIDEST);
      const stepJ = Math.ceil(columns / WIDEST);
      let largest = 1e-12;
      for (let k = 0; k < rows * columns; k++)
        largest = Math.max(largest, Math.abs(weights[weight.offset + k]));
      const paths = Array.from({ length: 2 * BINS }, () => new Path2D());
      const straight = rows * columns > 700;
      for (let i = 0; i < rows; i += stepI) {
        for (let j = 0; j < columns; j += stepJ) {
          const w = weights[weight.offset + i * columns + j];
          const bin = Math.min(BINS - 1, Math.floor((BINS * Math.abs(w)) / largest));
          const path = paths[bin + (w > 0 ? BINS : 0)];
          if (!path || Number.isNaN(w)) continue;
          const { x0, y0, x1, y1 } = this.ends(layer, i, j);
          path.moveTo(x0, y0);
          if (straight) path.lineTo(x1, y1);
          else path.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
        }
      }
      for (let bin = 0; bin < 2 * BINS; bin++) {
        const strength = ((bin % BINS) + 0.5) / BINS;
        context.strokeStyle = this.palette.class(bin < BINS ? 0 : 1);
        context.globalAlpha = 0.08 + 0.82 * strength;
        context.lineWidth = 0.5 + 3.4 * strength;
        context.stroke(paths[bin]);
      }
      context.globalAlpha = 1;
      if (this.edge?.layer === layer && this.edge.i >= 0) {
        const { x0, y0, x1, y1 } = this.ends(layer, this.edge.i, this.edge.j);
        context.strokeStyle = this.palette.ink;
        context.lineWidth = 2;
        context.beginPath();
        context.moveTo(x0, y0);
        if (straight) context.lineTo(x1, y1);
        else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
        context.stroke();
      }
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("./types.js").Block | undefined} units
   * @param {Float32Array | undefined} weights
   */
  drawUnits(context, units, weights) {
    const { palette } = this;
    const side = units?.shape[1] ?? 0;
    const last = this.columns.length - 1;
    const features = this.state.session?.data.features ?? [];
    const classes = this.state.session?.data.classes;
    context.imageSmoothingEnabled = true;
    this.columns.forEach((column, k) => {
      const bias = k > 0 ? this.linear[k - 1].bias : null;
      if (column.block) {
        this.drawBlock(context, column, units);
        return;
      }
      column.y.forEach((y, i) => {
        const [left, top] = [column.x - column.size / 2, y - column.size / 2];
        const radius = Math.min(6, column.size / 5);
        context.save();
        context.beginPath();
        context.roundRect(left, top, column.size, column.size, radius);
        context.fillStyle = palette.page;
        context.fill();
        const index = column.first + i;
        if (k > 0 && units && index < units.shape[0]) {
          context.clip();
          if (units.shape.length === 2)
            this.drawCurve(context, units, index, left, top, column.size);
          else {
            const cells = side * side;
            const values = units.data.subarray(index * cells, (index + 1) * cells);
            this.heats[index].signed(values, side, palette.signed);
            context.drawImage(this.heats[index].canvas, left, top, column.size, column.size);
          }
        }
        context.restore();
        context.beginPath();
        context.roundRect(left, top, column.size, column.size, radius);
        context.strokeStyle = palette.soft;
        context.lineWidth = 1;
        context.stroke();
        if (k === 0) {
          context.fillStyle = palette.ink;
          context.font = `italic ${Math.max(9, Math.min(13, column.size / 2.6))}px ${palette.sans}`;
          context.textAlign = "center";
          context.textBaseline = "middle";
          if (column.size >= 12)
            context.fillText(clip(context, features[i] ?? "", column.size - 4), column.x, y);
        }
        if (bias && weights && column.size >= 9) {
          const b = weights[bias.offset + i];
          const r = Math.min(5, 2 + 1.8 * Math.sqrt(Math.abs(b)));
          context.beginPath();
          context.arc(left, top + column.size, r, 0, 2 * Math.PI);
          context.fillStyle = palette.class(b > 0 ? 1 : 0);
          context.fill();
          context.strokeStyle = palette.page;
          context.stroke();
        }
        if (k === last) {
          context.fillStyle = palette.soft;
          context.font = `11px ${palette.sans}`;
          context.textAlign = "left";
          context.textBaseline = "middle";
          const label = classes && classes.length === column.count ? classes[i] : "";
          if (column.size >= 10)
            context.fillText(clip(context, label, this.nameRoom - 6), left + column.size + 5, y);
        }
      });
    });
  }

  /**
   * What a unit puts out along the only input.
   * @param {CanvasRenderingContext2D} context
   * @param {import("./types.js").Block} units
   * @param {number} index
   * @param {number} left
   * @param {number} top
   * @param {number} size
   */
  drawCurve(context, units, index, left, top, size) {
    const n = units.shape[1];
    const values = units.data.subarray(index * n, (index + 1) * n);
    let largest = 1e-12;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    context.strokeStyle = this.palette.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(left, top + size / 2);
    context.lineTo(left + size, top + size / 2);
    context.stroke();
    context.strokeStyle = this.palette.accent;
    context.lineWidth = 1.8;
    context.beginPath();
    values.forEach((value, i) => {
      context.lineTo(left + (size * i) / (n - 1), top + size / 2 - (0.42 * size * value) / largest);
    });
    context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Column} column
   * @param {import("./types.js").Block | undefined} units
   */
  drawBlock(context, column, units) {
    const { palette } = this;
    const [top, bottom] = [TOP + 4, this.height - BOTTOM - 4];
    const left = column.x - column.size / 2;
    context.lineWidth = 1;
    context.fillStyle = palette.page;
    context.strokeStyle = palette.soft;
    context.beginPath();
    context.roundRect(left, top, column.size, bottom - top, 6);
    context.fill();
    const side = units?.shape[1] ?? 0;
    if (
      units?.shape.length === 3 &&
      column.first >= 0 &&
      (column.first + column.count) * side * side <= units.data.length
    ) {
      const across = Math.max(
        2,
        Math.round(Math.sqrt((column.count * column.size) / (bottom - top))),
      );
      const cell = Math.min(
        (column.size - 4) / across,
        (bottom - top - 4) / Math.ceil(column.count / across),
      );
      for (let i = 0; i < column.count; i++) {
        const heat = this.heats[column.first + i];
        const from = (column.first + i) * side * side;
        heat.signed(units.data.subarray(from, from + side * side), side, palette.signed);
        context.drawImage(
          heat.canvas,
          left + 2 + (i % across) * cell,
          top + 2 + Math.floor(i / across) * cell,
          cell - 1,
          cell - 1,
        );
      }
    }
    context.beginPath();
    context.roundRect(left, top, column.size, bottom - top, 6);
    context.stroke();
    if (column.first >= 0) return;
    context.save();
    context.translate(column.x, (top + bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillStyle = palette.soft;
    context.font = `italic 13px ${palette.sans}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(`${column.count} features`, 0, 0);
    context.restore();
  }

  /** @param {PointerEvent | MouseEvent} event */
  at(event) {
    const box = this.box.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (!this.editor.hidden || !this.card.element.hidden) return;
    const [x, y] = this.at(event);
    const unit = this.unitAt(x, y);
    if (unit) {
      this.hoverUnit(unit.k, unit.i);
      return;
    }
    const edge = this.edgeAt(x, y);
    if (!edge) {
      this.leave();
      return;
    }
    if (
      !this.edge ||
      edge.layer !== this.edge.layer ||
      edge.i !== this.edge.i ||
      edge.j !== this.edge.j
    ) {
      this.edge = edge;
      this.known = null;
      this.showTip(x, y);
      this.ask(edge);
      this.draw();
    }
  }

  /**
   * @param {number} k
   * @param {number} i
   */
  hoverUnit(k, i) {
    const column = this.columns[k];
    if (!this.linear[k - 1]?.bias || column.block) {
      this.leave();
      return;
    }
    if (this.edge?.layer === k - 1 && this.edge.i === -1 && this.edge.j === i) return;
    this.edge = { layer: k - 1, i: -1, j: i };
    this.known = null;
    this.showTip(column.x, column.y[i] + column.size / 2);
    this.ask(this.edge);
    this.draw();
  }

  leave() {
    if (!this.edge || !this.editor.hidden) return;
    this.edge = null;
    this.tip.hidden = true;
    this.draw();
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  unitAt(x, y) {
    for (let k = 1; k < this.columns.length; k++) {
      const column = this.columns[k];
      if (column.block || Math.abs(x - column.x) > column.size / 2 + 3) continue;
      const i = column.y.findIndex((cy) => Math.abs(y - cy) <= column.size / 2 + 3);
      if (i >= 0) return { k, i };
    }
    return null;
  }

  /**
   * The edge nearest to a place, if one is within reach. An edge with an index i of −1 is a bias.
   * @param {number} x
   * @param {number} y
   */
  edgeAt(x, y) {
    for (let layer = 0; layer < this.linear.length; layer++) {
      const [from, to] = [this.columns[layer], this.columns[layer + 1]];
      const [x0, x1] = [from.x + from.size / 2, to.x - to.size / 2];
      if (from.block || to.block || x < x0 || x > x1) continue;
      const straight = from.count * to.count > 700;
      const u = straight ? (x - x0) / (x1 - x0) : curveParameter((x - x0) / (x1 - x0));
      const share = straight ? u : u * u * (3 - 2 * u);
      let best = null;
      let closest = REACH;
      for (let i = 0; i < from.count; i++) {
        for (let j = 0; j < to.count; j++) {
          const d = Math.abs(from.y[i] + (to.y[j] - from.y[i]) * share - y);
          if (d < closest) {
            closest = d;
            best = { layer, i, j };
          }
        }
      }
      return best;
    }
    return null;
  }

  /** @returns {{name: string, index: number[], at: number} | null} */
  parameterOf() {
    const edge = this.edge;
    if (!edge) return null;
    const { weight, bias } = this.linear[edge.layer];
    if (edge.i >= 0)
      return {
        name: weight.name,
        index: [edge.i, edge.j],
        at: weight.offset + edge.i * weight.shape[1] + edge.j,
      };
    return bias && { name: bias.name, index: [edge.j], at: bias.offset + edge.j };
  }

  /** @param {{layer: number, i: number, j: number}} edge */
  async inspect(edge) {
    const parameter = this.parameterOf();
    if (!parameter || edge !== this.edge) return;
    try {
      const known = await this.state.link.send("inspect", {
        parameter: parameter.name,
        index: parameter.index,
      });
      if (edge !== this.edge) return;
      this.known = known;
      this.updateTip();
    } catch {
      // The tip goes without gradient and change.
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  showTip(x, y) {
    this.tip.hidden = false;
    const right = x > this.width / 2;
    this.tip.style.left = right ? "auto" : `${x + 14}px`;
    this.tip.style.right = right ? `${this.width - x + 14}px` : "auto";
    const below = y < this.height - 110;
    this.tip.style.top = below ? `${y + 12}px` : "auto";
    this.tip.style.bottom = below ? "auto" : `${this.height - y + 12}px`;
    this.updateTip();
  }

  updateTip() {
    const parameter = this.parameterOf();
    if (!parameter || !this.edge) return;
    const weights = this.state.frame?.blocks.get("weights")?.data;
    const value = weights ? weights[parameter.at] : this.known?.value;
    const { i, j } = this.edge;
    const features = this.state.session?.data.features ?? [];
    this.tip.replaceChildren(
      h(
        "b",
        {},
        i >= 0
          ? `weight, ${this.edge.layer ? `unit ${i + 1}` : (features[i] ?? i)} → unit ${j + 1}`
          : `bias of unit ${j + 1}`,
      ),
      h("code", {}, `${parameter.name}[${parameter.index.join(", ")}]`),
      row("value", value),
      row("gradient", this.known?.gradient),
      row("last change", this.known?.last_change),
      h("small", {}, i >= 0 ? "Click to type a value over it." : "Click for the unit's numbers."),
    );
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {Node} */ (event.target);
    if (this.editor.contains(target) || this.card.element.contains(target)) return;
    this.card.close();
    const [x, y] = this.at(event);
    const edge = this.unitAt(x, y) ? null : this.edgeAt(x, y);
    if (!edge) {
      this.closeEditor();
      return;
    }
    this.edge = edge;
    this.edit(x, y);
  }

  /**
   * Opens the field in which a value is typed over.
   * @param {number} x
   * @param {number} y
   */
  edit(x, y) {
    const parameter = this.parameterOf();
    if (!parameter) return;
    const weights = this.state.frame?.blocks.get("weights")?.data;
    const value = weights?.[parameter.at] ?? 0;
    this.tip.hidden = true;
    const input = h("input", {
      type: "number",
      step: "any",
      value: String(Number(value.toPrecision(6))),
      "aria-label": `${parameter.name}[${parameter.index.join(", ")}]`,
    });
    this.editor.replaceChildren(
      h("code", {}, `${parameter.name}[${parameter.index.join(", ")}]`),
      input,
      h("button", { type: "submit" }, "Set"),
    );
    this.editor.hidden = false;
    place(this.editor, Math.min(x, this.width - 190), Math.min(y, this.height - 70));
    this.editor.onsubmit = (event) => {
      event.preventDefault();
      this.state.send("weight", {
        parameter: parameter.name,
        index: parameter.index,
        value: Number(input.value),
      });
      this.closeEditor();
    };
    input.onkeydown = (event) => {
      if (event.key === "Escape") this.closeEditor();
      event.stopPropagation();
    };
    input.focus();
    input.select();
  }

  closeEditor() {
    this.editor.hidden = true;
    this.edge = null;
    this.draw();
  }
}

/**
 * @param {HTMLElement} element
 * @param {number} left
 * @param {number} top
 * @param {number} [width]
 * @param {number} [height]
 */
export function place(element, left, top, width, height) {
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
  if (width !== undefined) element.style.width = `${width}px`;
  if (height !== undefined) element.style.height = `${height}px`;
}

/**
 * @param {string} name
 * @param {number | null | undefined} value
 */
function row(name, value) {
  return h("span", { class: "tip-row" }, h("i", {}, name), h("span", {}, number(value)));
}

/**
 * @param {number} count
 * @param {number} layer
 */
function removal(count, layer) {
  return count > 1 ? `Remove a unit of layer ${layer}` : `Remove layer ${layer}`;
}

/**
 * Place of one of a block's units on the block's side.
 * @param {Column} column
 * @param {number} i
 * @param {number} height
 */
function spread(column, i, height) {
  return TOP + 10 + ((height - TOP - BOTTOM - 20) * (i + 0.5)) / column.count;
}

/**
 * The parameter at which a curve with control points in the middle has gone a share of its width.
 * @param {number} share
 */
function curveParameter(share) {
  let [low, high] = [0, 1];
  for (let k = 0; k < 20; k++) {
    const u = (low + high) / 2;
    const x = 1.5 * u * (1 - u) + u ** 3;
    if (x < share) low = u;
    else high = u;
  }
  return (low + high) / 2;
}

/**
 * A text cut to a width.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} width
 */
function clip(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let cut = text;
  while (cut.length > 1 && context.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}
