/** Colours of the page, read from the style sheet, so that canvases follow its light and dark mode. */

/** Levels of a colour scale. */
const LEVELS = 256;
/** Share of full colour in the background of the plane at certainty 1. */
const STRENGTH = 0.46;

/** @typedef {[number, number, number]} Rgb */

/**
 * @param {string} text
 * @returns {Rgb}
 */
export function parse(text) {
  const n = Number.parseInt(text.trim().slice(1), 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/**
 * @param {Rgb} a
 * @param {Rgb} b
 * @param {number} t
 * @returns {Rgb}
 */
export function mix(a, b, t) {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** @param {Rgb} rgb */
const pack = ([r, g, b]) =>
  (0xff000000 | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;

export class Palette {
  /** @param {HTMLElement} root */
  constructor(root) {
    const style = getComputedStyle(root);
    const get = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
    this.paper = get("plane");
    this.page = get("paper");
    this.ink = get("ink");
    this.soft = get("soft");
    this.line = get("line");
    this.accent = get("accent");
    this.fails = get("fails");
    this.sans = get("sans");
    this.classes = Array.from({ length: 10 }, (_, i) => get(`class-${i}`));
    this.branches = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => get(`branch-${i}`));
    const paper = parse(this.paper);
    const colours = this.classes.map(parse);
    /** Class 0 at 0, paper at ½, class 1 at 1. */
    this.two = scale((t) =>
      t < 0.5
        ? mix(paper, colours[0], STRENGTH * (1 - 2 * t) ** 0.8)
        : mix(paper, colours[1], STRENGTH * (2 * t - 1) ** 0.8),
    );
    /** The same in full colour: unit maps, matrices. */
    this.signed = scale((t) =>
      t < 0.5 ? mix(paper, colours[0], 1 - 2 * t) : mix(paper, colours[1], 2 * t - 1),
    );
    /** For each class, paper at certainty 0 to its colour at 1. */
    this.certain = colours.map((colour) => scale((t) => mix(paper, colour, STRENGTH * t ** 1.3)));
    /** Paper to accent: counts, losses. */
    const accent = parse(this.accent);
    this.single = scale((t) => mix(paper, accent, t));
  }

  /** @param {number} i */
  class(i) {
    return this.classes[((i % 10) + 10) % 10];
  }

  /** @param {number} i */
  branch(i) {
    return this.branches[((i % 8) + 8) % 8];
  }
}

/**
 * @param {(t: number) => Rgb} colour
 * @returns {Uint32Array}
 */
function scale(colour) {
  return Uint32Array.from({ length: LEVELS }, (_, i) => pack(colour(i / (LEVELS - 1))));
}

/**
 * The place of t in a scale; the middle where t is not a number.
 * @param {number} t
 */
export function level(t) {
  if (Number.isNaN(t)) return LEVELS / 2;
  return t >= 1 ? LEVELS - 1 : t > 0 ? Math.floor(t * (LEVELS - 1) + 0.5) : 0;
}
