const never = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread. */
export const pause = (ms: number): void => void Atomics.wait(never, 0, 0, ms);
