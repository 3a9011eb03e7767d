import type { Command } from 'commander';

/** Adds one command to the program; its action hands the exit code to `finish`. */
export type Define = (program: Command, finish: (code: number) => void) => void;
