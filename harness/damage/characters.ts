/** Bytes that are no UTF-8, and runs of NULs. */

import { isUtf8 } from 'node:buffer';
import { characterAt } from './visible.ts';

/** The first byte that is no part of a character; undefined where all are. */
export function cutCharacterAt(bytes: Uint8Array): number | undefined {
  if (isUtf8(bytes)) return undefined;
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return undefined;
}

/** Other encodings, such as Latin-1, have such bytes too: a text is taken for UTF-8 where it has a character of several bytes. */
export function looksLikeUtf8(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; ) {
    const length = characterAt(bytes, at);
    if (length > 1) return true;
    at += Math.max(1, length);
  }
  return false;
}

/** The first NUL and how many there are in a row; undefined where there is none. */
export function nulRun(bytes: Uint8Array): { readonly at: number; readonly length: number } | undefined {
  const at = bytes.indexOf(0);
  if (at < 0) return undefined;
  let end = at;
  while (bytes[end] === 0) end++;
  return { at, length: end - at };
}
