/** Tools for samples on the plane: look, move, draw, erase; with the pointer, or with arrows and Enter. */

import { h } from "./dom.js";
import { valueRange } from "./surface.js";

/** Distance in CSS pixels between two samples that are drawn in one stroke. */
const SPACING = 14;
/** Steps of the crosshair across the plane. */
const STEPS = 40;

const TOOLS = /** @type {[string, string, string][]} */ ([
  ["look", "Look", "Click a sample to see its numbers in the microscope"],
  ["move", "Move", "Drag a sample to another place"],
  ["draw", "Draw", "Click or drag to add samples of the chosen class"],
  ["erase", "Erase", "Click a sample to delete it"],
]);

export class PointTools {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./surface.js").Surface} surface
   */
  constructor(state, surface) {
    this.state = state;
    this.surface = surface;
    this.tool = "look";
    this.label = 0;
    /** @type {Record<string, any>[]} */
    this.edits = [];
    this.pressed = false;
    /** @type {[number, number]} */
    this.last = [0, 0];
    this.buttons = TOOLS.map(([name, text, title]) =>
      h(
        "button",
        {
          type: "button",
          title,
          "aria-pressed": String(name === this.tool),
          onclick: () => this.choose(name),
        },
        text,
      ),
    );
    this.labels = h("span", { class: "draw-labels", role: "group", "aria-label": "Class to draw" });
    this.legend = h(
      "span",
      { class: "sample-legend", "aria-hidden": "true" },
      h("i", { class: "dot" }),
      "training",
      h("i", { class: "dot hollow" }),
      "test",
      h("span", { class: "wrong-key" }, h("i", { class: "dot wrong" }), "misclassified"),
    );
    this.element = h(
      "div",
      { class: "point-tools" },
      h("div", { class: "segmented", role: "group", "aria-label": "Tool" }, ...this.buttons),
      this.labels,
      this.legend,
    );
    const { canvas } = surface;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.up());
    canvas.addEventListener("pointercancel", () => this.cancel());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => surface.setCross(null));
    state.on("session", () => this.show());
  }

  /** @param {string} name */
  choose(name) {
    this.tool = name;
    TOOLS.forEach(([other], i) => {
      this.buttons[i].setAttribute("aria-pressed", String(other === name));
    });
    this.surface.canvas.dataset.tool = name;
    this.surface.setCross(null);
    this.show();
  }

  show() {
    const session = this.state.session;
    if (!session) return;
    const classes = session.data.classes;
    const fixed =
      session.plane.principal ||
      session.locked.includes("points") ||
      session.hidden.includes("points");
    this.buttons.forEach((button, i) => {
      button.hidden = i > 0 && fixed;
    });
    if (fixed && this.tool !== "look") {
      this.choose("look");
      return;
    }
    this.legend.classList.toggle("values", !classes);
    this.labels.hidden = this.tool !== "draw" || (!classes && this.surface.isCurve());
    this.legend.hidden = this.tool === "draw" && !this.labels.hidden;
    if (this.labels.hidden) return;
    if (!classes) {
      const [low, high] = valueRange(session);
      this.labels.replaceChildren(
        h("label", { for: "draw-value" }, "value "),
        h("input", {
          type: "number",
          id: "draw-value",
          step: "any",
          value: String(Number(((low + high) / 2).toPrecision(3))),
          onchange: (/** @type {Event} */ event) => {
            this.label = Number(/** @type {HTMLInputElement} */ (event.target).value);
          },
        }),
      );
      return;
    }
    this.label = Math.min(this.label, classes.length - 1);
    this.labels.replaceChildren(
      ...classes.map((name, i) => {
        const button = h(
          "button",
          {
            type: "button",
            title: `Draw samples of class ${name}`,
            "aria-pressed": String(i === this.label),
            onclick: () => {
              this.label = i;
              this.show();
            },
          },
          h("i", { class: "dot" }),
          name,
        );
        /** @type {HTMLElement} */ (button.firstChild).style.background = `var(--class-${i % 10})`;
        return button;
      }),
    );
  }

  /**
   * The features of a place on the plane; null for those that stay as they are.
   * @param {[number, number]} place
   */
  features([a, b]) {
    const session = /** @type {import("./types.js").Session} */ (this.state.session);
    const values = session.data.features.map(() => /** @type {number | null} */ (null));
    values[session.plane.axes[0]] = a;
    if (values.length > 1) values[session.plane.axes[1]] = b;
    return values;
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.surface.canvas.getBoundingClientRect();
    return /** @type {[number, number]} */ ([event.clientX - box.left, event.clientY - box.top]);
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return;
    const place = this.at(event);
    this.surface.canvas.setPointerCapture(event.pointerId);
    this.pressed = true;
    this.act(place);
  }

  /**
   * What the tool does at a place on the canvas.
   * @param {[number, number]} place
   */
  act(place) {
    const { surface, state } = this;
    const position = surface.nearest(...place);
    if (this.tool === "draw") this.add(place);
    else if (position === null) surface.mark(null);
    else if (this.tool === "look") {
      surface.mark(position);
      state.events.emit("sample", position);
    } else if (this.tool === "move") {
      surface.dragged = { position, to: surface.place(position) };
    } else {
      this.edits = [{ delete: state.session?.data.points.index[position] }];
      this.sendEdits();
    }
  }

  /** @param {[number, number]} place */
  add(place) {
    const to = this.surface.toPlane(...place);
    this.last = place;
    const label = this.surface.isCurve() && !this.state.session?.data.classes ? to[1] : this.label;
    this.edits.push({ add: this.features(to), label });
    this.surface.drawn.push({ to, label });
    this.surface.draw();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.pressed) return;
    const place = this.at(event);
    if (this.tool === "move" && this.surface.dragged) {
      this.surface.dragged.to = this.surface.toPlane(...place);
      this.surface.draw();
    } else if (
      this.tool === "draw" &&
      Math.hypot(place[0] - this.last[0], place[1] - this.last[1]) > SPACING
    )
      this.add(place);
  }

  up() {
    if (!this.pressed) return;
    this.pressed = false;
    const dragged = this.surface.dragged;
    if (this.tool === "move" && dragged) {
      const index = this.state.session?.data.points.index[dragged.position];
      this.edits = [{ move: index, to: this.features(dragged.to) }];
    }
    if (this.edits.length) this.sendEdits();
  }

  async sendEdits() {
    const edits = this.edits;
    const playing = document.documentElement.classList.contains("playing");
    this.edits = [];
    await this.state.send("points", { edits });
    if (playing) this.state.send("play");
    this.cancel();
  }

  cancel() {
    this.pressed = false;
    this.surface.dragged = null;
    this.surface.drawn = [];
    this.surface.draw();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { surface } = this;
    const step = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    })[event.key];
    if (this.tool === "look" && !surface.cross && event.key !== "Enter") return;
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const { x, y } = surface.range();
      const now = surface.cross ?? [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
      surface.setCross([
        now[0] + (step[0] * (x[1] - x[0])) / STEPS,
        now[1] + (step[1] * (y[1] - y[0])) / STEPS,
      ]);
      if (surface.dragged && surface.cross) surface.dragged.to = surface.cross;
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!surface.cross) {
        const { x, y } = surface.range();
        surface.setCross([(x[0] + x[1]) / 2, (y[0] + y[1]) / 2]);
        return;
      }
      if (surface.dragged) {
        this.pressed = true;
        this.up();
        return;
      }
      this.act(surface.toCanvas(...surface.cross));
      if (this.tool === "draw") this.sendEdits();
    } else if (event.key === "Escape") {
      surface.setCross(null);
      this.cancel();
    }
  }
}
