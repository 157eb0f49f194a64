import type { ConnectionTest, DoorCheck } from '@/lib/api/connections';
import {
  type ConnectionTarget,
  type FieldlineConfig,
  type KafkaFabricConfig,
  kafkaEdgeTrouble,
  type SiteConfig,
  type TlsConfig,
} from '@/lib/config';
import {
  asCheckFailure,
  checkAdmin,
  checkHttp,
  checkKafka,
  checkKafkaConnect,
  checkPostgres,
  checkS3,
  checkUpstream,
} from '@/lib/connection-checks';
import { HQ_SITE_ID, TABLES } from '@/lib/domain/naming';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import type { Runtime } from '../contract';
import { clusterDoor } from '../runtime/datafabric-ports';
import { embeddedKafkaOptions, embeddedRest } from '../runtime/embedded-ports';
import { connectDoor, kafkaOptions, postgresOptions } from '../runtime/kafka-ports';
import { s3Settings, saslCredentials, tlsTrust } from '../runtime/secrets';
import { trialConfig } from './targets';

interface Door {
  door: DoorCheck['door'];
  title: string;
  check(): Promise<void>;
}

/** Tries every door of a target by itself. Changes nothing that stays. Fails only where a secret can not be read. */
export async function testTarget(
  runtime: Runtime,
  site: SiteConfig,
  target: ConnectionTarget,
): Promise<ConnectionTest> {
  const trial = trialConfig(runtime.config, site.id, target);
  // The doors of Kafka are tried without them: a site whose link can not be has none.
  const ports = target.fabric.kind === 'kafka' ? null : runtime.openPorts(trial.config, trial.site);
  try {
    const doors = await Promise.all(doorsOf(trial.config, trial.site, ports).map(tried));
    return { ok: doors.every(({ state }) => state === 'ok'), doors };
  } finally {
    if (ports) await closePorts(ports);
  }
}

export const closePorts = (ports: SitePorts) =>
  Promise.allSettled([ports.streams.close(), ports.tables.close(), ports.volumes.close(), ports.links?.close()]);

async function tried({ door, title, check }: Door): Promise<DoorCheck> {
  try {
    await check();
    return { door, title, state: 'ok', code: null, reason: null, remedy: null };
  } catch (error) {
    const { code, message, remedy } = asCheckFailure(error);
    return { door, title, state: 'failed', code, reason: message, remedy };
  }
}

function doorsOf(config: FieldlineConfig, site: SiteConfig, ports: SitePorts | null): Door[] {
  return [...fabricDoors(config, site, ports), ...linkDoor(config, site), ...upstreamDoor(config, site)];
}

function fabricDoors(config: FieldlineConfig, { id, fabric }: SiteConfig, ports: SitePorts | null): Door[] {
  const anyRow = async () => ports?.tables.get(TABLES.services, 'any').then(nothing).catch(unlessMissing);
  if (fabric.kind === 'kafka') {
    const { postgres, s3 } = fabric;
    const options = kafkaOptions(config, id, fabric);
    return [
      {
        door: 'streams',
        title: `Kafka at ${fabric.brokers.join(', ')}`,
        check: () => checkKafka(options, fabric.tls && (options.ssl as { ca?: string })),
      },
      {
        door: 'tables',
        title: `PostgreSQL at ${postgres.host}:${postgres.port}, database ${postgres.database}`,
        check: () => checkPostgres(postgresOptions(config, fabric)),
      },
      {
        door: 'volumes',
        title: `S3 at ${s3.endpoint}, bucket ${s3.bucket}`,
        check: () => checkS3(s3Settings(config, s3), config.mission),
      },
    ];
  }
  if (fabric.kind === 'embedded') {
    const rest = embeddedRest(config, id, fabric);
    const restTitle = `${fabric.host}:${fabric.restPort}`;
    return [
      {
        door: 'streams',
        title: `Kafka door at ${fabric.host}:${fabric.kafkaPort}`,
        check: () =>
          checkKafka(embeddedKafkaOptions(config, id, fabric), rest.ca === undefined ? undefined : { ca: rest.ca }),
      },
      {
        door: 'tables',
        title: `Tables door at ${restTitle}`,
        check: () => checkAdmin(rest, 'a fabric').then(anyRow),
      },
      { door: 'volumes', title: `Files door at ${restTitle}`, check: () => checkAdmin(rest, 'a fabric') },
    ];
  }
  const at = (port: number) => clusterDoor(config, fabric, port);
  return [
    {
      door: 'streams',
      title: `Kafka REST at ${fabric.host}:${fabric.streamsPort}`,
      check: () =>
        checkHttp(at(fabric.streamsPort), 'the Kafka REST proxy')
          .then(() => ports?.streams.topics('pipeline'))
          .then(nothing, unlessMissing),
    },
    {
      door: 'tables',
      title: `Data Access Gateway at ${fabric.host}:${fabric.tablesPort}`,
      check: () => checkHttp(at(fabric.tablesPort), 'the Data Access Gateway').then(anyRow),
    },
    {
      door: 'volumes',
      title: `Administration at ${fabric.host}:${fabric.adminPort}`,
      check: () => checkAdmin(at(fabric.adminPort), 'the API server'),
    },
  ];
}

/** What carries the topics of a site on Kafka. */
function linkDoor(config: FieldlineConfig, site: SiteConfig): Door[] {
  const { role, fabric } = site;
  if (role !== 'edge' || fabric.kind !== 'kafka') return [];
  const check = async () => {
    demandLink(config, site);
    await checkKafkaConnect(connectDoor(config, fabric.connect!));
  };
  return [{ door: 'link', title: `Kafka Connect at ${fabric.connect?.url ?? 'no address'}`, check }];
}

/** Fails with CONFLICT, in words, where the link of a site on Kafka can not be: HQ is not on Kafka, or both would be one place. */
export function demandLink(config: FieldlineConfig, site: SiteConfig): void {
  if (site.fabric.kind !== 'kafka') return;
  const others = config.sites.filter(({ id }) => id !== site.id);
  const trouble = kafkaEdgeTrouble({ ...site, fabric: site.fabric as KafkaFabricConfig }, others);
  if (trouble) throw new FieldlineError('CONFLICT', `${trouble.path.join('.')}: ${trouble.message}`);
}

/** HQ as an edge reaches it, where that is named: the HQ of the same installation has doors of its own. */
function upstreamDoor(config: FieldlineConfig, { id, role, upstream }: SiteConfig): Door[] {
  if (role !== 'edge' || upstream === undefined) return [];
  if (typeof upstream === 'string' || 'address' in upstream) {
    const { address, tls, sasl } = typeof upstream === 'string' ? { ...NO_SECURITY, address: upstream } : upstream;
    const { hostname, port } = new URL(`tcp://${address}`);
    const at = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
    const check = () =>
      checkUpstream(at, {
        mission: config.mission,
        site: id,
        tls: tls && trustOf(config, tls),
        sasl: sasl && saslCredentials(config, sasl),
      });
    return [{ door: 'upstream', title: `${HQ} at ${address}`, check }];
  }
  const { s3, sasl, tls } = upstream;
  const brokers = 'kafka' in upstream ? upstream.kafka.split(',') : upstream.brokers;
  const trust = tls && trustOf(config, tls);
  return [
    {
      door: 'upstream',
      title: `${HQ}: Kafka at ${brokers.join(', ')}`,
      check: () => {
        const client = { brokers, clientId: `fieldline.${id}`, ...(trust && { ssl: trust }) };
        const options = { ...client, mission: config.mission, ...(sasl && { sasl: saslCredentials(config, sasl) }) };
        return checkKafka(options, trust, { readOnly: true });
      },
    },
    {
      door: 'upstream',
      title: `${HQ}: S3 at ${s3.endpoint}, bucket ${s3.bucket}`,
      check: () => checkS3(s3Settings(config, s3), config.mission, { readOnly: true }),
    },
  ];
}

const HQ = HQ_SITE_ID.toUpperCase();
const NO_SECURITY = { tls: undefined, sasl: undefined };

const trustOf = (config: FieldlineConfig, tls: TlsConfig & { serverName?: string }) => ({
  ...tlsTrust(config, tls),
  ...(tls.serverName !== undefined && { servername: tls.serverName }),
});

const nothing = () => undefined;

/** The door answers; what the mission needs there is not made yet. */
function unlessMissing(error: unknown): void {
  if (!isFieldlineError(error, 'NOT_FOUND')) throw error;
}
