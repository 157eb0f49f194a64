import type { MirrorStatus } from '@/lib/ports';
import type { Tracer } from '@/lib/tracing';
import { mirrorRunContext } from '../viewer/trace';

/**
 * Traces an edge's mirror runs from what its fabric tells, each once, when it is over: a trace of its own, which the assets that it brought
 * link to. A run from before `sinceMs` was told by the process of that time, or by none.
 */
export function createRunTracer(tracer: Tracer, site: string, sinceMs: number): (status: MirrorStatus) => void {
  let told = sinceMs - 1;
  return (status) => {
    const { startedAt, state, lastSuccessAt, asOf } = status;
    if (startedAt === null || startedAt <= told || state === 'running') return;
    told = startedAt;
    const span = tracer.start('mirror run', {
      context: mirrorRunContext(site, startedAt),
      kind: 'client',
      startMs: startedAt,
      attributes: {
        'fieldline.site': site,
        'fieldline.mirror.source': status.source,
        'fieldline.mirror.files': status.filesDone,
        'fieldline.mirror.bytes': status.bytesDone,
      },
    });
    const endMs = lastSuccessAt !== null && lastSuccessAt >= startedAt ? lastSuccessAt : asOf;
    span.end({ endMs, ...(state === 'failed' && { error: new Error(status.lastError ?? 'The run failed') }) });
  };
}
