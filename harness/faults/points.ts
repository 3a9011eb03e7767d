/** Which faults can happen at a step. */

import type { Call, Step } from '../history/step.ts';
import type { FaultKind, PowerKind } from '../scenario/faults.ts';
import { type Fault, type FaultPlan, HOUR_MS, type PowerModel } from './plan.ts';

/** What happens at single steps; the others concern all of an execution. */
export type StepFaultKind = Exclude<FaultKind, 'pids' | PowerKind>;

/**
 * Errors that come from the system and not from the state of the files, as the manual pages of section 2 have them. Not those
 * that Linux does not have for files on local disks, such as EINTR of write(2).
 */
const errors: Readonly<Partial<Record<Call, readonly string[]>>> = {
  open: ['EACCES', 'EMFILE', 'EIO'],
  read: ['EIO'],
  write: ['ENOSPC', 'EDQUOT', 'EIO'],
  truncate: ['EIO'],
  copy: ['ENOSPC', 'EIO'],
  list: ['EIO'],
  rename: ['EACCES', 'EPERM', 'EXDEV', 'ENOSPC', 'EIO'],
  link: ['EACCES', 'EPERM', 'EXDEV', 'ENOSPC', 'EIO'],
  symlink: ['EACCES', 'ENOSPC', 'EIO'],
  unlink: ['EACCES', 'EIO'],
  mkdir: ['EACCES', 'ENOSPC', 'EDQUOT', 'EIO'],
  rmdir: ['EACCES', 'EIO'],
  attributes: ['EPERM', 'EIO'],
  sync: ['EIO', 'ENOSPC', 'EDQUOT'],
  lock: ['EINTR', 'ENOLCK'],
  trylock: ['EAGAIN', 'ENOLCK'],
};

/** An open that makes a file takes space for its entry. */
const creates = ({ call, flags = [], accesses = [] }: Pick<Step, 'call' | 'flags' | 'accesses'>): boolean =>
  call === 'open' &&
  flags.includes('CREAT') &&
  accesses.some(({ object, mode }) => object.startsWith('entry ') && mode === 'write');

/** Does the step end like this where there is no space left? */
export const takesSpace = (step: Step): boolean => errorsOf(step).includes('ENOSPC');

/** What the gate calls all that lies outside of the resource, pipes too: that takes no space there. */
const ELSEWHERE = '/';

/** What would have failed anyway does not fail in another way. */
export function errorsOf(step: Step): readonly string[] {
  if (step.error !== undefined) return [];
  if (step.call === 'copy' && step.to === ELSEWHERE) return ['EIO'];
  return [...(errors[step.call] ?? []), ...(creates(step) ? ['ENOSPC', 'EDQUOT'] : [])];
}

/** After how many bytes a write is broken off: the first, the last, and in between. */
function cuts(bytes: number | undefined): readonly number[] {
  if (bytes === undefined || bytes < 2) return [];
  return [...new Set([1, Math.floor(bytes / 2), bytes - 1])].filter((cut) => cut > 0);
}

/** @param last is it the session's last step? */
export function faultsAt(step: Step, kind: StepFaultKind, last: boolean): readonly Fault[] {
  switch (kind) {
    case 'crash':
      return [
        { kind: 'crash', at: 'before' },
        ...writeCuts(step).map((at): Fault => ({ kind: 'crash', at })),
        ...(last ? [{ kind: 'crash', at: 'after' } as const] : []),
      ];
    case 'errno':
      return errorsOf(step).map((errno): Fault => ({ kind: 'errno', errno }));
    case 'full':
      return takesSpace(step) ? [{ kind: 'errno', errno: 'ENOSPC', lasting: true }] : [];
    case 'short':
      return writeCuts(step).map((bytes): Fault => ({ kind: 'short', bytes }));
    case 'stall':
      return [{ kind: 'stall' }];
    case 'clock':
      return [
        { kind: 'clock', ms: HOUR_MS },
        { kind: 'clock', ms: -HOUR_MS },
      ];
    case 'server':
      return serverErrors[step.call]?.map((errno): Fault => ({ kind: 'errno', errno })) ?? [];
  }
}

const writeCuts = ({ call, bytes, error }: Step): readonly number[] =>
  call === 'write' && error === undefined ? cuts(bytes) : [];

/** A request that is refused has not reached the server; an answer that is lost comes after it has done what it was asked to. */
const serverErrors: Readonly<Partial<Record<Call, readonly string[]>>> = {
  connect: ['ECONNREFUSED'],
  send: ['ECONNRESET'],
  receive: ['ECONNRESET'],
};

/** What is promised of the disk under a kind of fault. */
export const modelOf: Readonly<Record<PowerKind, PowerModel>> = { 'power-posix': 'posix', 'power-ext4': 'ext4' };

/** Under which kind of fault a plan is tried. */
export function kindOf({ injections, surroundings, power }: FaultPlan): FaultKind {
  if (power !== undefined) return `power-${power.model}`;
  if (surroundings.includes('same-pids')) return 'pids';
  const [first] = injections;
  if (first === undefined) return 'clock';
  const { fault, step } = first;
  if (fault.kind !== 'errno') return fault.kind;
  if (serverErrors[step.call] !== undefined) return 'server';
  return fault.lasting ? 'full' : 'errno';
}
