/** To fail because of each other: a failure that no serial order of the same sessions has. */

import { type Execution, type Operation, writesOf } from '../history/execution.ts';
import { excerpt, type Finding, named, type Oracle } from './finding.ts';
import type { SerialRun } from './serial.ts';

/** Who failed because of others. */
export interface Contended {
  readonly finding: Finding;
  /** The first of those that failed, with what it said. */
  readonly operation: Operation;
}

/** Undefined where nobody failed, where a serial order explains it, and where that is not known. */
export type Contends = (execution: Execution) => Contended | undefined;

/** What the same sessions do in one order: the commands in that order, and those of them that fail. */
interface Order {
  readonly commands: readonly string[];
  readonly failing: readonly string[];
}

/**
 * A failure is explained by an order in which the same commands fail, or more of them: of two that both make a directory, the second
 * one fails in every order, but never both. Where not all orders were run, any of the others might explain it.
 *
 * @param commands of each session, by index: sessions with the same are interchangeable.
 */
export function contentionIn(runs: readonly SerialRun[], commands: readonly string[]): Contends {
  const known = Map.groupBy(
    runs.flatMap((run) => ordersOf(run, commands)),
    ({ commands }) => keyOf(commands),
  );
  return (execution) => {
    const writes = writesOf(execution);
    const failed = writes.filter(({ outcome }) => outcome !== 'ok');
    // What fails because it was made to says nothing about the others.
    if (failed.length === 0 || execution.faults !== undefined) return undefined;
    const names = writes.map(({ session }) => commands[session]!);
    const orders = known.get(keyOf(names)) ?? [];
    if (new Set(orders.map((order) => order.commands.join('\0'))).size < countOfOrders(names)) return undefined;
    const unexplained = orders
      .map(({ failing }) => without(failed, failing, commands))
      .reduce((least, rest) => (rest.length < least.length ? rest : least));
    const [operation] = unexplained;
    if (operation === undefined) return undefined;
    const most = Math.max(...orders.map(({ failing }) => failing.length));
    const message =
      most > 0 && failed.length > most
        ? `${named(failed)} failed, though one after another no more than ${most} ${most === 1 ? 'does' : 'do'}`
        : `${failureWords(operation)}, though one after another ${most === 0 ? 'no session fails' : 'it never does'}`;
    const said = saidBy(operation);
    const finding = {
      class: 'FAILS_UNDER_CONTENTION',
      count: unexplained.length,
      message: said === '' ? message : `${message}: ${said}`,
    } as const;
    return { finding, operation };
  };
}

/** For whom it is wrong by itself that a session fails. */
export const allSucceed: Oracle = (execution) => {
  const failed = execution.faults === undefined ? writesOf(execution).filter(({ outcome }) => outcome !== 'ok') : [];
  const [first] = failed;
  if (first === undefined) return [];
  const message = `${failureWords(first)}, and all should succeed`;
  const said = saidBy(first);
  return [
    { class: 'FAILS_UNDER_CONTENTION', count: failed.length, message: said === '' ? message : `${message}: ${said}` },
  ];
};

/** The whole run, and what it began with: some of the sessions, with nobody after them. */
const ordersOf = ({ order, after }: SerialRun, commands: readonly string[]): readonly Order[] =>
  after.slice(1).map((execution, at) => ({
    commands: order.slice(0, at + 1).map((session) => commands[session]!),
    failing: writesOf(execution).flatMap(({ session, outcome }) => (outcome === 'ok' ? [] : [commands[session]!])),
  }));

const keyOf = (commands: readonly string[]): string => commands.toSorted().join('\0');

/** n! for n different ones. */
function countOfOrders(commands: readonly string[]): number {
  let count = 1;
  const times = new Map<string, number>();
  for (const [at, command] of commands.entries()) {
    const again = (times.get(command) ?? 0) + 1;
    times.set(command, again);
    count = (count * (at + 1)) / again;
  }
  return count;
}

/** Those of the failed that an order with these failures does not have. */
function without(
  failed: readonly Operation[],
  failing: readonly string[],
  commands: readonly string[],
): readonly Operation[] {
  const left = [...failing];
  return failed.filter(({ session }) => {
    const at = left.indexOf(commands[session]!);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function failureWords({ session, exitCode, error, outcome }: Operation): string {
  if (exitCode !== undefined) return `s${session} ended with exit code ${exitCode}`;
  if (outcome === 'refused' || error === undefined) return `s${session} was refused`;
  return `s${session} threw ${error.name}`;
}

/** The first line that tells: of what was printed, or of the error. */
function saidBy({ stderr = '', error, exitCode }: Operation): string {
  const text = stderr.trim() || (exitCode === undefined ? (error?.message.trim() ?? '') : '');
  const [line = ''] = text.split('\n');
  return line === '' ? '' : excerpt(line, SAID_CHARS).slice(1, -1).replaceAll('\\"', '"');
}

const SAID_CHARS = 200;
