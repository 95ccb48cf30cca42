/** HTML of lessons: only elements for text, tables and formulas come into the page. */

const ELEMENTS = new Set(
  (
    "p em strong a ul ol li h1 h2 h3 h4 h5 h6 blockquote code pre br hr table thead tbody tr th td del " +
    "math mrow mi mo mn mtext mspace msub msup msubsup mfrac msqrt mroot mstyle mover munder munderover " +
    "mtable mtr mtd mpadded mphantom menclose"
  ).split(" "),
);
const ATTRIBUTES = new Set(["display", "mathvariant", "stretchy", "columnalign", "start"]);

/**
 * @param {Node} node
 * @returns {Node | null}
 */
function copyOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.textContent ?? "");
  if (!(node instanceof Element)) return null;
  const children = [...node.childNodes].map(copyOf).filter((child) => child !== null);
  const name = node.localName;
  if (!ELEMENTS.has(name)) {
    const fragment = document.createDocumentFragment();
    if (name !== "script" && name !== "style") fragment.append(...children);
    return fragment;
  }
  const element = document.createElementNS(node.namespaceURI, name);
  for (const { name: attribute, value } of node.attributes)
    if (ATTRIBUTES.has(attribute)) element.setAttribute(attribute, value);
  const address = node.getAttribute("href") ?? "";
  if (name === "a" && /^(https?:|#)/.test(address)) {
    element.setAttribute("href", address);
    element.setAttribute("rel", "noreferrer");
    element.setAttribute("target", "_blank");
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function safeHtml(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  for (const node of parsed.body.childNodes) {
    const copied = copyOf(node);
    if (copied) fragment.append(copied);
  }
  return fragment;
}
