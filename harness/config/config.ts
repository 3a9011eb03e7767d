/** What users write down of their own writers: plain data, and functions where data can't say it. */

import type { RunEngine } from '../campaign/engine.ts';
import type { Expect } from '../oracle/expect.ts';
import type { Perform, Priority, Scenario, Truth } from '../scenario/scenario.ts';
import type { Place, Topology, TouchedBy } from '../scenario/topology.ts';
import type { Level } from '../verdict/level.ts';

/** `collide.config.ts`, `.mts`, `.js`, `.mjs` or `.json`. */
export interface Config extends Defaults {
  readonly targets: readonly (Target | Scenario)[];
}

/** What flags of `collide run` are where they are not given. */
export interface Defaults {
  readonly writers?: number;
  readonly engine?: RunEngine;
  readonly rounds?: number;
  readonly steps?: number;
  /** `500ms`, `45s`, `2m`. */
  readonly budget?: string;
  readonly seed?: number;
  /** Where sandboxes are made, to test that file system. */
  readonly dir?: string;
  readonly out?: string;
  readonly topology?: Topology;
  /** Is it no failure that nothing could be run? */
  readonly allowSkipped?: boolean;
  /** What is enough for SAFE: all interleavings, all schedules with few preemptions, or a sample. */
  readonly require?: Level;
  /** Of a sample: below what the rate of collisions must be, with 95 % confidence. `5%`, `0.05`. */
  readonly maxRate?: string | number;
  /** `table`, `junit,html`, `['github', 'sarif=found.sarif']`. */
  readonly reporter?: string | readonly string[];
}

/** One thing that sessions share, and what they do to it: commands of any language, or functions. */
export type Target = CommandTarget | SessionTarget;

interface Shared {
  /** Lower case, digits and dashes: `deploy-counter`. */
  readonly id: string;
  /** P1 where it is left out. */
  readonly priority?: Priority;
  /** What is shared, in a few words. */
  readonly resource?: string;
  /** Files that are there at first, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** A directory that is copied for each execution, and never touched itself. Relative to the configuration. */
  readonly dir?: string;
  /** Of what is left in the end, only these count: globs. Everything, where it is left out. */
  readonly watch?: readonly string[];
  /** How many sessions it is about, where it is about a number of them. */
  readonly writers?: number;
  /** What is right. Without it: whatever the sessions do one after another. */
  readonly expect?: readonly (Expect | Reference)[];
  /** Known collisions, each of which must be found. Without it, none may be. */
  readonly truth?: Truth;
  /** Who has it, where topologies are compared: in the project, and touched by every session, where it is left out. */
  readonly place?: Place;
  readonly touchedBy?: TouchedBy;
}

/** Commands that are run in a copy of `dir` or of `files`, with a home directory of their own. */
export interface CommandTarget extends Shared {
  /** A line for the shell of all sessions, or one for each. `{session}`, `{op}` and `{uuid}` are filled in. */
  readonly commands: string | readonly string[];
  /** What the home directory is a copy of. Empty where it is left out. */
  readonly home?: string;
}

/** Functions that work in a copy of `dir` or of `files`, at `session.path('name')`. */
export interface SessionTarget extends Shared {
  /** What each session does, or one for each. */
  readonly session: Perform | Reference | readonly (Perform | Reference)[];
  /** Puts more into the directory. */
  readonly setup?: ((dir: string) => void) | Reference;
}

/** A function that a module exports: sessions are processes, and each loads it for itself. */
export interface Reference {
  /** A path, relative to the configuration, or a file URL. */
  readonly module: string;
  /** `default` where it is left out. */
  readonly export?: string;
}

/** A target that says all for itself, as those of the catalogue do. */
export const isScenario = (target: object): target is Scenario => 'strategies' in target;

/** Identity at run time; checks a configuration where it is written. */
export const defineConfig = (config: Config): Config => config;
