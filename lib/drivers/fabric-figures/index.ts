/** The figures port over the admin door of an embedded fabric (`fabric/figures`, an extension of ours). */
import { z } from 'zod';
import { FieldlineError } from '@/lib/errors';
import { HttpClient, type HttpClientOptions } from '@/lib/http';
import type { Figures } from '@/lib/ports';
import { adminCall } from '../admin-rest/client';

/** A scrape waits for it: a fabric that takes longer is told of by its absence. */
const TOTAL_TIMEOUT_MS = 2000;

const count = z.number().nonnegative();
const FiguresSchema = z.object({
  startedAt: count,
  disk: z.object({ freeBytes: count, sizeBytes: count }),
  process: z.object({ residentBytes: count, cpuSeconds: count }),
  kafka: z.object({
    connections: count,
    apis: z.array(z.object({ name: z.string(), requests: count, bytesIn: count, bytesOut: count })),
  }),
  topics: z.object({ topics: count, partitions: count, bytes: count }),
  volumes: z.array(z.object({ name: z.string(), files: count, bytes: count })),
});

/** Nothing is connected yet. */
export function createFabricFigures(options: Pick<HttpClientOptions, 'auth' | 'ca'> & { baseUrl: string }): Figures {
  const client = new HttpClient({ ...options, totalTimeoutMs: TOTAL_TIMEOUT_MS });
  return {
    async read() {
      const [row] = await adminCall(client, 'GET', 'fabric/figures');
      const parsed = FiguresSchema.safeParse(row);
      if (parsed.success) return parsed.data;
      throw new FieldlineError('PROTOCOL', `${client.where} tells its figures in a form that is not known`);
    },
  };
}
