/* How is something put on the page?

Elements are made here and nowhere else, and text goes into them as text: no name in a graph can become a tag or an attribute.

Read next: `card.js`. */

let namespace = '';

/** An SVG on the page knows the namespace that its elements need. */
export function learn(svg) {
  namespace = svg.namespaceURI;
}

/** An element of the page. Attributes that are functions listen: {onclick: ...}. */
export function element(tag, attributes = {}, ...inside) {
  return filled(document.createElement(tag), attributes, inside);
}

/** An element of a picture. */
export function shape(tag, attributes = {}, ...inside) {
  return filled(document.createElementNS(namespace, tag), attributes, inside);
}

function filled(made, attributes, inside) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined && one !== false && one !== ''));
  return made;
}

/** Other contents for an element. */
export function refill(made, ...inside) {
  made.replaceChildren(...inside.filter((one) => one !== null && one !== undefined && one !== false && one !== ''));
  return made;
}
