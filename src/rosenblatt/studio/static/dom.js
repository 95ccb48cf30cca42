/** Elements, icons and numbers as text. */

/**
 * An element with properties and children. `class` and names with a dash become attributes; functions named `on…`
 * become listeners.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  const properties = /** @type {Record<string, any>} */ (/** @type {unknown} */ (element));
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class" || name.includes("-") || name === "role" || name === "for")
      element.setAttribute(name, String(value));
    else properties[name] = value;
  }
  for (const child of children) if (child != null) element.append(child);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...Node} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

const ICONS = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z",
  update: "M6 5v14l9-7zM16.5 5H19v14h-2.5z",
  epoch: "M3 5v14l7.5-7zM11 5v14l7.5-7zM19 5h2.3v14H19z",
  back: "M18 5v14l-9-7zM5 5h2.5v14H5z",
  reset: "M12 5a7 7 0 1 1-6.7 5h2.2A5 5 0 1 0 12 7v3.3L6.8 6.2 12 2z",
  undo: "M9 5 3.5 10 9 15v-3.4h4.5a3.2 3.2 0 0 1 0 6.4H8v2h5.5a5.2 5.2 0 0 0 0-10.4H9z",
  redo: "M15 5l5.5 5-5.5 5v-3.4h-4.5a3.2 3.2 0 0 0 0 6.4H16v2h-5.5a5.2 5.2 0 0 1 0-10.4H15z",
};

/**
 * @param {keyof typeof ICONS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
    svg("path", { d: ICONS[name] }),
  );
}

/**
 * A button with an icon, its name for screen readers and a tooltip.
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {() => void} action
 * @param {string} [className]
 */
export function iconButton(name, label, action, className = "round") {
  return h(
    "button",
    { type: "button", class: className, title: label, "aria-label": label, onclick: action },
    icon(name),
  );
}

const MINUS = "−";

/**
 * A number with a fixed count of significant digits.
 * @param {number | null | undefined} value
 * @param {number} [digits]
 */
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(value);
  let text;
  if (size === 0) text = "0";
  else if (size >= 1e6 || size < 1e-4)
    text = exponent(value.toExponential(Math.max(1, digits - 2)));
  else if (size >= 10 ** digits) text = String(Math.round(value));
  else text = value.toPrecision(digits);
  if (!text.includes("×") && text.includes("e")) text = exponent(text);
  return text.replace("-", MINUS);
}

/** @param {string} text */
function exponent(text) {
  const [mantissa, power] = text.split("e");
  return `${mantissa} × ${powerOfTen(Number(power))}`;
}

/**
 * 10 to a whole power, as text.
 * @param {number} power
 */
export function powerOfTen(power) {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return `10${[...String(power)].map((c) => digits[Number(c)] ?? "⁻").join("")}`;
}

/**
 * A whole number with thin spaces between thousands.
 * @param {number | null | undefined} value
 */
export function count(value) {
  if (value === null || value === undefined) return "–";
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** @param {number | null | undefined} value */
export function percent(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return `${(100 * value).toFixed(1)}\u202f%`;
}

/**
 * A large count in few characters, such as 61 k.
 * @param {number | null | undefined} value
 */
export function brief(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (value < 1000) return String(Math.round(value));
  if (value < 1e6) return `${(value / 1000).toPrecision(value < 1e4 ? 2 : 3)}\u202fk`;
  return `${(value / 1e6).toPrecision(3)}\u202fM`;
}

/**
 * Calls `action` at most once every `wait` milliseconds, the last call always.
 * @template {any[]} A
 * @param {(...args: A) => void} action
 * @param {number} wait
 * @returns {(...args: A) => void}
 */
export function throttle(action, wait) {
  let last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {A} */
  let pending;
  return (...args) => {
    pending = args;
    const left = last + wait - Date.now();
    if (left <= 0) {
      last = Date.now();
      action(...pending);
    } else if (timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined;
        last = Date.now();
        action(...pending);
      }, left);
    }
  };
}

/**
 * Fits a canvas to its place on the page and returns its context in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
export function fit(canvas, width, height) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [w, h2] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h2) {
    canvas.width = w;
    canvas.height = h2;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
