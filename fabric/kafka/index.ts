/** The Kafka door: serves the topics of a store to any Kafka client. */
import { mkdir } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, Server as SecureServer, type TlsOptions } from 'node:tls';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { FabricFigures } from '@/lib/ports/figures';
import type { FabricAccess } from '../access/access';
import type { LogStore } from '../log';
import { nodeLogFs } from '../log/log-fs';
import type { GroupOffsets } from '../log/types';
import type { FabricLog } from '../logger';
import { Session } from './access/session';
import { BufferPool } from './buffer-pool';
import type { Door } from './door';
import { GroupCoordinator } from './groups/coordinator';
import { OffsetStore } from './groups/offset-store';
import { dispatcher } from './handlers/dispatch';
import { ProducerIds } from './producer-ids';
import { Connection } from './server/connection';
import { InFlight } from './server/in-flight';
import { CONNECTIONS_MAX } from './server/limits';
import { Traffic } from './server/traffic';

const NODE_ID_DEFAULT = 1;
/** Members that start together then share one first generation. Kafka waits 3 s; here a lone member should not wait that long. */
const INITIAL_REBALANCE_DELAY_DEFAULT_MS = 100;
const LISTEN_BACKLOG = 511;
const HANDSHAKE_TIMEOUT_MS = 30_000;

export interface KafkaDoorOptions {
  store: LogStore;
  /** For committed offsets and producer ids; this door's alone. */
  directory: string;
  host: string;
  /** 0: any free one. */
  port: number;
  /** What clients are told to connect to: they use it for everything after their first contact. */
  advertisedHost: string;
  /** The listening port when absent. */
  advertisedPort?: number | undefined;
  nodeId?: number;
  /** `host:port` of the REST door, told in the broker's configuration as `fieldline.rest.address`. */
  restAddress?: string | undefined;
  /** Topics that must not be written for now; none when absent. */
  isHeld?: (topic: string) => boolean;
  initialRebalanceDelayMs?: number;
  /** Absent or null: the door is open to everybody. */
  access?: FabricAccess | null;
  /** Absent: no TLS. */
  tls?: TlsOptions | undefined;
  clock?: Clock;
  log: FabricLog;
}

export interface KafkaDoor {
  readonly port: number;
  /** For the admin door: committed offsets with their metadata and times. */
  readonly groupOffsets: GroupOffsets;
  /** What this door works on, for the Kafka REST door. */
  readonly broker: Door;
  /** For metrics. */
  figures(): FabricFigures['kafka'];
  /** New connections see this certificate, open ones go on with theirs. Nothing where the door has no TLS. */
  renewCertificate(tls: TlsOptions): void;
  /** Ends every connection and long poll. The store stays open. */
  close(): Promise<void>;
}

/** Resolves when clients can connect. Fails with PORT_TAKEN. */
export async function startKafkaDoor(options: KafkaDoorOptions): Promise<KafkaDoor> {
  const { store, directory, log } = options;
  await mkdir(directory, { recursive: true });
  const offsets = await OffsetStore.open(directory, nodeLogFs, options.clock ?? systemClock);
  const producerIds = await ProducerIds.open(directory);
  const initialRebalanceDelayMs = options.initialRebalanceDelayMs ?? INITIAL_REBALANCE_DELAY_DEFAULT_MS;
  const groups = new GroupCoordinator({ store, offsets, initialRebalanceDelayMs, log });
  const door: Door = {
    store,
    groups,
    offsets,
    producerIds,
    clusterId: producerIds.clusterId,
    nodeId: options.nodeId ?? NODE_ID_DEFAULT,
    advertisedHost: options.advertisedHost,
    advertisedPort: options.advertisedPort ?? options.port,
    restAddress: options.restAddress ?? null,
    isHeld: options.isHeld ?? (() => false),
    log,
  };
  const unsubscribe = store.onChange((topic) => {
    if (store.get(topic)) return;
    offsets
      .deleteTopic(topic)
      .catch((error: unknown) =>
        log.error('Offsets of a deleted topic stay behind', { topic, error: errorMessage(error) }),
      );
  });
  const traffic = new Traffic();
  const { server, sockets } = acceptConnections(door, traffic, options);
  try {
    const port = await listen(server, options.host, options.port);
    server.on('error', (error) => log.error('A Kafka connection could not be taken', { error: error.message }));
    door.advertisedPort = options.advertisedPort ?? port;
    return {
      port,
      groupOffsets: offsets,
      broker: door,
      figures: () => ({ connections: sockets.size, apis: traffic.list() }),
      renewCertificate: (tls) => {
        if (server instanceof SecureServer) server.setSecureContext(tls);
      },
      close: async () => {
        unsubscribe();
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        groups.close();
        for (const socket of sockets) socket.destroy();
        await closed;
        await offsets.close();
      },
    };
  } catch (error) {
    unsubscribe();
    await offsets.close();
    throw error;
  }
}

function acceptConnections(
  door: Door,
  traffic: Traffic,
  { access = null, tls }: Pick<KafkaDoorOptions, 'access' | 'tls'>,
): { server: Server; sockets: ReadonlySet<Socket> } {
  const sockets = new Set<Socket>();
  const inFlight = new InFlight();
  const pool = new BufferPool();
  const dispatch = dispatcher(door);
  const accept = (socket: Socket) => {
    if (sockets.size >= CONNECTIONS_MAX) {
      door.log.warn('Refused a Kafka connection: there are too many', { client: socket.remoteAddress ?? '' });
      socket.destroy();
      return;
    }
    sockets.add(socket);
    const session = new Session({
      access,
      address: socket.remoteAddress ?? '',
      isEncrypted: tls !== undefined,
      // After what is being answered.
      end: () => setImmediate(() => socket.destroySoon()),
    });
    socket.on('close', () => {
      sockets.delete(socket);
      session.close();
    });
    new Connection(
      socket,
      traffic.counted((frame, context) => dispatch(frame, context, session)),
      ...([inFlight, pool, door.log] as const),
    );
  };
  if (!tls) return { server: createServer(accept), sockets };
  const server = createSecureServer({ handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...tls }, accept);
  // Also those that have not finished their handshake.
  server.maxConnections = CONNECTIONS_MAX;
  // Port scanners and clients without TLS: known by their address, and no more than a line.
  server.on('tlsClientError', (error, socket) => {
    door.log.warn('Refused a Kafka connection without proper TLS', {
      client: socket.remoteAddress ?? '',
      reason: error.message,
    });
    socket.destroy();
  });
  return { server, sockets };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new FieldlineError('PORT_TAKEN', `The Kafka port ${host}:${port} is taken by another program`, {
              cause: error,
              remedy: 'Stop that program or choose another port',
            })
          : error,
      ),
    );
    server.listen({ host, port, backlog: LISTEN_BACKLOG }, () => resolve((server.address() as { port: number }).port));
  });
}
