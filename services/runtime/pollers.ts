import type { Link, Mirror } from '@/lib/api/schemas';
import { VOLUMES } from '@/lib/domain/naming';
import { errorMessage } from '@/lib/errors';
import type { LinkStatus, Links, MirrorStatus } from '@/lib/ports';
import type { Runtime, SiteRuntime } from '../contract';
import { describeMirror } from '../operations/mirror';
import type { LogSink } from '../supervisor';
import { toLink } from '../views';
import { createRunTracer } from './mirror-runs';
import { watchWaitingAtHq } from './waiting-at-hq';

/** Pages look at figures that move; those that stand still are read rarely. */
const MOVING_INTERVAL_MS = 500;
const LINK_INTERVAL_MS = 2000;
const MIRROR_INTERVAL_MS = 3000;
/** After a reading that failed: the fabric is coming up, or the watch says that it is not. */
const FAILED_INTERVAL_MS = 1000;
/** A reading is sent again after this though nothing changed, so that the page's "as of" stays young. */
const REPEAT_MS = 10_000;

interface Poller<T> {
  name: string;
  read(): Promise<{ view: T; moving: boolean }>;
  publish(view: T): void;
  intervalMs: number;
}

/** Publishes an edge's link and mirror while they change. Resolves when the signal aborts; a fabric that does not answer is the watch's affair. */
export async function pollEdge(
  runtime: Pick<Runtime, 'events' | 'clock' | 'tracer'>,
  edge: SiteRuntime,
  links: Links,
  sink: LogSink,
  signal: AbortSignal,
): Promise<void> {
  const site = edge.id;
  const traceRun = createRunTracer(runtime.tracer, site, runtime.clock.now());
  const waiting = watchWaitingAtHq(edge.ports.tables, runtime.clock);
  const linkPoller: Poller<Link> = {
    name: 'link',
    intervalMs: LINK_INTERVAL_MS,
    read: async () => {
      const status = await links.status();
      if (becameUp(status)) {
        edge.supervisor.wake('requester', 'the link is up');
        waiting.forget();
      }
      return { view: toLink(status), moving: isLinkMoving(status) };
    },
    publish: (link) => runtime.events.publish('link', { site, link }),
  };
  let wasUp = false;
  const becameUp = ({ inbound, outbound }: LinkStatus) => {
    const isUp = inbound.state === 'up' && outbound.state === 'up';
    const became = isUp && !wasUp;
    wasUp = isUp;
    return became;
  };
  const mirrorPoller: Poller<Mirror> = {
    name: 'mirror',
    intervalMs: MIRROR_INTERVAL_MS,
    read: async () => {
      const refresh = await waiting.isAskDue();
      const status = await edge.ports.volumes.mirrorStatus(VOLUMES.inbound, { refresh });
      traceRun(status);
      // A run knows nothing of what HQ stages after its beginning: to be asked once it is over.
      if (status.state === 'running') waiting.forget();
      return { view: await describeMirror(edge, links, status), moving: isMirrorMoving(status) };
    },
    publish: (mirror) => runtime.events.publish('mirror', { site, mirror }),
  };
  await Promise.all([poll(runtime, linkPoller, site, sink, signal), poll(runtime, mirrorPoller, site, sink, signal)]);
}

const isLinkMoving = ({ inbound, outbound }: LinkStatus) =>
  [inbound, outbound].some(({ state, lagRecords }) => state === 'connecting' || (state === 'up' && !!lagRecords));
const isMirrorMoving = ({ state }: MirrorStatus) => state === 'running';

async function poll<T extends { asOf: string }>(
  { clock }: Pick<Runtime, 'clock'>,
  poller: Poller<T>,
  site: string,
  sink: LogSink,
  signal: AbortSignal,
): Promise<void> {
  let last = '';
  let lastAtMs = 0;
  while (!signal.aborted) {
    let waitMs = FAILED_INTERVAL_MS;
    try {
      const reading = await poller.read();
      waitMs = reading.moving ? MOVING_INTERVAL_MS : poller.intervalMs;
      const now = JSON.stringify({ ...reading.view, asOf: null });
      if (now !== last || clock.now() - lastAtMs >= REPEAT_MS) {
        poller.publish(reading.view);
        last = now;
        lastAtMs = clock.now();
      }
    } catch (error) {
      sink.debug({ site, reason: errorMessage(error) }, `The ${poller.name} can not be read`);
    }
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}
