/** A matcher for vitest: `import 'collide-lab/vitest'` where tests are set up. */

import { expect } from 'vitest';
import type { Perform } from '../scenario/scenario.ts';
import { type Examinable, type ExamineOptions, explore, replay, storm } from './examine.ts';

export interface SurviveOptions extends ExamineOptions {
  /** Where a function is expected to survive: files that are there at first. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where a function is expected to survive: what is right. See `Expect`. */
  readonly expect?: Examinable['expect'] & {};
  /** Nothing but the execution of this witness, as a failure says it. */
  readonly replay?: string;
}

interface Surviving<R> {
  /**
   * Do several sessions of this function, or of these commands, leave what is right, however they are interleaved? Takes a part of
   * the test's timeout, where no other budget is given.
   */
  toSurviveCollisions(options?: SurviveOptions): Promise<R>;
}

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends Surviving<R> {}
}

/** Of the test's timeout: the rest is for starting sessions, and for making a witness as small as it can be. */
const SHARE = 0.6;
const DEFAULT_TIMEOUT_MS = 5_000;

expect.extend({
  async toSurviveCollisions(received: Perform | Examinable, options: SurviveOptions = {}) {
    const { files, expect: expected, replay: witness, ...rest } = options;
    const target: Examinable =
      typeof received === 'function'
        ? { session: received, ...(files && { files }), ...(expected && { expect: expected }) }
        : received;
    const timeoutMs = this.task?.timeout || DEFAULT_TIMEOUT_MS;
    const told = { budgetMs: timeoutMs * SHARE, ...rest };
    if (witness !== undefined) {
      const { findings, report } = await replay(target, witness, told);
      return { pass: findings.length === 0, message: () => asMatcher(report) };
    }
    const { survives, report } = await explore(target, told).catch((error: Error) => {
      if (error.name !== 'NoGate') throw error;
      return storm(target, told);
    });
    return { pass: survives, message: () => asMatcher(report) };
  },
});

/** How to see the same again, where one stands. */
const asMatcher = (report: string): string =>
  `\n${report}`.replaceAll(/replay\(target, ("[^"]+")\)/g, 'toSurviveCollisions({ …, replay: $1 })');
