/** The link between page and server: commands up, replies, events and frames down. */

/** @typedef {import("./types.js").Link} Link */
/** @typedef {import("./types.js").Frame} Frame */

/** Milliseconds before the first attempt to connect again; doubled up to `LONGEST_WAIT`. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 4000;
/** Milliseconds after which a frame is acknowledged although the page is not being drawn. */
const HIDDEN_WAIT = 500;

/**
 * Reads a binary message: length of the header, header, float32 blocks.
 * @param {ArrayBuffer} buffer
 * @returns {Frame}
 */
export function decodeFrame(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let offset = 4 * Math.ceil((4 + length) / 4);
  const blocks = new Map();
  for (const { name, shape } of header.blocks) {
    const size = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    blocks.set(name, { shape, data: new Float32Array(buffer, offset, size) });
    offset += 4 * size;
  }
  return { header, blocks };
}

/** Handlers by name of the event. */
export class Events {
  constructor() {
    /** @type {Map<string, ((value: any) => void)[]>} */
    this.handlers = new Map();
  }

  /**
   * @param {string} event
   * @param {(value: any) => void} handler
   */
  on(event, handler) {
    this.handlers.set(event, [...(this.handlers.get(event) ?? []), handler]);
  }

  /**
   * @param {string} event
   * @param {any} [value]
   */
  emit(event, value) {
    for (const handler of this.handlers.get(event) ?? []) {
      try {
        handler(value);
      } catch (error) {
        console.error(error);
      }
    }
  }
}

/**
 * Calls `action` after the next picture, or soon where the page is hidden.
 * @param {() => void} action
 */
function afterDrawing(action) {
  let called = false;
  const once = () => {
    if (!called) action();
    called = true;
  };
  requestAnimationFrame(once);
  setTimeout(once, HIDDEN_WAIT);
}

/**
 * Connects to the server and keeps connected. Events: `open`, `closed`, `frame`, and those of the server by their names.
 * @param {() => WebSocket} openSocket
 * @param {(file: File) => Promise<any>} upload
 * @returns {Link}
 */
export function connect(openSocket, upload) {
  const events = new Events();
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();
  /** @type {[number, string, Record<string, any>][]} */
  let unsent = [];
  /** @type {WebSocket | null} */
  let socket = null;
  let last = 0;
  let wait = FIRST_WAIT;

  function open() {
    const opened = openSocket();
    opened.binaryType = "arraybuffer";
    opened.onopen = () => {
      socket = opened;
      wait = FIRST_WAIT;
      events.emit("open");
      for (const [id, name, args] of unsent) opened.send(JSON.stringify({ ...args, id, do: name }));
      unsent = [];
    };
    opened.onmessage = ({ data }) => {
      if (typeof data !== "string") {
        const frame = decodeFrame(data);
        events.emit("frame", frame);
        afterDrawing(() => {
          if (opened.readyState === WebSocket.OPEN)
            opened.send(JSON.stringify({ do: "ack", frame: frame.header.frame }));
        });
        return;
      }
      const message = JSON.parse(data);
      if (message.event) {
        events.emit(message.event, message);
        return;
      }
      const reply = waiting.get(message.reply);
      waiting.delete(message.reply);
      if (message.error) reply?.reject(new Error(message.error));
      else reply?.resolve(message.value);
    };
    opened.onclose = () => {
      socket = null;
      for (const { reject } of waiting.values()) reject(new Error("The connection was lost."));
      waiting.clear();
      unsent = [];
      events.emit("closed");
      setTimeout(open, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    };
  }
  open();

  return {
    send(name, args = {}) {
      last += 1;
      const id = last;
      const reply = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
      if (socket) socket.send(JSON.stringify({ ...args, id, do: name }));
      else unsent.push([id, name, args]);
      return reply;
    },
    on: (event, handler) => events.on(event, handler),
    upload,
  };
}

/**
 * Sends a file to the server that the page came from.
 * @param {File} file
 */
export async function uploadFile(file) {
  const address = `/upload?name=${encodeURIComponent(file.name)}`;
  const response = await fetch(address, { method: "POST", body: file });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The file was refused (${response.status}).`);
  return answer;
}
