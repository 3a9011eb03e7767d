import type { Reporter } from './report.ts';

/** The results, with what was found beside them. `collide schema results` prints the schema. */
export const jsonReport: Reporter = ({ results, faults, comparison }) => {
  const beside = { ...(faults && { underFaults: faults }), ...(comparison && { comparison }) };
  return `${JSON.stringify({ ...results, ...beside }, null, 1)}\n`;
};
