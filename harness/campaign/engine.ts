/** `explore` chooses the interleavings, `storm` lets the system choose; `both` says what can happen and how often it does. */
export const engines = ['both', 'explore', 'storm'] as const;
export type Engine = (typeof engines)[number];

/** What `run` can be asked for: `all` is both, and the faults after them. */
export const runEngines = [...engines, 'all'] as const;
export type RunEngine = (typeof runEngines)[number];
