/**
 * The source of a strategy, and of all that it takes: cut out of the files that are run, so that it can be read and copied.
 * Knows our own sources only, as Biome formats them: what begins a line at its very start begins a declaration.
 */

import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { packageRoot } from './command.ts';
import type { Scenario } from './scenario.ts';

/** A file below the root of the package, or what is needed of it. */
export interface Excerpt {
  readonly file: string;
  readonly text: string;
}

/**
 * Whatever comes first is needed by what comes later. The last excerpt of a function ends with the strategy's own properties.
 *
 * @throws where the strategy is not to be found in the file that is called like the scenario.
 */
export function sourceOf({ id, strategies }: Scenario, name: string): readonly Excerpt[] {
  const { perform, programs = [] } = strategies[name]!;
  if (typeof perform !== 'function') return scripts(perform.script.slice(packageRoot().length + 1));
  return [...programs.map((file) => ({ file, text: read(file) })), ...modules(`scenarios/${id}.ts`, name)];
}

const read = (file: string): string => readFileSync(join(packageRoot(), file), 'utf8');

/** A script, and those beside it that it runs. */
function scripts(file: string): readonly Excerpt[] {
  const text = read(file);
  const beside = new Set(Array.from(text.matchAll(/\$\{0%\/\*\}\/([\w-]+\.sh)/g), ([, name]) => name!));
  return [{ file, text }, ...[...beside].flatMap((other) => scripts(join(dirname(file), other)))];
}

interface Declaration {
  readonly name: string;
  readonly text: string;
}

interface Import {
  readonly names: readonly string[];
  readonly text: string;
  readonly from: string;
}

interface Module {
  readonly imports: readonly Import[];
  readonly declarations: readonly Declaration[];
  /** `export default`. */
  readonly exported: string;
}

function modules(file: string, strategy: string): readonly Excerpt[] {
  const { exported, imports } = parsed(read(file));
  const needed = new Map<string, Set<string>>();
  const performing = strategyIn(exported, strategy);
  need(file, identifiersIn(performing));
  const setup = setupIn(exported);
  const own = concernsIt(identifiersIn(setup)) ? `${setup}\n${performing}` : performing;
  need(file, identifiersIn(own));
  return [...needed].map(([each, names]) => excerpt(each, names, each === file ? own : ''));

  /** Does the set-up of all strategies make what this one works with: by the same names, or by what comes from the same file? */
  function concernsIt(names: ReadonlySet<string>): boolean {
    const sharedFile = ({ names: offered, from }: Import): boolean =>
      offered.some((name) => names.has(name)) && needed.has(posix.join(dirname(file), from));
    return [...needed.get(file)!].some((name) => names.has(name)) || imports.some(sharedFile);
  }

  /** Goes after names until everything that they stand for is there; imported files come before those who import them. */
  function need(at: string, names: ReadonlySet<string>): void {
    const { imports, declarations } = parsed(read(at));
    const here = needed.get(at) ?? new Set();
    needed.set(at, here);
    const declared = declarations.filter(({ name }) => names.has(name) && !here.has(name));
    for (const { name } of declared) here.add(name);
    for (const { names: offered, from } of imports) {
      const wanted = offered.filter((name) => names.has(name));
      const target = posix.join(dirname(at), from);
      if (wanted.length > 0 && from.startsWith('.') && target.startsWith('scenarios/')) need(target, new Set(wanted));
    }
    for (const { text } of declared) need(at, identifiersIn(text));
    needed.delete(at);
    needed.set(at, here);
  }
}

/** What is needed of a file, in its order, with the imports that this takes. */
function excerpt(file: string, names: ReadonlySet<string>, own: string): Excerpt {
  const { imports, declarations } = parsed(read(file));
  const texts = declarations.filter(({ name }) => names.has(name)).map(({ text }) => text);
  const used = identifiersIn([...texts, own].join('\n'));
  const importing = imports.flatMap((each) => importOf(each, used));
  const parts = [importing.join('\n'), ...texts, own].filter((part) => part !== '');
  return { file, text: `${parts.join('\n\n')}\n` };
}

/** The import, of no more than what is used. */
function importOf({ names, text, from }: Import, used: ReadonlySet<string>): readonly string[] {
  const wanted = names.filter((name) => used.has(name));
  if (wanted.length === 0) return [];
  const braced = /\{([^}]*)\}/.exec(text)?.[1];
  if (braced === undefined || wanted.length === names.length) return [text];
  const kept = braced
    .split(',')
    .map((part) => part.trim())
    .filter((part) => used.has(localName(part)));
  return [`${text.startsWith('import type') ? 'import type' : 'import'} { ${kept.join(', ')} } from '${from}';`];
}

/** `type Session` → `Session`, `a as b` → `b`. */
const localName = (part: string): string => /(\w+)\s*$/.exec(part)?.[1] ?? '';

function parsed(text: string): Module {
  const imports: Import[] = [];
  const declarations: Declaration[] = [];
  let exported = '';
  for (const chunk of chunksOf(text)) {
    const code = chunk.replace(/^\/\*\*[\s\S]*?\*\/\n/, '');
    const name = /^(?:export )?(?:async )?(?:function|const|let|interface|type|class) (\w+)/.exec(code)?.[1];
    if (name !== undefined) declarations.push({ name, text: chunk });
    else if (code.startsWith('export default')) exported = code;
    else if (code.startsWith('import ')) {
      const [, list = '', from = ''] = /^import ([\s\S]*) from '(.*)';/.exec(code) ?? [];
      imports.push({
        names: list
          .replace(/^type /, '')
          .replaceAll(/[{}]/g, ',')
          .split(',')
          .map(localName)
          .filter(Boolean),
        text: chunk,
        from,
      });
    }
  }
  return { imports, declarations, exported };
}

/** Every declaration with the comment right above it. */
function chunksOf(text: string): readonly string[] {
  const chunks: string[][] = [];
  let comment = false;
  for (const line of text.split('\n')) {
    const begins = /^[^\s})\]]/.test(line);
    if (begins && !comment) chunks.push([line]);
    else chunks.at(-1)?.push(line);
    if (begins || line === '') comment = line.startsWith('/**') || line.startsWith('//');
    else if (line === ' */') comment = true;
  }
  return chunks.map((lines) => lines.join('\n').trimEnd());
}

/** What is there for the harness is left out: what has to be there first remains, and what writers and readers do. */
const SHOWN = ['prepare', 'open', 'perform', 'read'];

/** `perform: …` and its like, as they stand in the strategy. */
function strategyIn(exported: string, strategy: string): string {
  const [, block] = new RegExp(`\\n {4}'?${strategy}'?: \\{\\n([\\s\\S]*?)\\n {4}\\},`).exec(exported) ?? [];
  if (block === undefined) throw new Error(`there is no strategy '${strategy}' in the source`);
  return propertiesIn(block, 6, SHOWN);
}

/** `setup: …` of the scenario. */
const setupIn = (exported: string): string => propertiesIn(exported.split(/\n {2}strategies: \{\n/)[0]!, 2, ['setup']);

function propertiesIn(block: string, indent: number, shown: readonly string[]): string {
  return block
    .split(new RegExp(`\\n(?= {${indent}}\\w)`))
    .filter((property) => shown.includes(/^ *(\w+)/.exec(property)?.[1] ?? ''))
    .map((property) => property.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), ''))
    .join('\n');
}

/** The words of a text that may be names: not those in comments and strings, and not the names of members. */
function identifiersIn(text: string): ReadonlySet<string> {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|'(?:[^'\\\n]|\\.)*'/gm, ' ');
  return new Set(code.match(/(?<=^|\.\.\.|[^\w$.])[A-Za-z_$][\w$]*/g) ?? []);
}
