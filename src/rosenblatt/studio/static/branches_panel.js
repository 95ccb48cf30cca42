/** Two branches next to each other: their surfaces as last shown, where they first differ, and how far they part. */

import { count, fit, h, number } from "./dom.js";
import { HeatMap } from "./heat.js";
import { level } from "./palette.js";
import { SURFACE_SIZE } from "./surface.js";

const CHART_HEIGHT = 120;
const CHART_LEFT = 44;

/**
 * @typedef {{update: number, shape: number[], values: Float32Array}} Snapshot
 */

export class BranchesPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {import("./palette.js").Palette} palette
   */
  constructor(state, palette) {
    this.state = state;
    this.palette = palette;
    this.name = "Branches";
    /** @type {Map<number, Snapshot>} */
    this.snapshots = new Map();
    this.sides = [this.side("left"), this.side("right")];
    this.compare = h(
      "button",
      { type: "button", class: "primary", onclick: () => this.contrast() },
      "Compare",
    );
    this.text = h(
      "p",
      { class: "panel-text lines", role: "status" },
      "Change a setting of the optimizer while training, or a weight: that begins a branch. Then compare two.",
    );
    this.chart = h("canvas", {
      class: "distance",
      role: "img",
      "aria-label": "Distance of the branches",
    });
    this.details = h("pre", { class: "details" });
    this.table = h("details", { hidden: true }, h("summary", {}, "All weights"), this.details);
    this.element = h(
      "section",
      { class: "tab-panel branches" },
      h("div", { class: "two" }, ...this.sides.map((side) => side.element)),
      h("div", { class: "row" }, this.compare),
      this.text,
      this.chart,
      this.table,
    );
    state.on("frame", (frame) => this.keep(frame));
    state.on("session", () => this.showChoices());
    state.on("theme", () => this.draw());
  }

  /** @param {string} name */
  side(name) {
    const id = `branch-${name}`;
    const select = h("select", { id, onchange: () => this.draw() });
    const canvas = h("canvas", { role: "img", "aria-label": "Surface of the branch" });
    const caption = h("figcaption");
    const remove = h(
      "button",
      {
        type: "button",
        title: "Remove this branch and all that began from it",
        onclick: () => this.state.send("remove", { branch: Number(select.value) }),
      },
      "Remove",
    );
    const element = h(
      "figure",
      {},
      h(
        "div",
        { class: "row" },
        h("label", { for: id, class: "visually-hidden" }, `Branch on the ${name}`),
        select,
        remove,
      ),
      canvas,
      caption,
    );
    return { select, canvas, caption, element, heat: new HeatMap(), remove };
  }

  show() {
    this.showChoices();
  }

  hide() {}

  /** @param {import("./types.js").Frame} frame */
  keep({ header, blocks }) {
    const block = blocks.get("surface");
    if (!block || block.shape.length < 3) return;
    const known = this.snapshots.get(header.branch);
    const values =
      known?.values.length === block.data.length
        ? known.values
        : new Float32Array(block.data.length);
    values.set(block.data);
    this.snapshots.set(header.branch, { update: header.update, shape: block.shape, values });
    if (!this.element.hidden) this.draw();
  }

  showChoices() {
    const session = this.state.session;
    if (!session) return;
    const ids = new Set(session.tree.map((branch) => branch.id));
    for (const id of this.snapshots.keys()) if (!ids.has(id)) this.snapshots.delete(id);
    const others = session.tree.filter((branch) => branch.id !== session.branch);
    this.sides.forEach(({ select }, i) => {
      const before = select.value;
      select.replaceChildren(
        ...session.tree.map((branch) =>
          h("option", { value: String(branch.id) }, `${branch.id}: ${branch.label}`),
        ),
      );
      const fallback = i === 1 ? session.branch : (others.at(-1)?.id ?? session.branch);
      select.value =
        ids.has(Number(before)) && before !== "" && i === 0 && Number(before) !== session.branch
          ? before
          : String(fallback);
    });
    this.compare.disabled = session.tree.length < 2;
    if (!this.element.hidden) this.draw();
  }

  draw() {
    const session = this.state.session;
    if (!session || this.element.hidden) return;
    for (const { select, canvas, caption, heat, remove } of this.sides) {
      const id = Number(select.value);
      const snapshot = this.snapshots.get(id);
      remove.disabled = id === session.branch || session.tree.length < 2;
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      canvas.width = SURFACE_SIZE;
      canvas.height = SURFACE_SIZE;
      if (!snapshot) {
        caption.textContent = "Show this branch once to see its surface here.";
        continue;
      }
      const size = snapshot.shape[2];
      const { values } = snapshot;
      const cells = size * size;
      heat.fill(size, (k) =>
        snapshot.shape[0] > 1
          ? (this.palette.certain[values[k] % 10] ?? this.palette.certain[0])[
              level(values[cells + k])
            ]
          : this.palette.two[level(values[k])],
      );
      context.drawImage(heat.canvas, 0, 0, SURFACE_SIZE, SURFACE_SIZE);
      caption.textContent = `at update ${count(snapshot.update)}`;
    }
  }

  async contrast() {
    const branches = this.sides.map(({ select }) => Number(select.value));
    if (branches[0] === branches[1]) {
      this.text.textContent = "Choose two different branches.";
      return;
    }
    this.text.textContent = "Comparing …";
    const found = await this.state.send("contrast", { branches });
    if (!found) {
      this.text.textContent = "";
      return;
    }
    const [first, ...rest] = String(found.text ?? "").split(/\n(?=weights at|.*cosine)/);
    this.text.textContent = first;
    this.details.textContent = rest.join("\n");
    this.table.hidden = !rest.length;
    const shortest = branches
      .map((id) => this.state.branch(id))
      .find((b, i) => {
        const other = this.state.branch(branches[1 - i]);
        return b && other && b.newest <= (other.parent === b.id ? other.at : -1);
      });
    if (shortest)
      this.text.textContent += `\nBranch ${shortest.id} ends where the other one begins. Show it and train it further, then compare again.`;
    this.drawDistance(found.distance);
  }

  /** @param {{epochs: number[], updates?: number[], parameters: number[]}} distance */
  drawDistance(distance) {
    const { palette } = this;
    const width = this.chart.clientWidth || 480;
    const context = fit(this.chart, width, CHART_HEIGHT);
    context.clearRect(0, 0, width, CHART_HEIGHT);
    const x = distance.epochs ?? [];
    const y = distance.parameters ?? [];
    if (!x.length) return;
    const most = Math.max(...y.filter(Number.isFinite), 1e-12);
    const [left, bottom] = [CHART_LEFT, CHART_HEIGHT - 20];
    const last = x[x.length - 1] || 1;
    const at = (/** @type {number} */ i) =>
      /** @type {[number, number]} */ ([
        left + ((width - left - 8) * (x[i] - x[0])) / (last - x[0] || 1),
        bottom - ((bottom - 12) * y[i]) / most,
      ]);
    context.strokeStyle = palette.line;
    context.beginPath();
    context.moveTo(left, 8);
    context.lineTo(left, bottom);
    context.lineTo(width - 8, bottom);
    context.stroke();
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.beginPath();
    for (let i = 0; i < x.length; i++) context.lineTo(...at(i));
    context.stroke();
    context.fillStyle = palette.soft;
    context.font = `11px ${palette.sans}`;
    context.textAlign = "right";
    context.fillText(number(most, 2), left - 4, 16);
    context.fillText("0", left - 4, bottom);
    context.fillText(`epoch ${number(last, 3)}`, width - 8, CHART_HEIGHT - 5);
    context.textAlign = "left";
    context.fillText("distance of the parameters", left + 6, 14);
    this.chart.setAttribute(
      "aria-label",
      `Distance of the parameters: ${number(y.at(-1), 3)} at epoch ${number(last, 3)}, at most ${number(most, 3)}`,
    );
  }
}
