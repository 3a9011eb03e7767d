/** A directory that is watched, told by hand: what is there when, without a clock and without files. */

import { formatsFor } from '../../harness/life/choice.ts';
import type { LockSeen, Sighting } from '../../harness/life/sighting.ts';
import { watching } from '../../harness/life/watching.ts';

/** One thing that happens; `ms` since the one before: 10 where it is left out. */
export type Happening = { readonly ms?: number } & (
  | { readonly write: string; readonly text: string | Uint8Array }
  /** Another file takes its place. */
  | { readonly rename: string; readonly text: string | Uint8Array }
  | { readonly remove: string }
  | { readonly name: string }
  | { readonly git: true }
  | { readonly locks: readonly LockSeen[] }
);

/** What is seen of it in the end: a minute later, so that nothing is left in suspense. */
export function lifeOf(happenings: readonly Happening[], lockAgeMs = 600_000): readonly Sighting[] {
  const machine = watching({ formatOf: formatsFor(undefined), lockAgeMs });
  const found: Sighting[] = [];
  const files = new Map<string, number>();
  let births = 0;
  let atMs = 0;
  const born = (path: string): number => {
    births++;
    files.set(path, births);
    return births;
  };
  for (const happening of happenings) {
    atMs += happening.ms ?? 10;
    if ('write' in happening || 'rename' in happening) {
      const path = 'write' in happening ? happening.write : happening.rename;
      const inode = 'write' in happening ? (files.get(path) ?? born(path)) : born(path);
      const bytes = Buffer.from(happening.text);
      found.push(...machine.observe({ type: 'file', path, atMs, identity: String(inode), bytes }));
    } else if ('remove' in happening) {
      files.delete(happening.remove);
      found.push(...machine.observe({ type: 'gone', path: happening.remove, atMs }));
    } else if ('name' in happening) found.push(...machine.observe({ type: 'name', path: happening.name, atMs }));
    else if ('git' in happening) found.push(...machine.observe({ type: 'git', atMs }));
    else found.push(...machine.observe({ type: 'look', atMs, locks: happening.locks }));
    if (happening === happenings[0]) machine.begin();
  }
  return [...found, ...machine.observe({ type: 'look', atMs: atMs + 60_000, locks: [] })];
}

/** `kind class path`, and `(likely)` where it is no more than that. */
export const inWords = ({ kind, class: name, path, sureness }: Sighting): string =>
  `${kind} ${name ?? '-'} ${path}${sureness === 'likely' ? ' (likely)' : ''}`;

/** One file, in place, as it is read again and again. */
export const versions = (path: string, ...texts: readonly string[]): readonly Happening[] =>
  texts.map((text) => ({ write: path, text }));
