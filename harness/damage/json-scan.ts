/** Where a value of JSON ends, or what keeps it from ending: JSON.parse says neither for a part of a text. */

export type Scan =
  /** Up to `end`, exclusively. */
  | { readonly kind: 'whole'; readonly end: number }
  /** The text is over before the value is. */
  | { readonly kind: 'cut' }
  /** What stands there can't be a part of the value. */
  | { readonly kind: 'wrong'; readonly at: number };

/**
 * Follows RFC 8259, and passes comments and trailing commas too: files that people write by hand have them, and they are no
 * damage.
 *
 * @param from where the value begins, or space or comments before it.
 */
export function scanValue(text: string, from: number): Scan {
  const open: ('{' | '[')[] = [];
  let expect: 'value' | 'key' | 'colon' | 'next' = 'value';
  let at = from;
  for (;;) {
    at = skipSpace(text, at);
    if (at >= text.length) return { kind: 'cut' };
    const char = text[at]!;
    if (isEnd(char, open.at(-1)) && expect !== 'colon' && !(expect === 'value' && open.at(-1) === '{')) {
      open.pop();
      at++;
      if (open.length === 0) return { kind: 'whole', end: at };
      expect = 'next';
    } else if (expect === 'next') {
      if (char !== ',') return { kind: 'wrong', at };
      at++;
      expect = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expect === 'colon') {
      if (char !== ':') return { kind: 'wrong', at };
      at++;
      expect = 'value';
    } else if (expect === 'value' && (char === '{' || char === '[')) {
      open.push(char);
      at++;
      expect = char === '{' ? 'key' : 'value';
    } else {
      const scalar = char === '"' ? stringAt(text, at) : expect === 'value' ? wordAt(text, at) : wrong(at);
      if (scalar.kind !== 'whole') return scalar;
      at = scalar.end;
      if (open.length === 0) return scalar;
      expect = expect === 'key' ? 'colon' : 'next';
    }
  }
}

const wrong = (at: number): Scan => ({ kind: 'wrong', at });

const isEnd = (char: string, open: '{' | '[' | undefined): boolean =>
  (char === '}' && open === '{') || (char === ']' && open === '[');

/** Space, comments and a byte order mark. A comment that does not end goes on to the end. */
export function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from;
  return SPACE.exec(text) === null ? from : SPACE.lastIndex;
}

const SPACE = /(?:[ \t\r\n\ufeff]+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))*/y;

function stringAt(text: string, from: number): Scan {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return { kind: 'whole', end: at + 1 };
    if (code === BACKSLASH) at++;
    else if (code < 0x20) return { kind: 'wrong', at };
  }
  return { kind: 'cut' };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function wordAt(text: string, at: number): Scan {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word !== undefined) return { kind: 'whole', end: at + word.length };
  const rest = text.slice(at);
  return ['true', 'false', 'null', '-'].some((whole) => whole.startsWith(rest)) ? { kind: 'cut' } : wrong(at);
}

const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
