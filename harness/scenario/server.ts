/**
 * A program beside the sessions that all of them talk to: a database, a daemon, a browser. It answers those who ask: what it sends
 * to one session because of another's request, as in publish and subscribe, is taken for an answer that was there before.
 */
export interface Server {
  /** As people call it: `MongoDB`. */
  readonly name: string;
  /**
   * One is enough for a whole run: executions that run at the same time keep apart by `session.space`. Without this, each
   * directory that sessions work in gets a server of its own.
   */
  readonly oneForAll?: boolean;
  /** It reads or writes files of the resource itself: what is asked of it commutes with nothing. */
  readonly worksOnResource?: boolean;
  /** It takes no notice of a new connection, until it is asked something. Without this, to connect is a step others may meet. */
  readonly ignoresBeginnings?: boolean;
  /** It takes no notice of the end of a connection, once it has answered. Without this, that is a step others may meet. */
  readonly ignoresEnds?: boolean;
  /** Finds it or starts it. @throws where it can't be had, with the reason: what needs it is SKIPPED. */
  readonly start: (place: ServerPlace) => Promise<RunningServer>;
}

export interface ServerPlace {
  /** An empty directory of the server's own; removed when it has been stopped. */
  readonly dir: string;
  /** A name that no other run uses: what lies in a server that outlives the run is to be called by it, and removed. */
  readonly space: string;
  /** For its processes: by this environment they are found, should the run be killed. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Aborted when the run is being ended: nobody waits for a server that is not there yet. */
  readonly signal: AbortSignal;
  /** Tells the user what takes long: `downloading MongoDB 8.0 …`. */
  readonly tell: (message: string) => void;
}

export interface RunningServer {
  /** What a session needs to reach it: a URI, or the path of a socket. */
  readonly address: string;
  /**
   * Where it listens: paths of Unix sockets, ports of TCP. What sessions send there is a step. None: they are not held,
   * so nothing can be explored.
   */
  readonly listens: readonly (string | number)[];
  /**
   * Its process, where a session may go on before its request has been answered: after each request it is then waited for
   * until the server rests, with all its threads and children. One that waits by the clock before it answers counts as resting:
   * it answers once no session can go on otherwise.
   */
  readonly pid?: number;
  /** Which product it is, where several speak its protocol and this is not the one that it is named after. */
  readonly product?: string;
  /** Settled when it has ended by itself, where that is known: who asks for it then gets a new one. */
  readonly ended?: Promise<unknown>;
  /** Ends it, or removes what lies on one that goes on. */
  readonly stop: () => Promise<void>;
}

/** A running server, as those know it who use it. Plain data. */
export interface Endpoint extends Pick<RunningServer, 'address' | 'listens' | 'pid' | 'product'> {
  readonly name: string;
  readonly worksOnResource: boolean;
  readonly ignoresBeginnings: boolean;
  readonly ignoresEnds: boolean;
  /** What an execution calls its own on a server that others use, too. */
  readonly space: string;
}
