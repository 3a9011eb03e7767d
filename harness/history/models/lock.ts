import { type Keyed, keyed, type ProcessId } from '../model.ts';

/**
 * `acquire` answers whether it got the lock: only if nobody holds it, `owner` included. `release` answers whether `owner` held
 * it, and takes it from nobody else.
 *
 * A lease is a lock that can be lost: an `expire` takes it from `owner`, who may never notice, and does nothing where `owner`
 * doesn't hold it. The model has no clock. Whoever knows the time to live writes down an `expire` that is invoked when it is
 * over and never returns (`info`): from then on, and not before, another may come to hold the lease.
 */
export type LockInput = Keyed & { readonly f: 'acquire' | 'release' | 'expire'; readonly owner: ProcessId };

/** Held by one owner, or by nobody. */
export const lock = keyed<ProcessId | null, LockInput, boolean | null>({
  init: null,
  step(holder, { f, owner }) {
    switch (f) {
      case 'acquire':
        return { output: holder === null, state: holder ?? owner };
      case 'release':
        return { output: holder === owner, state: holder === owner ? null : holder };
      case 'expire':
        return { output: null, state: holder === owner ? null : holder };
    }
  },
});
