import { concernsSite } from '@/services/events/site-filter';
import { eventStream } from '@/services/events/stream';
import { siteOf } from '@/services/operations/lookup';
import { takeSnapshot } from '@/services/operations/snapshot';
import { answer, endpoint } from '../_lib/endpoint';
import { logStreamFailure } from '../_lib/log';

const HEADERS = {
  'content-type': 'text/event-stream',
  // no-transform: a compressing proxy, or Next itself, would hold events back until it has a block.
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('events', ({ runtime, query, request, signal }) => {
    const site = query.site === undefined ? undefined : siteOf(runtime, query.site);
    const stream = eventStream({
      hub: runtime.events,
      snapshot: () => takeSnapshot(runtime, site?.id),
      ...(site ? { wants: (event) => concernsSite(event, site.id, site.role) } : {}),
      lastEventId: request.headers.get('last-event-id') ?? query.lastEventId ?? null,
      signal: signal(),
      onError: logStreamFailure,
    });
    return new Response(stream, { headers: HEADERS });
  }),
});
