import type { Server } from '../../harness/scenario/server.ts';
import { startDaemon } from './daemon.ts';

/** See `ingest-daemon`. */
export const ingest: Server = {
  name: 'ingest service',
  ignoresBeginnings: true,
  ignoresEnds: true,
  start: async (place) => {
    const { announced: address, ...running } = await startDaemon('ingest-daemon', place);
    return { address, listens: [Number(new URL(address).port)], ...running };
  },
};
