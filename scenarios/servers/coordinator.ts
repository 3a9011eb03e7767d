import type { Server } from '../../harness/scenario/server.ts';
import { startDaemon } from './daemon.ts';

/** See `coordinator-daemon`. */
export const coordinator: Server = {
  name: 'coordinator',
  ignoresBeginnings: true,
  ignoresEnds: true,
  start: async (place) => {
    const { announced: address, ...running } = await startDaemon('coordinator-daemon', place);
    return { address, listens: [address], ...running };
  },
};
