/** What a step does, in words that need no manual of the system calls. */

import type { Call, Step } from '../history/step.ts';
import { NO_TEXT } from '../history/text.ts';

export interface Telling {
  /** Name the file? It need not be said again where it has just been said. */
  readonly named?: boolean;
  /** Show the data that was read or written? */
  readonly data?: boolean;
  /** Is it the first read of the file since it was opened? An end of file means something else then. */
  readonly first?: boolean;
}

/** `read {"fire_count":41}`, `create health.json.%`, `mkdir verdicts.lock: already there`. */
export function stepWords(step: Step, { named = true, data = true, first = false }: Telling = {}): string {
  const { verb, besides = '' } = deeds[step.call](step);
  const object = objectOf(step, named);
  const deed = object === '' ? verb.replace(/ (of|to|from)$/, '') : `${verb} ${object}`;
  if (step.fault !== undefined) return `⚡ ${deed}${besides}: ${step.fault}`;
  const result = resultOf(step);
  if (result !== undefined) return `${deed}${besides}: ${result}`;
  const content = data ? contentOf(step, first) : undefined;
  if (content === undefined) return `${deed}${besides}`;
  // What is no data is set apart from it; so are data from the name of their file.
  return `${deed}${besides}${object === '' && content.isData ? '' : ':'} ${content.words}`;
}

interface Deed {
  readonly verb: string;
  /** What comes behind the object. */
  readonly besides?: string;
}

const deeds: Readonly<Record<Call, (step: Step) => Deed>> = {
  open: opening,
  read: () => ({ verb: 'read' }),
  write: () => ({ verb: 'write' }),
  truncate: () => ({ verb: 'set the length of' }),
  copy: () => ({ verb: 'copy' }),
  stat: () => ({ verb: 'stat' }),
  access: () => ({ verb: 'access' }),
  list: () => ({ verb: 'list' }),
  readlink: () => ({ verb: 'readlink' }),
  execute: () => ({ verb: 'execute' }),
  rename: (step) => ({ verb: 'rename', besides: has(step, 'NOREPLACE') ? IF_NEW : '' }),
  link: () => ({ verb: 'link' }),
  symlink: () => ({ verb: 'symlink' }),
  unlink: () => ({ verb: 'unlink' }),
  mkdir: () => ({ verb: 'mkdir' }),
  rmdir: () => ({ verb: 'rmdir' }),
  attributes: () => ({ verb: 'set attributes of' }),
  sync: () => ({ verb: 'flush', besides: ' (fsync)' }),
  lock: () => ({ verb: 'lock' }),
  trylock: () => ({ verb: 'try to lock' }),
  unlock: () => ({ verb: 'unlock' }),
  close: () => ({ verb: 'close', besides: ', with any lock on it' }),
  map: () => ({ verb: 'map' }),
  exit: ({ accesses }) => ({ verb: 'exit', besides: accesses?.length === 0 ? '' : ', giving its locks back' }),
  sleep: () => ({ verb: 'sleep' }),
  connect: () => ({ verb: 'connect to' }),
  send: () => ({ verb: 'send to' }),
  receive: () => ({ verb: 'receive from' }),
  disconnect: () => ({ verb: 'disconnect from' }),
  power: () => ({ verb: 'the power fails' }),
};

const IF_NEW = ', if not there';

const has = ({ flags = [] }: Step, flag: string): boolean => flags.includes(flag);

function opening(step: Step): Deed {
  const exclusive = has(step, 'CREAT') && has(step, 'EXCL');
  const creates = exclusive || (has(step, 'CREAT') && (step.error !== undefined || makesEntry(step)));
  const unsure = !creates && has(step, 'CREAT') && step.accesses === undefined;
  const purpose = has(step, 'APPEND') ? ' to append' : '';
  const empties = has(step, 'TRUNC') && !creates ? ', emptying it' : '';
  return {
    verb: creates ? 'create' : unsure ? 'open or create' : 'open',
    besides: `${purpose}${empties}${exclusive ? IF_NEW : ''}`,
  };
}

const makesEntry = ({ accesses = [] }: Step): boolean =>
  accesses.some(({ object, mode }) => object.startsWith('entry ') && mode === 'write');

/** Does it name a path, and not something that is open already? */
export const looksUp = ({ accesses = [] }: Step): boolean => accesses.some(({ object }) => object.startsWith('entry '));

/** The path that the gate gives to all that lies outside of the resource. */
const OUTSIDE = '/';

function objectOf({ call, path, to }: Step, named: boolean): string {
  if (call === 'exit' || call === 'sleep' || call === 'power') return '';
  if (to !== undefined) {
    return `${path === OUTSIDE ? 'a file elsewhere' : nameOf(path)} → ${to === OUTSIDE ? 'elsewhere' : nameOf(to)}`;
  }
  return named ? nameOf(path) : '';
}

const nameOf = (path: string): string => (path === '' ? '.' : visible(path, PATH_CHARS));

const PATH_CHARS = 80;

export function resultOf(step: Step): string | undefined {
  const { call, error } = step;
  if (error !== undefined) return errorWords(step, error);
  if (call === 'trylock') return 'got it';
  return (call === 'stat' || call === 'access') && looksUp(step) ? 'there' : undefined;
}

const errors: Readonly<Record<string, string>> = {
  ENOENT: 'not there',
  EEXIST: 'already there',
  ENOTEMPTY: 'not empty',
  ENOTDIR: 'not a directory',
  EISDIR: 'a directory',
  EACCES: 'not allowed',
  EPERM: 'not allowed',
  ELOOP: 'links in a circle',
  EXDEV: 'on another file system',
  ENOSPC: 'no space left',
};

export function errorWords(step: Step, error: string): string {
  const { call } = step;
  if (call === 'lock' || call === 'trylock') {
    if (['EAGAIN', 'EWOULDBLOCK', 'EACCES'].includes(error)) return 'taken';
  }
  // What is made need not be there; the directory that it is to be in does.
  const makes = call === 'mkdir' || call === 'symlink' || (call === 'open' && has(step, 'CREAT'));
  if (makes && error === 'ENOENT') return 'no directory for it';
  return errors[error] ?? error;
}

function contentOf(
  { call, data, bytes }: Step,
  first: boolean,
): { readonly words: string; readonly isData: boolean } | undefined {
  if (call === 'send' || call === 'receive') return { words: wireWords(data ?? '') || `${bytes} bytes`, isData: true };
  if (call !== 'read' && call !== 'write') return undefined;
  if (data === '' || bytes === 0) {
    return { words: call === 'write' ? 'nothing' : first ? 'empty' : 'nothing more', isData: false };
  }
  if (data === undefined || NO_TEXT.test(data)) {
    return bytes === undefined ? undefined : { words: `${bytes} bytes`, isData: true };
  }
  const wanting = bytes !== undefined && Buffer.byteLength(data) < bytes; // only the beginning was kept
  const words = wanting
    ? `${visible([...data].slice(0, DATA_CHARS).join(''), DATA_CHARS)}…`
    : visible(data, DATA_CHARS);
  const cut = bytes !== undefined && (wanting || [...data].length > DATA_CHARS);
  return { words: cut ? `${words} (${bytes} bytes)` : words, isData: true };
}

const DATA_CHARS = 60;

/** What a reader can make of a message in some protocol: the words in it, without what frames and counts them. */
function wireWords(data: string): string {
  const words = data.split(/[\p{C}\uFFFD]+/u).map((word) => word.trim());
  return visible(words.filter((word) => word.length > 1 && !RESP_LENGTH.test(word)).join(' '), DATA_CHARS);
}

/** Redis says how many words follow, and how long each is. */
const RESP_LENGTH = /^[*$]\d+$/;

/** A piece of a file as it stands there: control characters made visible, and where it is long, without its middle. */
export function visible(text: string, chars: number): string {
  const points = [...text];
  if (points.length <= chars) return points.map(mark).join('');
  const tail = Math.floor(chars / 3);
  return [...points.slice(0, chars - tail).map(mark), '…', ...points.slice(-tail).map(mark)].join('');
}

const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;

function mark(char: string): string {
  if (!invisible.test(char)) return char;
  const code = char.codePointAt(0)!;
  if (char === '\n') return '↵';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code); // the block Control Pictures
  return code === 0x7f ? '␡' : `\\u{${code.toString(16)}}`;
}
