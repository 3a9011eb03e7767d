import { counter } from './counter.ts';
import { lock } from './lock.ts';
import { log } from './log.ts';
import { queue } from './queue.ts';
import { register } from './register.ts';
import { set } from './set.ts';
import { token } from './token.ts';

/** The models there are, by the name that the command line knows them by. */
export const models = { register, counter, log, set, token, lock, queue } as const;

export type ModelName = keyof typeof models;
