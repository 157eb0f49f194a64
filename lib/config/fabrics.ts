/** The kinds of fabric a site may stand on. Secrets are never in the configuration itself: it names the files that hold them. */
import { z } from 'zod';
import { isLoopbackHost } from '@/lib/net/loopback';

const port = z.number().int().min(1).max(65_535);
const HOST_PORT = /^(\[[0-9a-fA-F:]+\]|[^\s:/,]+):\d{1,5}$/;
/** `host:port`; IPv6 hosts in brackets. */
export const HostPortSchema = z.string().regex(HOST_PORT, 'host:port');
/** Brokers of one cluster, with commas between, as Kafka's own `bootstrap.servers`. */
export const BrokersSchema = z
  .string()
  .refine(
    (text) => text.split(',').every((broker) => HOST_PORT.test(broker)),
    'host:port, several with commas between',
  );

const POSTGRES_PORT = 5432;

export const EmbeddedFabricSchema = z
  .strictObject({
    kind: z.literal('embedded'),
    /** Where the fabric's doors listen, or are reached when `managed` is false. */
    host: z.string().default('127.0.0.1'),
    kafkaPort: port,
    restPort: port,
    /** The address that Kafka clients and edges are told to use; `host` when absent. */
    advertisedHost: z.string().optional(),
    /** True: `npm start` runs this fabric as a child process. False: it runs elsewhere. */
    managed: z.boolean().default(true),
    /**
     * `credentials`: every door asks who comes, in TLS. `open`: whoever reaches them may do everything, which is for loopback only, and the
     * default there. `unprotected`: open although they listen beyond this machine, for a private network where every machine is trusted.
     */
    access: z.enum(['open', 'credentials', 'unprotected']).optional(),
    /** PEM. The launcher makes an authority and a certificate when absent. `caFile`: the authority of the certificate; the system's when absent. */
    tls: z.strictObject({ certFile: z.string(), keyFile: z.string(), caFile: z.string().optional() }).optional(),
    /** `{"username", "password"}` of the site's own services, which the launcher makes when absent. */
    credentialsFile: z.string().optional(),
  })
  .superRefine(({ access, host, managed }, context) => {
    if (access === 'open' && managed && !isLoopbackHost(host))
      context.addIssue({
        code: 'custom',
        path: ['access'],
        message:
          'open doors are for loopback: leave it out for credentials and TLS, or say "unprotected" on a private network where every machine is trusted',
      });
  });

/** TLS with verification, always; `caFile`: PEM of the authority of the server's certificate; the system's when absent. */
const TlsSchema = z.strictObject({ caFile: z.string().optional() });

/** The address in parts, or as `url`, which becomes parts. */
const PostgresSchema = z
  .strictObject({
    url: z.string().optional(),
    host: z.string().min(1).optional(),
    port: port.optional(),
    database: z.string().min(1).optional(),
    user: z.string().min(1).optional(),
    passwordFile: z.string(),
    tls: TlsSchema.optional(),
  })
  .transform(({ url, passwordFile, tls, ...parts }, context) => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', path: url === undefined ? [] : ['url'], message });
      return z.NEVER;
    };
    const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : null;
    if (url !== undefined && (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol) || parsed.search))
      return refuse('it has the form postgresql://user@host:port/database, without parameters');
    if (parsed?.password) return refuse('the password belongs into the file that passwordFile names');
    const host = parts.host ?? parsed?.hostname.replace(/^\[(.*)\]$/, '$1');
    const database = parts.database ?? decoded(parsed?.pathname.slice(1));
    const user = parts.user ?? decoded(parsed?.username);
    if (!host || !database || !user) return refuse('host, database and user are needed, in parts or as url');
    return { host, port: parts.port ?? (Number(parsed?.port) || POSTGRES_PORT), database, user, passwordFile, tls };
  });

/** Empty for what is missing or wrongly encoded. */
function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** An S3 bucket as a site reaches it. */
export const S3Schema = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/, error: 'http://host:port or https://host:port' }),
  region: z.string().min(1).default('us-east-1'),
  bucket: z.string().min(3).max(63),
  /** `endpoint/bucket/key`; false: `bucket.endpoint/key`. */
  pathStyle: z.boolean().default(true),
  accessKeyId: z.string().min(1),
  secretAccessKeyFile: z.string(),
  /** PEM of the authority of the server's certificate; the system's when absent. */
  caFile: z.string().optional(),
});

/** Who signs in to Kafka. */
const SaslSchema = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: z.string().min(1),
  passwordFile: z.string(),
});

/** A Kafka cluster as a client reaches it. */
const kafkaCluster = {
  brokers: z.array(HostPortSchema).min(1),
  sasl: SaslSchema.optional(),
  /** Absent: no TLS to the brokers. */
  tls: TlsSchema.optional(),
};
const KafkaClusterSchema = z.strictObject(kafkaCluster);

/** Kafka Connect with MirrorMaker 2's connectors: a worker that reaches both clusters. */
const ConnectSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'http://host:port or https://host:port' }),
  username: z.string().min(1).optional(),
  passwordFile: z.string().optional(),
  tls: TlsSchema.optional(),
  /**
   * A properties file on the workers that holds the clusters' passwords as `edge.password` and `hq.password`, read by the config provider
   * of this name. Absent: the passwords are in the connectors' configuration, for everybody to read who may ask Connect.
   */
  secrets: z
    .strictObject({
      provider: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/)
        .default('file'),
      path: z.string().min(1),
    })
    .optional(),
});

/** HQ's Kafka and bucket as an edge on Kafka reaches them. */
export const KafkaUpstreamSchema = z.strictObject({ ...kafkaCluster, s3: S3Schema });

/** How an edge reaches HQ securely; `serverName`: the name in HQ's certificate, where that is not the host that is dialled. */
const upstreamSecurity = {
  sasl: SaslSchema.optional(),
  tls: TlsSchema.extend({ serverName: z.string().min(1).optional() }).optional(),
};

/**
 * HQ as an edge reaches it. An embedded HQ by its REST (or Kafka) door; one on Kafka and S3 by its brokers and the bucket, with a key that
 * may list and read it. Of an edge that is on Kafka itself: HQ's brokers with their credentials, and the bucket.
 */
export const UpstreamSchema = z.union([
  HostPortSchema,
  z.strictObject({ address: HostPortSchema, ...upstreamSecurity }),
  z.strictObject({ kafka: BrokersSchema, s3: S3Schema, ...upstreamSecurity }),
  KafkaUpstreamSchema,
]);

/** Apache Kafka, PostgreSQL and S3 that run elsewhere. */
export const KafkaFabricSchema = z.strictObject({
  kind: z.literal('kafka'),
  ...kafkaCluster,
  /** Of the topics that Fieldline makes; the brokers' default when absent. */
  replicationFactor: z.number().int().min(1).max(32_767).optional(),
  postgres: PostgresSchema,
  s3: S3Schema,
  /** Edge: what carries the topics to and from HQ. */
  connect: ConnectSchema.optional(),
});

export type EmbeddedFabricConfig = z.infer<typeof EmbeddedFabricSchema>;
export type KafkaClusterConfig = z.infer<typeof KafkaClusterSchema>;
export type KafkaFabricConfig = z.infer<typeof KafkaFabricSchema>;
export type KafkaUpstreamConfig = z.infer<typeof KafkaUpstreamSchema>;
export type TlsConfig = z.infer<typeof TlsSchema>;
export type SaslConfig = z.infer<typeof SaslSchema>;
export type UpstreamConfig = z.infer<typeof UpstreamSchema>;
export type S3Config = z.infer<typeof S3Schema>;
