import type { MirrorStatus } from '@/lib/ports';
import { contextOf, type TraceContext } from '@/lib/tracing';
import type { ServiceContext } from '../contract';
import type { EdgeAssetRow } from '../rows';
import { traceOf } from '../shared/traced';

/** The trace of a mirror run, known to whoever knows when it began: the fabric runs it, and several look on. */
export const mirrorRunContext = (site: string, startedAtMs: number): TraceContext =>
  contextOf(['mirror run', site, String(startedAtMs)], true);

/** How a file came, and that it was looked at: two spans, which count once the row has changed. */
export interface View {
  /** Of the look, for the row: the receipt is a child of it. */
  readonly traceparent: string;
  end(failure: string | null): void;
}

/**
 * The mirror brings many files in one run, so that an asset's part of it is told from outside: it began with the run (or once the file was
 * staged), and ended when the file was found, or with the run where that is over. It links to the run.
 */
export function startView({ tracer, site, clock }: ServiceContext, row: EdgeAssetRow, mirror: MirrorStatus): View {
  const attributes = { 'fieldline.site': site.id, 'fieldline.asset.id': row._id };
  const { startedAt, lastSuccessAt, state } = mirror;
  const now = clock.now();
  const brought = tracer.start('mirror asset', {
    parent: traceOf(row),
    kind: 'client',
    startMs: Math.min(now, Math.max(startedAt ?? row.readyAtMs, row.readyAtMs) || now),
    attributes: { ...attributes, 'fieldline.asset.bytes': row.file?.bytes, 'fieldline.mirror.source': mirror.source },
    links: [startedAt === null ? null : mirrorRunContext(site.id, startedAt)],
  });
  const viewed = tracer.start('view asset', {
    parent: brought.context,
    attributes: { ...attributes, 'fieldline.service': 'viewer' },
  });
  return {
    traceparent: viewed.traceparent,
    end(failure) {
      brought.end({ endMs: state !== 'running' && lastSuccessAt !== null ? Math.min(now, lastSuccessAt) : now });
      viewed.end(failure === null ? {} : { error: failure });
    },
  };
}
