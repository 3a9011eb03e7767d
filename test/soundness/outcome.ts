/** What a program comes to: all that anybody can see of it, as one text. */

import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as calls from './calls.ts';
import type { Entry } from './program.ts';

/** Of each session. */
export interface Ended {
  readonly answers: readonly string[];
  /** It could never go on. */
  readonly stuck: boolean;
}

export const outcomeOf = (sessions: readonly Ended[], state: string): string =>
  [
    ...sessions.map(({ answers, stuck }, session) => `${session}: ${answers.join(' ')}${stuck ? ' STUCK' : ''}`),
    state,
  ].join('\n');

/** All times are the same, and long ago. */
const MADE_S = 500;

export function setUp(root: string, initial: readonly Entry[]): void {
  for (const entry of initial) {
    const path = join(root, entry.path);
    if (entry.type === 'file') writeFileSync(path, entry.content);
    else if (entry.type === 'directory') mkdirSync(path);
    else if (entry.type === 'symlink') symlinkSync(entry.target, path);
    else linkSync(join(root, entry.of), path);
  }
  for (const { type, path } of initial) if (type !== 'symlink') calls.utimes(join(root, path), MADE_S);
}

/** Names, types, modes, link counts, times that were set, attributes, content; which names are one file. */
export function stateOf(root: string): string {
  const lines: string[] = [];
  const inodes = new Map<number, string>();
  const walk = (below: string): void => {
    for (const name of readdirSync(join(root, below)).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      const full = join(root, path);
      const { type, mode, links, time } = calls.stat(full, false) as calls.Stat;
      const { ino } = lstatSync(full);
      const same = inodes.get(ino);
      inodes.set(ino, same ?? path);
      // A link has no attributes and no time of its own here: no instruction sets them.
      const xattr = type === 'link' ? '' : calls.getxattr(full);
      const held =
        type === 'file' ? JSON.stringify(readFileSync(full, 'latin1')) : type === 'link' ? readlinkSync(full) : '';
      lines.push(
        [
          path,
          type,
          ...(type === 'link' ? [] : [mode, `links ${links}`, `time ${time}`]),
          ...(xattr === '' || xattr === 'ENODATA' ? [] : [`x=${xattr}`]),
          ...(same === undefined ? [] : [`is ${same}`]),
          held,
        ].join(' '),
      );
      if (type === 'directory') walk(path);
    }
  };
  walk('');
  return lines.join('\n');
}
