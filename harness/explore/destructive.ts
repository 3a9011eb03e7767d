/**
 * The step after which acknowledged data are gone: not the one that decides, which may be long before it, but the write, rename, truncation
 * or unlink that destroyed them. Told from what files held after each step; where that does not show it, nothing is said.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Execution, type Files, writesOf } from '../history/execution.ts';
import type { Step } from '../history/step.ts';
import { textOf } from '../history/text.ts';
import type { CollisionClass } from '../oracle/finding.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { judge } from '../verdict/verdict.ts';
import type { Follower } from './direction.ts';

/** What files held from a step on, by path; before the first step, from step -1 on. Only what was another content than before. */
export type Contents = ReadonlyMap<string, readonly { readonly from: number; readonly content: string | undefined }[]>;

/** Looks at all files after each step. */
export function following(): { readonly follow: (root: string) => Follower; readonly contents: Contents } {
  const contents = new Map<string, { from: number; content: string | undefined }[]>();
  const follow = (root: string): Follower => {
    contents.clear();
    let before = filesIn(root);
    for (const [path, content] of before) contents.set(path, [{ from: -1, content }]);
    const made = (steps: number): void => {
      const now = filesIn(root);
      for (const path of new Set([...before.keys(), ...now.keys()])) {
        if (now.get(path) === before.get(path)) continue;
        const known = contents.get(path) ?? [{ from: -1, content: undefined }];
        contents.set(path, [...known, { from: steps - 1, content: now.get(path) }]);
      }
      before = now;
    };
    return { made, acknowledged: () => {} };
  };
  return { follow, contents };
}

function filesIn(root: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length + 1), textOf(readFileSync(path)));
  }
  return files;
}

/** In which data can be gone that were acknowledged. */
export const destroying: ReadonlySet<CollisionClass> = new Set([
  'LAST_WRITER_WINS',
  'FOREIGN_DELETE',
  'TORN_STATE',
  'TORN_LINES',
]);

/** These write, whether or not the content is another one afterwards. */
const writing: ReadonlySet<Step['call']> = new Set(['write', 'rename', 'truncate', 'copy']);

/**
 * Every file that the finding is about, alone: after which step is it wrong for good, given who had finished with it by then, though after
 * the one before it was right, with an acknowledged update of another session in it?
 *
 * @param execution recorded, and without faults.
 * @param serial what the same operations leave one after another.
 */
export function destructiveStep(
  scenario: Scenario,
  kind: CollisionClass,
  execution: Execution,
  contents: Contents,
  serial: Files,
): number | undefined {
  if (!destroying.has(kind)) return undefined;
  const paths = [...contents.keys()].filter((path) => execution.final[path] !== serial[path]);
  const found = paths.flatMap((path) => ofFile(scenario, kind, execution, path, contents.get(path)!) ?? []);
  return found.length === 0 ? undefined : Math.max(...found);
}

function ofFile(
  scenario: Scenario,
  kind: CollisionClass,
  execution: Execution,
  path: string,
  versions: Contents extends ReadonlyMap<string, infer V> ? V : never,
): number | undefined {
  const { steps = [], final } = execution;
  const changed = new Set(versions.map(({ from }) => from));
  const touches = [...steps.keys()].filter((at) => changed.has(at) || writesTo(steps[at]!, path));
  const last = new Map(touches.map((at) => [operationOf(steps[at]!), at]));
  // What else is wrong is not what is asked for, and may be so with every content of this file.
  const others = new Set(judge(scenario, execution).flatMap((one) => (one.class === kind ? [] : [one.class])));
  const contentAt = (at: number): string | undefined => versions.findLast(({ from }) => from <= at)?.content;

  /** Acknowledged, of whoever has anything to do with the file, and done with it. */
  const doneAt = (at: number): ReadonlySet<string> =>
    new Set(
      writesOf(execution).flatMap(({ id, outcome }) =>
        outcome === 'ok' && (last.get(id) ?? at + 1) <= at ? [id] : [],
      ),
    );
  const isWrongAt = (at: number): boolean => {
    const done = doneAt(at);
    const operations = execution.operations.filter(
      ({ id, kind, outcome }) => kind !== 'read' && (outcome !== 'ok' || !last.has(id) || done.has(id)),
    );
    const { [path]: _, ...rest } = final;
    const content = contentAt(at);
    const files = content === undefined ? rest : { ...rest, [path]: content };
    return judge(scenario, { ...execution, operations, final: files }).some((one) => !others.has(one.class));
  };

  try {
    const states = [-1, ...touches];
    const right = states.findLastIndex((at) => !isWrongAt(at));
    const at = states[right + 1];
    if (right < 0 || at === undefined) return undefined;
    const [before, after] = [contentAt(states[right]!), contentAt(at)];
    const lost =
      after === undefined || !after.includes(before ?? '') || (kind === 'LAST_WRITER_WINS' && after === before);
    const own = operationOf(steps[at]!);
    const theirs = [...doneAt(states[right]!)].some((id) => id !== own && !id.startsWith(`s${steps[at]!.session}.`));
    return lost && theirs ? at : undefined;
  } catch {
    return undefined; // who can't judge what is half done can't tell
  }
}

const operationOf = ({ session, operation }: Step): string => `s${session}.${operation}`;

function writesTo({ call, path, to, error }: Step, file: string): boolean {
  return writing.has(call) && error === undefined && (to ?? path) === file;
}
