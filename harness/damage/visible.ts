/** Bytes of a damaged file, as people can look at them. */

const BEFORE_BYTES = 32;
const AFTER_BYTES = 48;

/** What is around an offset, which is marked by `▸`. */
export function excerptAt(bytes: Uint8Array, offset: number): string {
  const from = startOfCharacter(bytes, Math.max(0, offset - BEFORE_BYTES));
  // A long run says no more than its length.
  const to = startOfCharacter(bytes, Math.min(bytes.length, endOfRun(bytes, offset) + AFTER_BYTES));
  return [
    from > 0 ? '…' : '',
    visible(bytes.subarray(from, offset)),
    '▸',
    visible(bytes.subarray(offset, to)),
    to < bytes.length ? '…' : '',
  ].join('');
}

const startOfCharacter = (bytes: Uint8Array, at: number): number => {
  let start = at;
  while (start > 0 && at - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
};

function endOfRun(bytes: Uint8Array, offset: number): number {
  let end = offset;
  while (end < bytes.length && bytes[end] === bytes[offset]) end++;
  return end;
}

/** Control characters as their pictures (`␀`, `↵`), bytes that are no UTF-8 as `\xc3`, a long run of one of them by its length. */
export function visible(bytes: Uint8Array): string {
  const shown: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    if (length === 0) {
      shown.push(`\\x${bytes[at]!.toString(16).padStart(2, '0')}`);
      at++;
    } else {
      shown.push(picture(Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8')));
      at += length;
    }
  }
  return shown.join('').replace(/(.)\1{8,}/gsu, (run, char: string) => `${char}×${[...run].length}`);
}

const PICTURES = 0x2400;

function picture(char: string): string {
  if (char === '\n') return '↵';
  const code = char.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(PICTURES + code);
  return code === 0x7f ? '␡' : code >= 0x80 && code < 0xa0 ? `\\u00${code.toString(16)}` : char;
}

/** The length of the character of UTF-8 that begins here; 0 where none does: RFC 3629, section 4. */
export function characterAt(bytes: Uint8Array, at: number): number {
  const [first, second = 0] = [bytes[at]!, bytes[at + 1]];
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (first < 0xc2 || length === 0 || at + length > bytes.length) return 0;
  const from = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const to = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < from || second > to) return 0;
  for (let more = 2; more < length; more++) if ((bytes[at + more]! & 0xc0) !== 0x80) return 0;
  return length;
}
