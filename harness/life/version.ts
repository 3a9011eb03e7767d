/** One version of a file: what is in it that can vanish, and what counts in it. */

import { hash } from 'node:crypto';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import type { Format } from '../damage/formats.ts';
import { limits } from '../limits.ts';

export interface Version {
  readonly atMs: number;
  readonly identity: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly hash: string;
  /** Members of arrays, keys of objects, lines of a ledger: by a text that is theirs alone. */
  readonly items: ReadonlyMap<string, Item>;
  /** Whole numbers, by the path of keys to them. */
  readonly numbers: ReadonlyMap<string, Counted>;
}

export interface Item {
  /** What it is one of many in. */
  readonly container: string;
  readonly keys: readonly string[];
  readonly kind: 'member' | 'key' | 'line';
  /** Of a key: itself, as it goes on in the keys of what is in it. */
  readonly key?: string;
  /** Where this is to be found in a text, the item may have moved there. */
  readonly needle: string;
}

export interface Counted {
  readonly keys: readonly string[];
  readonly value: number;
}

/** @returns undefined where it can't be read, or is too large to be compared. */
export function versionOf(
  file: { readonly path: string; readonly atMs: number; readonly identity: string; readonly bytes: Uint8Array },
  format: Exclude<Format, 'sqlite'>,
): Version | undefined {
  const { atMs, identity, bytes } = file;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const items = new Map<string, Item>();
  const numbers = new Map<string, Counted>();
  try {
    if (format === 'jsonl') lines(text, items);
    else if (format === 'text') onlyNumber(text, numbers);
    else walk(parsed(text, format), [], { items, numbers, quoted: format === 'json' });
  } catch {
    return undefined;
  }
  if (items.size > limits.itemsCompared) return undefined;
  return { atMs, identity, bytes, text, hash: hash('sha256', bytes, 'hex'), items, numbers };
}

function parsed(text: string, format: 'json' | 'yaml' | 'toml'): unknown {
  if (format === 'json') return JSON.parse(text);
  return format === 'yaml' ? parseYaml(text, { logLevel: 'silent' }) : parseToml(text);
}

/** The same line may be there several times: each is another. */
function lines(text: string, items: Map<string, Item>): void {
  const all = text.split('\n');
  if (all.at(-1) !== '') all.pop(); // not ended yet
  for (const line of all) {
    if (line.trim() !== '') add(items, line, { container: '', keys: [], kind: 'line', needle: line });
  }
}

function onlyNumber(text: string, numbers: Map<string, Counted>): void {
  if (/^\s*\d{1,15}\s*$/.test(text)) numbers.set('', { keys: [], value: Number(text) });
}

function add(items: Map<string, Item>, name: string, item: Item): void {
  let unique = name;
  for (let more = 2; items.has(unique); more++) unique = `${name}#${more}`;
  items.set(unique, item);
}

interface Walk {
  readonly items: Map<string, Item>;
  readonly numbers: Map<string, Counted>;
  /** Are texts in quotes, as JSON has them? */
  readonly quoted: boolean;
}

function walk(value: unknown, keys: readonly string[], to: Walk): void {
  const container = keys.join('\u0000');
  if (typeof value === 'number' && Number.isSafeInteger(value)) to.numbers.set(container, { keys, value });
  if (typeof value !== 'object' || value === null || to.items.size > limits.itemsCompared) return;
  if (Array.isArray(value)) {
    for (const member of value) {
      const own = ownName(member);
      const needle = to.quoted || typeof own !== 'string' ? JSON.stringify(own) : own;
      add(to.items, `${container}[]${JSON.stringify(own)}`, {
        container: `${container}[]`,
        keys,
        kind: 'member',
        needle,
      });
    }
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const needle = to.quoted ? JSON.stringify(key) : key;
    add(to.items, `${container}.${key}`, { container: `${container}.`, keys, kind: 'key', key, needle });
    walk(inner, [...keys, key], to);
  }
}

/** Members that change keep their name. */
const NAMES = ['id', 'uuid', '_id', 'key', 'name', 'path'];

function ownName(member: unknown): unknown {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
  const name = NAMES.map((key) => (member as Record<string, unknown>)[key]).find(
    (each) => typeof each === 'string' || typeof each === 'number',
  );
  return name ?? member;
}
