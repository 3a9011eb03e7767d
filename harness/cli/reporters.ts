/** `--reporter`: what is asked for, where it goes, and how it gets there. */

import { randomUUID } from 'node:crypto';
import { accessSync, appendFileSync, constants, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { placesIn } from '../config/places.ts';
import type { Report } from '../report/report.ts';
import { type ReporterName, reporters } from '../report/reporters.ts';
import { isPartial, replaceText, writeResults } from '../report/results.ts';
import type { Look } from '../report/table.ts';
import type { LoadedConfig } from './catalogue.ts';
import { UsageError } from './exit.ts';
import { fitted } from './step-summary.ts';

/** One of them, and where it goes. */
export interface Request {
  readonly name: ReporterName;
  /** A path, or `-`; without it, where it usually goes. */
  readonly to?: string;
}

const names = Object.keys(reporters) as readonly ReporterName[];

/** These are made to be printed, one below the other. The others are whole files. */
const printed: ReadonlySet<ReporterName> = new Set(['table', 'github']);

/** Within --out. */
const files: Readonly<Record<Exclude<ReporterName, 'table' | 'github'>, string>> = {
  json: 'results.json',
  junit: 'junit.xml',
  sarif: 'results.sarif',
  markdown: 'report.md',
  html: 'report.html',
};

export const REPORTER_HELP =
  'how to tell of it; comma-separated, may be repeated: NAME, NAME=FILE, or NAME=- for standard output (default: table)';

export const REPORTERS = `
Reporters:
  table, github: printed. table is for people; github annotates a run of GitHub Actions, and adds to its summary
  json, junit, sarif, markdown, html: files in --out, which are ${Object.values(files).join(', ')}`;

/** Comma-separated, and the flag may be repeated. */
export const parseReporters = (text: string, before: readonly Request[] = []): readonly Request[] => [
  ...before,
  ...text.split(',').map((each) => parsed(each.trim(), `--reporter ${text}`)),
];

function parsed(text: string, said: string): Request {
  const [, word = '', to] = /^([^=]*)(?:=(.*))?$/s.exec(text)!;
  const name = names.find((each) => each === word);
  if (name === undefined) throw new UsageError(`${said}: '${word}' is none: expected ${names.join(', ')}`);
  if (to === '') throw new UsageError(`${said}: ${name}= needs a file, or - for standard output`);
  return to === undefined ? { name } : { name, to };
}

export interface Asked {
  /** On the command line. */
  readonly said?: readonly Request[] | undefined;
  /** What the configuration has, where nothing was said. */
  readonly configured?: string | readonly string[] | undefined;
  /** Standard output is for --json. */
  readonly json?: boolean | undefined;
}

/** What to render. @throws {UsageError} where two would get into each other's way, or a file can't be written. */
export function requestsOf({ said, configured, json = false }: Asked): readonly Request[] {
  const asked = said ?? (configured === undefined ? undefined : fromConfig(configured)) ?? [{ name: 'table' }];
  // Only what was said can contradict what was said.
  const requests = json && said === undefined ? asked.filter((request) => !isPrinted(request)) : asked;
  checkOutput(requests.filter(isPrinted), json);
  const paths = requests.flatMap(({ to }) => (to === undefined || to === '-' ? [] : [resolve(to)]));
  const twice = paths.find((path, at) => paths.indexOf(path) < at);
  if (twice !== undefined) throw new UsageError(`--reporter: two would be written to ${twice}; name another file`);
  for (const { name, to } of requests) if (to !== undefined && to !== '-') checkFile(`--reporter ${name}=${to}`, to);
  return requests;
}

function fromConfig(configured: string | readonly string[]): readonly Request[] {
  return [configured]
    .flat()
    .flatMap((text) => text.split(',').map((each) => parsed(each.trim(), `reporter: '${text}'`)));
}

export const isPrinted = ({ name, to }: Request): boolean => to === '-' || (to === undefined && printed.has(name));

/** The table, for whoever looks on. */
export const isTable = (request: Request): boolean => request.name === 'table' && isPrinted(request);

function checkOutput(requests: readonly Request[], json: boolean): void {
  const alone = requests.find(({ name }) => !printed.has(name));
  const said = requests.map(({ name, to }) => (to === undefined ? name : `${name}=${to}`)).join(',');
  if (json && requests.length > 0) {
    throw new UsageError(`--json with --reporter ${said}: both would be printed; leave --json out, or name a file`);
  }
  if (alone === undefined || requests.length === 1) return;
  throw new UsageError(
    `--reporter ${said}: all would be printed, and ${alone.name} must be alone there; give it a file: ${alone.name}=FILE`,
  );
}

/** Known before any work is done. */
function checkFile(flag: string, path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new UsageError(`${flag}: that is a directory; name a file`);
  const dir = dirname(path);
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    if (found !== undefined) accessSync(path, constants.W_OK);
    else {
      // Of root, and in /proc, only trying tells.
      const probe = join(dir, `.collide-${process.pid}`);
      writeFileSync(probe, '');
      rmSync(probe);
    }
  } catch (error) {
    throw new UsageError(`${flag}: can't be written to: ${(error as Error).message}; name another file`);
  }
}

export interface Rendering {
  /** Directory for what has no file of its own. */
  readonly out: string;
  /** What json is called there, where it is not the results of a run. */
  readonly json?: string;
}

/**
 * Renders a report in every way that was asked for. All are tried; what failed first is thrown in the end.
 *
 * Says which files it has written: on standard output below a table, else on standard error.
 */
export function renderReports(report: Report, requests: readonly Request[], rendering: Rendering): void {
  const failures: unknown[] = [];
  const tried = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failures.push(error);
    }
  };
  for (const request of requests.filter(isPrinted)) {
    const look = lookOf(process.stdout);
    const text = reporters[request.name](look === undefined ? report : { ...report, look });
    process.stdout.write(request.name === 'table' ? forPeople(text) : text);
    if (request.name === 'github') tried(() => summarize(report));
  }
  const say = requests.some(isTable) ? process.stdout : process.stderr;
  for (const request of requests.filter((each) => !isPrinted(each))) {
    tried(() => say.write(`${request.name}: ${writeReport(report, request, rendering)}\n`));
  }
  if (failures.length > 0) throw failures[0];
}

/** What files hold may look like a command of GitHub Actions where a line is broken: in its log, nothing in the text is one. */
export function forPeople(text: string): string {
  if (process.env.GITHUB_ACTIONS !== 'true') return text;
  const token = randomUUID();
  return `::stop-commands::${token}\n${text}\n::${token}::\n`;
}

/** Returns the path. */
function writeReport(report: Report, { name, to }: Request, { out, json }: Rendering): string {
  if (to !== undefined) return replaceText(to, reporters[name](report));
  if (name === 'json' && json === undefined) return writeResults(out, report.results);
  const file = name === 'json' ? json! : files[name as keyof typeof files];
  // As with the results: a part does not take the place of a whole.
  const usual = isPartial(report.results) ? file.replace(/(\.\w+)$/, '.partial$1') : file;
  return replaceText(join(out, usual), reporters[name](report));
}

/** Below what other commands of the step have added. */
function summarize(report: Report): void {
  const { GITHUB_STEP_SUMMARY: path } = process.env;
  if (path === undefined || path === '') return;
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  appendFileSync(path, fitted(reporters.markdown(report), before));
}

/** Where targets of the user's own are written down. */
export const placesOf = (config: LoadedConfig | undefined): Pick<Report, 'places'> =>
  config === undefined ? {} : { places: placesIn(config.path, config.targets) };

/** Undefined where it is no terminal. */
export const lookOf = (stream: NodeJS.WriteStream): Look | undefined =>
  stream.columns === undefined ? undefined : { columns: stream.columns, colour: stream.hasColors?.() ?? false };
