import { apiVersionsRequest, isApiVersionsAnswer } from './kafka';
import { CheckFailure } from './reasons';
import { type Address, firstAnswer, foreignService, type TlsTrust } from './transport';

export type { Address };

/** HQ as an edge dials it: its REST door or a Kafka broker, as seen from here. Fails with a CheckFailure, or as a connection does. */
export async function checkUpstream(at: Address, tls?: TlsTrust): Promise<void> {
  const answer = await firstAnswer(at, apiVersionsRequest(), { tls, service: 'HQ' });
  if (isApiVersionsAnswer(answer) || answer.subarray(0, 5).equals(Buffer.from('HTTP/'))) return;
  throw new CheckFailure(
    'wrong-service',
    `${at.host}:${at.port} is ${foreignService(answer) ?? 'another server'}, not HQ`,
  );
}
