/** XML 1.0, as far as a report needs it: a few lines, where a library would bring a tree of objects for text that is only written. */

export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number | undefined>>;
  readonly children?: readonly (Element | string)[];
}

export const xml = (root: Element): string => `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}\n`;

function written({ name, attributes = {}, children = [] }: Element, indent: string): string {
  const said = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${inAttribute(String(value))}"`],
  );
  const open = `${indent}<${name}${said.join('')}`;
  if (children.length === 0) return `${open}/>`;
  // White space counts where there is text.
  if (children.some((child) => typeof child === 'string')) {
    const inside = children.map((child) => (typeof child === 'string' ? inText(child) : written(child, '')));
    return `${open}>${inside.join('')}</${name}>`;
  }
  const inside = (children as readonly Element[]).map((child) => written(child, `${indent}  `));
  return `${open}>\n${inside.join('\n')}\n${indent}</${name}>`;
}

/** A carriage return would be read as the end of a line. */
const inText = (text: string): string => escaped(text).replaceAll('\r', '&#13;');

/** Ends of lines would be read as spaces. */
const inAttribute = (text: string): string =>
  inText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');

const escaped = (text: string): string =>
  text
    .replaceAll(forbidden, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** What no XML 1.0 document can hold, not even as a reference: https://www.w3.org/TR/xml/#charsets. Files hold anything. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
