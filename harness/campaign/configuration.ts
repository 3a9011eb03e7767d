import { createHash } from 'node:crypto';
import type { Scenario } from '../scenario/scenario.ts';

/** The same for all who run the same strategies of the same targets with the same truths. */
export function configurationOf(scenarios: readonly Scenario[]): string {
  const hash = createHash('sha256');
  for (const { id, strategies, oracles, ...scenario } of scenarios) {
    hash.update(JSON.stringify([id, scenario, oracles.length]));
    for (const [name, { perform, ...strategy }] of Object.entries(strategies)) {
      const does = typeof perform === 'function' ? perform.toString() : JSON.stringify(perform);
      hash.update(JSON.stringify([name, does, strategy]));
    }
  }
  return hash.digest('base64url').slice(0, 16);
}
