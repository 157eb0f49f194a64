/** Where traces go, and how many are kept here. Metrics are always there (`/metrics`), and logs always on stdout. */
import { z } from 'zod';

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'http://host:4318 or https://…' })
  .refine((text) => new URL(text).username === '', 'credentials belong into `otlpHeadersFile`');

export const TelemetrySchema = z
  .strictObject({
    /** Base address of an OTLP/HTTP receiver; spans go to `/v1/traces` below it. Without it nothing is exported, and no exporter is loaded. */
    otlpEndpoint: httpUrl.optional(),
    /** A file of `name: value` lines that go with every export, such as a token of the receiver. */
    otlpHeadersFile: z.string().optional(),
    /** Share of assets whose trace is exported, decided where the asset enters the mission. */
    sampleRatio: z.number().min(0).max(1).default(1),
    /** Spans kept in memory for the timeline of an asset; the oldest go first. About 1 KiB each. */
    spansKept: z.number().int().min(0).max(100_000).default(2_000),
  })
  .prefault({});

export type TelemetryConfig = z.infer<typeof TelemetrySchema>;
