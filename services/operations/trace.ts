import type { AssetTrace, TraceSpan } from '@/lib/api/schemas';
import type { SpanData } from '@/lib/tracing';
import type { Runtime } from '../contract';
import { isoTime } from '../rows';
import { traceOf } from '../shared/traced';
import { parseAssetRow } from '../views';
import { assetRowOf } from './assets';
import { siteOf } from './lookup';

const SITE = 'fieldline.site';
const SERVICE = 'fieldline.service';

/** What this process still keeps of an asset's trace. Fails with NOT_FOUND, UNAVAILABLE. */
export async function getAssetTrace(runtime: Runtime, siteId: string, id: string): Promise<AssetTrace> {
  const site = siteOf(runtime, siteId);
  const trace = traceOf(parseAssetRow(site.role, await assetRowOf(site, id)));
  if (!trace) return { traceId: null, spans: [] };
  return { traceId: trace.traceId, spans: runtime.tracer.spansOf(trace.traceId).map(toSpan) };
}

function toSpan(span: SpanData): TraceSpan {
  const { [SITE]: site, [SERVICE]: service, ...attributes } = span.attributes;
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    site: site === undefined ? null : String(site),
    service: service === undefined ? null : String(service),
    startedAt: isoTime(span.startMs),
    durationMs: span.endMs - span.startMs,
    error: span.error,
    attributes,
    links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
  };
}
