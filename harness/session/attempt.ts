import type { OperationError, Outcome } from '../history/execution.ts';
import type { Command } from '../scenario/command.ts';
import type { Perform, Session } from '../scenario/scenario.ts';

/** How an operation ended, from the session's point of view. */
export interface Answer {
  readonly outcome: Outcome;
  readonly output: unknown;
  readonly error?: OperationError;
  /** Of a command that did not end with 0. */
  readonly exitCode?: number;
  readonly stderr?: string;
}

/** How a command ended. */
export interface Ended {
  /** 128 + n where signal n ended it, as shells have it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function answerOf(perform: Perform, session: Session): Promise<Answer> {
  try {
    return { outcome: 'ok', output: (await perform(session)) ?? null };
  } catch (error) {
    const { name, message, code } = error as NodeJS.ErrnoException;
    const outcome = name === 'Refused' ? 'refused' : 'unknown';
    return { outcome, output: null, error: { name, message, ...(code === undefined ? {} : { code }) } };
  }
}

/** Exit codes of a shell whose command could not be run (126), was not found (127), or was killed: 128 and the signal. */
const NOT_SAID: ReadonlySet<number> = new Set([
  126,
  127,
  ...[2, 3, 4, 6, 7, 8, 9, 11, 13, 15].map((signal) => 128 + signal),
]);

/** @param session its index. */
export function answerOfCommand(command: Command, session: number, { exitCode, stdout, stderr: said }: Ended): Answer {
  // Where the command came from is nobody's business but ours.
  const stderr = said.replaceAll(`${command.script}: `, 'sh: ');
  const refused = exitCode === 1 || (command.refusesWithAnyCode && !NOT_SAID.has(exitCode));
  const outcome = exitCode === 0 ? 'ok' : refused ? 'refused' : 'unknown';
  const answer: Answer = {
    outcome,
    output: jsonOrText(stdout.trim()),
    ...(exitCode === 0 ? {} : { exitCode }),
    ...(stderr === '' ? {} : { stderr }),
  };
  if (outcome !== 'unknown') return answer;
  const message = [`${calledBy(session, command)} ended with exit code ${exitCode}`, stderr.trim()].filter(Boolean);
  return { ...answer, error: { name: 'CommandFailed', message: message.join(': ') } };
}

/** A message has room for so much of a command. */
const LINE_CHARS = 40;

/** What whoever wrote it knows a command by. */
function calledBy(session: number, { script, lines }: Command): string {
  const line = lines?.[session]?.trim().replaceAll(/\s+/g, ' ');
  if (line === undefined) return script;
  return `\`${line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line}\``;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
