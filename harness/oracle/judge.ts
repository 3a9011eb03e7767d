/** A judge of the user's own: what it says, and what is a mistake of its own and says nothing about the writers. */

import { fileURLToPath } from 'node:url';
import { isPromise } from 'node:util/types';
import { Script } from 'node:vm';
import type { Execution } from '../history/execution.ts';
import { limits } from '../limits.ts';
import type { Judge } from './expect.ts';
import { collisionClasses, excerpt, type Finding, type Oracle } from './finding.ts';

/** The message has the stack of the judge, as far as it is its own. */
export class JudgeFailed extends Error {
  override readonly name = 'JudgeFailed';
  constructor(judge: string, what: string) {
    super(`the judge ${judge} made a mistake, and has judged nothing: ${what}`);
  }
}

/**
 * Whoever throws has found something, as assertions do. A SyntaxError of JSON.parse is left to the verdict: it says that the state can't
 * be read, as the error `Torn` does. Errors of the language and of the system are mistakes, and so is what is no verdict at all.
 *
 * @param name of the judge, for people.
 */
export const judgedBy =
  (judge: Judge, name: string, deadlineMs: number = limits.judgeDeadlineMs): Oracle =>
  (execution) => {
    const said = opinion(judge, name, execution, deadlineMs);
    if (said === undefined || said === null) return [];
    if (typeof said === 'string') return wrong(said);
    if (isPromise(said)) {
      said.catch(() => {});
      throw new JudgeFailed(name, "it returned a promise: a judge can't wait for anything");
    }
    if (Array.isArray(said) && said.every(isFinding)) return said;
    throw new JudgeFailed(
      name,
      `it returned ${inWords(said)}: expected nothing where all is well, a text that says what is wrong, or a list of ` +
        '{ class, count, message }',
    );
  };

export const wrong = (message: string): readonly Finding[] => [
  { class: 'NOT_SERIALIZABLE', count: 1, message: message.trim() },
];

function opinion(judge: Judge, name: string, execution: Execution, deadlineMs: number): unknown {
  try {
    return within(deadlineMs, () => judge(execution));
  } catch (error) {
    if (typeof error === 'string') return error;
    if (!(error instanceof Error)) throw new JudgeFailed(name, `it threw ${inWords(error)}, which is no error`);
    if (error.name === 'Torn' || isOfJson(error)) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new JudgeFailed(name, `it did not end within ${deadlineMs / 1_000} s`);
    }
    if (!isMistake(error)) return error.message;
    throw new JudgeFailed(name, ownStack(error));
  }
}

const HANDOVER = Symbol.for('collide.judge');

/** Only code that a script has started can be ended from outside: see vm.Script. */
const script = new Script('globalThis[Symbol.for("collide.judge")]()');

function within<T>(timeout: number, work: () => T): T {
  const shared = globalThis as { [HANDOVER]?: () => T };
  shared[HANDOVER] = work;
  try {
    return script.runInThisContext({ timeout, displayErrors: false }) as T;
  } finally {
    delete shared[HANDOVER];
  }
}

const ofTheLanguage: ReadonlySet<string> = new Set([
  'TypeError',
  'ReferenceError',
  'RangeError',
  'SyntaxError',
  'EvalError',
  'URIError',
]);

const isMistake = (error: Error): boolean =>
  ofTheLanguage.has(error.name) || (error as NodeJS.ErrnoException).syscall !== undefined;

/** Regular expressions, numbers and modules have SyntaxErrors, too. */
const isOfJson = ({ name, stack = '' }: Error): boolean =>
  name === 'SyntaxError' && /^\s+at (.*)$/m.exec(stack)?.[1] === 'JSON.parse (<anonymous>)';

/** Without our own frames, which are below. */
function ownStack({ stack = '', name, message }: Error): string {
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => OURS.some((place) => line.includes(place)));
  const own = (end < 0 ? lines : lines.slice(0, end)).join('\n');
  return own.includes(message) ? own : `${name}: ${message}\n${own}`;
}

const OURS: readonly string[] = [import.meta.url, fileURLToPath(import.meta.url)];

function isFinding(value: unknown): value is Finding {
  if (typeof value !== 'object' || value === null) return false;
  const { class: kind, count, message } = value as Partial<Record<keyof Finding, unknown>>;
  const isClass = typeof kind === 'string' && Object.hasOwn(collisionClasses, kind);
  return isClass && Number.isInteger(count) && (count as number) > 0 && typeof message === 'string';
}

const inWords = (value: unknown): string => {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARS ? excerpt(text, SHOWN_CHARS) : text;
};

const SHOWN_CHARS = 200;
