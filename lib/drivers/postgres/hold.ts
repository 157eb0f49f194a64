import { Client } from 'pg';
import { FieldlineError } from '@/lib/errors';
import type { TryHold } from '@/lib/mirror/hold';
import { connectionOf } from './database';
import { postgresFailure } from './errors';
import type { PostgresConnection } from './options';

/** A connection that the network forgot is noticed after this and the timeout of a query, in ms. */
const PULSE_MS = 10_000;

/**
 * Rights that one process has at a time, as advisory locks of a session (PostgreSQL documentation, 13.3.5): the server gives them back
 * when the session ends, however its process died. Not through a pooler that shares sessions.
 */
export function createPostgresHold(options: PostgresConnection): TryHold {
  return async (name) => {
    const client = new Client(connectionOf(options));
    const lost = new AbortController();
    const lose = () =>
      lost.abort(new FieldlineError('ABORTED', 'The connection to PostgreSQL that the run hung on was lost'));
    client.on('error', lose);
    const end = () => client.end().catch(() => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ held: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
        [`fieldline ${name}`],
      );
      if (!rows[0]?.held) {
        await end();
        return null;
      }
    } catch (error) {
      await end();
      throw postgresFailure(error, options, 'Asking for the right to run');
    }
    client.on('end', lose);
    const pulse = setInterval(() => void client.query('SELECT 1').catch(lose), PULSE_MS);
    pulse.unref();
    const release = async () => {
      clearInterval(pulse);
      client.off('end', lose);
      await end();
    };
    return { lost: lost.signal, release };
  };
}
