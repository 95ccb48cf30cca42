/** The visible plane: what the network says at every place, its boundary, and the samples. */

import { fit, h, number } from "./dom.js";
import { HeatMap, traceZero } from "./heat.js";
import { level } from "./palette.js";

/** Points of the grid per side. */
export const SURFACE_SIZE = 100;
const MARGIN = { left: 40, right: 2, top: 2, bottom: 26 };
/** Radius of a sample in CSS pixels: up to 600 samples, and more. */
const RADIUS = [4.6, 3.2];
/** Distance in CSS pixels within which the pointer takes a sample. */
const REACH = 10;

/**
 * Round numbers that divide an interval.
 * @param {number} low
 * @param {number} high
 * @param {number} about
 */
export function ticks(low, high, about) {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((s) => s * power >= raw) ?? 10);
  const all = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++)
    all.push(Number((k * step).toPrecision(12)));
  return all;
}

/** @param {number} at */
function tickText(at) {
  const size = Math.abs(at);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return number(at, 2);
  return String(Number(at.toPrecision(6))).replace("-", "−");
}

/**
 * Traces the mark of a sample: a circle for classes 0 and 1, other shapes where there are more.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} r
 * @param {number} shape
 */
export function traceMark(context, x, y, r, shape) {
  context.beginPath();
  if (shape === 0) context.arc(x, y, r, 0, 2 * Math.PI);
  else {
    const corners = [0, 4, 3, 4, 5, 3, 6, 8, 7, 5][shape];
    const turn = [0, Math.PI / 4, -Math.PI / 2, 0, -Math.PI / 2, Math.PI / 2, 0, 0, 0, Math.PI / 2][
      shape
    ];
    for (let k = 0; k < corners; k++) {
      const angle = turn + (2 * Math.PI * k) / corners;
      const [px, py] = [x + 1.2 * r * Math.cos(angle), y + 1.2 * r * Math.sin(angle)];
      if (k) context.lineTo(px, py);
      else context.moveTo(px, py);
    }
    context.closePath();
  }
}

export class Surface {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.heat = new HeatMap();
    this.field = new Float32Array(0);
    this.samples = new SamplesPicture();
    /** @type {number | null} */
    this.marked = null;
    /** @type {{position: number, to: [number, number]} | null} */
    this.dragged = null;
    /** Samples of a stroke that the server does not have yet.
     * @type {{to: [number, number], label: number}[]} */
    this.drawn = [];
    /** Place of the crosshair that keys move.
     * @type {[number, number] | null} */
    this.cross = null;
    this.width = 0;
    this.height = 0;
    this.canvas = h("canvas", { class: "surface", role: "img", tabIndex: 0 });
    this.element = h("div", { class: "surface-box" }, this.canvas);
    new ResizeObserver(() => {
      this.measure();
      this.draw();
    }).observe(this.element);
    state.on("frame", () => this.draw());
    state.on("session", () => this.draw());
    state.on("theme", () => this.draw());
    state.ask("surface", { surface: { size: SURFACE_SIZE }, predicted: true });
  }

  measure() {
    const box = this.element.getBoundingClientRect();
    this.width = box.width;
    this.height = box.height;
  }

  /** Range of the plane: x and y. */
  range() {
    const plane = this.state.session?.plane;
    return { x: plane?.x ?? [0, 1], y: plane?.y ?? [0, 1] };
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {[number, number]}
   */
  toCanvas(x, y) {
    const range = this.range();
    const w = this.width - MARGIN.left - MARGIN.right;
    const t = this.height - MARGIN.top - MARGIN.bottom;
    return [
      MARGIN.left + (w * (x - range.x[0])) / (range.x[1] - range.x[0]),
      MARGIN.top + t * (1 - (y - range.y[0]) / (range.y[1] - range.y[0])),
    ];
  }

  /**
   * @param {number} px
   * @param {number} py
   * @returns {[number, number]}
   */
  toPlane(px, py) {
    const range = this.range();
    const w = this.width - MARGIN.left - MARGIN.right;
    const t = this.height - MARGIN.top - MARGIN.bottom;
    return [
      range.x[0] + ((px - MARGIN.left) / w) * (range.x[1] - range.x[0]),
      range.y[0] + (1 - (py - MARGIN.top) / t) * (range.y[1] - range.y[0]),
    ];
  }

  /** Whether the network has a single input, so that a curve is drawn. */
  isCurve() {
    return this.state.session?.data.features.length === 1;
  }

  /**
   * Place of a shown sample on the plane.
   * @param {number} position
   * @returns {[number, number]}
   */
  place(position) {
    const { data, plane } = /** @type {import("./types.js").Session} */ (this.state.session);
    if (this.dragged?.position === position) return this.dragged.to;
    const x = data.points.places?.[position] ?? data.points.x[position];
    if (this.isCurve()) {
      const y = data.points.y[position];
      return [x[0], data.classes ? this.range().y[0] + 0.03 + 0.02 * y : y];
    }
    return data.points.places ? [x[0], x[1]] : [x[plane.axes[0]], x[plane.axes[1]]];
  }

  /**
   * The shown sample nearest to a place on the canvas, if one is within reach.
   * @param {number} px
   * @param {number} py
   */
  nearest(px, py) {
    const count = this.state.session?.data.points.x.length ?? 0;
    let best = null;
    let closest = REACH * REACH;
    for (let i = 0; i < count; i++) {
      const [x, y] = this.toCanvas(...this.place(i));
      const d = (x - px) ** 2 + (y - py) ** 2;
      if (d < closest) {
        closest = d;
        best = i;
      }
    }
    return best;
  }

  /** @param {number | null} position */
  mark(position) {
    this.marked = position;
    this.draw();
  }

  /** @param {[number, number] | null} place */
  setCross(place) {
    this.cross = place;
    this.draw();
  }

  draw() {
    const { session, frame } = this.state;
    if (!session || !this.width) return;
    paintPlane(this, session, frame);
  }
}

/**
 * @param {Surface} view
 * @param {import("./types.js").Session} session
 * @param {import("./types.js").Frame | null} frame
 */
function paintPlane(view, session, frame) {
  const { palette, width, height } = view;
  const context = fit(view.canvas, width, height);
  context.clearRect(0, 0, width, height);
  const [x0, y0] = [MARGIN.left, MARGIN.top];
  const [w, t] = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
  const block = frame?.blocks.get("surface");
  context.save();
  context.beginPath();
  context.rect(x0, y0, w, t);
  context.clip();
  context.fillStyle = palette.paper;
  context.fillRect(x0, y0, w, t);
  /** @type {Path2D | null} */
  let line = null;
  if (block?.shape.length === 3) line = paintField(view, context, session, block, [x0, y0, w, t]);
  context.drawImage(view.samples.picture(view, session), 0, 0, width, height);
  paintMarks(view, context, session, frame?.blocks.get("predicted"));
  if (block && line) paintBoundary(view, context, session, line);
  if (block?.shape.length === 2 && view.isCurve()) paintCurves(view, context, session, block);
  // A clip with round corners would cost more than all that is drawn.
  context.globalCompositeOperation = "destination-out";
  context.beginPath();
  context.rect(x0, y0, w, t);
  context.roundRect(x0, y0, w, t, 6);
  context.fill("evenodd");
  context.restore();
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(x0 + 0.5, y0 + 0.5, w - 1, t - 1, 6);
  context.stroke();
  paintAxes(view, context, session);
}

/**
 * @param {Surface} view
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Session} session
 * @param {import("./types.js").Block} block
 * @param {number[]} box
 */
function paintField(view, context, session, block, [x0, y0, w, t]) {
  const { palette } = view;
  const size = block.shape[2];
  const cells = size * size;
  const values = block.data;
  if (view.field.length !== cells) view.field = new Float32Array(cells);
  const field = view.field;
  const classes = session.data.classes;
  if (!classes) {
    const [low, high] = valueRange(session);
    view.heat.fill(size, (i) => palette.two[level((values[i] - low) / (high - low))]);
  } else if (block.shape[0] === 1) {
    view.heat.fill(size, (i) => palette.two[level(values[i])]);
  } else {
    const sure = 1 / classes.length;
    view.heat.fill(size, (i) => {
      const scale = palette.certain[values[i] % 10] ?? palette.certain[0];
      return scale[level(0.15 + (0.85 * (values[cells + i] - sure)) / (1 - sure))];
    });
  }
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  // The grid's outer points lie on the edges of the plane.
  const half = [w / (size - 1) / 2, t / (size - 1) / 2];
  context.drawImage(view.heat.canvas, x0 - half[0], y0 - half[1], w + 2 * half[0], t + 2 * half[1]);
  const place = (/** @type {number} */ column, /** @type {number} */ row) =>
    /** @type {[number, number]} */ ([
      x0 + (w * column) / (size - 1),
      y0 + t * (1 - row / (size - 1)),
    ]);
  const path = new Path2D();
  if (!classes) {
    const [low, high] = valueRange(session);
    for (let k = 1; k < 8; k++) {
      const at = low + ((high - low) * k) / 8;
      for (let i = 0; i < cells; i++) field[i] = values[i] - at;
      traceZero(path, field, size, place);
    }
  } else if (block.shape[0] === 1) {
    for (let i = 0; i < cells; i++) field[i] = logit(values[i]);
    traceZero(path, field, size, place);
  } else {
    for (let k = 0; k < classes.length; k++) {
      let present = false;
      for (let i = 0; i < cells; i++) {
        const margin = Math.max(values[cells + i] - 0.5, 0.02);
        field[i] = values[i] === k ? margin : -margin;
        if (values[i] === k) present = true;
      }
      if (!present) continue;
      smooth(field, size);
      traceZero(path, field, size, place);
    }
  }
  return path;
}

/** Largest logit: that of the largest float32 below 1. */
const LARGEST_LOGIT = 16;

/**
 * log p / (1 − p), which is nearly linear where p crosses ½.
 * @param {number} p
 */
function logit(p) {
  return Math.max(-LARGEST_LOGIT, Math.min(LARGEST_LOGIT, Math.log(p / (1 - p))));
}

/**
 * Averages each entry with its neighbours, weights 1, 2, 1, along rows and columns, twice.
 * @param {Float32Array} field
 * @param {number} size
 */
function smooth(field, size) {
  for (let round = 0; round < 2; round++) {
    for (const [along, across] of [
      [1, size],
      [size, 1],
    ]) {
      for (let line = 0; line < size; line++) {
        let before = field[line * across];
        for (let k = 0; k < size; k++) {
          const at = line * across + k * along;
          const here = field[at];
          const next = k + 1 < size ? field[at + along] : here;
          field[at] = (before + 2 * here + next) / 4;
          before = here;
        }
      }
    }
  }
}

/**
 * The line between classes, over the samples, with a rim of paper; levels of a value as thin lines.
 * @param {Surface} view
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Session} session
 * @param {Path2D} line
 */
function paintBoundary(view, context, session, line) {
  context.lineJoin = "round";
  context.lineCap = "round";
  if (session.data.classes) {
    context.strokeStyle = view.palette.page;
    context.lineWidth = 5.5;
    context.stroke(line);
  }
  context.strokeStyle = view.palette.ink;
  context.lineWidth = session.data.classes ? 2.6 : 0.8;
  context.stroke(line);
}

/** @param {import("./types.js").Session} session */
export function valueRange(session) {
  const y = session.data.points.y;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of y) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low ? [low, high] : [low - 1, low + 1];
}

/**
 * @param {Surface} view
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Session} session
 * @param {import("./types.js").Block} block
 */
function paintCurves(view, context, session, block) {
  const [curves, size] = block.shape;
  const { x } = view.range();
  context.lineJoin = "round";
  for (let k = 0; k < curves; k++) {
    const path = new Path2D();
    for (let i = 0; i < size; i++) {
      const at = x[0] + ((x[1] - x[0]) * i) / (size - 1);
      path.lineTo(...view.toCanvas(at, block.data[k * size + i]));
    }
    context.strokeStyle = view.palette.page;
    context.lineWidth = 5.5;
    context.stroke(path);
    context.strokeStyle = session.data.classes
      ? view.palette.class(curves === 1 ? 1 : k)
      : view.palette.ink;
    context.lineWidth = 2.6;
    context.stroke(path);
  }
}

/** The samples, painted once and kept until they, their places or the colours change. */
class SamplesPicture {
  constructor() {
    this.canvas = document.createElement("canvas");
    /** @type {any[]} */
    this.key = [];
  }

  /**
   * @param {Surface} view
   * @param {import("./types.js").Session} session
   */
  picture(view, session) {
    const { width, height, palette } = view;
    const ratio = window.devicePixelRatio;
    const key = [session, width, height, ratio, palette.ink, view.dragged, view.dragged?.to];
    if (key.some((value, i) => value !== this.key[i])) {
      this.key = key;
      const context = fit(this.canvas, width, height);
      context.clearRect(0, 0, width, height);
      paintSamples(view, context, session);
    }
    return this.canvas;
  }
}

/** @param {import("./types.js").Session} session */
function hasMany(session) {
  return session.data.points.y.length > 600;
}

/**
 * @param {Surface} view
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Session} session
 */
function paintSamples(view, context, session) {
  const { palette } = view;
  const { y, test } = session.data.points;
  const classes = session.data.classes;
  const radius = RADIUS[hasMany(session) ? 1 : 0];
  const shaped = (classes?.length ?? 0) > 2;
  const [low, high] = classes ? [0, 1] : valueRange(session);
  for (let i = 0; i < y.length; i++) {
    const [px, py] = view.toCanvas(...view.place(i));
    const colour = classes
      ? palette.class(y[i])
      : valueColour(palette, (y[i] - low) / (high - low));
    traceMark(context, px, py, radius - (test[i] ? 0.7 : 0), shaped ? y[i] % 10 : 0);
    if (test[i]) {
      context.fillStyle = palette.page;
      context.fill();
      context.strokeStyle = colour;
      context.lineWidth = 1.8;
    } else {
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = palette.page;
      context.lineWidth = 1;
    }
    context.stroke();
  }
}

/**
 * Rings around misclassified samples, samples that the server does not have yet, and what pointer and keys mark.
 * @param {Surface} view
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Session} session
 * @param {import("./types.js").Block | undefined} predicted
 */
function paintMarks(view, context, session, predicted) {
  const { palette } = view;
  const { y } = session.data.points;
  const classes = session.data.classes;
  const radius = RADIUS[hasMany(session) ? 1 : 0];
  context.strokeStyle = palette.ink;
  context.lineWidth = hasMany(session) ? 1 : 1.6;
  if (classes && predicted?.data.length === y.length) {
    for (let i = 0; i < y.length; i++) {
      if (predicted.data[i] === y[i]) continue;
      const [px, py] = view.toCanvas(...view.place(i));
      context.beginPath();
      context.arc(px, py, radius + 2.4, 0, 2 * Math.PI);
      context.stroke();
    }
  }
  for (const { to, label } of view.drawn) {
    const [px, py] = view.toCanvas(...to);
    context.beginPath();
    context.arc(px, py, radius, 0, 2 * Math.PI);
    context.fillStyle = classes ? palette.class(label) : palette.accent;
    context.fill();
  }
  if (view.cross) {
    const [px, py] = view.toCanvas(...view.cross);
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(px - 12, py);
    context.lineTo(px + 12, py);
    context.moveTo(px, py - 12);
    context.lineTo(px, py + 12);
    context.stroke();
  }
  if (view.marked !== null && view.marked < y.length) {
    const [px, py] = view.toCanvas(...view.place(view.marked));
    context.strokeStyle = palette.accent;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(px, py, radius + 6, 0, 2 * Math.PI);
    context.stroke();
  }
}

/**
 * @param {import("./palette.js").Palette} palette
 * @param {number} t
 */
function valueColour(palette, t) {
  const packed = palette.signed[level(t)];
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}

/**
 * @param {Surface} view
 * @param {CanvasRenderingContext2D} context
 * @param {import("./types.js").Session} session
 */
function paintAxes(view, context, session) {
  const { palette, width, height } = view;
  const { x, y } = view.range();
  context.fillStyle = palette.soft;
  context.font = `11px ${palette.sans}`;
  context.textBaseline = "top";
  context.textAlign = "center";
  const bottom = height - MARGIN.bottom + 7;
  const [xName, yName] = axisNames(session);
  const xWidth = context.measureText(xName).width;
  for (const at of ticks(x[0], x[1], 6)) {
    const [px] = view.toCanvas(at, y[0]);
    if (px > MARGIN.left + 6 && px < width - xWidth - 18)
      context.fillText(tickText(at), px, bottom);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const at of ticks(y[0], y[1], 6)) {
    const [, py] = view.toCanvas(x[0], at);
    if (py > 26 && py < height - MARGIN.bottom - 4)
      context.fillText(tickText(at), MARGIN.left - 6, py);
  }
  context.fillStyle = palette.ink;
  context.font = `italic 13px ${palette.sans}`;
  context.textBaseline = "top";
  context.textAlign = "right";
  context.fillText(xName, width - 4, bottom - 1);
  context.save();
  if (yName.length > 3) {
    context.translate(2, MARGIN.top);
    context.rotate(-Math.PI / 2);
    context.fillText(yName, 0, 0);
  } else {
    context.fillText(yName, MARGIN.left - 6, 6);
  }
  context.restore();
}

/**
 * @param {import("./types.js").Session} session
 * @returns {[string, string]}
 */
export function axisNames(session) {
  const { data, plane } = session;
  if (data.features.length === 1) return [data.features[0], data.classes ? "P" : "y"];
  if (plane.principal) return ["component 1", "component 2"];
  return [data.features[plane.axes[0]], data.features[plane.axes[1]]];
}
