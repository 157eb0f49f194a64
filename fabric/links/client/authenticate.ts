/** SASL as Kafka has it since KIP-152: a handshake that names the mechanism, then the mechanism's own messages. */
import { KAFKA_ERROR, type ResponseOf } from '@/fabric/kafka/codec';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { ScramClient } from '@/lib/sasl/scram';
import type { SaslCredentials } from '../security';
import type { KafkaConnection } from './connection';

/** A broker that limits the life of a session ends it at its time: it is renewed after this part of it (KIP-368). */
const RENEW_AFTER = 0.8;
const VERSION = 1;
const TIMER_MS_MAX = 0x7fff_ffff;

/**
 * Signs a connection in, and again before the broker's limit of a session. Fails with AUTH_FAILED when HQ does not accept the credentials
 * or the mechanism; the connection is closed then.
 */
export async function authenticate(connection: KafkaConnection, credentials: SaslCredentials): Promise<void> {
  try {
    const lifetimeMs = await signIn(connection, credentials);
    if (lifetimeMs <= 0) return;
    const timer = setTimeout(
      // A failure closes the connection, of which its user learns.
      () => authenticate(connection, credentials).catch(() => undefined),
      Math.min(lifetimeMs * RENEW_AFTER, TIMER_MS_MAX),
    );
    timer.unref();
    connection.lost.catch(() => clearTimeout(timer));
  } catch (error) {
    const known = isFieldlineError(error) ? error : undefined;
    connection.close(known);
    throw error;
  }
}

/** Resolves with the life of the session in ms; 0: no limit. */
async function signIn(
  connection: KafkaConnection,
  { mechanism, username, password }: SaslCredentials,
): Promise<number> {
  const asked = mechanism.toUpperCase();
  const { errorCode, mechanisms } = await connection.request('SaslHandshake', VERSION, {
    mechanism: asked,
  });
  if (errorCode === KAFKA_ERROR.UNSUPPORTED_SASL_MECHANISM)
    throw new FieldlineError(
      'AUTH_FAILED',
      mechanisms.length > 0
        ? `HQ takes no ${asked}, only ${mechanisms.join(', ')}`
        : 'HQ asks for no credentials, but some are configured',
      { remedy: 'Set the credentials of the upstream right' },
    );
  if (errorCode !== KAFKA_ERROR.NONE) throw refused(null);
  const send = async (authBytes: Buffer): Promise<ResponseOf<'SaslAuthenticate'>> => {
    const answer = await connection.request('SaslAuthenticate', VERSION, { authBytes });
    if (answer.errorCode !== KAFKA_ERROR.NONE) throw refused(answer.errorMessage);
    return answer;
  };
  if (mechanism === 'plain') return (await send(Buffer.from(`\0${username}\0${password}`))).sessionLifetimeMs;
  const client = new ScramClient(mechanism, username, password);
  const first = await send(client.first());
  const last = await send(await client.answer(first.authBytes));
  client.finish(last.authBytes);
  return last.sessionLifetimeMs;
}

/** What the broker says about it is told: it names no secret. */
const refused = (reason: string | null) =>
  new FieldlineError('AUTH_FAILED', `HQ did not accept the credentials of this site${reason ? ` (${reason})` : ''}`, {
    remedy: 'Check the credentials of the upstream, or enrol this site anew',
  });
