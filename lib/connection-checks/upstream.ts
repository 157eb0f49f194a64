import { ConfigResourceTypes } from 'kafkajs';
import { HQ_SITE_ID, VOLUMES } from '../domain/naming';
import { adminCall } from '../drivers/admin-rest/client';
import { createKafkaClient } from '../drivers/kafka/client';
import { isFieldlineError } from '../errors';
import { HttpClient } from '../http';
import { type Address, addressText } from '../net/address';
import { isLoopbackHost } from '../net/loopback';
import { apiVersionsRequest, checkKafka, isApiVersionsAnswer } from './kafka';
import { asCheckFailure, CheckFailure } from './reasons';
import { firstAnswer, foreignService, type TlsTrust } from './transport';

export type { Address };

const TOTAL_MS_MAX = 8_000;
/** The broker configuration entry under which a fabric's Kafka door tells its REST door. */
const REST_ADDRESS_ENTRY = 'fieldline.rest.address';
const HQ = HQ_SITE_ID.toUpperCase();

/** Who dials HQ, and how. */
export interface UpstreamVisitor {
  mission: string;
  site: string;
  /** Absent: no TLS. */
  tls?: TlsTrust | undefined;
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string } | undefined;
}

/**
 * HQ as an edge dials it, at its REST door or a Kafka broker: that it is there, accepts the credentials, and lets this edge have what is
 * staged for it. Fails with a CheckFailure, or as a connection does.
 */
export async function checkUpstream(at: Address, visitor: UpstreamVisitor): Promise<void> {
  const answer = await firstAnswer(at, apiVersionsRequest(), { tls: visitor.tls, service: HQ });
  if (isApiVersionsAnswer(answer)) {
    await checkBroker(addressText(at), visitor);
    const rest = await restDoorOf(addressText(at), visitor);
    if (rest) await checkRest(addressOf(reachable(rest, at)), visitor);
    return;
  }
  if (!answer.subarray(0, 5).equals(Buffer.from('HTTP/')))
    throw new CheckFailure(
      'wrong-service',
      `${addressText(at)} is ${foreignService(answer) ?? 'another server'}, not ${HQ}`,
    );
  await checkBroker(await checkRest(at, visitor), visitor);
}

/** Resolves with the Kafka door that HQ tells. */
async function checkRest(at: Address, { mission, site, tls, sasl }: UpstreamVisitor): Promise<string> {
  const client = new HttpClient({
    baseUrl: `${tls ? 'https' : 'http'}://${addressText(at)}`,
    totalTimeoutMs: TOTAL_MS_MAX,
    ...(tls?.ca && { ca: tls.ca }),
    ...(tls?.servername && { serverName: tls.servername }),
    // As the link does: what is sent without TLS can be read by whoever carries it.
    ...(tls && sasl && { auth: { kind: 'basic' as const, username: sasl.username, password: sasl.password } }),
  });
  try {
    const [info] = await adminCall(client, 'GET', 'dashboard/info');
    const kafka = (info?.doors as { kafka?: unknown } | undefined)?.kafka;
    if (typeof kafka !== 'string') throw new CheckFailure('wrong-service', `${client.where} is not ${HQ}'s fabric`);
    const staged = { name: `${mission}.${VOLUMES.outbound(site)}` };
    const { status } = await client.request({ path: '/rest/volume/info', query: staged, accept: [403] });
    if (status === 403) throw notAuthorised(sasl, site);
    return reachable(kafka, at);
  } catch (error) {
    if (!isFieldlineError(error, 'AUTH_FAILED') || sasl) throw error;
    throw new CheckFailure('credentials', `${client.where} asks who comes, and no user is entered`, REMEDY);
  } finally {
    client.close();
  }
}

const clientOf = (broker: string, { mission, site, tls, sasl }: UpstreamVisitor) => ({
  ...{ brokers: [broker], clientId: `fieldline.${site}`, mission },
  ...(tls && { ssl: tls }),
  ...(sasl && { sasl }),
});

async function checkBroker(broker: string, visitor: UpstreamVisitor): Promise<void> {
  try {
    await checkKafka(clientOf(broker, visitor), visitor.tls, { readOnly: true });
  } catch (error) {
    // It speaks Kafka, as was seen before; who does not sign in where that is asked for is left without an answer.
    if (visitor.sasl || asCheckFailure(error).code !== 'failed') throw error;
    throw new CheckFailure('credentials', `${broker} asks who comes, and no user is entered`, REMEDY);
  }
}

/** As the Kafka door of an embedded fabric tells it; null: Apache Kafka, or not for this user. */
async function restDoorOf(broker: string, visitor: UpstreamVisitor): Promise<string | null> {
  const admin = createKafkaClient(clientOf(broker, visitor)).admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const asked = brokers.slice(0, 1).map(({ nodeId }) => ({ type: ConfigResourceTypes.BROKER, name: String(nodeId) }));
    const { resources } = await admin.describeConfigs({ resources: asked, includeSynonyms: false });
    const entries = resources.flatMap(({ configEntries }) => configEntries);
    return entries.find(({ configName }) => configName === REST_ADDRESS_ENTRY)?.configValue ?? null;
  } catch {
    // Nothing that the link could not do without.
    return null;
  } finally {
    await admin.disconnect();
  }
}

/** A fabric that does not know better tells that it is on this machine: then it is where its other door is. */
function reachable(told: string, at: Address): string {
  const { host, port } = addressOf(told);
  return isLoopbackHost(host) ? addressText({ host: at.host, port }) : told;
}

function addressOf(text: string): Address {
  const { hostname, port } = new URL(`tcp://${text}`);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

const REMEDY = `Enrol this site at ${HQ}, or enter the user and the password that it was given there`;

const notAuthorised = (sasl: UpstreamVisitor['sasl'], site: string) =>
  new CheckFailure(
    'not-authorised',
    `${HQ} knows ${sasl?.username ?? 'who comes'}, who may not have what is staged for ${site}`,
    REMEDY,
  );
