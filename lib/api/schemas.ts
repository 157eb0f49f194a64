/**
 * The web API in schemas: what the route handlers check, what OpenAPI is generated from, what the pages are typed by.
 * Times are ISO 8601 UTC; sizes are bytes; durations carry their unit in the name.
 */
import { z } from 'zod';
import { ASSET_KINDS, AssetIdSchema, TimelineEntrySchema } from '@/lib/domain/asset';
import { SITE_ID_PATTERN } from '@/lib/domain/naming';
import { EDGE_SERVICES, HQ_SERVICES, SERVICE_STATES, SITE_ROLES } from '@/lib/domain/services';
import { EDGE_STATUSES, HQ_STATUSES, REQUEST_STATUSES } from '@/lib/domain/status';
import { ENROLMENT_TOKEN_LENGTH_MAX } from '@/lib/enrolment/limits';
import { JobSchema } from './connections';

const time = z.iso.datetime();
const bytes = z.number().int().nonnegative();
export const SiteIdSchema = z.string().regex(SITE_ID_PATTERN);
export const ServiceIdSchema = z.enum([...HQ_SERVICES, ...EDGE_SERVICES]);

/** RFC 9457. `code` is one of docs/errors.md. */
export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  remedy: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export const LinkStateSchema = z.enum(['up', 'paused', 'connecting', 'down', 'failed']);
export const LinkDirectionSchema = z.object({
  state: LinkStateSchema,
  lagRecords: z.number().int().nonnegative().nullable(),
  lagBytes: bytes.nullable(),
  lagMs: z.number().nonnegative().nullable(),
  recordsTotal: z.number().int().nonnegative(),
  bytesTotal: bytes,
  lastError: z.string().nullable(),
  lastErrorAt: time.nullable(),
});
export const LinkConditionsSchema = z.object({
  cut: z.boolean(),
  bytesPerSecond: z.number().int().positive().nullable(),
  latencyMs: z.number().int().min(0).max(10_000),
});
export const LinkSchema = z.object({
  /** One word for both directions: the worse one. */
  state: LinkStateSchema,
  inbound: LinkDirectionSchema,
  outbound: LinkDirectionSchema,
  upstream: z.string().nullable().describe('HQ as the edge reaches it; null: it is not enrolled yet'),
  lastSeenAt: time.nullable(),
  estimatedBytesPerSecond: z.number().nonnegative().nullable(),
  provenBytesPerSecond: z
    .number()
    .nonnegative()
    .nullable()
    .describe('The link can carry this much or more; null while nothing says so'),
  conditions: LinkConditionsSchema.nullable(),
  asOf: time,
});
export const LinkUpdateSchema = z
  .object({
    mode: z.enum(['up', 'paused']).optional(),
    /** Both when absent. */
    direction: z.enum(['inbound', 'outbound']).optional(),
    conditions: LinkConditionsSchema.optional(),
    /** Before it is resumed: forgets what was brought of HQ's topics, since HQ is no longer what it was. */
    anew: z.boolean().optional(),
  })
  .refine((u) => u.mode !== undefined || u.conditions !== undefined, { error: 'Give `mode`, `conditions` or both' })
  .refine((u) => !u.anew || (u.mode === 'up' && u.direction !== 'outbound'), {
    error: '`anew` goes with `mode` "up" of what comes from HQ',
    path: ['anew'],
  });

export const SiteSchema = z.object({
  id: SiteIdSchema,
  role: z.enum(SITE_ROLES),
  /** False for a site that another process hosts and this one only knows of. */
  hosted: z.boolean(),
  fabric: z.object({
    /** Null: not known from here (a site that another process hosts). */
    kind: z.enum(['embedded', 'datafabric', 'kafka']).nullable(),
    state: z.enum(['ok', 'degraded', 'unavailable', 'unknown']),
    reason: z.string().nullable(),
    since: time.nullable(),
  }),
  /** HQ's knowledge of an edge it does not host: when its link last reported, and what it had brought over by then. */
  remote: z.object({ lastSeenAt: time.nullable(), lagRecords: z.number().int().nonnegative().nullable() }).nullable(),
  counts: z.record(z.string(), z.number().int().nonnegative()).nullable(),
  asOf: time,
});
export const SitesSchema = z.object({ mission: z.string(), demo: z.boolean(), sites: z.array(SiteSchema) });

export const HealthSchema = z.object({ status: z.enum(['ok', 'degraded']), reason: z.string().nullable() });
export const ServiceErrorSchema = z.object({ at: time, code: z.string(), message: z.string() });
export const ServiceSchema = z.object({
  id: ServiceIdSchema,
  site: SiteIdSchema,
  title: z.string(),
  does: z.string(),
  desired: z.enum(['running', 'stopped']),
  state: z.enum(SERVICE_STATES),
  /** When the state was entered. */
  stateSince: time,
  health: HealthSchema,
  /** Since the process started. */
  processed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  deadLetters: z.number().int().nonnegative(),
  restarts: z.number().int().nonnegative(),
  /** When a faulted service is started again. */
  nextAttemptAt: time.nullable(),
  ratePerMinute: z.number().nonnegative(),
  /** Records that wait for this service; null when it reads no stream or that is unknown. */
  lag: z.number().int().nonnegative().nullable(),
  lastError: ServiceErrorSchema.nullable(),
  lastActivityAt: time.nullable(),
  lastActivity: z.string().nullable(),
  /** The last 60 intervals of 10 s, oldest first. */
  history: z.array(z.object({ processed: z.number().int(), failed: z.number().int(), state: z.enum(SERVICE_STATES) })),
  logLevel: z.enum(['off', 'error', 'warn', 'info', 'debug']),
});
export const ServicesSchema = z.object({ services: z.array(ServiceSchema) });
export const ServiceUpdateSchema = z
  .object({
    desired: z.enum(['running', 'stopped']).optional(),
    logLevel: z.enum(['off', 'error', 'warn', 'info', 'debug']).optional(),
  })
  .refine((u) => u.desired !== undefined || u.logLevel !== undefined, { error: 'Give `desired`, `logLevel` or both' });

export const AssetSummarySchema = z.object({
  id: AssetIdSchema,
  site: SiteIdSchema,
  title: z.string(),
  kind: z.enum(ASSET_KINDS),
  status: z.enum([...new Set([...HQ_STATUSES, ...EDGE_STATUSES])] as [string, ...string[]]),
  reason: z.string().nullable(),
  feed: z.string(),
  mediaType: z.string().nullable(),
  fileName: z.string().nullable(),
  bytes: bytes.nullable(),
  sha256: z.string().nullable(),
  keywords: z.array(z.string()),
  credit: z.string().nullable(),
  acquiredAt: time.nullable(),
  place: z.object({ lat: z.number(), lon: z.number() }).nullable(),
  /** Edge only: the request of this asset, if any. */
  requestId: z.string().nullable(),
  /** When this site first knew of it, and when its row last changed. */
  createdAt: time,
  updatedAt: time,
  tinyPreview: z.string().nullable(),
  /** True when `/content` answers here. */
  hasContent: z.boolean(),
});
export const AssetDetailSchema = AssetSummarySchema.extend({
  description: z.string().nullable(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  sourceLink: z.string().nullable(),
  timeline: z.array(
    TimelineEntrySchema.extend({
      edge: SiteIdSchema.optional().describe('At HQ: the edge whose request this is about'),
    }),
  ),
  /** Of the W3C trace that follows this asset; null for one from before there were traces. */
  traceId: z.string().nullable(),
  /** HQ only: the state of each edge's request. */
  edges: z.array(
    z.object({
      edge: SiteIdSchema,
      requestId: z.string(),
      status: z.enum(REQUEST_STATUSES),
      reason: z.string().nullable(),
      updatedAt: time,
    }),
  ),
});
/** One step of a trace; as a span of OpenTelemetry. */
export const TraceSpanSchema = z.object({
  spanId: z.string(),
  /** Null for the root; may name a step that another process, or nobody any more, keeps. */
  parentSpanId: z.string().nullable(),
  name: z.string(),
  kind: z.enum(['internal', 'server', 'client', 'producer', 'consumer']),
  site: z.string().nullable(),
  service: z.string().nullable(),
  startedAt: time,
  durationMs: z.number().nonnegative(),
  error: z.string().nullable(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })),
});
export const AssetTraceSchema = z.object({
  /** Null for an asset from before there were traces. */
  traceId: z.string().nullable(),
  /** Oldest first; steps of other processes, and those that were too long ago, are not here. */
  spans: z.array(TraceSpanSchema),
});
export const AssetQuerySchema = z.object({
  /** One status, or several separated by commas. */
  status: z.string().optional(),
  /** Text found in title, keywords or id. */
  q: z.string().max(200).optional(),
  kind: z.enum(ASSET_KINDS).optional(),
  sort: z.enum(['newest', 'oldest', 'title', 'bytes', '-bytes', 'status']).default('newest'),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
  cursor: z.string().max(500).optional(),
});
export const AssetPageSchema = z.object({
  assets: z.array(AssetSummarySchema),
  nextCursor: z.string().nullable(),
  total: z.number().int().nonnegative(),
  /** Rows per status, over all rows of the site whatever the filter. */
  counts: z.record(z.string(), z.number().int().nonnegative()),
  asOf: time,
});

export const RequestCreateSchema = z.object({ assetIds: z.array(AssetIdSchema).min(1).max(1000) });
export const RequestSchema = z.object({
  id: z.string(),
  assetId: AssetIdSchema,
  edge: SiteIdSchema,
  status: z.enum([...new Set([...EDGE_STATUSES, ...REQUEST_STATUSES])] as [string, ...string[]]),
  reason: z.string().nullable(),
  title: z.string().nullable(),
  bytes: bytes.nullable(),
  createdAt: time,
  updatedAt: time,
});
export const RequestsSchema = z.object({ requests: z.array(RequestSchema) });
/** The answer to POST requests: those made (or alive already), and those of the asked assets that can not be requested now. */
export const RequestResultsSchema = RequestsSchema.extend({
  refused: z.array(z.object({ assetId: AssetIdSchema, code: z.string(), message: z.string() })),
});
export const RequestQuerySchema = z.object({
  /** One status, or several separated by commas. */
  status: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const MirrorSchema = z.object({
  state: z.enum(['idle', 'running', 'failed']),
  source: z.string(),
  filesTotal: z.number().int().nonnegative().nullable(),
  bytesTotal: bytes.nullable(),
  filesDone: z.number().int().nonnegative(),
  bytesDone: bytes,
  pending: z.array(
    z.object({
      path: z.string(),
      assetId: z.string().nullable(),
      title: z.string().nullable(),
      bytes,
      bytesDone: bytes,
    }),
  ),
  bytesPerSecond: z.number().nonnegative(),
  /** Seconds until done at the current (or estimated) rate; null while unknown. */
  etaSeconds: z.number().nonnegative().nullable(),
  startedAt: time.nullable(),
  lastSuccessAt: time.nullable(),
  lastError: z.string().nullable(),
  asOf: time,
});
export const MirrorQuerySchema = z.object({
  /** True asks HQ what waits (uses the link); false gives the last known figures. */
  refresh: z.enum(['true', 'false']).default('false'),
});

export const DeadLetterSchema = z.object({
  id: z.string(),
  at: time,
  service: z.string(),
  code: z.string(),
  reason: z.string(),
  topic: z.string(),
  key: z.string(),
  value: z.string(),
});
export const DeadLettersSchema = z.object({ deadLetters: z.array(DeadLetterSchema) });
export const DeadLetterQuerySchema = z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) });

/** One edge as HQ's doors know it. */
export const EdgeCredentialSchema = z.object({
  edge: SiteIdSchema,
  enrolledAt: time.nullable().describe('Null: never'),
  revokedAt: time.nullable().describe('Null: its credential holds, if it is enrolled'),
  invitedUntil: time.nullable().describe('An enrolment token is out, and holds until then'),
  lastSignInAt: time.nullable().describe('Since the fabric started'),
  lastAddress: z.string().nullable(),
});
/** What happened at HQ's doors: refusals, and changes of who may come in. */
export const DoorEventSchema = z.object({
  at: time,
  kind: z.enum(['refused', 'sign-in failed', 'invited', 'enrolled', 'enrolment failed', 'revoked']),
  principal: z.string(),
  address: z.string(),
  door: z.enum(['kafka', 'rest']),
  what: z.string().describe('What was tried: "write the topic ..."'),
  count: z.number().int().positive(),
});
export const EdgeAccessSchema = z.object({
  guarded: z.boolean().describe('False: the doors of this HQ ask nobody who comes'),
  certificateDaysLeft: z.number().int().nullable(),
  edges: z.array(EdgeCredentialSchema),
  events: z.array(DoorEventSchema).describe('Newest first'),
});
export const InvitationSchema = z.object({
  edge: SiteIdSchema,
  token: z.string().describe('Shown once; good for one enrolment'),
  expiresAt: time,
});
/** How an edge stands with its enrolment at HQ, seen from the edge. */
export const EnrolmentSchema = z.object({
  reason: z.string().nullable().describe('Why no token can be given to it here; null: one can'),
  enrolled: z
    .object({ upstream: z.string().describe('HQ as the token named it'), at: time.nullable() })
    .nullable()
    .describe('Null: it goes by no enrolment'),
});
export const EnrolInputSchema = z.object({
  token: z
    .string()
    .min(1)
    .max(ENROLMENT_TOKEN_LENGTH_MAX)
    .describe('From HQ, good once; kept nowhere and repeated by no answer'),
});

export const LogLineSchema = z.object({
  at: time,
  site: SiteIdSchema,
  service: z.string(),
  level: z.enum(['error', 'warn', 'info', 'debug']),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});

/** What the event stream carries, by the SSE `event:` name. `snapshot` comes first on a new connection. */
export const EventSchemas = {
  snapshot: z.object({
    sites: SitesSchema,
    services: z.array(ServiceSchema),
    links: z.record(SiteIdSchema, LinkSchema),
    mirrors: z.record(SiteIdSchema, MirrorSchema),
    recent: z.record(SiteIdSchema, z.array(AssetSummarySchema)),
  }),
  site: SiteSchema,
  service: ServiceSchema,
  asset: z.object({ site: SiteIdSchema, by: ServiceIdSchema.nullable(), asset: AssetSummarySchema }),
  request: RequestSchema,
  link: z.object({ site: SiteIdSchema, link: LinkSchema }),
  mirror: z.object({ site: SiteIdSchema, mirror: MirrorSchema }),
  log: LogLineSchema,
  /** The state of a job of a connection, whenever a step of it changes. */
  job: JobSchema,
} as const;
export type EventName = keyof typeof EventSchemas;
export const EventsQuerySchema = z.object({
  /** Events of this site only. */
  site: SiteIdSchema.optional(),
  /** As the header Last-Event-ID, for clients that can not set headers. */
  lastEventId: z.string().max(200).optional(),
});

export const HealthReportSchema = z.object({ status: z.enum(['ok', 'unavailable']), reasons: z.array(z.string()) });

export type Problem = z.infer<typeof ProblemSchema>;
export type Site = z.infer<typeof SiteSchema>;
export type Sites = z.infer<typeof SitesSchema>;
export type Service = z.infer<typeof ServiceSchema>;
export type AssetSummary = z.infer<typeof AssetSummarySchema>;
export type AssetDetail = z.infer<typeof AssetDetailSchema>;
export type TraceSpan = z.infer<typeof TraceSpanSchema>;
export type AssetTrace = z.infer<typeof AssetTraceSchema>;
export type AssetQuery = z.infer<typeof AssetQuerySchema>;
export type AssetPage = z.infer<typeof AssetPageSchema>;
export type RequestInfo = z.infer<typeof RequestSchema>;
export type RequestResults = z.infer<typeof RequestResultsSchema>;
export type HealthReport = z.infer<typeof HealthReportSchema>;
export type Link = z.infer<typeof LinkSchema>;
export type LinkUpdate = z.infer<typeof LinkUpdateSchema>;
export type Mirror = z.infer<typeof MirrorSchema>;
export type LogLine = z.infer<typeof LogLineSchema>;
export type DeadLetterInfo = z.infer<typeof DeadLetterSchema>;
export type EdgeCredential = z.infer<typeof EdgeCredentialSchema>;
export type DoorEventInfo = z.infer<typeof DoorEventSchema>;
export type EdgeAccessInfo = z.infer<typeof EdgeAccessSchema>;
export type EdgeEnrolment = z.infer<typeof EnrolmentSchema>;
export type Invitation = z.infer<typeof InvitationSchema>;
export type EventPayload<N extends EventName> = z.infer<(typeof EventSchemas)[N]>;
