// Making elements. Text is always text, never markup, so nothing that a user or a server says can become code.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element.
 *
 * @param {string} tag its name.
 * @param {Object} [props] attributes; `on…` takes a listener, `style` an object of CSS properties, and false, null or
 *   undefined leaves an attribute out.
 * @param {...(Node|string|number|null|Array)} children nodes, or text.
 * @example h("button", {class: "quiet", onclick: save, "aria-label": "Save"}, "Save")
 */
export function h(tag, props = {}, ...children) {
  return grow(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return grow(document.createElementNS(SVG, tag), props, children);
}

/** An icon of index.html's sheet, which screen readers pass over. */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
}

/** Replace what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

/** The element of index.html with this id. */
export function byId(id) {
  return document.getElementById(id);
}

let count = 0;

/** An id that nothing else on the page has. */
export function freshId(stem) {
  count += 1;
  return `${stem}-${count}`;
}

function grow(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") setStyle(node, value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...flat(children));
  return node;
}

/** CSS properties one by one: the page's content security policy allows no style attribute. */
export function setStyle(node, properties) {
  for (const [name, value] of Object.entries(properties)) node.style.setProperty(name, value);
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}
