import type { AssetFile } from '@/lib/domain/asset';
import { TABLES } from '@/lib/domain/naming';
import { asFieldlineError, type FieldlineError } from '@/lib/errors';
import { formatBytes } from '@/lib/format';
import { type Span, withTrace } from '@/lib/tracing';
import type { ServiceContext } from '../contract';
import { HqAssetRow, isoTime, withEntry } from '../rows';
import { announceAssets } from '../shared/announce';
import { isFabricTrouble } from '../shared/fabric-trouble';
import { changeRow } from '../shared/row-changes';
import { traceOf } from '../shared/traced';
import { type FetchTools, fetchFile } from './fetch-file';
import { announceDownloaded } from './outbox';
import { makeAndStorePreviews, type PreviewTools } from './previews';

export type JobTools = FetchTools & PreviewTools;

/** Downloads tried before an asset fails for good, unless a person tries it again. */
export const ATTEMPTS_MAX = 4;
/** Waits between them: a server that is restarting, one that is overloaded, one that is being mended. */
const RETRY_WAITS_MS = [2000, 10_000, 60_000];

/**
 * Downloads one asset: file and previews into the volume, then the row, then the announcement that the row owes. Every step may be done
 * again after a crash. What is the link's fault ends in the row; what is ours (the fabric does not answer) is thrown, and the row waits.
 */
export async function runJob(context: ServiceContext, tools: JobTools, due: HqAssetRow): Promise<void> {
  const claimed = await claim(context, due);
  if (!claimed) return;
  const { clock, report, site, tracer } = context;
  const startedAtMs = clock.now();
  const span = tracer.start('download asset', {
    parent: traceOf(claimed),
    kind: 'client',
    attributes: {
      'fieldline.site': site.id,
      'fieldline.service': 'downloader',
      'fieldline.asset.id': claimed._id,
      'fieldline.attempt': claimed.attempts,
      'server.address': hostOf(claimed.link),
    },
  });
  await withTrace(span.context, () => download(context, tools, claimed, span));
  span.end();
  report.took(clock.now() - startedAtMs);
}

async function download(context: ServiceContext, tools: JobTools, claimed: HqAssetRow, span: Span): Promise<void> {
  const { signal, log, report } = context;
  try {
    const file = await fetchFile(context, tools, claimed);
    const previews = await makeAndStorePreviews(context, tools, claimed._id, file);
    const done = await finish(context, claimed, { ...file, ...previews.facts }, previews.stored, span.traceparent);
    span.set({ 'fieldline.asset.bytes': file.bytes });
    span.end();
    if (!done) return;
    report.processed(1, done.asset.title);
    log.info('Downloaded', { asset: done._id, bytes: file.bytes });
    await announceDownloaded(context, [done]);
  } catch (error) {
    span.end({ error });
    if (signal.aborted) return;
    if (isOurTrouble(error)) throw error;
    await giveUpOrRetry(context, claimed, asFieldlineError(error));
  }
}

/** Of the link, the host only: the rest may hold a token. */
const hostOf = (link: string | null) =>
  link !== null && URL.canParse(link) ? new URL(link).hostname || undefined : undefined;

/** The fabric's trouble, not the link's: it passes, and the asset is not to blame. */
const isOurTrouble = (error: unknown): boolean =>
  isFabricTrouble(error) && !asFieldlineError(error).code.startsWith('ASSET_');

const change = (context: ServiceContext, id: string, decide: Parameters<typeof changeRow<HqAssetRow>>[4]) =>
  changeRow<HqAssetRow>(context.ports.tables, TABLES.assets, id, (document) => HqAssetRow.parse(document), decide);

async function claim(context: ServiceContext, due: HqAssetRow): Promise<HqAssetRow | null> {
  const at = isoTime(context.clock.now());
  const row = await change(context, due._id, (current) =>
    current.status === 'announced' || current.status === 'downloading'
      ? {
          status: 'downloading',
          attempts: current.attempts + 1,
          updatedAt: at,
          timeline:
            current.attempts === 0
              ? withEntry(current.timeline, { at, what: 'downloading', by: 'downloader' })
              : current.timeline,
        }
      : null,
  );
  if (row) announceAssets(context.events, context.site.id, 'downloader', [row]);
  return row;
}

async function finish(
  context: ServiceContext,
  claimed: HqAssetRow,
  file: AssetFile,
  hasPreview: boolean,
  trace: string,
) {
  const at = isoTime(context.clock.now());
  const row = await change(context, claimed._id, (current) => ({
    status: 'downloaded',
    reason: null,
    code: null,
    file,
    hasPreview,
    trace,
    outbox: 'ASSET_DOWNLOADED',
    updatedAt: at,
    timeline: withEntry(current.timeline, {
      at,
      what: 'downloaded',
      by: 'downloader',
      detail: formatBytes(file.bytes),
    }),
  }));
  if (row) announceAssets(context.events, context.site.id, 'downloader', [row]);
  return row;
}

async function giveUpOrRetry(context: ServiceContext, claimed: HqAssetRow, error: FieldlineError): Promise<void> {
  const { clock, report, log, events, site } = context;
  const at = isoTime(clock.now());
  const again = error.retriable && claimed.attempts < ATTEMPTS_MAX;
  const waitMs = RETRY_WAITS_MS[Math.min(claimed.attempts, RETRY_WAITS_MS.length) - 1] ?? 0;
  const reason = error.remedy ? `${error.message}. ${error.remedy}` : error.message;
  const row = await change(context, claimed._id, (current) => ({
    status: again ? 'announced' : 'failed',
    reason,
    code: error.code,
    nextAttemptAtMs: again ? clock.now() + waitMs : 0,
    updatedAt: at,
    timeline: withEntry(current.timeline, {
      at,
      what: again ? 'attempt failed' : 'failed',
      by: 'downloader',
      detail: reason,
    }),
  }));
  report.failed(error);
  log.warn(again ? 'A download failed and will be tried again' : 'A download failed', {
    asset: claimed._id,
    attempt: claimed.attempts,
    code: error.code,
    reason: error.message,
  });
  if (row) announceAssets(events, site.id, 'downloader', [row]);
}
