/** Panels that share one place, chosen by tabs. */

import { h } from "./dom.js";

/**
 * @typedef {object} Panel
 * @property {string} name
 * @property {HTMLElement} element
 * @property {() => void} show
 * @property {() => void} hide
 */

export class Tabs {
  /** @param {Panel[]} panels */
  constructor(panels) {
    this.panels = panels;
    this.shown = -1;
    this.buttons = panels.map((panel, i) => {
      panel.element.id = `panel-${i}`;
      panel.element.setAttribute("role", "tabpanel");
      panel.element.setAttribute("aria-labelledby", `tab-${i}`);
      return h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${i}`,
          "aria-controls": `panel-${i}`,
          onclick: () => this.choose(i),
        },
        panel.name,
      );
    });
    this.list = h(
      "div",
      { class: "tabs", role: "tablist", "aria-label": "Views" },
      ...this.buttons,
    );
    this.list.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      let next = this.shown;
      do next = (next + by + panels.length) % panels.length;
      while (this.buttons[next].hidden);
      this.choose(next);
      this.buttons[next].focus();
    });
    this.element = h(
      "div",
      { class: "tabbed" },
      this.list,
      ...panels.map((panel) => panel.element),
    );
    this.choose(0);
  }

  /** @param {number} next */
  choose(next) {
    if (next === this.shown) return;
    this.panels.forEach((panel, i) => {
      panel.element.hidden = i !== next;
      this.buttons[i].setAttribute("aria-selected", String(i === next));
      this.buttons[i].tabIndex = i === next ? 0 : -1;
    });
    if (this.shown >= 0) this.panels[this.shown].hide();
    this.shown = next;
    this.panels[next].show();
    this.buttons[next].scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }

  /**
   * Shows the tabs that a lesson names, or all. Without a tab there is no panel either.
   * @param {string[] | null} names
   */
  limit(names) {
    this.panels.forEach((panel, i) => {
      this.buttons[i].hidden = !!names && !names.includes(panel.name);
    });
    const first = this.buttons.findIndex((button) => !button.hidden);
    this.element.hidden = first < 0;
    if (first >= 0 && this.buttons[this.shown].hidden) this.choose(first);
  }

  /** @param {string} name */
  open(name) {
    const i = this.panels.findIndex((panel) => panel.name === name);
    if (!this.buttons[i].hidden) this.choose(i);
  }
}
