/** The last known description of the session, the frame shown, and the curves of every branch. */

import { Events } from "./link.js";

/** @typedef {import("./types.js").Link} Link */

/** Milliseconds after which a command counts as slow. */
const SLOW = 350;

/** Rows of one branch's history, by column. */
export class Curves {
  /** @param {string[]} columns */
  constructor(columns) {
    this.columns = columns;
    /** @type {number[][]} */
    this.rows = columns.map(() => []);
  }

  /**
   * @param {number} from
   * @param {import("./types.js").Block} block
   */
  put(from, block) {
    const [count, width] = block.shape;
    for (let c = 0; c < width; c++) {
      const column = this.rows[c];
      column.length = Math.min(column.length, from);
      for (let r = 0; r < count; r++) column.push(block.data[r * width + c]);
    }
  }

  /** @param {string} name */
  column(name) {
    return this.rows[this.columns.indexOf(name)] ?? [];
  }
}

export class State {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {import("./types.js").Session | null} */
    this.session = null;
    /** @type {import("./types.js").Schema | null} */
    this.schema = null;
    /** @type {import("./types.js").Frame | null} */
    this.frame = null;
    /** @type {Map<number, Curves>} */
    this.curves = new Map();
    /** Blocks that each panel asks for.
     * @type {Map<string, Record<string, any>>} */
    this.views = new Map();
    this.events = new Events();
    this.connected = false;
    this.kind = "";
    /** Commands that have not been answered for a while. */
    this.slow = 0;
    link.on("open", () => {
      this.connected = true;
    });
    link.on("closed", () => {
      this.connected = false;
    });
    link.on("session", (session) => {
      this.session = session;
      this.dropStale(session);
      const ids = new Set(session.tree.map((/** @type {any} */ b) => b.id));
      for (const id of this.curves.keys()) if (!ids.has(id)) this.curves.delete(id);
      this.events.emit("session", session);
    });
    link.on("schema", (schema) => {
      this.schema = schema;
      this.events.emit("schema", schema);
    });
    link.on("frame", (frame) => {
      this.frame = frame;
      const block = frame.blocks.get("curves");
      if (block) {
        const { branch, columns, curves_from: from } = frame.header;
        let curves = this.curves.get(branch);
        if (!curves) {
          curves = new Curves(columns);
          this.curves.set(branch, curves);
        }
        curves.put(from, block);
      }
      this.events.emit("frame", frame);
    });
  }

  /**
   * Forgets the pictures of the last frame where they are of other data or another network.
   * @param {import("./types.js").Session} session
   */
  dropStale({ data, network, settings }) {
    const kind = JSON.stringify([
      settings.data,
      data.features,
      data.classes,
      data.points.x.length,
      network.parameters,
    ]);
    if (kind === this.kind) return;
    this.kind = kind;
    if (this.frame) this.frame = { header: this.frame.header, blocks: new Map() };
  }

  /**
   * `session`, `schema`, `frame`, and what panels tell each other: `sample`, `microscope`, `theme`, `notice`, `busy`.
   * @param {string} event
   * @param {(value: any) => void} handler
   */
  on(event, handler) {
    this.events.on(event, handler);
  }

  /**
   * Sends a command; an error is shown to the reader instead of thrown.
   * @param {string} name
   * @param {Record<string, any>} [args]
   * @returns {Promise<any>}
   */
  async send(name, args = {}) {
    let slow = false;
    const timer = setTimeout(() => {
      slow = true;
      this.slow += 1;
      this.events.emit("busy", true);
    }, SLOW);
    try {
      return await this.link.send(name, args);
    } catch (error) {
      this.events.emit("notice", { text: /** @type {Error} */ (error).message, level: "error" });
      return undefined;
    } finally {
      clearTimeout(timer);
      if (slow) {
        this.slow -= 1;
        this.events.emit("busy", this.slow > 0);
      }
    }
  }

  /**
   * Asks for blocks on behalf of one panel; `null` withdraws.
   * @param {string} panel
   * @param {Record<string, any> | null} blocks
   */
  ask(panel, blocks) {
    if (blocks) this.views.set(panel, blocks);
    else this.views.delete(panel);
    this.sendViews();
  }

  sendViews() {
    if (!this.connected) return;
    const all = Object.assign({}, ...this.views.values());
    this.link.send("views", all).catch(() => {});
  }

  /**
   * Whether a lesson hides a setting.
   * @param {string} key
   */
  isHidden(key) {
    const only = this.session?.lesson?.only;
    return !!this.session?.hidden.includes(key) || (!!only && !only.includes(key));
  }

  /**
   * Whether a setting cannot be changed: a lesson hides it or locks it.
   * @param {string} key
   */
  isFixed(key) {
    return this.isHidden(key) || !!this.session?.locked.includes(key);
  }

  /** @param {number} id */
  branch(id) {
    return this.session?.tree.find((branch) => branch.id === id) ?? null;
  }

  /**
   * The branch without parent from which a branch comes.
   * @param {number} id
   */
  rootOf(id) {
    let branch = this.branch(id);
    while (branch && branch.parent !== null) branch = this.branch(branch.parent);
    return branch?.id;
  }

  /**
   * The value of a setting: what is set, or its default.
   * @param {string} key
   */
  value(key) {
    const set = this.session?.settings[key];
    if (set !== undefined) return set;
    return this.schema?.settings.find((setting) => setting.key === key)?.default;
  }
}
