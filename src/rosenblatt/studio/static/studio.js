/** The whole page: builds the panels, places them, and binds the keys. */

import { BranchesPanel } from "./branches_panel.js";
import { CheckupPanel } from "./checkup_panel.js";
import { ConfusionPanel } from "./confusion_panel.js";
import { Controls } from "./controls.js";
import { CurvesPanel } from "./curves.js";
import { DataPanel } from "./data_panel.js";
import { count, h, iconButton, throttle } from "./dom.js";
import { LandscapePanel } from "./landscape_panel.js";
import { LessonPanel } from "./lesson_panel.js";
import { ManyPanel } from "./many_panel.js";
import { MicroscopePanel } from "./microscope_panel.js";
import { Network } from "./network.js";
import { fullLink, OutPanel } from "./out_panel.js";
import { Palette } from "./palette.js";
import { PointTools } from "./point_tools.js";
import { State } from "./state.js";
import { axisNames, Surface } from "./surface.js";
import { Tabs } from "./tabs.js";
import { TimePanel } from "./time_panel.js";
import { TrainingBar } from "./training_bar.js";

/** Milliseconds for which a notice stays. */
const NOTICE_TIME = 8000;
/** Least milliseconds between two changes of the address. */
const LINK_EVERY = 1000;
/** Milliseconds after a lost connection until the page asks whether it is still admitted. */
const REFUSAL_WAIT = 1000;
/** Milliseconds between changes of the address while a run trains. */
const LINK_WHILE_TRAINING = 5000;
/** Tabs by the names that lessons give them. */
const LESSON_TABS = /** @type {Record<string, string>} */ ({
  network: "Network",
  seeds: "Seeds",
  branches: "Branches",
  classes: "Classes",
  microscope: "Microscope",
  checkup: "Check-up",
  landscape: "Landscape",
  code: "Code",
});

/**
 * Builds the studio in an element.
 * @param {HTMLElement} root
 * @param {import("./types.js").Link} link
 */
export function mount(root, link) {
  root.classList.add("studio");
  const state = new State(link);
  const palette = new Palette(root);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    Object.assign(palette, new Palette(root));
    state.events.emit("theme");
  });

  const bar = new TrainingBar(state);
  const surface = new Surface(state, palette);
  const network = new Network(state, palette);
  const curves = new CurvesPanel(state, palette);
  const time = new TimePanel(state, palette);
  const lessons = new LessonPanel(state);
  const controls = new Controls(state, [lessons.text, new DataPanel(state, root).element]);
  const tools = new PointTools(state, surface);
  const many = new ManyPanel(state, palette);
  const branches = new BranchesPanel(state, palette);
  const classes = new ConfusionPanel(state, palette);
  const microscope = new MicroscopePanel(state);
  const checkup = new CheckupPanel(state, palette);
  const landscape = new LandscapePanel(state, palette);
  const out = new OutPanel(
    state,
    {
      Boundary: () => surface.canvas,
      Network: () => drawn(network.canvas),
      Loss: () => curves.canvas("loss"),
      Accuracy: () => curves.canvas("accuracy"),
      Seeds: () => drawn(many.histogram),
      Branches: () => drawn(branches.chart),
      Calibration: () => drawn(classes.calibration.canvas),
      "Learning rates": () => drawn(checkup.chart),
      Landscape: () => drawn(landscape.canvas),
      Curvature: () => drawn(landscape.chart),
    },
    surface.canvas,
  );
  const tabs = new Tabs([network, many, branches, classes, microscope, checkup, landscape, out]);
  state.on("sample", () => tabs.open("Microscope"));
  state.on("microscope", () => {
    tabs.open("Microscope");
    microscope.explain({ samples: [Number(microscope.sample.value)] });
  });

  const title = h("p", { class: "about" });
  const undo = iconButton("undo", "Undo (Ctrl Z)", () => state.send("undo"), "plain");
  const redo = iconButton("redo", "Redo (Ctrl Shift Z)", () => state.send("redo"), "plain");
  const keys = keyHelp();
  const status = h("span", { class: "connection", role: "status" });
  const notice = h("div", { class: "notice", role: "alert" });
  root.replaceChildren(
    h(
      "header",
      { class: "top" },
      h("h1", {}, "rosenblatt ", h("span", { class: "wordmark" }, "studio")),
      title,
      h("span", { class: "working" }, "working …"),
      lessons.button,
      h(
        "button",
        {
          type: "button",
          class: "plain",
          title: "Keys (?)",
          "aria-label": "Keys",
          onclick: () => keys.showModal(),
        },
        "?",
      ),
      undo,
      redo,
      status,
    ),
    h(
      "main",
      {},
      h(
        "section",
        { class: "stage", "aria-label": "Decision boundary" },
        bar.readout,
        surface.element,
        tools.element,
        bar.controls,
        time.element,
      ),
      h("section", { class: "workspace", "aria-label": "Workspace" }, tabs.element, curves.element),
      controls.element,
    ),
    lessons.dialog,
    lessons.bugLab.dialog,
    keys,
    notice,
  );

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const tell = (/** @type {{text: string, level?: string}} */ { text, level }) => {
    notice.textContent = text;
    notice.className = `notice shown ${level ?? ""}`;
    clearTimeout(timer);
    timer = setTimeout(() => notice.classList.remove("shown"), NOTICE_TIME);
  };
  state.on("busy", (busy) => root.classList.toggle("busy", busy));
  state.on("notice", tell);
  link.on("notice", tell);

  let arrived = false;
  /** The update that was shown when the connection was lost.
   * @type {number | null} */
  let before = null;
  state.on("session", (/** @type {import("./types.js").Session} */ session) => {
    const { data } = session;
    const name = data.name.replace(/^upload:/, "");
    const all = count(data.n_train + data.n_test);
    title.textContent = data.classes
      ? `learns to tell ${data.classes.length} classes apart in ${all} samples of ${name}`
      : `learns to predict a value in ${all} samples of ${name}`;
    tabs.limit(
      session.lesson?.panels?.map((/** @type {string} */ name) => LESSON_TABS[name]) ?? null,
    );
    curves.element.hidden = !!session.lesson && !session.lesson.panels?.includes("curves");
    undo.disabled = !session.can_undo;
    redo.disabled = !session.can_redo;
    const [x, y] = axisNames(session);
    surface.canvas.setAttribute(
      "aria-label",
      `Predictions of the network over ${x} and ${y}, with ${data.points.x.length} samples`,
    );
    if (!arrived) {
      arrived = true;
      document.documentElement.classList.add("ready");
      if (session.update === 0) bar.setSpeed();
      if (session.update === 0 && !session.lesson) bar.setPlaying(true);
    }
    if (before !== null) {
      const lost = before - session.update;
      tell({
        text:
          lost > 0
            ? `Connected again, at update ${count(session.update)}. Playing computes the ${count(lost)} updates after it again.`
            : "Connected again.",
      });
      before = null;
    }
  });

  let linked = -1;
  const keepLink = throttle(async () => {
    linked = state.frame?.header.update ?? -1;
    try {
      const answer = await link.send("code", { as: "link" });
      history.replaceState(null, "", fullLink(answer?.text ?? answer));
    } catch {
      // The address stays as it is.
    }
  }, LINK_EVERY);
  setInterval(() => {
    if (state.connected && state.frame && state.frame.header.update !== linked) keepLink();
  }, LINK_WHILE_TRAINING);
  state.on("session", keepLink);

  link.on("open", () => {
    root.classList.remove("lost");
    status.textContent = "";
    state.curves.clear();
    link
      .send("hello", { link: location.hash.slice(1) || undefined, size: surface.width })
      .catch(() => {});
    state.sendViews();
  });
  link.on("closed", () => {
    root.classList.add("lost");
    if (arrived) before ??= state.frame?.header.update ?? 0;
    status.textContent ||= "connecting …";
    setTimeout(async () => {
      if (state.connected || !(await link.isRefused?.())) return;
      status.textContent = "A new server has started: open the address that it prints.";
      status.title = "Put # and what follows it in this page's address behind the new one.";
    }, REFUSAL_WAIT);
  });
  bindKeys(bar, state, keys);
}

/**
 * A canvas if something has been drawn on it.
 * @param {HTMLCanvasElement} canvas
 */
function drawn(canvas) {
  // A new canvas is 300 pixels wide and 150 high.
  return canvas.width === 300 && canvas.height === 150 ? null : canvas;
}

/** What the keys do. */
const KEYS = /** @type {[string, string][]} */ ([
  ["Space", "play, pause"],
  ["→ ←", "one update forward, back"],
  ["Shift → ←", "one epoch forward, back"],
  ["Home", "the same run again from update 0"],
  ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
  ["Tab, then arrows", "sliders, tabs; on the plane the crosshair, with Enter to act"],
  ["↑ ↓ in a setting", "the next value"],
  ["?", "these keys"],
]);

/** The list of keys, opened by its button or by ?. */
function keyHelp() {
  const dialog = h(
    "dialog",
    { class: "keys", "aria-label": "Keys" },
    h(
      "div",
      { class: "row" },
      h("h2", {}, "Keys"),
      h("button", { type: "button", onclick: () => dialog.close() }, "Close"),
    ),
    h("dl", {}, ...KEYS.flatMap(([key, text]) => [h("dt", {}, key), h("dd", {}, text)])),
  );
  return dialog;
}

/**
 * @param {TrainingBar} bar
 * @param {State} state
 * @param {HTMLDialogElement} keys
 */
function bindKeys(bar, state, keys) {
  let byPointer = false;
  document.addEventListener(
    "pointerdown",
    () => {
      byPointer = true;
    },
    true,
  );
  document.addEventListener(
    "keydown",
    ({ key }) => {
      if (key === "Tab") byPointer = false;
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input, select, textarea, [contenteditable]");
    // A button that the pointer has pressed does not keep the keys.
    const pressing = !byPointer && target.matches("button, summary, a, [role=button], [role=tab]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing) {
      event.preventDefault();
      state.send(event.shiftKey ? "redo" : "undo");
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?") keys.showModal();
    else if (document.querySelector("dialog[open]")) return;
    else if (event.key === " " && !pressing) {
      event.preventDefault();
      if (target !== document.body) target.blur();
      bar.toggle();
    } else if (
      (event.key === "ArrowRight" || event.key === "ArrowLeft") &&
      !target.matches("[role=tab]")
    ) {
      event.preventDefault();
      bar.step(event.shiftKey ? "epoch" : "update", event.key === "ArrowLeft");
    } else if (event.key === "Home") {
      event.preventDefault();
      state.send("reset");
    }
  });
}
