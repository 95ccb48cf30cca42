/** The choice of data: generators, bundled sets and the reader's own files, and the plane through more than two features. */

import { h, number } from "./dom.js";

/** Sliders of held values that are built; more features are held at their means. */
const MOST_HELD = 60;
/** Up to this number of held features their sliders are always shown; more are a list that opens. */
const FEW_HELD = 4;
/** From this number of features on, the principal plane is shown first. */
const MANY_FEATURES = 5;
const GENERATORS = "Generators";
/** Settings of the data that stay when other data are chosen. */
const KEPT = ["data", "test_size", "split_seed", "stratify", "standardize"];
/** Settings that fit the data before, and not others. */
const DROPPED = new Set(["points", "label", "loss", "task", "clip"]);

export class DataPanel {
  /**
   * @param {import("./state.js").State} state
   * @param {HTMLElement} page takes files that are dropped
   */
  constructor(state, page) {
    this.state = state;
    /** @type {any} */
    this.uploaded = null;
    this.select = h("select", {
      id: "data",
      title: "What the network learns from. --data",
      onchange: () => this.choose(this.select.value),
    });
    this.file = h("input", {
      type: "file",
      accept: ".csv,.parquet,.npz",
      hidden: true,
      onchange: () => this.upload(this.file.files?.[0]),
    });
    this.button = h(
      "button",
      {
        type: "button",
        title: "A CSV, Parquet or NPZ file; or drop it anywhere on the page",
        onclick: () => this.file.click(),
      },
      "Open a file…",
    );
    this.label = h("select", {
      id: "label-column",
      title: "The column to predict. --label",
      onchange: () => state.send("set", { key: "label", value: this.label.value || null }),
    });
    this.labelRow = h(
      "div",
      { class: "setting", hidden: true },
      h("label", { for: "label-column" }, "label column"),
      h("span", { class: "field" }, this.label),
    );
    this.summary = h("p", { class: "data-summary" });
    this.plane = h("div", { class: "plane-choice", hidden: true });
    this.planeKey = "";
    this.heldOpen = false;
    /** Data that were chosen and have not come yet. */
    this.chosen = "";
    this.element = h(
      "div",
      { class: "data-panel" },
      h(
        "div",
        { class: "data-choice" },
        h("label", { for: "data" }, "Data"),
        this.select,
        this.button,
        this.file,
      ),
      this.summary,
      this.labelRow,
      this.plane,
    );
    this.bindDrop(page);
    state.on("schema", () => this.show());
    state.on("session", (session) => {
      this.show();
      this.showPlane();
      if (session.settings.data !== this.chosen) return;
      this.chosen = "";
      if (session.data.features.length >= MANY_FEATURES) state.send("plane", { principal: true });
    });
  }

  /** @param {string} value */
  async choose(value) {
    const { session, schema } = this.state;
    const generated = [...this.select.options].find((option) => option.value === value);
    const kept = new Set(KEPT);
    if (generated?.parentElement?.getAttribute("label") === GENERATORS) kept.add("n");
    const settings = /** @type {Record<string, any>} */ ({ data: value });
    for (const key of Object.keys(session?.settings ?? {})) {
      const group = schema?.settings.find((setting) => setting.key === key)?.group;
      if (DROPPED.has(key) || (group === "Data" && !kept.has(key))) settings[key] = null;
    }
    if (kept.has("n")) {
      if (session?.settings.n === undefined) settings.standardize = null;
    } else {
      // Files and bundled sets have features of very different sizes.
      settings.standardize = true;
      const rows = value === `upload:${this.uploaded?.name}` ? this.uploaded.rows : null;
      if (rows && rows / 2 < session?.settings.batch_size) settings.batch_size = null;
    }
    settings.data = value;
    this.chosen = value;
    await this.state.send("settings", settings);
  }

  show() {
    const { schema, session } = this.state;
    if (!schema) return;
    const generators = Array.isArray(schema.generators)
      ? schema.generators
      : Object.keys(schema.generators);
    const uploads = schema.uploads.map((upload) => upload.name ?? upload);
    if (this.uploaded && !uploads.includes(this.uploaded.name)) uploads.push(this.uploaded.name);
    const now = session?.settings.data ?? "";
    if (now.startsWith("upload:") && !uploads.includes(now.slice(7))) uploads.push(now.slice(7));
    const bundled = schema.bundled.map((set) => /** @type {any} */ (set).name ?? set);
    const groups = /** @type {[string, string[][]][]} */ ([
      [GENERATORS, generators.map((/** @type {any} */ one) => [one.name ?? one, one.name ?? one])],
      ["Bundled sets", bundled.map((name) => [name, name.replaceAll("_", " ")])],
      ["Your files", uploads.map((name) => [`upload:${name}`, name])],
    ]);
    this.select.replaceChildren(
      ...groups
        .filter(([, entries]) => entries.length)
        .map(([label, entries]) =>
          h("optgroup", { label }, ...entries.map(([value, text]) => h("option", { value }, text))),
        ),
    );
    if (now && ![...this.select.options].some((option) => option.value === now))
      this.select.append(h("option", { value: now }, session?.data.name ?? now));
    this.select.value = now;
    this.select.disabled = this.state.isFixed("data");
    this.button.hidden = this.select.disabled;
    if (session) {
      const { data } = session;
      const kind = data.classes ? `${data.classes.length} classes` : "a value to predict";
      this.summary.textContent = `${data.n_train} training and ${data.n_test} test rows, ${data.features.length} ${
        data.features.length === 1 ? "feature" : "features"
      }, ${kind}`;
    }
    this.showLabels(now, uploads);
  }

  /**
   * @param {string} now
   * @param {string[]} uploads
   */
  showLabels(now, uploads) {
    const name = now.startsWith("upload:") ? now.slice(7) : null;
    const known =
      this.uploaded?.name === name
        ? this.uploaded
        : this.state.schema?.uploads.find((upload) => upload.name === name);
    const columns = (known?.columns ?? []).map(
      (/** @type {any} */ column) => column.name ?? column,
    );
    this.labelRow.hidden = !name || !uploads.length || !columns.length;
    if (this.labelRow.hidden) return;
    this.label.replaceChildren(
      h("option", { value: "" }, "last column"),
      ...columns.map((/** @type {string} */ column) => h("option", { value: column }, column)),
    );
    this.label.value = this.state.session?.settings.label ?? "";
  }

  /** @param {File | undefined} file */
  async upload(file) {
    if (!file) return;
    const notice = (/** @type {string} */ text, level = "") =>
      this.state.events.emit("notice", { text, level });
    notice(`Reading ${file.name} …`);
    try {
      const answer = await this.state.link.upload(file);
      this.uploaded = answer;
      const rows = answer.rows == null ? "" : `: ${answer.rows} rows`;
      notice(`${answer.name}${rows}. The last column is the label; the settings have a choice.`);
      await this.choose(`upload:${answer.name}`);
    } catch (error) {
      notice(/** @type {Error} */ (error).message, "error");
    }
    this.file.value = "";
  }

  /** @param {HTMLElement} page */
  bindDrop(page) {
    page.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      page.classList.add("dropping");
    });
    page.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) page.classList.remove("dropping");
    });
    page.addEventListener("drop", (event) => {
      page.classList.remove("dropping");
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      this.upload(file);
    });
  }

  showPlane() {
    const session = this.state.session;
    if (!session) return;
    const { features, bounds } = session.data;
    this.plane.hidden = features.length < 3;
    if (this.plane.hidden) return;
    const { axes, principal, held } = session.plane;
    const key = JSON.stringify([features, axes, principal]);
    if (key === this.planeKey) return;
    this.planeKey = key;
    const axis = (/** @type {number} */ place) => {
      const id = `axis-${place}`;
      const select = h(
        "select",
        {
          id,
          disabled: principal,
          onchange: () => {
            const chosen = [...axes];
            const value = Number(select.value);
            if (chosen[1 - place] === value) chosen[1 - place] = chosen[place];
            chosen[place] = value;
            this.state.send("plane", { axes: chosen, principal: false });
          },
        },
        ...features.map((name, i) => h("option", { value: String(i) }, name)),
      );
      select.value = String(axes[place]);
      return h(
        "div",
        { class: "setting" },
        h("label", { for: id }, place ? "vertical" : "horizontal"),
        h("span", { class: "field" }, select),
      );
    };
    const box = h("input", {
      type: "checkbox",
      id: "principal",
      checked: principal,
      onchange: () => this.state.send("plane", { principal: box.checked }),
    });
    const others = features.map((_, i) => i).filter((i) => !axes.includes(i));
    const sliders = others
      .slice(0, MOST_HELD)
      .map((i) => this.heldSlider(i, features[i], bounds[i], held));
    this.plane.replaceChildren(
      h("h3", {}, "Visible plane"),
      h(
        "div",
        { class: "setting" },
        h(
          "label",
          {
            for: "principal",
            title:
              "The plane of the first two principal components, in which the samples spread most",
          },
          "principal plane",
        ),
        h("span", { class: "field" }, box),
      ),
      axis(0),
      axis(1),
      ...(principal ? [] : this.heldFeatures(others, sliders)),
    );
  }

  /**
   * The sliders of the features that are held, in a list that opens where there are many.
   * @param {number[]} others
   * @param {HTMLElement[]} sliders
   */
  heldFeatures(others, sliders) {
    if (others.length <= FEW_HELD) return sliders;
    const list = h(
      "details",
      { open: this.heldOpen, ontoggle: () => (this.heldOpen = list.open) },
      h("summary", {}, `The ${others.length} other features`),
      ...sliders,
    );
    return [list];
  }

  /**
   * @param {number} i
   * @param {string} name
   * @param {number[]} range
   * @param {Record<string, number>} held
   */
  heldSlider(i, name, [low, high], held) {
    const id = `held-${i}`;
    const value = held[i] ?? (low + high) / 2;
    const text = (/** @type {number} */ v) => number(Math.abs(v) < 1e-9 * (high - low) ? 0 : v, 3);
    const shown = h("output", { for: id }, text(value));
    const slider = h("input", {
      type: "range",
      id,
      min: String(low),
      max: String(high),
      step: String((high - low) / 200 || 1),
      value: String(value),
      oninput: () => {
        shown.textContent = text(Number(slider.value));
        const now = { .../** @type {any} */ (this.state.session).plane.held };
        now[i] = Number(slider.value);
        this.state.send("plane", { held: now, axes: this.state.session?.plane.axes });
      },
    });
    return h("div", { class: "held" }, h("label", { for: id, title: name }, name), shown, slider);
  }
}
