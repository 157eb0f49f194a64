import type { Clock } from '@/lib/clock/clock';
import type { HttpClientOptions } from '@/lib/http';

/** Kafka Connect's REST door. */
export type ConnectDoor = Pick<HttpClientOptions, 'baseUrl' | 'auth' | 'ca'>;

/** A Kafka cluster as Connect's workers and this process reach it. */
export interface KafkaCluster {
  /** `host:port` of any brokers. */
  brokers: string[];
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
  /** `ca`: PEM of the authority of the brokers' certificates instead of the system's. Absent: no TLS. */
  tls?: { ca?: string };
}

/** Where the workers find the passwords: a file of properties, `edge.password` and `hq.password`, read by the config provider of that name. */
export interface WorkerSecrets {
  provider: string;
  path: string;
}

export interface ConnectLinksOptions {
  connect: ConnectDoor;
  mission: string;
  /** The edge's id. */
  site: string;
  hq: KafkaCluster;
  edge: KafkaCluster;
  /** Of the replicas that MirrorMaker makes at the edge; the brokers' default when absent. */
  replicationFactor?: number;
  /** Absent: passwords are inline, readable by all who may ask Connect. */
  secrets?: WorkerSecrets;
  /** Topics of the stream `replicated` that HQ writes and that this edge writes. None may be in both. */
  inbound: readonly string[];
  outbound: readonly string[];
  clock?: Clock;
}
