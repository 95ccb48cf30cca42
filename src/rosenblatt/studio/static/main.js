/** Entry of the page: connects to the server the page came from and mounts the studio. */

import { connect } from "./link.js";
import { mount } from "./studio.js";

const root = /** @type {HTMLElement} */ (document.getElementById("studio"));
const scheme = location.protocol === "https:" ? "wss" : "ws";
const link = connect(`${scheme}://${location.host}/socket`);
mount(root, link);
