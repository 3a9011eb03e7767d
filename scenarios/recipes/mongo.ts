import type { Db, MongoClient } from 'mongodb';

let connected: { readonly uri: string; readonly client: MongoClient } | undefined;

/**
 * A database on the server at this URI, over a connection that the process keeps.
 *
 * Loaded when it is needed: every session of every target would load the driver's hundred modules otherwise.
 * One connection, and no look at the server's health in the background: what a session sends is what it was told to send.
 */
export async function database(uri: string, name: string): Promise<Db> {
  if (connected?.uri !== uri) {
    const { MongoClient } = await import('mongodb');
    const client = new MongoClient(uri, {
      maxPoolSize: 1,
      serverMonitoringMode: 'poll',
      heartbeatFrequencyMS: HOUR_MS,
    });
    connected = { uri, client };
  }
  return connected.client.db(name);
}

const HOUR_MS = 3_600_000;
