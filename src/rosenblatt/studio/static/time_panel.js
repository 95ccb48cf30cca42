/** Time: a slider over all updates of the shown branch, and the tree of branches on the same axis. */

import { count, h, svg, throttle } from "./dom.js";

const LANE = 19;
const LANES_SHOWN = 3;
/** Milliseconds between two places asked for while the slider moves. */
const EVERY = 40;

export class TimePanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.moving = false;
    this.signature = "";
    /** @type {Map<number, SVGElement[]>} */
    this.marks = new Map();
    this.go = throttle((/** @type {number} */ update) => state.send("go", { update }), EVERY);
    this.slider = h("input", {
      type: "range",
      id: "time",
      min: "0",
      max: "0",
      step: "1",
      value: "0",
      oninput: () => {
        this.moving = true;
        this.go(Number(this.slider.value));
        this.label(Number(this.slider.value), Number(this.slider.max));
      },
      onchange: () => {
        this.moving = false;
      },
    });
    this.text = h("output", { for: "time", class: "time-text" });
    this.picture = svg("svg", { class: "tree", role: "group", "aria-label": "Branches" });
    this.treeBox = h("div", { class: "tree-box" }, this.picture);
    this.element = h(
      "section",
      { class: "time", "aria-label": "Time" },
      h("div", { class: "time-head" }, h("label", { for: "time" }, "Time"), this.text),
      this.slider,
      this.treeBox,
    );
    new ResizeObserver(() => this.drawTree()).observe(this.treeBox);
    state.on("frame", (frame) => this.showFrame(frame));
    state.on("session", () => this.drawTree());
    state.on("theme", () => this.drawTree());
  }

  /**
   * @param {number} update
   * @param {number} newest
   */
  label(update, newest) {
    const ended = this.state.frame?.header.ended;
    this.text.textContent = `${ended ? `${ended} · ` : ""}update ${count(update)} of ${count(newest)}`;
    this.slider.setAttribute("aria-valuetext", this.text.textContent);
  }

  /** @param {import("./types.js").Frame} frame */
  showFrame({ header }) {
    const branch = this.state.branch(header.branch);
    if (branch && header.newest > branch.newest) branch.newest = header.newest;
    if (!this.moving) {
      this.slider.max = String(header.newest);
      this.slider.value = String(header.update);
      this.label(header.update, header.newest);
    }
    this.drawTree();
  }

  drawTree() {
    const session = this.state.session;
    const width = this.treeBox.clientWidth;
    if (!session || !width) return;
    const tree = session.tree;
    const newest = Math.max(1, ...tree.map((branch) => branch.newest));
    const x = (/** @type {number} */ update) => 9 + ((width - 18) * update) / newest;
    const lanes = new Map(tree.map((branch, i) => [branch.id, tree.length - 1 - i]));
    const y = (/** @type {number} */ id) => 16 + LANE * (lanes.get(id) ?? 0);
    const update = this.state.frame?.header.update ?? session.update;
    const signature =
      tree.map((b) => `${b.id}:${b.parent}:${b.label}`).join("|") +
      session.branch +
      width +
      this.palette.ink;
    if (signature !== this.signature) {
      this.signature = signature;
      this.picture.setAttribute("width", String(width));
      this.picture.setAttribute("height", String(Math.max(LANES_SHOWN, tree.length) * LANE + 8));
      this.picture.replaceChildren();
      this.marks.clear();
      for (const branch of tree) this.picture.append(this.drawBranch(branch, session.branch));
      this.here = svg("circle", {
        r: 5,
        fill: this.palette.ink,
        stroke: this.palette.page,
        "stroke-width": 2,
      });
      this.picture.append(this.here);
    }
    for (const branch of tree) {
      const [join, line, hit, text] = this.marks.get(branch.id) ?? [];
      if (!join) continue;
      const [from, to] = [x(branch.at), Math.max(x(branch.newest), x(branch.at) + 4)];
      const at = y(branch.id);
      const parent = branch.parent === null ? at : y(branch.parent);
      join.setAttribute("d", `M${from} ${parent}V${at}`);
      line.setAttribute("d", `M${from} ${at}H${to}`);
      hit.setAttribute("x", String(from - 4));
      hit.setAttribute("y", String(at - LANE / 2));
      hit.setAttribute("width", String(Math.max(20, to - from + 8)));
      text.setAttribute("x", String(Math.min(from + 6, width - 80)));
      text.setAttribute("y", String(at - 4));
    }
    this.here?.setAttribute("cx", String(x(Math.min(update, newest))));
    this.here?.setAttribute("cy", String(y(session.branch)));
  }

  /**
   * @param {import("./types.js").Branch} branch
   * @param {number} shown
   */
  drawBranch(branch, shown) {
    const colour = this.palette.branch(branch.id);
    const alone = branch.id === shown;
    const join = svg("path", {
      fill: "none",
      stroke: colour,
      "stroke-width": 1.5,
      "stroke-dasharray": "2 2",
    });
    const line = svg("path", {
      fill: "none",
      stroke: colour,
      "stroke-width": alone ? 4 : 2.2,
      "stroke-linecap": "round",
    });
    const hit = svg("rect", {
      height: LANE,
      fill: "transparent",
      tabindex: 0,
      role: "button",
      "aria-label": `Branch ${branch.label}${alone ? ", shown" : ""}`,
    });
    const title = svg("title");
    title.textContent = `${branch.label}${branch.ended ? ` (${branch.ended})` : ""}. Click to return to it.`;
    hit.append(title);
    const text = svg("text", { class: "branch-label", fill: this.palette.soft });
    text.textContent = branch.label.length > 44 ? `${branch.label.slice(0, 43)}…` : branch.label;
    const choose = () => this.state.send("branch", { branch: branch.id });
    hit.addEventListener("click", choose);
    hit.addEventListener("keydown", (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (key !== "Enter" && key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      choose();
    });
    this.marks.set(branch.id, [join, line, hit, text]);
    return svg("g", {}, join, line, text, hit);
  }
}
