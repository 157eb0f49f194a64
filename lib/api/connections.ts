/**
 * Connections in the web API: a fabric's settings as a person enters them (secrets are written and never read) and as they are shown.
 * The fields are those of the configuration (lib/config/fabrics); where that names the file of a secret, here is the secret.
 */
import { z } from 'zod';
import { DataFabricSchema } from '@/lib/config/datafabric';
import { BrokersSchema, EmbeddedFabricSchema, HostPortSchema, KafkaFabricSchema, S3Schema } from '@/lib/config/fabrics';
import { CHECK_CODES } from '@/lib/connection-checks/codes';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';
import { SITE_ROLES } from '@/lib/domain/services';

const SECRET_CHARACTERS_MAX = 64 * 1024;
const secret = z.string().min(1).max(SECRET_CHARACTERS_MAX).optional();
const has = z.boolean();
const PEM = /^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/;
const pem = z
  .string()
  .max(SECRET_CHARACTERS_MAX)
  .regex(PEM, 'a certificate in PEM form (-----BEGIN CERTIFICATE----- ...)')
  .nullable()
  .optional()
  .describe('PEM of the authority of the certificate. Left out: as it was; null: the authorities of the system');

/** Written: left out, a secret stays as it is, as long as it goes to the same address. Read: only whether there is one. */
const written = { password: { password: secret }, key: { secretAccessKey: secret }, ca: { ca: pem } };
const read = { password: { hasPassword: has }, key: { hasSecretAccessKey: has }, ca: { hasCa: has } };

const doors = EmbeddedFabricSchema.shape;
const embedded = z.strictObject({
  kind: doors.kind,
  host: doors.host,
  kafkaPort: doors.kafkaPort,
  restPort: doors.restPort,
  advertisedHost: doors.advertisedHost,
  managed: doors.managed,
  access: doors.access,
});

function formsOf<P extends z.ZodRawShape, K extends z.ZodRawShape, C extends z.ZodRawShape>(parts: {
  password: P;
  key: K;
  ca: C;
}) {
  const { mechanism, username } = KafkaFabricSchema.shape.sasl.unwrap().shape;
  const { url, username: connectUser, secrets } = KafkaFabricSchema.shape.connect.unwrap().shape;
  const { endpoint, region, bucket, pathStyle, accessKeyId } = S3Schema.shape;
  const { cluster, host, adminPort, tablesPort, streamsPort, tls, upstream } = DataFabricSchema.shape;
  const trust = z.strictObject({ ...parts.ca }).optional();
  const sasl = z.strictObject({ mechanism, username, ...parts.password }).optional();
  const s3 = z.strictObject({ endpoint, region, bucket, pathStyle, accessKeyId, ...parts.key, ...parts.ca });
  const kafka = z.strictObject({
    kind: z.literal('kafka'),
    brokers: KafkaFabricSchema.shape.brokers,
    sasl,
    tls: trust,
    replicationFactor: KafkaFabricSchema.shape.replicationFactor,
    postgres: z.strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65_535).default(5432),
      database: z.string().min(1),
      user: z.string().min(1),
      ...parts.password,
      tls: trust,
    }),
    s3,
    connect: z
      .strictObject({ url, username: connectUser, secrets, ...parts.password, tls: trust })
      .optional()
      .describe('Edge: what carries the topics to and from HQ'),
  });
  const datafabric = z.strictObject({
    kind: z.literal('datafabric'),
    cluster,
    host,
    adminPort,
    tablesPort,
    streamsPort,
    tls,
    username: DataFabricSchema.shape.username,
    upstream,
    ...parts.password,
    ...parts.ca,
  });
  const dialled = { sasl, tls: z.strictObject({ ...parts.ca, serverName: z.string().min(1).optional() }).optional() };
  return {
    fabric: z.discriminatedUnion('kind', [embedded, kafka, datafabric]),
    /** As `UpstreamSchema` of the configuration. */
    upstream: z.union([
      z.strictObject({ address: HostPortSchema, ...dialled }),
      z.strictObject({ kafka: BrokersSchema, ...dialled, s3 }),
      z.strictObject({ brokers: KafkaFabricSchema.shape.brokers, sasl, tls: trust, s3 }),
    ]),
  };
}

const input = formsOf(written);
const view = formsOf(read);
export const FabricInputSchema = input.fabric;
export const FabricViewSchema = view.fabric;

export const ConnectionInputSchema = z.strictObject({
  fabric: FabricInputSchema,
  upstream: z
    .union([HostPortSchema, ...input.upstream.options])
    .optional()
    .describe('Edge: HQ as this site reaches it. Left out: the HQ of the same installation'),
});
const ConnectionTargetViewSchema = z.object({
  fabric: FabricViewSchema,
  /** HQ as this edge reaches it; null: the HQ of the same installation, or none. */
  upstream: view.upstream.nullable(),
});

export const DoorCheckSchema = z.object({
  door: z.enum(['streams', 'tables', 'volumes', 'link', 'upstream']),
  /** What it is here: "Apache Kafka at kafka.example:9092". */
  title: z.string(),
  state: z.enum(['ok', 'failed']),
  code: z.enum(CHECK_CODES).nullable(),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
});

export const JobStepSchema = z.object({
  title: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'skipped', 'failed']),
  /** What came out of it, or how far it is. */
  detail: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() }).nullable(),
});
export const JobSchema = z.object({
  id: z.string(),
  site: z.string().regex(SITE_ID_PATTERN),
  kind: z.enum(['prepare', 'move', 'use', 'remove']),
  state: z.enum(['running', 'done', 'failed']),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  steps: z.array(JobStepSchema),
});

const NamedTargetViewSchema = z.object({
  id: z.string(),
  target: ConnectionTargetViewSchema,
  removal: z
    .enum(['made', 'named'])
    .describe(
      'What is removed there. made: what the mission made; what had its names before stays. named: everything that has its names, since nobody wrote down what was there before',
    ),
});
export const ConnectionSchema = z.object({
  site: z.string().regex(SITE_ID_PATTERN),
  role: z.enum(SITE_ROLES),
  inUse: ConnectionTargetViewSchema.extend({
    /** Who says so: the configuration, or what was entered here. */
    source: z.enum(['configuration', 'connection']),
  }),
  draft: NamedTargetViewSchema.nullable(),
  /** What the site stood on before; the data is there until it is removed. */
  previous: z.array(NamedTargetViewSchema),
  /** Kinds of fabric that this site can have. */
  kinds: z.array(z.enum(['embedded', 'kafka', 'datafabric'])),
  /** What stands against each kind as the other sites are now; null: nothing. */
  against: z.object({
    embedded: z.string().nullable(),
    kafka: z.string().nullable(),
    datafabric: z.string().nullable(),
  }),
  /** Whether everything at the site can be taken to the draft; else why not. */
  move: z.object({ possible: z.boolean(), reason: z.string().nullable() }),
  /** Whether the site can go on with the draft as the other sites are; else why not. */
  use: z.object({ possible: z.boolean(), reason: z.string().nullable() }),
  /** The job that runs, or ran last since the start of the process. */
  job: JobSchema.nullable(),
});
export const ConnectionsSchema = z.object({ mission: z.string(), connections: z.array(ConnectionSchema) });
export const ConnectionTestInputSchema = z.strictObject({ target: z.enum(['draft', 'inUse']) });
export const ConnectionTestSchema = z.object({ ok: z.boolean(), doors: z.array(DoorCheckSchema) });
export const ConnectionRedraftInputSchema = z.strictObject({
  /** Of what the site stood on before. */
  id: z.string().max(64),
});
export const ConnectionRemoveInputSchema = z.strictObject({
  /** Of the draft, or of what the site stood on before. */
  id: z.string().max(64),
  /** The name of the mission, typed. */
  confirm: z.string().max(64),
});

export type FabricInput = z.infer<typeof FabricInputSchema>;
export type FabricView = z.infer<typeof FabricViewSchema>;
export type UpstreamView = z.infer<typeof view.upstream>;
export type ConnectionInput = z.infer<typeof ConnectionInputSchema>;
export type ConnectionTargetView = z.infer<typeof ConnectionTargetViewSchema>;
export type DoorCheck = z.infer<typeof DoorCheckSchema>;
export type JobStep = z.infer<typeof JobStepSchema>;
export type Job = z.infer<typeof JobSchema>;
export type ConnectionInfo = z.infer<typeof ConnectionSchema>;
export type Connections = z.infer<typeof ConnectionsSchema>;
export type ConnectionTest = z.infer<typeof ConnectionTestSchema>;
