/** From what users write down to scenarios, like those of the catalogue. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import picomatch from 'picomatch';
import type { Files } from '../history/execution.ts';
import { limits } from '../limits.ts';
import { type Expect, type Expecting, type Judge, oracleOf } from '../oracle/expect.ts';
import type { Oracle } from '../oracle/finding.ts';
import { neverTorn } from '../oracle/torn-state.ts';
import type { Perform, Scenario, Strategy } from '../scenario/scenario.ts';
import { commandOf, filledIn, PLACES, uuidOf } from './commands.ts';
import { type CommandTarget, isScenario, type Reference, type SessionTarget, type Target } from './config.ts';
import { checkCopied, copy } from './copied.ts';
import { ConfigError } from './error.ts';
import { viewOf } from './view.ts';

/** Where a target was written down. */
export interface Origin {
  /** Paths are relative to it. */
  readonly dir: string;
  /** For people: the name of the file. */
  readonly name: string;
}

/** @throws {ConfigError} where a target names what is not there. */
export async function scenarioOf(target: Target | Scenario, origin: Origin): Promise<Scenario> {
  if (isScenario(target)) return { ...target, source: target.source ?? origin.name };
  const from = target.dir === undefined ? undefined : resolve(origin.dir, target.dir);
  if (from !== undefined) checkCopied(from, `${origin.name}: ${target.id}: dir ${target.dir}`);
  const own = 'commands' in target ? commandParts(target, from, origin) : await sessionParts(target, from, origin);
  const expect = (await Promise.all((target.expect ?? ['serial']).map((each) => expectOf(each, origin)))) as Expect[];
  const about = {
    writers: target.writers ?? own.listed ?? limits.writersMin,
    entryOf: own.entryOf,
    prefix: own.prefix,
    marks: PLACES.marks,
    before: filesBefore(target, from),
  };
  // Sessions that differ can't do without each other; a state in the end that is told of is that of so many.
  const needed = own.differ || expect.some(isAboutAll);
  const all = target.writers ?? (needed ? about.writers : undefined);
  return {
    id: target.id,
    priority: target.priority ?? 'P1',
    source: origin.name,
    resource: target.resource ?? own.resource,
    place: target.place ?? 'project',
    touchedBy: target.touchedBy ?? 'every session',
    writers: own.writers,
    writersMin: all ?? limits.writersMin,
    writersMax: all ?? own.lines.length,
    operations: 1,
    setup: own.setup,
    view: watching(target, own.prefix),
    serial: {
      lines: own.lines,
      isRight: expect.includes('serial') || expect.every((each) => each === 'all-succeed'),
      ...(expect.includes('all-succeed') ? { allSucceed: true } : {}),
      untested: untestedIn(target, own.prefix),
    },
    learnsNames: true,
    oracles: [
      ...('commands' in target ? [] : [neverTorn()]),
      ...expect.flatMap((each, at) =>
        each === 'serial' ? [] : [oracleFor(target.id, each, about, origin, judgeWords(target, at, origin))],
      ),
    ],
    strategies: {
      [own.strategy]: {
        does: own.does,
        truth: target.truth ?? 'SAFE',
        why: `as ${origin.name} says`,
        ...((target.truth ?? 'SAFE') === 'SAFE'
          ? { noFix: `it is your own writer, and stands in ${origin.name}` }
          : {}),
        perform: own.perform,
      },
    },
  };
}

/** How the judge is called that stands at this place, if one does. */
function judgeWords({ id, expect = [] }: Target, at: number, { dir, name }: Origin): string {
  const said = expect[at];
  if (typeof said !== 'object' || !('module' in said)) return `of ${id} in ${name}`;
  const { module, export: exported } = said;
  const path = module.startsWith('file:') ? fileURLToPath(module) : module;
  const shown = isAbsolute(path) && path.startsWith(`${dir}/`) ? `./${relative(dir, path)}` : path;
  return exported === undefined ? shown : `${exported} of ${shown}`;
}

function oracleFor(
  id: string,
  expect: Exclude<Expect, 'serial'>,
  about: Expecting,
  origin: Origin,
  judge: string,
): Oracle {
  try {
    return oracleOf(expect, about, judge);
  } catch (error) {
    throw new ConfigError(`${origin.name}: ${id}: expect: ${(error as Error).message}`);
  }
}

/** What counts: all that matches, and what is expected to be there; everything, where nothing is said. */
function watching({ watch, expect = [] }: Target, prefix: string): (dir: string, files: Files) => Files {
  if (watch === undefined) return viewOf;
  const named = expect.flatMap((each) => (typeof each === 'object' ? filesOf(each) : []));
  const counts = picomatch([...[...watch, ...named].map((glob) => prefix + glob), PLACES.marks], { dot: true });
  // A view names what it makes of a file after that: `work/db (SQLite)`.
  return (dir, files) =>
    Object.fromEntries(Object.entries(viewOf(dir, files)).filter(([path]) => counts(path.replace(/ \(\w+\)$/, ''))));
}

/** What counts never comes to be, or nobody says where the section is that excludes others: then nothing would be judged. */
function untestedIn({ watch, expect = [] }: Target, prefix: string): (states: readonly Files[]) => string | undefined {
  const logs = expect.flatMap((each) =>
    typeof each === 'object' && 'exclusion' in each
      ? [each.exclusion === true ? PLACES.marks : prefix + each.exclusion]
      : [],
  );
  return (states) => {
    if (watch !== undefined && states.every((files) => Object.keys(files).every((path) => path === PLACES.marks))) {
      const globs = watch.map((glob) => `'${glob}'`).join(' and ');
      return `watch ${globs} matches nothing that the sessions find or leave, so nothing was tested: patterns begin in the directory, such as 'n' or '**/*.json'`;
    }
    const silent = logs.find((log) => !states.some((files) => /^\+/m.test(files[log] ?? '')));
    if (silent === undefined) return undefined;
    return silent === PLACES.marks
      ? 'no command has run `collide-enter`, so exclusion was not tested'
      : `no session has written a line with + to ${silent}, so exclusion was not tested`;
  };
}

/** What follows from what the sessions are. */
interface Parts {
  readonly strategy: string;
  readonly does: string;
  readonly writers: string;
  readonly resource: string;
  readonly perform: Strategy['perform'];
  readonly setup: Scenario['setup'];
  /** Of each session, by index: those with the same are alike. */
  readonly lines: readonly string[];
  /** How many sessions are told of one by one. */
  readonly listed: number | undefined;
  readonly differ: boolean;
  readonly entryOf: (session: number) => string;
  readonly prefix: string;
}

function commandParts({ id, commands, files, home }: CommandTarget, from: string | undefined, origin: Origin): Parts {
  const homeFrom = home === undefined ? undefined : resolve(origin.dir, home);
  if (homeFrom !== undefined) checkCopied(homeFrom, `${origin.name}: ${id}: home ${home}`);
  const given = typeof commands === 'string' ? Array.from({ length: limits.writersMax }, () => commands) : commands;
  const lines = given.map((line, session) => filledIn(line, id, session));
  return {
    strategy: 'commands',
    does: [...new Set(given)].join(' | '),
    writers: 'the commands',
    resource: from === undefined ? 'files of its own' : `a copy of ${from}`,
    perform: commandOf(id, lines),
    setup: (at) => {
      place(join(at, PLACES.work), from, files);
      if (homeFrom === undefined) mkdirSync(join(at, PLACES.home));
      else copy(homeFrom, join(at, PLACES.home));
      mkdirSync(join(at, PLACES.temporary));
    },
    lines,
    listed: typeof commands === 'string' ? undefined : commands.length,
    differ: new Set(given).size > 1,
    entryOf: (session) => uuidOf(id, session),
    prefix: `${PLACES.work}/`,
  };
}

async function sessionParts(
  { session, setup, files }: SessionTarget,
  from: string | undefined,
  origin: Origin,
): Promise<Parts> {
  const listed = Array.isArray(session) ? (session as readonly (Perform | Reference)[]) : undefined;
  const performs = await Promise.all(
    (listed ?? [session as Perform | Reference]).map((each) => codeOf<Perform>(each, origin)),
  );
  const more = setup === undefined ? undefined : await codeOf<(dir: string) => void>(setup, origin);
  const names = performs.map(({ name }, at) => (performs.length === 1 ? 'session' : name || `session ${at}`));
  return {
    strategy: 'session',
    does: performs.length === 1 ? performs[0]!.name || 'a function' : names.join(' | '),
    writers: 'functions',
    resource: from === undefined ? 'files of its own' : `a copy of ${from}`,
    perform: (own) => performs[own.index % performs.length]!(own),
    setup: (at) => {
      place(at, from, files);
      more?.(at);
    },
    lines: listed === undefined ? Array.from({ length: limits.writersMax }, () => names[0]!) : names,
    listed: listed?.length,
    differ: listed !== undefined,
    entryOf: (index) => `s${index}.0`,
    prefix: '',
  };
}

function place(at: string, from: string | undefined, files: Files = {}): void {
  mkdirSync(at, { recursive: true });
  if (from !== undefined) copy(from, at);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), text);
  }
}

const filesOf = (expect: Exclude<Expect, 'serial' | 'all-succeed' | Judge> | Reference): readonly string[] =>
  Object.entries(expect).flatMap(([key, value]) => (FILE_KEYS.has(key) && typeof value === 'string' ? [value] : []));

const FILE_KEYS: ReadonlySet<string> = new Set(['counter', 'entriesOnce', 'json', 'exclusion']);

/** Those that an expectation names. */
function filesBefore({ files = {}, expect = [] }: Target, from: string | undefined): Files {
  const named = expect.flatMap((each) => (typeof each === 'object' && 'counter' in each ? [each.counter] : []));
  const there = named.flatMap((path) => {
    try {
      return files[path] !== undefined || from === undefined ? [] : [[path, readFileSync(join(from, path), 'utf8')]];
    } catch {
      return []; // the sessions make it
    }
  });
  return { ...Object.fromEntries(there), ...files };
}

const isAboutAll = (expect: Expect): boolean =>
  typeof expect === 'function' || (typeof expect === 'object' && 'json' in expect);

const expectOf = async (expect: Expect | Reference, origin: Origin): Promise<Expect> =>
  typeof expect === 'object' && 'module' in expect ? await codeOf<Judge>(expect, origin) : expect;

/** @throws {ConfigError} where a module does not export the function. */
async function codeOf<T extends (...args: never[]) => unknown>(code: T | Reference, origin: Origin): Promise<T> {
  if (typeof code === 'function') return code;
  const { module, export: name = 'default' } = code;
  const path = module.startsWith('file:')
    ? fileURLToPath(module)
    : isAbsolute(module)
      ? module
      : resolve(origin.dir, module);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(`${origin.name}: module ${module} can't be loaded: ${(error as Error).message}`);
  }
  const found = exported[name];
  if (typeof found === 'function') return found as T;
  const others = Object.keys(exported).filter((each) => typeof exported[each] === 'function');
  throw new ConfigError(
    `${origin.name}: module ${module} exports no function called '${name}'; it exports ${others.join(', ') || 'none'}`,
  );
}
