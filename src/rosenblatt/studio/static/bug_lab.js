/** The bug lab: a program with one bug, its symptoms, hints, an editor, and the verdict on a repair. */

import { h } from "./dom.js";

/** Seeds that the page draws are below this. */
const SEEDS = 1_000_000;
const HINTS = 3;

export class BugLab {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.link = state.link;
    /** What chose the program that is shown: the arguments of each command.
     * @type {{seed: number, difficulty: number | null} | null} */
    this.chosen = null;
    this.given = "";
    /** Counts choices: the program of an earlier one may come after the next has been made. */
    this.choices = 0;
    this.hintsShown = 0;
    /** The check that is computed, if there is one.
     * @type {Promise<void> | null} */
    this.checking = null;

    this.difficulty = h(
      "select",
      { id: "bug-difficulty" },
      h("option", { value: "" }, "any"),
      h("option", { value: "1" }, "1: the symptoms name the place"),
      h("option", { value: "2" }, "2: the symptoms narrow it down"),
      h("option", { value: "3" }, "3: the network still learns"),
    );
    this.seed = h("input", {
      type: "number",
      id: "bug-seed",
      min: "0",
      step: "1",
      required: true,
    });
    const choice = h(
      "form",
      { class: "row bug-choice" },
      h("label", { for: "bug-difficulty" }, "Difficulty"),
      this.difficulty,
      h("label", { for: "bug-seed" }, "Seed"),
      this.seed,
      h("button", { type: "submit" }, "Open it"),
      h(
        "button",
        {
          type: "button",
          onclick: () => {
            this.seed.value = String(Math.floor(Math.random() * SEEDS));
            this.choose();
          },
        },
        "Draw one",
      ),
    );
    choice.addEventListener("submit", (event) => {
      event.preventDefault();
      this.choose();
    });

    this.numbers = h("pre", { class: "line-numbers", "aria-hidden": "true" });
    this.editor = h("textarea", {
      "aria-label": "The program",
      spellcheck: false,
      wrap: "off",
      autocapitalize: "off",
      oninput: () => this.countLines(),
      onscroll: () => {
        this.numbers.scrollTop = this.editor.scrollTop;
      },
    });
    this.check = h(
      "button",
      { type: "button", class: "primary", onclick: () => this.run() },
      "Check the repair",
    );
    this.hint = h("button", { type: "button", onclick: () => this.showHint() }, "Hint");
    this.giveUp = h("button", { type: "button", onclick: () => this.showAnswer() }, "Give up");
    const restore = h(
      "button",
      {
        type: "button",
        onclick: () => this.put(this.given),
      },
      "Undo all changes",
    );
    this.verdict = h("div", { class: "answer", role: "status" });
    this.hints = h("ol", { class: "bug-hints", "aria-label": "Hints" });
    this.answer = h("pre", { class: "bug-answer", hidden: true, "aria-label": "The answer" });
    this.picture = h("img", {
      alt: "Training curves and gradients, which the sentences above it describe",
      hidden: true,
    });
    this.symptoms = h("ul", {});

    this.work = h(
      "div",
      { class: "bug-work", hidden: true },
      h(
        "section",
        { "aria-label": "Program" },
        h("div", { class: "code-editor" }, this.numbers, this.editor),
        h("div", { class: "row" }, this.check, this.hint, this.giveUp, restore),
        this.verdict,
        this.answer,
        this.hints,
      ),
      h(
        "section",
        { class: "bug-symptoms", "aria-label": "Symptoms" },
        this.symptoms,
        this.picture,
      ),
    );
    this.dialog = h(
      "dialog",
      { class: "bug-lab", "aria-label": "Find the bug" },
      h(
        "div",
        { class: "row" },
        h("h2", {}, "Find the bug"),
        h("button", { type: "button", onclick: () => this.dialog.close() }, "Leave"),
      ),
      h(
        "p",
        {},
        "A small network in NumPy has one bug. Say what the symptoms could come from before you read the code, then " +
          "repair it. Keep the names of classes and functions, and the order in which random numbers are drawn.",
      ),
      choice,
      this.work,
    );
    this.dialog.addEventListener("close", () => this.cancel());
  }

  open() {
    this.dialog.showModal();
  }

  /** Opens the program of the seed and the difficulty in the form. */
  async choose() {
    this.choices += 1;
    const choice = this.choices;
    await this.cancel();
    const chosen = {
      seed: Number(this.seed.value),
      difficulty: this.difficulty.value ? Number(this.difficulty.value) : null,
    };
    this.work.hidden = false;
    const program = await this.ask("bug_program", chosen);
    if (!program || choice !== this.choices) return;
    this.chosen = chosen;
    this.given = program.source;
    this.hintsShown = 0;
    this.hint.textContent = "Hint";
    this.hint.disabled = false;
    this.hints.replaceChildren();
    this.symptoms.replaceChildren();
    this.picture.hidden = true;
    this.answer.hidden = true;
    this.put(program.source);
    await this.run("Measuring the symptoms …");
  }

  /** @param {string} text */
  put(text) {
    this.editor.value = text;
    this.editor.scrollTop = 0;
    this.countLines();
  }

  countLines() {
    const lines = this.editor.value.split("\n").length;
    this.numbers.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
    this.numbers.scrollTop = this.editor.scrollTop;
  }

  /**
   * Measures the program in the editor: its symptoms, and unless it is the given one the verdict.
   * @param {string} said
   */
  async run(said = "Checking …") {
    if (!this.chosen || this.checking) return;
    this.check.disabled = true;
    const source = this.editor.value;
    this.say(said);
    this.checking = this.ask("check_repair", { ...this.chosen, source }).then((result) => {
      if (result) this.show(result, source === this.given);
    });
    await this.checking;
    this.checking = null;
    this.check.disabled = false;
  }

  /**
   * @param {{repaired: boolean, verdict: string[], symptoms: string[], picture: string | null, answer: string[] | null}} result
   * @param {boolean} unchanged
   */
  show(result, unchanged) {
    this.symptoms.replaceChildren(...result.symptoms.map((text) => h("li", {}, text)));
    if (result.picture) this.picture.src = `data:image/png;base64,${result.picture}`;
    this.picture.hidden = !result.picture;
    if (unchanged) this.say("");
    else if (result.repaired) this.say(result.verdict[0], "right");
    else this.say(result.verdict.join("\n"), "wrong");
    if (result.answer) this.showLines(result.answer);
  }

  async showHint() {
    const level = this.hintsShown + 1;
    const text = await this.ask("bug_hint", { ...this.chosen, level });
    if (!text || level !== this.hintsShown + 1) return;
    this.hintsShown = level;
    this.hints.append(h("li", {}, text));
    this.hint.textContent = level < HINTS ? `Hint ${level + 1} of ${HINTS}` : "No more hints";
    this.hint.disabled = level === HINTS;
  }

  async showAnswer() {
    const lines = await this.ask("bug_answer", { ...this.chosen });
    if (lines) this.showLines(lines);
  }

  /** @param {string[]} lines */
  showLines(lines) {
    this.answer.textContent = lines.join("\n");
    this.answer.hidden = false;
  }

  /** Ends the check that is computed, and waits for its end. */
  async cancel() {
    if (!this.checking) return;
    this.link.send("cancel", { job: "check_repair" }).catch(() => {});
    await this.checking;
  }

  /**
   * Sends a command; an error is said in the dialog, which covers the page's notices.
   * @param {string} name
   * @param {Record<string, any>} args
   */
  async ask(name, args) {
    try {
      return await this.link.send(name, args);
    } catch (error) {
      this.say(/** @type {Error} */ (error).message, "wrong");
      return undefined;
    }
  }

  /**
   * @param {string} text
   * @param {string} kind
   */
  say(text, kind = "") {
    this.verdict.className = `answer ${kind}`;
    this.verdict.textContent = text;
  }
}
