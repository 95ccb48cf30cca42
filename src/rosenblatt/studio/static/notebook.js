/** The studio in a cell of a notebook: messages go through the widget's model. */

import { connect } from "./link.js";
import { mount } from "./studio.js";

/** Bytes of a file that one message carries. */
const PART = 1 << 20;

/**
 * What a widget gives to its view.
 * @typedef {object} Model
 * @property {(message: any, callbacks?: any, buffers?: ArrayBuffer[]) => void} send
 * @property {(event: string, handler: (message: any, buffers: DataView[]) => void) => void} on
 */

/**
 * Builds the studio in an element.
 * @param {HTMLElement} root
 * @param {Model} model
 * @param {string} view name of this cell among all that show the widget
 */
export function open(root, model, view) {
  /** @type {{resolve: (answer: any) => void, reject: (error: Error) => void}[]} */
  const uploads = [];
  const socket = {
    binaryType: "arraybuffer",
    readyState: WebSocket.OPEN,
    onopen: () => {},
    onclose: () => {},
    onmessage: (/** @type {{data: string | ArrayBuffer}} */ _) => {},
    send: (/** @type {string} */ text) => model.send({ view, text }),
  };
  model.on("msg:custom", (message, buffers) => {
    if (message.view !== view) return;
    if (message.uploaded) {
      const { error } = message.uploaded;
      const waiting = uploads.shift();
      if (error) waiting?.reject(new Error(error));
      else waiting?.resolve(message.uploaded);
      return;
    }
    socket.onmessage({ data: message.text ?? copyOf(buffers[0]) });
  });
  const link = connect(
    () => {
      queueMicrotask(() => socket.onopen());
      return /** @type {any} */ (socket);
    },
    async (file) => {
      const answer = new Promise((resolve, reject) => uploads.push({ resolve, reject }));
      for (let from = 0; from === 0 || from < file.size; from += PART) {
        const part = await file.slice(from, from + PART).arrayBuffer();
        const last = from + PART >= file.size;
        model.send({ view, upload: file.name, first: from === 0, last }, undefined, [part]);
      }
      return answer;
    },
  );
  model.send({ view, opened: true });
  mount(root, link);
}

/**
 * A frame as a buffer that begins at its first byte, where its numbers are aligned.
 * @param {DataView} bytes
 */
function copyOf(bytes) {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
