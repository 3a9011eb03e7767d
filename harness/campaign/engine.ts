/** `explore` chooses the interleavings, `storm` lets the system choose; `both` says what can happen and how often it does. */
export const engines = ['both', 'explore', 'storm'] as const;
export type Engine = (typeof engines)[number];
