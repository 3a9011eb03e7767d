import type { Server } from '../../harness/scenario/server.ts';
import { startDaemon } from './daemon.ts';

/** See `broker-daemon`. */
export const broker: Server = {
  name: 'memory broker',
  worksOnResource: true,
  ignoresBeginnings: true,
  ignoresEnds: true,
  start: async (place) => {
    const { announced: address, ...running } = await startDaemon('broker-daemon', place);
    return { address, listens: [address], ...running };
  },
};
