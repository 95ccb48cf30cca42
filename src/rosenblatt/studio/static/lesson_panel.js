/** Lessons: the index, the text of the open one, its questions and their answers. */

import { BugLab } from "./bug_lab.js";
import { h } from "./dom.js";
import { safeHtml } from "./safe_html.js";

export class LessonPanel {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = state;
    this.open = "";
    this.bugLab = new BugLab(state);
    this.list = h("ol", { class: "lesson-list" });
    this.dialog = h(
      "dialog",
      { class: "lesson-index", "aria-label": "Lessons" },
      h(
        "div",
        { class: "row" },
        h("h2", {}, "Lessons"),
        h("button", { type: "button", onclick: () => this.dialog.close() }, "Close"),
      ),
      this.list,
    );
    this.button = h(
      "button",
      {
        type: "button",
        class: "lessons-button",
        title: "Short lessons with questions that are checked by computation",
        onclick: () => this.showIndex(),
      },
      "Lessons",
    );
    this.text = h("article", { class: "lesson", hidden: true, "aria-label": "Lesson" });
    state.on("session", (session) => this.show(session.lesson));
  }

  async showIndex() {
    this.dialog.showModal();
    const answer = await this.state.send("lessons");
    if (!answer) return;
    const lessons = answer.lessons ?? answer;
    this.list.replaceChildren(
      ...lessons.map((/** @type {any} */ lesson) =>
        h(
          "li",
          {},
          h(
            "button",
            {
              type: "button",
              onclick: () => {
                this.dialog.close();
                if (lesson.bug_lab) this.bugLab.open();
                else this.state.send("lesson", { name: lesson.name });
              },
            },
            h("b", {}, lesson.title),
            h("span", {}, `${lesson.about} ${lesson.minutes} min.`),
          ),
        ),
      ),
    );
  }

  /** @param {any} lesson */
  show(lesson) {
    document.documentElement.classList.toggle("with-lesson", !!lesson);
    const name = lesson?.name ?? "";
    if (name === this.open) return;
    this.open = name;
    this.text.hidden = !lesson;
    if (!lesson) return;
    this.text.replaceChildren(
      h(
        "div",
        { class: "row lesson-head" },
        h("h2", {}, lesson.title),
        h(
          "button",
          { type: "button", onclick: () => this.state.send("lesson", { name: null }) },
          "Leave",
        ),
      ),
      ...(lesson.parts ?? []).map((/** @type {any} */ part) =>
        part.question ? this.question(part) : textOf(part.html),
      ),
    );
    this.text.scrollTop = 0;
    if (matchMedia("(max-width: 50rem)").matches) this.text.scrollIntoView();
  }

  /** @param {any} part */
  question(part) {
    const answer = h("div", { class: "answer", role: "status" });
    const check = async (/** @type {any} */ value) => {
      answer.className = "answer";
      answer.textContent = "Computing the answer …";
      const result = await this.state.send("answer", { question: part.question, value });
      answer.replaceChildren();
      if (!result) return;
      answer.classList.add(result.right ? "right" : "wrong");
      answer.append(
        h("b", { class: "visually-hidden" }, result.right ? "Right: " : "Wrong: "),
        safeHtml(result.html ?? result.text ?? ""),
      );
    };
    const form = h("form", { class: "question" }, textOf(part.html));
    const submit = h("button", { type: "submit", class: "primary" }, "Check");
    if (part.kind === "choice") {
      part.choices.forEach((/** @type {string} */ choice, /** @type {number} */ i) => {
        const id = `answer-${part.question}-${i}`;
        const label = h("label", { for: id });
        label.append(safeHtml(choice));
        form.append(
          h(
            "div",
            { class: "answer-choice" },
            h("input", {
              type: "radio",
              name: part.question,
              value: String(i),
              id,
              required: true,
            }),
            label,
          ),
        );
      });
    } else if (part.kind === "number") {
      form.append(
        h(
          "label",
          {},
          h("input", {
            type: "number",
            step: "any",
            name: part.question,
            required: true,
            "aria-label": "Your answer",
          }),
          ` ${part.unit ?? ""}`,
        ),
      );
    } else {
      form.append(h("p", { class: "conditions" }, (part.conditions ?? []).join(", ")));
    }
    form.append(submit, answer);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = new FormData(form).get(part.question);
      check(part.kind === "reach" ? null : Number(value));
    });
    return form;
  }
}

/** @param {string} html */
function textOf(html) {
  const box = h("div", { class: "lesson-text" });
  box.append(safeHtml(html ?? ""));
  return box;
}
