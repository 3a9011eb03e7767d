/** The content of files as text, from which what differs can always be told. */

import { hash } from 'node:crypto';

/** A sequence that is valid (RFC 3629), of bytes as characters; or else a single byte. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|[\x80-\xff]/g;

/** Longer content that is no text stands for itself by its hash. */
const ESCAPED_BYTES_MAX = 65_536;

/**
 * UTF-8, and each byte that is none as a lone surrogate of its own, U+DC80 to U+DCFF: decoding would make the same U+FFFD of all
 * of them.
 */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  if (!text.includes('\uFFFD') || Buffer.from(text).equals(bytes)) return text;
  if (bytes.length > ESCAPED_BYTES_MAX) return `${text}\n(not UTF-8: SHA-256 ${hash('sha256', bytes)})`;
  return bytes.toString('latin1').replaceAll(SEQUENCE, decoded);
}

const decoded = (sequence: string): string =>
  sequence.length === 1
    ? String.fromCharCode(0xdc00 + sequence.charCodeAt(0))
    : Buffer.from(sequence, 'latin1').toString();

/** NUL, and what stands for bytes that are not UTF-8. */
export const NO_TEXT = /[\0\uFFFD\uDC80-\uDCFF]/u;
