/** Heat maps: grids of numbers as small canvases, and the lines on which a grid is zero. */

import { level } from "./palette.js";

/** One canvas of s × s pixels that is written again and again. Row 0 of a grid is the lowest y. */
export class HeatMap {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.size = 0;
    /** @type {ImageData | null} */
    this.image = null;
    this.pixels = new Uint32Array(0);
  }

  /** @param {number} size */
  resize(size) {
    if (size === this.size) return;
    this.size = size;
    this.canvas.width = size;
    this.canvas.height = size;
    this.image = new ImageData(size, size);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /**
   * @param {number} size
   * @param {(index: number) => number} colour colour of the grid's entry at an index
   */
  fill(size, colour) {
    this.resize(size);
    for (let row = 0; row < size; row++) {
      const to = (size - 1 - row) * size;
      for (let column = 0; column < size; column++)
        this.pixels[to + column] = colour(row * size + column);
    }
    this.canvas.getContext("2d")?.putImageData(/** @type {ImageData} */ (this.image), 0, 0);
  }

  /**
   * Values from −largest to largest in a signed scale.
   * @param {Float32Array} values
   * @param {number} size
   * @param {Uint32Array} scale
   */
  signed(values, size, scale) {
    let largest = 1e-12;
    for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
    if (!Number.isFinite(largest)) largest = 1;
    this.fill(size, (i) => scale[level(0.5 + (0.5 * values[i]) / largest)]);
  }
}

/**
 * Traces where a grid crosses zero (marching squares) into a path.
 * @param {CanvasPath} path
 * @param {Float32Array} values size × size, row 0 lowest
 * @param {number} size
 * @param {(column: number, row: number) => [number, number]} place position on the canvas
 */
export function traceZero(path, values, size, place) {
  const between = (/** @type {number} */ a, /** @type {number} */ b) => a / (a - b);
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const i = row * size + column;
      const [a, b, c, d] = [values[i], values[i + 1], values[i + size + 1], values[i + size]];
      const code = (a > 0 ? 1 : 0) | (b > 0 ? 2 : 0) | (c > 0 ? 4 : 0) | (d > 0 ? 8 : 0);
      if (code === 0 || code === 15) continue;
      /** @type {[number, number][]} */
      const crossings = [];
      if (a > 0 !== b > 0) crossings.push([column + between(a, b), row]);
      if (b > 0 !== c > 0) crossings.push([column + 1, row + between(b, c)]);
      if (d > 0 !== c > 0) crossings.push([column + between(d, c), row + 1]);
      if (a > 0 !== d > 0) crossings.push([column, row + between(a, d)]);
      if (crossings.length === 4 && a + b + c + d > 0 !== a > 0)
        crossings.unshift(/** @type {[number, number]} */ (crossings.pop()));
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        path.moveTo(...place(...crossings[k]));
        path.lineTo(...place(...crossings[k + 1]));
      }
    }
  }
}
