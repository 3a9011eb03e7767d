import type { Scenario } from '../harness/scenario/scenario.ts';
import ingestHealth from './ingest-health.ts';
import instructionHistory from './instruction-history.ts';
import overrideToken from './override-token.ts';

/** The catalogue: P1 first, then P2, as in the reference audit. */
export const catalogue: readonly Scenario[] = [ingestHealth, overrideToken, instructionHistory];
