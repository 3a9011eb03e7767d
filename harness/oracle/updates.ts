import { acknowledgedOf, type Files, writesOf } from '../history/execution.ts';
import { findingIf, type Oracle, someOf } from './finding.ts';

/** What a writer of a versioned value says: the id of the write whose result it read, before it wrote its own. */
export interface BasedOn {
  readonly basedOn: string;
}

/**
 * Updates of one value that each build on the one before (a counter, a document rewritten whole). Every write carries its
 * id and the id of the write it was based on, so the surviving updates are the chain that leads back from the final state:
 * an acknowledged update that is not on it was overwritten by someone who had not seen it (LAST_WRITER_WINS).
 *
 * @param last the id of the write that the final state carries; throws where that is torn.
 */
export const everyUpdateBuiltUpon =
  (last: (final: Files) => string): Oracle =>
  (execution) => {
    const basedOn = new Map(
      writesOf(execution).map((operation) => [operation.id, (operation.output as BasedOn | null)?.basedOn]),
    );
    const surviving = new Set<string>();
    let id: string | undefined = last(execution.final);
    while (id !== undefined && !surviving.has(id)) {
      surviving.add(id);
      // A write that never told what it was based on: what came before it can't be known, and nobody is accused.
      if (basedOn.has(id) && basedOn.get(id) === undefined) return [];
      id = basedOn.get(id);
    }
    const missing = acknowledgedOf(execution).filter((operation) => !surviving.has(operation.id));
    return findingIf('LAST_WRITER_WINS', missing, () => {
      const lost = missing.map((operation) => `${operation.id} (based on ${basedOn.get(operation.id) || 'nothing'})`);
      return `acknowledged, then overwritten: ${someOf(lost)}`;
    });
  };
