import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { installQuickGzip } from './gzip';

/** kafkajs's own retries: short, since a service that can not go on is to be seen within seconds; the supervisor tries again. */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, factor: 0.2, multiplier: 2 };
const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 30_000;
const TCP_KEEPALIVE_MS = 15_000;

export interface KafkaClientOptions {
  /** `host:port` of any brokers. */
  brokers: string[];
  clientId: string;
  sasl?: SASLOptions;
  ssl?: KafkaConfig['ssl'];
  /** kafkajs's own messages of level warn and error; dropped when absent, since every failure also comes as an error. */
  onLog?: (level: 'warn' | 'error', message: string) => void;
}

/** Small requests must leave at once: Nagle's algorithm would hold a commit back behind a fetch. */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...(ssl as ConnectionOptions) }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};

export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { onLog } = options;
  installQuickGzip();
  return new Kafka({
    brokers: options.brokers,
    clientId: options.clientId,
    ...(options.sasl && { sasl: options.sasl }),
    ...(options.ssl !== undefined && { ssl: options.ssl }),
    retry: RETRY,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    socketFactory,
    logLevel: onLog ? logLevel.WARN : logLevel.NOTHING,
    logCreator:
      () =>
      ({ level, log }) =>
        onLog?.(level === logLevel.ERROR ? 'error' : 'warn', log.message),
  });
}
