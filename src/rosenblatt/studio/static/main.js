/** Entry of the page: connects to the server the page came from and mounts the studio. */

import { connect, uploadFile } from "./link.js";
import { mount } from "./studio.js";

const root = /** @type {HTMLElement} */ (document.getElementById("studio"));
const scheme = location.protocol === "https:" ? "wss" : "ws";
const link = connect(() => new WebSocket(`${scheme}://${location.host}/socket`), uploadFile);
mount(root, { ...link, isRefused });

/** Whether a server answers but no longer admits this page: another one has started on its port. */
async function isRefused() {
  try {
    return (await fetch("/static/icon.svg", { cache: "no-store" })).status === 403;
  } catch {
    return false;
  }
}
