import type { Files } from '../history/execution.ts';
import { type Finding, findingIf, type Oracle, someOf } from './finding.ts';

/** What a reader throws when a file is there but is not whole; JSON.parse's SyntaxError means the same. */
export class Torn extends Error {
  override readonly name = 'Torn';
}

const tornNames: ReadonlySet<string> = new Set(['SyntaxError', 'Torn']);

const unreadableNames: ReadonlySet<string> = new Set([...tornNames, 'TypeError']);

/** Does an error mean that a state is torn? So does a TypeError: valid JSON of another shape than any writer writes. */
export const isUnreadable = (error: unknown): boolean => error instanceof Error && unreadableNames.has(error.name);

/**
 * A resource that is replaced as a whole must never be seen, or left, empty, partial or unparseable (TORN_STATE).
 *
 * @param parse throws where the final state is not whole.
 */
export const neverTorn =
  (parse?: (final: Files) => unknown): Oracle =>
  (execution) => {
    const seen = execution.operations.filter(({ error }) => error !== undefined && tornNames.has(error.name));
    return [
      ...findingIf('TORN_STATE', seen, () =>
        someOf(
          seen.map(({ id, kind, error }) => `${kind === 'read' ? 'a reader' : id} saw: ${error?.message}`),
          1,
        ),
      ),
      ...leftTorn(parse, execution.final),
    ];
  };

function leftTorn(parse: ((final: Files) => unknown) | undefined, final: Files): readonly Finding[] {
  try {
    parse?.(final);
    return [];
  } catch (error) {
    return [{ class: 'TORN_STATE', count: 1, message: `left behind: ${(error as Error).message}` }];
  }
}
