/** A volume of another fabric as a mirror's source, through its admin door (where is it mounted?) and its files door. */
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { HttpClient, type HttpResponse } from '@/lib/http';
import type { MirrorSource, SourceFile } from '@/lib/mirror/source';
import { addressText } from '@/lib/net/address';
import type { Dialer, Upstream } from '../../links/types';
import type { VolumeSource } from '../types';

/** Files of a listing page: about 100 KB compressed, so that an interrupted listing loses little. */
const PAGE_FILES = 1000;
/** A page of the longest paths, with room to spare. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;
/** On a thin link bytes may be far apart, but a connection silent for this long is dead. */
const IDLE_TIMEOUT_MS = 30_000;
/** As ENOENT in `errors[].id` of the admin API. */
const ENOENT = 2;

const PageSchema = z.object({
  entries: z.array(
    z.object({
      path: z.string(),
      bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      modifiedAt: z.number(),
    }),
  ),
  next: z.string().nullable(),
  restoredAt: z.number().optional(),
});
const InfoSchema = z.object({
  status: z.string(),
  data: z.array(z.object({ mountdir: z.string() })).optional(),
  errors: z.array(z.object({ id: z.number(), desc: z.string() })).optional(),
});
const DigestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** Opens a source for one run: where the volume is found is asked once and forgotten when the connection fails. */
export function filesSource(source: VolumeSource, network: { dialer: Dialer; upstream: Upstream }): MirrorSource {
  let restoredAt: number | null = null;
  let located: Promise<{ client: HttpClient; base: string }> | null = null;

  const locate = (signal: AbortSignal) => {
    located ??= locateVolume(source, network, signal).catch((error: unknown) => {
      located = null;
      throw error;
    });
    return located;
  };
  const get = async (path: string, query: Record<string, string | number>, headers: object, signal: AbortSignal) => {
    try {
      const { client, base } = await locate(signal);
      const request = { path: `${base}${path}`, query, headers: { ...headers }, signal, totalTimeoutMs: null };
      return { client, request, response: await client.request(request) };
    } catch (error) {
      if (isFieldlineError(error, 'UNAVAILABLE', 'TIMEOUT')) located = null;
      throw error;
    }
  };

  return {
    restoredAt: () => restoredAt,
    async *list(from, signal) {
      for (let after = from; ; ) {
        const query = { list: 'json', recursive: 'true', limit: PAGE_FILES, ...(after !== null && { after }) };
        const { client, request, response } = await get('/', query, { 'accept-encoding': 'gzip' }, signal);
        if (response.status === 404) {
          await response.discard();
          throw missing(source);
        }
        if (!response.ok) throw await client.statusError(response, request);
        const page = parse(PageSchema, await jsonOf(response), 'listing');
        restoredAt = page.restoredAt ?? null;
        yield page.entries;
        if (page.next === null) return;
        after = page.next;
      }
    },

    async read(file, from, signal) {
      const headers = { range: `bytes=${from}-`, 'if-range': `"${file.sha256}"` };
      const { client, request, response } = await get(`/${encodePath(file.path)}`, {}, headers, signal);
      if (response.status === 404) {
        await response.discard();
        return { kind: 'gone' };
      }
      if (!response.ok) throw await client.statusError(response, request);
      const sha256 = parse(DigestSchema, response.header('x-fieldline-sha256'), 'digest of a file');
      if (sha256 !== file.sha256) {
        await response.discard();
        return { kind: 'changed', sha256, bytes: contentLength(response) };
      }
      await checkStart(file, from, response);
      return { kind: 'content', stream: response.body };
    },
  };
}

async function locateVolume(
  source: VolumeSource,
  { dialer, upstream }: { dialer: Dialer; upstream: Upstream },
  signal: AbortSignal,
): Promise<{ client: HttpClient; base: string }> {
  const { site, rest, access } = await upstream.resolve(signal);
  if (site !== source.cluster)
    throw new FieldlineError(
      'CONFLICT',
      `The source is on "${source.cluster}", but the upstream of this fabric answers as "${site}"`,
      { remedy: 'Set the upstream, or the source of the mirror, right' },
    );
  const client = new HttpClient({
    baseUrl: `${access?.rest.scheme ?? 'http'}://${addressText(rest)}`,
    agent: access?.rest.agent ?? dialer.agent,
    ...(access?.rest.auth && { auth: access.rest.auth }),
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  const query = { name: source.volume };
  const answer = await client.json({ path: '/rest/volume/info', query, signal, totalTimeoutMs: null });
  const info = parse(InfoSchema, answer, 'volume record');
  const [record] = info.data ?? [];
  if (info.status === 'OK' && record)
    return { client, base: `/files/${encodePath(record.mountdir.replace(/^\//, ''))}` };
  const [error] = info.errors ?? [];
  if (error?.id === ENOENT) throw missing(source);
  throw new FieldlineError(
    'PROTOCOL',
    `"${site}" does not say where "${source.volume}" is: ${error?.desc ?? 'no reason given'}`,
  );
}

/** A volume that is not there is not an empty one: nothing is deleted because of it. */
const missing = (source: VolumeSource) =>
  new FieldlineError(
    'NOT_FOUND',
    `"${source.cluster}" has no volume "${source.volume}": nothing was staged there yet. Nothing was changed here`,
  );

/** Decompressing is bounded: a page can not grow beyond PAGE_BYTES_MAX. */
async function jsonOf(response: HttpResponse): Promise<unknown> {
  if (response.header('content-encoding') !== 'gzip') return response.json(PAGE_BYTES_MAX);
  const chunks: Buffer[] = [];
  await pipeline(response.body, createGunzip(), async (plain: AsyncIterable<Buffer>) => {
    let bytes = 0;
    for await (const chunk of plain) {
      bytes += chunk.length;
      if (bytes > PAGE_BYTES_MAX) throw new FieldlineError('PROTOCOL', 'A page of the listing is too large');
      chunks.push(chunk);
    }
  });
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new FieldlineError('PROTOCOL', 'The listing is not JSON', { cause });
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldlineError(
    'PROTOCOL',
    `The source sent a ${what} that can not be understood: ${z.prettifyError(parsed.error)}`,
  );
}

function contentLength(response: HttpResponse): number {
  const bytes = Number(response.header('content-length') ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new FieldlineError('PROTOCOL', 'The source does not say how long a file is');
}

/** RFC 9110 section 14.4: what a 206 holds is said by Content-Range only. */
async function checkStart(file: SourceFile, from: number, response: HttpResponse): Promise<void> {
  const start = response.status === 206 ? Number(/^bytes (\d+)-/.exec(response.header('content-range') ?? '')?.[1]) : 0;
  if (start === from) return;
  await response.discard();
  throw new FieldlineError('PROTOCOL', `The source sent "${file.path}" from byte ${start}, asked was ${from}`);
}

/** Each part percent-encoded, the slashes kept. */
const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');
