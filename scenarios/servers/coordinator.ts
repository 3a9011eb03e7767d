import type { Server } from '../../harness/scenario/server.ts';
import { startDaemon } from './daemon.ts';

/** See `coordinator-daemon`. */
export const coordinator: Server = {
  name: 'coordinator',
  ignoresEnds: true,
  start: async (place) => {
    const { announced: address, pid, stop } = await startDaemon('coordinator-daemon', place);
    return { address, listens: [address], pid, stop };
  },
};
