import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockUntil, nowUs } from '../../harness/session/clock.ts';

const clock = new URL('../../harness/session/clock.ts', import.meta.url).href;

test('all processes share the clock: an instant in a child lies between two around it in its parent', () => {
  const script = `import { nowUs } from ${JSON.stringify(clock)}; console.log(nowUs());`;
  const before = nowUs();
  const inChild = Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }),
  );
  const after = nowUs();
  expect(inChild).toBeGreaterThan(before);
  expect(inChild).toBeLessThan(after);
});

test('the clock never goes back, and is finer than a millisecond', () => {
  const instants = Array.from({ length: 1000 }, nowUs);
  expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  expect(instants.some((instant) => instant % 1000 !== 0)).toBe(true);
});

test('blockUntil never returns early, whether it spins or sleeps', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100, max: 1500 }), (waitUs) => {
      const instant = nowUs() + waitUs;
      blockUntil(instant);
      expect(nowUs()).toBeGreaterThanOrEqual(instant);
    }),
  );
});
