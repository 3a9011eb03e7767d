import os from 'node:os';

/** What sessions ran on. */
export interface Machine {
  readonly platform: string;
  readonly release: string;
  readonly cores: number;
  readonly node: string;
}

export const thisMachine = (): Machine => ({
  platform: os.platform(),
  release: os.release(),
  cores: os.availableParallelism(),
  node: process.version,
});
