import type { Server } from '../../harness/scenario/server.ts';
import { startDaemon } from './daemon.ts';

/** See `ingest-daemon`. */
export const ingest: Server = {
  name: 'ingest service',
  ignoresEnds: true,
  start: async (place) => {
    const { announced: address, pid, stop } = await startDaemon('ingest-daemon', place);
    return { address, listens: [Number(new URL(address).port)], pid, stop };
  },
};
