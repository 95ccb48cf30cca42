/** The settings, built from the server's schema: one row each, with unit, help and the name in Python. */

import { h } from "./dom.js";

/** Settings that have a place of their own on the page. */
const ELSEWHERE = new Set(["hidden", "activation", "data", "label", "points"]);
/** Groups that are open on arrival. */
const OPEN = new Set(["Data", "Optimizer"]);

export class Controls {
  /**
   * @param {import("./state.js").State} state
   * @param {HTMLElement[]} first what stands above the groups: a lesson, the choice of data
   */
  constructor(state, first) {
    this.state = state;
    /** @type {Map<string, {row: HTMLElement, setting: import("./types.js").Setting, show: (value: any) => void}>} */
    this.rows = new Map();
    /** @type {Map<string, HTMLDetailsElement>} */
    this.groups = new Map();
    this.list = h("div", { class: "groups" });
    this.helpText = h("span", { class: "help-text" }, "Point at a setting to read what it does.");
    this.helpPython = h("code", { class: "help-python" });
    this.help = h("div", { class: "help", "aria-hidden": "true" }, this.helpText, this.helpPython);
    this.element = h(
      "section",
      { class: "settings", "aria-label": "Settings" },
      h("div", { class: "settings-scroll" }, ...first, this.list),
      this.help,
    );
    state.on("schema", (schema) => this.build(schema));
    state.on("session", () => this.show());
  }

  /** @param {import("./types.js").Schema} schema */
  build(schema) {
    this.list.replaceChildren();
    this.rows.clear();
    this.groups.clear();
    for (const setting of schema.settings) {
      setting.help = setting.help.replaceAll(">=", "≥").replaceAll("<=", "≤");
      if (ELSEWHERE.has(setting.key)) continue;
      let group = this.groups.get(setting.group);
      if (!group) {
        group = h("details", { open: OPEN.has(setting.group) }, h("summary", {}, setting.group));
        this.groups.set(setting.group, group);
        this.list.append(group);
      }
      group.append(this.row(setting));
    }
    this.show();
  }

  /** @param {import("./types.js").Setting} setting */
  row(setting) {
    const id = `setting-${setting.key}`;
    const { field, show } = makeField(setting, id, (value) =>
      this.state.send("set", { key: setting.key, value }),
    );
    const effect =
      setting.applies === "fork" ? "Changing it makes a branch here." : "Changing it starts over.";
    const help = `${setting.help} ${effect}`;
    const row = h(
      "div",
      { class: `setting ${setting.type}` },
      h("label", { for: id, title: `${help}\n${setting.python}` }, setting.label),
      h(
        "span",
        { class: "field" },
        field,
        setting.unit ? h("span", { class: "unit-name" }, setting.unit) : null,
      ),
      h(
        "span",
        { class: "visually-hidden", id: `${id}-help` },
        `${help} In Python: ${setting.python}`,
      ),
    );
    field.setAttribute("aria-describedby", `${id}-help`);
    const tell = () => {
      this.helpText.textContent = `${this.clause(setting)} ${effect}`;
      this.helpPython.textContent = setting.python;
    };
    row.addEventListener("pointerenter", tell);
    row.addEventListener("focusin", tell);
    this.rows.set(setting.key, { row, setting, show });
    return row;
  }

  /**
   * What the help of a setting says for the choice that it belongs to, such as the present generator.
   * @param {import("./types.js").Setting} setting
   */
  clause(setting) {
    const parts = setting.help.split(/(?<=^|\. )([\w, ]+): /);
    for (const other of Object.keys(setting.only ?? {})) {
      const value = String(plain(this.state.value(other))).toLowerCase();
      for (let i = 1; i < parts.length; i += 2)
        if (parts[i].toLowerCase().split(", ").includes(value)) {
          const text = parts[i + 1].trim();
          return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
        }
    }
    return setting.help;
  }

  show() {
    const session = this.state.session;
    if (!session) return;
    for (const [key, { row, setting, show }] of this.rows) {
      const fits = Object.entries(setting.only ?? {}).every(([other, values]) =>
        values.includes(plain(this.state.value(other))),
      );
      row.hidden = this.state.isHidden(key) || !fits;
      const field = /** @type {HTMLInputElement} */ (row.querySelector(`#setting-${key}`));
      field.disabled = this.state.isFixed(key);
      row.classList.toggle("locked", this.state.isFixed(key));
      row.classList.toggle(
        "changed",
        session.settings[key] !== undefined && differs(session.settings[key], setting.default),
      );
      if (document.activeElement !== field || field.type === "checkbox")
        show(session.settings[key]);
    }
    for (const group of this.groups.values()) {
      if (session.lesson) group.open = true;
      group.hidden = [...group.querySelectorAll(".setting")].every(
        (row) => /** @type {HTMLElement} */ (row).hidden,
      );
    }
  }
}

/** @param {any} value */
function plain(value) {
  return Array.isArray(value) ? value[0] : value;
}

/**
 * @param {any} a
 * @param {any} b
 */
function differs(a, b) {
  return JSON.stringify(a) !== JSON.stringify(b);
}

/**
 * @param {import("./types.js").Setting} setting
 * @param {string} id
 * @param {(value: any) => void} set
 * @returns {{field: HTMLInputElement | HTMLSelectElement, show: (value: any) => void}}
 */
export function makeField(setting, id, set) {
  const fallback = setting.default;
  if (setting.type === "choice" || setting.type === "bool") {
    const bool = setting.type === "bool";
    if (bool) {
      const field = h("input", { type: "checkbox", id, onchange: () => set(field.checked) });
      return {
        field,
        show: (value) => {
          field.checked = Boolean(value ?? fallback);
        },
      };
    }
    const absent = fallback == null ? [h("option", { value: "" }, "by default")] : [];
    const field = h(
      "select",
      { id, onchange: () => set(field.value === "" ? null : field.value) },
      ...absent,
      ...(setting.choices ?? []).map((name) => h("option", { value: name }, name)),
    );
    return {
      field,
      show: (value) => {
        field.value = value ?? fallback ?? "";
      },
    };
  }
  if (setting.type === "int" || setting.type === "float") {
    const field = h("input", {
      type: "number",
      id,
      step: "any",
      min: setting.min == null ? "" : String(setting.min),
      max: setting.max == null ? "" : String(setting.max),
      placeholder: fallback == null ? "–" : String(fallback),
      onchange: () => set(field.value === "" ? null : Number(field.value)),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        const now = field.value === "" ? Number(fallback ?? 0) : Number(field.value);
        field.value = String(stepped(now, event.key === "ArrowUp", setting));
        set(Number(field.value));
      },
    });
    return {
      field,
      show: (value) => {
        const shown = value ?? fallback;
        field.value = shown == null ? "" : String(shown);
      },
    };
  }
  const field = h("input", {
    type: "text",
    id,
    placeholder: fallback == null ? "–" : String(fallback),
    onchange: () => set(field.value === "" ? null : parsed(field.value, setting)),
  });
  return {
    field,
    show: (value) => {
      const shown = value ?? fallback;
      field.value = shown == null ? "" : Array.isArray(shown) ? shown.join(", ") : String(shown);
    },
  };
}

/**
 * @param {string} text
 * @param {import("./types.js").Setting} setting
 */
function parsed(text, setting) {
  if (setting.type === "widths") return text.split(/[ ,]+/).filter(Boolean).map(Number);
  if (setting.type === "names") return text.split(/[ ,]+/).filter(Boolean);
  return text;
}

/**
 * The next value up or down: 1, 2, 5, 10 …, or the next whole number.
 * @param {number} value
 * @param {boolean} up
 * @param {import("./types.js").Setting} setting
 */
export function stepped(value, up, setting) {
  let next;
  if (setting.type === "int" && Math.abs(value) < 20) next = value + (up ? 1 : -1);
  else if (value === 0) next = up ? 0.001 : 0;
  else {
    const power = 10 ** Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    const lead = Math.abs(value) / power;
    const rungs = [0.5, 1, 2, 5, 10];
    const rung = up ? rungs.find((r) => r > lead + 1e-9) : rungs.findLast((r) => r < lead - 1e-9);
    next = Number(((rung ?? 1) * power).toPrecision(3));
    if (setting.type === "int") next = Math.round(next);
  }
  return Math.min(Math.max(next, setting.min ?? -Infinity), setting.max ?? Infinity);
}
