/** A case of real life as a target: sessions that write as its writer does, to what was there before. */

import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import type { Reference, SessionTarget } from '../config/config.ts';
import type { CollisionClass } from '../oracle/finding.ts';
import { packageRoot } from '../scenario/command.ts';
import type { SeenVersion, Sighting } from './sighting.ts';

/** Files for the directory of a case. */
export interface Skeleton {
  readonly config: { readonly targets: readonly SessionTarget[] };
  /** What the sessions do: a module. */
  readonly session: string;
  /** What shows the class, in that directory. */
  readonly command: string;
}

/** What is special about one case. */
interface Parts {
  /** Below fixtures/cases. */
  readonly module: string;
  /** Its functions that sessions run. */
  readonly session: string | readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly truth?: readonly CollisionClass[];
  readonly expect?: SessionTarget['expect'];
  readonly at?: readonly string[];
  readonly command?: string;
}

/** @returns undefined where no session can be told from what was seen. */
export function skeletonOf(sighting: Sighting): Skeleton | undefined {
  const parts = partsOf(sighting, basename(sighting.path));
  if (parts === undefined) return undefined;
  const {
    module,
    session,
    files,
    truth,
    expect,
    at = [],
    command = 'collide run --config collide.config.json',
  } = parts;
  const { path, what, writer } = sighting;
  const target: SessionTarget = {
    id: idOf(path),
    resource: `${path}: ${what}`,
    files,
    session: typeof session === 'string' ? exported(session) : session.map(exported),
    ...(expect === undefined ? {} : { expect }),
    ...(truth === undefined ? {} : { truth }),
  };
  const written = readFileSync(join(packageRoot(), 'fixtures/cases', module), 'utf8')
    .replace(/^const FILE = .*$/m, () => `const FILE = ${JSON.stringify(basename(path))};`)
    .replace(/^const IN_PLACE = .*$/m, `const IN_PLACE = ${writer?.inPlace ?? true};`)
    .replace(/^const AT = .*$/m, () => `const AT = ${JSON.stringify(at)};`);
  return { config: { targets: [target] }, session: written, command };
}

const exported = (name: string): Reference => ({ module: './session.mjs', export: name });

const idOf = (path: string): string =>
  basename(path)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'file';

function partsOf(sighting: Sighting, file: string): Parts | undefined {
  switch (sighting.kind) {
    case 'torn': {
      const files = { [file]: wholeText(sighting) };
      return { module: 'torn-state.mjs', session: ['write', 'read'], files, truth: ['TORN_STATE'] };
    }
    case 'torn-ledger':
      return ledger(sighting, file);
    case 'vanished':
      return vanished(sighting, file);
    case 'went-back':
      return counter(sighting, file);
    case 'stale-lock':
      return {
        module: 'lock.mjs',
        session: 'work',
        files: { 'work.log': '' },
        expect: [{ entriesOnce: 'work.log' }],
        command: 'collide faults --kinds crash --config collide.config.json',
      };
    case 'pile':
      return undefined;
  }
}

/** Longer files are not made anew for every execution: a small one of the same kind does as well. */
const TEXT_CHARS = 16 * 1024;

/** What was there before, or after; a small one of its kind where that is too long, or was not seen. */
function wholeText({ path, versions }: Sighting): string {
  const found = textOf(versions, 'before') ?? textOf(versions, 'after');
  if (found !== undefined && found !== '' && found.length <= TEXT_CHARS) return found;
  const small: Readonly<Record<string, string>> = { '.yaml': 'n: 1\n', '.yml': 'n: 1\n', '.toml': 'n = 1\n' };
  return small[extname(path).toLowerCase()] ?? '{"n":1}\n';
}

function textOf(versions: readonly SeenVersion[], role: SeenVersion['role']): string | undefined {
  const bytes = versions.find((version) => version.role === role)?.bytes;
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

const ONE_LINE = '{"id":"first"}\n';

function ledger({ damage }: Sighting, file: string): Parts {
  switch (damage?.kind) {
    case 'nul-run':
      return {
        module: 'sparse.mjs',
        session: ['append', 'rotate'],
        files: { [file]: ONE_LINE },
        truth: ['TORN_LINES'],
      };
    case 'old-tail': {
      const truth = ['LAST_WRITER_WINS', 'TORN_LINES'] as const;
      return { module: 'rewrite.mjs', session: 'append', files: { [file]: '' }, truth };
    }
    default:
      return { module: 'pieces.mjs', session: 'append', files: { [file]: '' }, truth: ['TORN_LINES'] };
  }
}

/** Who parses what it reads meets an empty file where others write in place. */
const truthOf = ({ writer }: Sighting): readonly CollisionClass[] =>
  writer?.inPlace === false ? ['LAST_WRITER_WINS'] : ['LAST_WRITER_WINS', 'TORN_STATE'];

function vanished(sighting: Sighting, file: string): Parts {
  const expect = [{ entriesOnce: file }];
  if (/\.(jsonl|ndjson)$/i.test(file)) {
    return { module: 'add-line.mjs', session: 'add', files: { [file]: ONE_LINE }, truth: ['LAST_WRITER_WINS'], expect };
  }
  const text = wholeText(sighting);
  const own = leadsSomewhere(text, sighting.writer?.at ?? []);
  // The sessions speak JSON; what is read, changed and written is the same in another language.
  const files = { [file]: own ? text : '{"entries":[]}\n' };
  const at = own ? (sighting.writer?.at ?? []) : ['entries'];
  return { module: 'add-member.mjs', session: 'add', files, truth: truthOf(sighting), expect, at };
}

function counter(sighting: Sighting, file: string): Parts {
  const at = sighting.writer?.at ?? [];
  if (at.length === 0) {
    // To a writer of plain numbers an empty text is 0: nothing is torn.
    const plain = { files: { [file]: '41\n' }, expect: [{ counter: file }], truth: ['LAST_WRITER_WINS'] as const };
    return { module: 'count.mjs', session: 'count', ...plain };
  }
  const text = wholeText(sighting);
  const nested = at.reduceRight<unknown>((value, key) => ({ [key]: value }), 41);
  const files = { [file]: leadsSomewhere(text, at) ? text : `${JSON.stringify(nested)}\n` };
  const path = `$${at.map((key) => `[${JSON.stringify(key)}]`).join('')}`;
  return {
    module: 'count.mjs',
    session: 'count',
    files,
    truth: truthOf(sighting),
    expect: [{ counter: file, path }],
    at,
  };
}

function leadsSomewhere(text: string, keys: readonly string[]): boolean {
  try {
    const found = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], JSON.parse(text));
    return found !== undefined && found !== null;
  } catch {
    return false;
  }
}
