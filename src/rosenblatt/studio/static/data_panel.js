/** The choice of data, and the tools for samples on the plane. */

import { h } from "./dom.js";

export class DataChoice {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.select = h("select", {
      id: "data",
      onchange: () => state.send("set", { key: "data", value: this.select.value }),
    });
    this.element = h(
      "div",
      { class: "data-choice" },
      h("label", { for: "data" }, "Data"),
      this.select,
    );
    state.on("schema", () => this.show());
    state.on("session", () => this.show());
  }

  show() {
    const { schema, session } = this.state;
    if (!schema) return;
    const generators = Array.isArray(schema.generators)
      ? schema.generators
      : Object.keys(schema.generators);
    const groups = /** @type {[string, string[][]][]} */ ([
      ["Generators", generators.map((/** @type {string} */ name) => [name, name])],
      ["Bundled sets", schema.bundled.map((name) => [name, name])],
      [
        "Your files",
        schema.uploads.map((upload) => [`upload:${upload.name ?? upload}`, upload.name ?? upload]),
      ],
    ]);
    this.select.replaceChildren(
      ...groups
        .filter(([, entries]) => entries.length)
        .map(([label, entries]) =>
          h("optgroup", { label }, ...entries.map(([value, text]) => h("option", { value }, text))),
        ),
    );
    this.select.value = session?.settings.data ?? "";
  }
}
