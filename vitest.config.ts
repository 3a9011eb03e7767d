import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // More than a minute, on all cores.
    exclude: process.env.COLLIDE_TEST === 'whole' ? [] : ['test/mutants/killed.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Most of the time sessions run, or wait for each other, and not the test that waits for them.
    maxWorkers: 3,
    // Real processes on few cores: a limit for what hangs, not a measure of speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
