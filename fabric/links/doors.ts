/** What listens at a `host:port`: the REST door of a fabric, its Kafka door, or the Kafka of somebody else. */
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { KAFKA_ERROR, RESOURCE_TYPE } from '@/fabric/kafka/codec';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { parseEndpoint, reachable } from './client/address';
import { KafkaCluster, VERSION } from './client/cluster';
import type { Endpoint } from './client/connection';
import type { UpstreamAccess } from './security';
import type { Dialer, UpstreamAddress } from './types';

/** An answer to a question this small takes a second on the thinnest link; the rest is latency and loss. */
const PROBE_SILENCE_MS_MAX = 10_000;
const PROBE_BODY_BYTES_MAX = 256 * 1024;
/** The broker configuration entry under which a fabric's Kafka door tells its REST door. */
const REST_ADDRESS_ENTRY = 'fieldline.rest.address';
const CLIENT_ID = 'fieldline-link';

/**
 * Asks the configured address as a REST door, and when that is not HTTP, as Kafka.
 * Fails with UNAVAILABLE or TIMEOUT when nothing answers, PROTOCOL when it is neither.
 * Fails with AUTH_FAILED when HQ does not accept the credentials.
 */
export async function findDoors(
  dialer: Dialer,
  configured: Endpoint,
  cluster: string,
  access: UpstreamAccess,
): Promise<UpstreamAddress> {
  const info = await askRest(access, configured);
  const address = info ? addressFrom(info, configured) : await askKafka(dialer, configured, cluster, access);
  return { ...address, access };
}

interface DashboardInfo {
  site: string;
  kafka: Endpoint;
  rest: Endpoint;
}

function addressFrom(info: DashboardInfo, configured: Endpoint): UpstreamAddress {
  return {
    site: info.site,
    kafka: reachable(info.kafka, configured.host),
    // This very door answered: what it advertises can only be worse.
    rest: configured,
  };
}

/** Null when it does not speak HTTP. */
async function askRest(access: UpstreamAccess, endpoint: Endpoint): Promise<DashboardInfo | null> {
  const answer = await getBody(access, endpoint, '/rest/dashboard/info');
  if (answer === null) return null;
  const where = `${endpoint.host}:${endpoint.port}`;
  let body: unknown;
  try {
    body = JSON.parse(answer);
  } catch (cause) {
    throw new FieldlineError('PROTOCOL', `${where} serves HTTP, but is no fabric`, {
      cause,
      remedy: 'Check the upstream',
    });
  }
  const row = (body as { data?: { cluster?: { name?: string }; doors?: { kafka?: string; rest?: string } }[] })
    .data?.[0];
  const kafka = parseEndpoint(row?.doors?.kafka ?? '');
  if (!row?.cluster?.name || !kafka)
    throw new FieldlineError('PROTOCOL', `${where} is a cluster that does not tell its Kafka door`, {
      remedy: 'Give the Kafka address of HQ as upstream',
    });
  return { site: row.cluster.name, kafka, rest: parseEndpoint(row.doors?.rest ?? '') ?? endpoint };
}

/** The body; null when the other side does not answer in HTTP. Fails with TIMEOUT, UNAVAILABLE, AUTH_FAILED. */
function getBody(access: UpstreamAccess, endpoint: Endpoint, path: string): Promise<string | null> {
  const { scheme, agent, auth } = access.rest;
  const get = scheme === 'https' ? httpsGet : httpGet;
  const options = { ...endpoint, path, agent, ...(auth && { auth: `${auth.username}:${auth.password}` }) };
  return new Promise((resolve, reject) => {
    const request = get(options, (response) => {
      if (response.statusCode === 401 || response.statusCode === 403) {
        response.resume();
        reject(unauthorised(endpoint, auth !== undefined));
        return;
      }
      if ((response.statusCode ?? 0) >= 500) {
        response.resume();
        reject(
          new FieldlineError('UNAVAILABLE', `${endpoint.host}:${endpoint.port} answers ${response.statusCode} for now`),
        );
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > PROBE_BODY_BYTES_MAX) request.destroy(new FieldlineError('PROTOCOL', 'The answer is too long'));
      });
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      response.on('error', reject);
    });
    request.setTimeout(PROBE_SILENCE_MS_MAX, () =>
      request.destroy(
        new FieldlineError(
          'TIMEOUT',
          `${endpoint.host}:${endpoint.port} did not answer within ${PROBE_SILENCE_MS_MAX} ms`,
        ),
      ),
    );
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (isFieldlineError(error)) reject(error);
      // A kept connection may have died while idle, which says nothing about who listens.
      else if (request.reusedSocket && error.code === 'ECONNRESET') resolve(getBody(access, endpoint, path));
      // A broker hangs up on what it takes for a frame of 1.2 GB; some say something first that is not HTTP.
      else if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code?.startsWith('HPE_')) resolve(null);
      else reject(new FieldlineError('UNAVAILABLE', `Can not ask ${endpoint.host}:${endpoint.port}`, { cause: error }));
    });
  });
}

function unauthorised({ host, port }: Endpoint, named: boolean): FieldlineError {
  return named
    ? new FieldlineError('AUTH_FAILED', `${host}:${port} did not accept the credentials of this site`, {
        remedy: 'Check the credentials of the upstream, or enrol this site anew',
      })
    : new FieldlineError('AUTH_FAILED', `${host}:${port} asks for credentials, and this site has none for it`, {
        remedy: 'Enrol this site, or set the credentials of its upstream',
      });
}

async function askKafka(
  dialer: Dialer,
  configured: Endpoint,
  cluster: string,
  access: UpstreamAccess,
): Promise<UpstreamAddress> {
  const stop = new AbortController();
  const kafka = new KafkaCluster(dialer, configured, {
    clientId: CLIENT_ID,
    signal: stop.signal,
    security: access.kafka,
  });
  try {
    const { nodeId } = await kafka.identity();
    const control = await kafka.control();
    const response = await control.request('DescribeConfigs', VERSION.DescribeConfigs, {
      resources: [
        { resourceType: RESOURCE_TYPE.broker, resourceName: String(nodeId), configurationKeys: [REST_ADDRESS_ENTRY] },
      ],
    });
    const result = response.results[0];
    const entry =
      result?.errorCode === KAFKA_ERROR.NONE ? result.configs.find((c) => c.name === REST_ADDRESS_ENTRY) : null;
    const advertised = parseEndpoint(entry?.value ?? '');
    // Another's Kafka has no REST door: replication needs none.
    if (!advertised) return { site: cluster, kafka: configured, rest: configured };
    const rest = reachable(advertised, configured.host);
    // A REST door that asks for credentials does not say whose it is, which replication can do without.
    const info = await askRest(access, rest).catch((error: unknown) => {
      if (isFieldlineError(error, 'PROTOCOL', 'AUTH_FAILED')) return null;
      throw error;
    });
    return { site: info?.site ?? cluster, kafka: configured, rest };
  } finally {
    kafka.close();
  }
}
