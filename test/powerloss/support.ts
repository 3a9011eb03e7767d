import type { PowerModel } from '../../harness/faults/plan.ts';
import { type CrashState, crashStates } from '../../harness/powerloss/crash-states.ts';
import { type Disk, diskKey, type Inode } from '../../harness/powerloss/disk.ts';
import { applied, type Effect, type Write } from '../../harness/powerloss/effects.ts';

export const ROOT = 1;

/** A disk with files in its topmost directory; they get the numbers 2, 3, … */
export function diskOf(files: Readonly<Record<string, string>>): Disk {
  const names = Object.keys(files);
  const inodes = new Map<number, Inode>([
    [ROOT, { kind: 'directory', entries: new Map(names.map((name, index) => [name, index + 2])) }],
  ]);
  names.forEach((name, index) => {
    inodes.set(index + 2, { kind: 'file', content: Buffer.from(files[name]!), mode: 0o644 });
  });
  return { root: ROOT, inodes };
}

export const write = (file: number, bytes: string, from = 0): Write => ({
  kind: 'write',
  file,
  from,
  bytes: Buffer.from(bytes),
});

export const resize = (file: number, size: number): Effect => ({ kind: 'resize', file, size });

export const create = (name: string, file: number, directory = ROOT): Effect => ({
  kind: 'enter',
  directory,
  name,
  file,
  begins: { kind: 'file', mode: 0o644 },
});

export const mkdir = (name: string, file: number, directory = ROOT): Effect => ({
  kind: 'enter',
  directory,
  name,
  file,
  begins: { kind: 'directory' },
});

export const link = (name: string, file: number, directory = ROOT): Effect => ({
  kind: 'enter',
  directory,
  name,
  file,
});

export const remove = (name: string, directory = ROOT): Effect => ({ kind: 'remove', directory, name });

/** In the topmost directory. */
export const move = (file: number, from: string, to: string, replaces?: number): Effect => ({
  kind: 'move',
  file,
  from: { directory: ROOT, name: from },
  to: { directory: ROOT, name: to },
  ...(replaces !== undefined && { replaces }),
});

export const sync = (file: number): Effect => ({ kind: 'sync', file });

export const acknowledged = (operation = 'update'): Effect => ({ kind: 'acknowledged', operation });

/** Paths with content, in one line: `a=1 d/ d/b=2 l→a`. */
export function shown(disk: Disk): string {
  const found: string[] = [];
  const walk = (number: number, below: string): void => {
    const inode = disk.inodes.get(number)!;
    if (inode.kind !== 'directory') return;
    for (const [name, child] of [...inode.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const path = `${below}${name}`;
      const { kind, ...rest } = disk.inodes.get(child)!;
      if (kind === 'directory') found.push(`${path}/`);
      else found.push('content' in rest ? `${path}=${rest.content.toString().replaceAll('\0', '0')}` : path);
      walk(child, `${path}/`);
    }
  };
  walk(disk.root, '');
  return found.join(' ');
}

/** What the disk may hold once everything was acknowledged that ever is, each state once. */
export const afterwards = (initial: Disk, effects: readonly Effect[], model: PowerModel): readonly string[] =>
  shownAfter(initial, [...effects, acknowledged('the last')], model, (state) =>
    state.acknowledged.includes('the last'),
  );

/** What the disk may hold at any time. */
export const ever = (initial: Disk, effects: readonly Effect[], model: PowerModel): readonly string[] =>
  shownAfter(initial, effects, model, () => true);

function shownAfter(
  initial: Disk,
  effects: readonly Effect[],
  model: PowerModel,
  isMeant: (state: CrashState) => boolean,
): readonly string[] {
  const { states } = crashStates(initial, effects, model);
  return [...new Set(states.filter(isMeant).map(({ disk }) => shown(disk)))].sort();
}

export const everything = (initial: Disk, effects: readonly Effect[]): Disk => effects.reduce(applied, initial);

export const keysOf = (states: readonly CrashState[]): readonly string[] =>
  states.map(({ disk, acknowledged }) => `${acknowledged.length} ${diskKey(disk)}`).sort();
