import fc from 'fast-check';
import type { Disk } from '../../harness/powerloss/disk.ts';
import { applied, type Effect, entriesIn } from '../../harness/powerloss/effects.ts';
import { BLOCK } from '../../harness/powerloss/units.ts';
import { create, diskOf, mkdir, ROOT, resize, sync } from './support.ts';

/** A disk on which something can be done at once. */
export const start: Disk = diskOf({ a: 'old a', b: 'b'.repeat(BLOCK + 10) });

const name = fc.constantFrom('a', 'b', 'c');
const directory = fc.constantFrom('', 'd');

/** What is meant, of which only what is possible becomes an effect. */
const intent = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constant('write' as const),
      name,
      from: fc.constantFrom(0, 3, 'end' as const, BLOCK - 1, BLOCK, 2 * BLOCK),
      length: fc.constantFrom(1, 4, BLOCK),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant('resize' as const),
      name,
      size: fc.constantFrom(0, 2, 7, BLOCK, BLOCK + 20, 2 * BLOCK),
    }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom('create', 'unlink'), name, in: directory }) },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constantFrom('rename', 'link'),
      name,
      in: directory,
      to: name,
      toIn: directory,
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constantFrom('mkdir', 'rename d'), to: fc.constantFrom('d', 'e') }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constantFrom('sync', 'fdatasync'), name, in: directory }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('sync directory' as const), in: directory }) },
);

type Intent = typeof intent extends fc.Arbitrary<infer T> ? T : never;

/** Sequences of effects that sessions can have on `start`, without acknowledgements. */
export const sequences = (maxLength: number, withSync = true): fc.Arbitrary<readonly Effect[]> =>
  fc.array(intent, { maxLength }).map((intents) => {
    const effects: Effect[] = [];
    let disk = start;
    let next = 10;
    intents.forEach((intent, index) => {
      const effect = effectOf(intent, disk, next, index);
      if (!effect || (effect.kind === 'sync' && !withSync)) return;
      effects.push(effect);
      disk = applied(disk, effect);
      next++;
    });
    return effects;
  });

function effectOf(intent: Intent, disk: Disk, next: number, index: number): Effect | undefined {
  const directoryOf = (which: string): number | undefined => (which === '' ? ROOT : entriesIn(disk, ROOT).get(which));
  const find = (which: string, name: string): number | undefined => {
    const directory = directoryOf(which);
    return directory === undefined ? undefined : entriesIn(disk, directory).get(name);
  };
  const fill = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index % 26]!;
  if ('from' in intent) {
    const file = find('', intent.name) ?? find('d', intent.name);
    if (file === undefined) return undefined;
    const inode = disk.inodes.get(file)!;
    const from = intent.from === 'end' ? (inode.kind === 'file' ? inode.content.length : 0) : intent.from;
    return { kind: 'write', file, from, bytes: Buffer.from(fill.repeat(intent.length)) };
  }
  if ('size' in intent) {
    const file = find('d', intent.name) ?? find('', intent.name);
    return file === undefined ? undefined : resize(file, intent.size);
  }
  if ('toIn' in intent) {
    const file = find(intent.in, intent.name);
    const to = directoryOf(intent.toIn);
    const there = find(intent.toIn, intent.to);
    if (file === undefined || to === undefined || there === file) return undefined;
    if (intent.call === 'link') {
      return there === undefined ? { kind: 'enter', directory: to, name: intent.to, file } : undefined;
    }
    return {
      kind: 'move',
      file,
      from: { directory: directoryOf(intent.in)!, name: intent.name },
      to: { directory: to, name: intent.to },
      ...(there !== undefined && { replaces: there }),
    };
  }
  if ('to' in intent) {
    if (intent.call === 'mkdir') return find('', intent.to) === undefined ? mkdir(intent.to, next) : undefined;
    const moved = find('', 'd');
    if (moved === undefined || find('', 'e') !== undefined) return undefined;
    const [from, to] = [
      { directory: ROOT, name: 'd' },
      { directory: ROOT, name: 'e' },
    ];
    return { kind: 'move', file: moved, from, to };
  }
  if (intent.call === 'sync directory') {
    const directory = directoryOf(intent.in);
    return directory === undefined ? undefined : sync(directory);
  }
  const directory = directoryOf(intent.in);
  const file = find(intent.in, intent.name);
  if (directory === undefined) return undefined;
  if (intent.call === 'create') return file === undefined ? create(intent.name, next, directory) : undefined;
  if (file === undefined) return undefined;
  if (intent.call === 'unlink') return { kind: 'remove', directory, name: intent.name };
  return intent.call === 'sync' ? sync(file) : { kind: 'sync', file, dataOnly: true };
}
