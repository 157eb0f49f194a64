/** The embedded fabric of one site, put together: stores below, doors above. The only place that knows all parts. */
import path from 'node:path';
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import { Sealer } from '@/lib/secrets';
import packageJson from '@/package.json';
import { FabricAccess } from './access/access';
import { ACCESS_EXTENSIONS, registerAccessCommands, registerEnrolDoor } from './access/enrolment';
import { refusalAtAdmin, refusalAtFiles, refusalAtKafkaRest, refusalAtTables } from './access/rest-refusals';
import {
  FIGURES_EXTENSIONS,
  GATEWAY_EXTENSIONS,
  MIRROR_EXTENSIONS,
  OBJECT_STORE_EXTENSIONS,
  openGateways,
  openObjectStores,
  openStreams,
  registerAdminDoor,
  registerFiguresCommand,
} from './admin';
import { takeDataDirectory } from './data-dir';
import { diskTroubles } from './disk-troubles';
import { DoorCertificate } from './door-certificate';
import { DoorAuth } from './http/auth';
import { RestServer } from './http/router';
import { startKafkaDoor } from './kafka';
import { registerKafkaRestDoor, sendKafkaRestError } from './kafka-rest';
import {
  createDialer,
  createUpstream,
  type FabricLinks,
  LINK_EXTENSIONS,
  openLinks,
  registerLinkCommands,
} from './links';
import { openTopicStore } from './log';
import type { FabricLog } from './logger';
import type { Address, FabricOptions } from './options';
import { openTables, registerDagDoor, TABLE_EXTENSIONS } from './tables';
import { FILES_EXTENSIONS, openVolumes, registerFilesDoor } from './volumes';

const EXTENSIONS = [
  ...TABLE_EXTENSIONS,
  ...LINK_EXTENSIONS,
  ...FILES_EXTENSIONS,
  ...GATEWAY_EXTENSIONS,
  ...MIRROR_EXTENSIONS,
  ...OBJECT_STORE_EXTENSIONS,
  ...FIGURES_EXTENSIONS,
];

export interface RunningFabric {
  /** As bound: the ports are real where 0 was asked. */
  kafka: Address;
  rest: Address;
  /** Finishes what is in hand, closes the doors, then the stores. */
  close(): Promise<void>;
}

/**
 * Opens everything in the data directory and the doors. Fails with DATA_DIR_LOCKED, DATA_DIR_UNUSABLE, DISK_FULL or PORT_TAKEN, and leaves nothing
 * open then.
 */
export async function startFabric(options: FabricOptions, log: FabricLog): Promise<RunningFabric> {
  const opened: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    const failures: unknown[] = [];
    // One part that can not close (the disk is full) is no reason to leave the others open.
    for (const close of opened.reverse())
      await Promise.resolve()
        .then(close)
        .catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  /** Remembers how to close a part, in the order of opening. */
  const keep = <T>(part: T, close: (part: T) => Promise<void> | void): T => {
    opened.push(() => close(part));
    return part;
  };
  try {
    const certificate = options.tls
      ? keep(await DoorCertificate.open(options.tls, log), (files) => files.close())
      : null;
    const data = keep(await takeDataDirectory(options.dataDirectory, options.site), (taken) => taken.release());
    const inData = (name: string) => path.join(data.path, name);
    const advertisedHost = options.advertisedHost ?? advertisable(options.kafka.host);

    const topics = keep(await openTopicStore(inData('topics'), { log }), (store) => store.close());
    const tables = keep(
      await openTables(inData('tables'), {
        // The first topic comes after the first start, which made the tables.
        mustExist: topics.list().length > 0,
        log: (level, message) => log[level](message),
      }),
      (store) => store.close(),
    );
    const sealer = new Sealer(options.sealer);
    const gateways = await openGateways(inData('gateways.json'), sealer);
    const objectStores = await openObjectStores(inData('objectstores.json'), sealer);
    const streams = await openStreams(inData('streams.json'), topics);
    const dialer = createDialer();
    const upstream = keep(createUpstream({ dialer, gateways }), (part) => part.close());
    const volumes = keep(
      await openVolumes({
        directory: inData('volumes'),
        siteId: options.site,
        dialer,
        upstream,
        objectStoreOf: objectStores.get,
        log,
      }),
      (store) => store.close(),
    );

    const access = options.credentials
      ? await FabricAccess.open({ own: options.credentials, file: inData('access.json'), log })
      : null;
    const rest = keep(new RestServer(certificate?.tls, options.advertisedHost), (server) => server.close());
    rest.hold();
    const restPort = await rest.listen(options.rest.host, options.rest.port);
    const restAddress = `${advertisedHost}:${restPort}`;
    let linksOf: () => FabricLinks | null = () => null;
    const kafka = keep(
      await startKafkaDoor({
        store: topics,
        directory: inData('groups'),
        host: options.kafka.host,
        port: options.kafka.port,
        advertisedHost,
        restAddress,
        // Until the links are open nobody knows which topics wait for HQ; a client tries again.
        isHeld: (topic) => linksOf()?.isHeld(topic) ?? true,
        access,
        tls: certificate?.tls,
        log,
      }),
      (door) => door.close(),
    );
    certificate?.onRenewed((tls) => {
      rest.renewCertificate(tls);
      kafka.renewCertificate(tls);
    });
    const links = keep(
      await openLinks({ directory: inData('links'), siteId: options.site, store: topics, dialer, upstream, log }),
      (part) => part.close(),
    );
    linksOf = () => links;

    const auth = new DoorAuth(access);
    auth.register(rest);
    registerDagDoor(auth.protect(rest, refusalAtTables), tables);
    registerFilesDoor(auth.protect(rest, refusalAtFiles(volumes)), volumes, data.restoredAt);
    keep(
      registerKafkaRestDoor(auth.protect(rest.withErrors(sendKafkaRestError), refusalAtKafkaRest(options.site)), {
        broker: kafka.broker,
        siteId: options.site,
      }),
      (door) => door.close(),
    );
    const commands = registerAdminDoor(auth.protect(rest, refusalAtAdmin), {
      siteId: options.site,
      version: packageJson.version,
      troubles: async () => [
        ...(await diskTroubles(data.path)),
        ...topics.troubles(),
        ...(certificate?.troubles() ?? []),
        ...gateways.troubles(),
        ...objectStores.troubles(),
      ],
      doors: () => ({ kafka: `${advertisedHost}:${kafka.port}`, rest: restAddress }),
      extensions: access ? [...EXTENSIONS, ...ACCESS_EXTENSIONS] : EXTENSIONS,
      volumes,
      gateways,
      objectStores,
      streams,
      topics,
      groupOffsets: kafka.groupOffsets,
      tables,
      log,
    });
    registerFiguresCommand(commands, { dataDirectory: data.path, kafka: () => kafka.figures(), topics, volumes });
    registerLinkCommands(commands, { siteId: options.site, links, dialer, upstream });
    if (access) {
      const enrolment = { access, siteId: options.site, restAddress, certificate };
      registerAccessCommands(commands, enrolment);
      registerEnrolDoor(rest, enrolment);
    }
    rest.release();
    return {
      kafka: { host: options.kafka.host, port: kafka.port },
      rest: { host: options.rest.host, port: restPort },
      close: closeAll,
    };
  } catch (error) {
    await closeAll().catch((closing: unknown) =>
      log.warn('Not everything that was opened could be closed', { reason: errorMessage(closing) }),
    );
    throw isDiskFull(error) ? diskFull(options, error) : error;
  }
}

const isDiskFull = (error: unknown) =>
  isFieldlineError(error, 'DISK_FULL') || ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '');

/** Recovery has to write too: what is on a full disk is safe, but can not be served. */
const diskFull = ({ site, dataDirectory }: FabricOptions, cause: unknown) =>
  new FieldlineError(
    'DISK_FULL',
    `The disk under ${dataDirectory} is full, and the fabric of ${site} needs some room to start`,
    {
      cause,
      remedy: 'Free some space; nothing of what it holds is lost',
    },
  );

/** Nobody can connect to a wildcard address. */
const advertisable = (host: string) => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);
