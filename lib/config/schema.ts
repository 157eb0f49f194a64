/** Configuration of one installation. Read once by lib/config/load; nobody else looks at the environment. */
import { z } from 'zod';
import { DEFAULT_MISSION, SITE_ID_PATTERN } from '@/lib/domain/naming';
import { SITE_ROLES } from '@/lib/domain/services';
import { isLoopbackHost } from '@/lib/net/loopback';
import { AccessSchema } from './access';
import { DataFabricSchema } from './datafabric';
import { EmbeddedFabricSchema, KafkaFabricSchema, UpstreamSchema } from './fabrics';
import { kafkaEdgeTrouble } from './kafka-edge';
import { TelemetrySchema } from './telemetry';

const port = z.number().int().min(1).max(65_535);
export const SiteConfigSchema = z.strictObject({
  id: z.string().regex(SITE_ID_PATTERN, 'lower-case letter first, then letters, digits, dashes; at most 31'),
  role: z.enum(SITE_ROLES),
  fabric: z.discriminatedUnion('kind', [EmbeddedFabricSchema, KafkaFabricSchema, DataFabricSchema]),
  /** Edge: HQ as reached from here. */
  upstream: UpstreamSchema.optional(),
});

export const LimitsSchema = z
  .strictObject({
    /** A larger file fails its asset with ASSET_TOO_LARGE. Default 512 MiB: most single images and clips, not a whole archive. */
    assetBytesMax: z
      .number()
      .int()
      .positive()
      .default(512 * 1024 * 1024),
    /** A download that brings no byte for this long has hung. */
    downloadIdleMsMax: z.number().int().positive().default(30_000),
    /** Downloads at once. */
    downloadsMax: z.number().int().min(1).max(64).default(4),
    redirectsMax: z.number().int().min(0).max(20).default(5),
    /** A request without an answer is sent again after this. */
    requestResendMs: z.number().int().positive().default(30_000),
  })
  .prefault({});

/** Strict at every level: a misspelt setting is an error, not one that silently does nothing. */
export const ConfigSchema = z
  .strictObject({
    mission: z.string().regex(SITE_ID_PATTERN).default(DEFAULT_MISSION),
    /** Shows the link conditioner and allows the sample feed. */
    demo: z.boolean().default(true),
    app: z.strictObject({ host: z.string().default('127.0.0.1'), port: port.default(3000) }).prefault({}),
    access: AccessSchema,
    /** Holds one directory a site, and `run/`. */
    dataDir: z.string().default('data'),
    /** The key that secrets entered on the pages are sealed with; one of its own is made in `dataDir` when absent. */
    secretsKeyFile: z.string().optional(),
    /** Files or directories of feed definitions (see docs/feeds.md). */
    feeds: z.array(z.string()).default(['feeds']),
    sites: z.array(SiteConfigSchema).min(1),
    limits: LimitsSchema,
    /** Hosts of private or loopback addresses that the downloader may fetch from, as `host` or `host:port`. */
    allowPrivateHosts: z.array(z.string()).default([]),
    logLevel: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
    /** Where the launcher puts what its processes print: files in `run/`, or its own output, as a container's logs are read. */
    logs: z.enum(['files', 'output']).default('files'),
    telemetry: TelemetrySchema,
  })
  .superRefine((config, context) => {
    if (config.access.mode === 'off' && !isLoopbackHost(config.app.host))
      context.addIssue({
        code: 'custom',
        path: ['app', 'host'],
        message: `with access control off the app listens on loopback only, not on ${config.app.host}; set access.mode to "on" (docs/access.md)`,
      });
    const seen = new Set<string>();
    for (const [index, site] of config.sites.entries()) {
      if (seen.has(site.id))
        context.addIssue({
          code: 'custom',
          path: ['sites', index, 'id'],
          message: `the site id "${site.id}" is used twice`,
        });
      seen.add(site.id);
      const { fabric } = site;
      const hq = config.sites.find((other) => other.role === 'hq');
      const trouble = kafkaEdgeTrouble(
        site,
        config.sites.filter((other) => other !== site),
      );
      if (trouble) context.addIssue({ code: 'custom', ...trouble, path: ['sites', index, ...trouble.path] });
      if (site.role === 'edge' && fabric.kind === 'datafabric' && !fabric.upstream)
        context.addIssue({
          code: 'custom',
          path: ['sites', index, 'fabric', 'upstream'],
          message: "an edge on a cluster needs HQ's cluster and its gateways",
        });
      // Streams of a cluster replicate to clusters only.
      if (site.role === 'edge' && hq && (hq.fabric.kind === 'datafabric') !== (fabric.kind === 'datafabric'))
        context.addIssue({
          code: 'custom',
          path: ['sites', index, 'fabric', 'kind'],
          message: 'HQ and its edges are all on HPE Data Fabric, or none is',
        });
      // One on an embedded fabric may wait to be enrolled.
      if (site.role === 'edge' && fabric.kind === 'kafka' && !site.upstream && !hq)
        context.addIssue({
          code: 'custom',
          path: ['sites', index, 'upstream'],
          message: 'an edge on Kafka without HQ in the same process needs `upstream` (HQ’s brokers and its bucket)',
        });
    }
    if (config.sites.filter((site) => site.role === 'hq').length > 1)
      context.addIssue({ code: 'custom', path: ['sites'], message: 'a mission has one HQ' });
  });

export type FieldlineConfig = z.infer<typeof ConfigSchema>;
export type SiteConfig = z.infer<typeof SiteConfigSchema>;
export type Limits = z.infer<typeof LimitsSchema>;
