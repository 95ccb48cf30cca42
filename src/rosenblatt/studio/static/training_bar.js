/** Play, pause, steps, speed, the end, and the numbers of the moment. */

import { brief, count, h, icon, iconButton, number, percent, throttle } from "./dom.js";

/** Updates a second that the slider offers; null is as fast as the engine goes. */
export const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, null];
/** On arrival: slow enough that a newcomer sees the boundary form. */
const FIRST_SPEED = SPEEDS.indexOf(500);
/** Milliseconds between two texts for screen readers. */
const SPOKEN_EVERY = 5000;

/** From this number on, counts are shortened. */
const LONG = 1e6;

/** @param {number} value */
function whole(value) {
  return value < LONG ? count(Math.floor(value)) : brief(value);
}

/** @param {number | null | undefined} value */
function tight(value) {
  return number(value, 3).replace(" × ", "×");
}

export class TrainingBar {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.playing = false;
    /** What was last asked for, until a frame says what is so.
     * @type {boolean | null} */
    this.wanted = null;
    this.playButton = h("button", {
      type: "button",
      class: "play",
      onclick: () => this.toggle(),
    });
    this.speed = h("input", {
      type: "range",
      min: "0",
      max: String(SPEEDS.length - 1),
      value: String(FIRST_SPEED),
      id: "speed",
      oninput: () => this.setSpeed(),
    });
    this.speedText = h("output", { for: "speed", class: "speed-text" });
    /** @type {Record<string, HTMLInputElement>} */
    this.stops = {};
    this.stopEpochs = this.stopField("epochs", "epoch", 1);
    this.stopLoss = this.stopField("loss", "loss ≤", "any");
    this.numbers = Object.fromEntries(
      ["epoch", "update", "rate", "train_loss", "test_loss", "train_accuracy", "test_accuracy"].map(
        (name) => [name, h("b", {}, "–")],
      ),
    );
    this.spoken = h("p", { class: "visually-hidden", "aria-live": "polite" });
    this.say = throttle((/** @type {string} */ text) => {
      this.spoken.textContent = text;
    }, SPOKEN_EVERY);
    this.controls = h(
      "section",
      { class: "training-bar", "aria-label": "Training" },
      iconButton("reset", "The same run again from update 0 (Home)", () => state.send("reset")),
      iconButton("back", "One update back (←; with Shift one epoch)", () =>
        this.step("update", true),
      ),
      this.playButton,
      iconButton("update", "One update: one batch (→)", () => this.step("update")),
      iconButton("epoch", "One epoch: all training rows once (Shift →)", () => this.step("epoch")),
      h(
        "div",
        { class: "speed" },
        h("label", { for: "speed" }, "Speed"),
        this.speed,
        this.speedText,
      ),
      h(
        "div",
        { class: "stop", title: "Training pauses by itself there. stop_at" },
        h("span", { class: "stop-name" }, "Stop at"),
        this.stopEpochs,
        this.stopLoss,
      ),
    );
    this.readout = h(
      "section",
      { class: "numbers", "aria-label": "Numbers of the moment" },
      this.figure("epoch", ["epoch"]),
      this.figure("update", ["update"]),
      this.figure("accuracy", ["train_accuracy", "test_accuracy"]),
      this.figure("loss", ["train_loss", "test_loss"]),
      this.figure("updates/s", ["rate"]),
      this.spoken,
    );
    this.showPlaying(false);
    this.showSpeed();
    state.on("frame", (frame) => this.showFrame(frame));
    state.on("session", () => this.showKind());
  }

  /**
   * @param {string} key
   * @param {string} label
   * @param {number | string} step
   */
  stopField(key, label, step) {
    const input = h("input", {
      type: "number",
      min: "0",
      step: String(step),
      placeholder: "–",
      "aria-label": `Stop at ${label}`,
      onchange: () => this.setStop(),
    });
    this.stops[key] = input;
    return h("label", {}, `${label} `, input);
  }

  /**
   * @param {string} label
   * @param {string[]} names
   */
  figure(label, names) {
    const values = names.map((name) =>
      h(
        "span",
        { class: name.replace("_", "-") },
        names.length > 1 ? h("i", {}, name.startsWith("train") ? "train" : "test") : null,
        this.numbers[name],
      ),
    );
    return h(
      "div",
      { class: `figure ${names[0]}` },
      h("span", { class: "name" }, label),
      ...values,
    );
  }

  setStop() {
    const read = (/** @type {string} */ key) =>
      this.stops[key].value === "" ? null : Number(this.stops[key].value);
    this.state.send("stop_at", { epochs: read("epochs"), loss: read("loss") });
  }

  /** The first word to a new server: the speed of the slider. */
  setSpeed() {
    this.showSpeed();
    this.state.send("speed", { updates_per_second: SPEEDS[Number(this.speed.value)] });
  }

  showSpeed() {
    const speed = SPEEDS[Number(this.speed.value)];
    const text = speed === null ? "as fast as it goes" : `${count(speed)} updates/s`;
    this.speedText.textContent = text;
    this.speed.setAttribute("aria-valuetext", text);
  }

  toggle() {
    this.setPlaying(!this.playing);
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    this.wanted = playing;
    this.showPlaying(playing);
    this.state.send(playing ? "play" : "pause").finally(() => {
      this.wanted = null;
    });
  }

  /**
   * @param {"update" | "epoch" | "segment"} by
   * @param {boolean} [back]
   */
  step(by, back = false) {
    if (this.playing) this.setPlaying(false);
    this.state.send("step", { by, n: 1, back });
  }

  /** @param {boolean} playing */
  showPlaying(playing) {
    if (this.playing === playing && this.playButton.firstChild) return;
    this.playing = playing;
    const label = playing ? "Pause" : "Play";
    this.playButton.replaceChildren(icon(playing ? "pause" : "play"));
    this.playButton.title = `${label} (space)`;
    this.playButton.setAttribute("aria-label", label);
    document.documentElement.classList.toggle("playing", playing);
  }

  showKind() {
    const session = this.state.session;
    if (session?.speed !== undefined) {
      const faster = SPEEDS.findIndex(
        (speed) => speed === null || speed >= (session.speed ?? 1e99),
      );
      if (document.activeElement !== this.speed) this.speed.value = String(faster);
      this.showSpeed();
    }
    for (const [key, input] of Object.entries(this.stops))
      if (document.activeElement !== input) input.value = String(session?.stop_at?.[key] ?? "");
    this.readout.classList.toggle("regression", !session?.data.classes);
    this.readout.classList.toggle("no-test", session?.data.n_test === 0);
  }

  /** @param {import("./types.js").Frame} frame */
  showFrame({ header }) {
    if (this.wanted === null) this.showPlaying(header.playing);
    const { metrics } = header;
    const n = this.numbers;
    n.epoch.textContent =
      header.epoch < 1000 && header.epoch % 1 ? header.epoch.toFixed(1) : whole(header.epoch);
    n.update.textContent = whole(header.update);
    n.rate.textContent = header.playing ? brief(header.rate?.updates) : "–";
    n.train_loss.textContent = tight(metrics.train_loss);
    n.test_loss.textContent = tight(metrics.test_loss);
    n.train_accuracy.textContent = percent(metrics.train_accuracy);
    n.test_accuracy.textContent = percent(metrics.test_accuracy);
    this.say(
      `Epoch ${Math.floor(header.epoch)}, training loss ${number(metrics.train_loss, 3)}` +
        (metrics.test_accuracy == null ? "" : `, test accuracy ${percent(metrics.test_accuracy)}`) +
        (header.ended ? `. ${header.ended}` : ""),
    );
  }
}
