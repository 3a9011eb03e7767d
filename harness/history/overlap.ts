import { type Execution, writesOf } from './execution.ts';

/**
 * Did operations of different writers overlap in time? If they never did, the execution was serial and shows nothing:
 * an exploration without it is vacuous. One pass over the operations in order of invocation.
 */
export function overlapped(execution: Execution): boolean {
  let latest = { session: -1, respondedUs: Number.NEGATIVE_INFINITY };
  for (const operation of writesOf(execution)) {
    if (operation.session !== latest.session && operation.invokedUs < latest.respondedUs) return true;
    if (operation.respondedUs > latest.respondedUs) latest = operation;
  }
  return false;
}

/** Did a reader look while something was being written? */
export const watched = (execution: Execution): boolean =>
  writesOf(execution).some((write) =>
    execution.operations.some(
      ({ kind, invokedUs, respondedUs }) =>
        kind === 'read' && Math.max(invokedUs, write.invokedUs) < Math.min(respondedUs, write.respondedUs),
    ),
  );
