/** Elements are made, never parsed: what a finding holds is text, whatever it looks like. */

export type Child = Node | string | undefined | false;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** `true` is an attribute without a value; with `false` or `undefined` there is none. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  set(made, attributes);
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

export function shape<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  set(made, attributes);
  made.append(...children);
  return made;
}

function set(made: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Words in which what stands between backticks is code. */
export const prose = (words: string): readonly Child[] =>
  words.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? element('code', {}, part) : part));

export const byId = (id: string): HTMLElement => document.getElementById(id)!;

/** Tells those who don't see it. */
export function say(words: string): void {
  byId('said').textContent = words;
}

/** Something about the page that is kept, where the browser lets it: for a file it may not. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // then it is asked for again
  }
}
