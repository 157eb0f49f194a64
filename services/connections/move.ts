import { type FieldlineConfig, readConnection, type SiteConfig, withTarget } from '@/lib/config';
import { edgeOfTopic, SITE_ID_PATTERN, serviceGroup, TABLES, VOLUMES } from '@/lib/domain/naming';
import { servicesOf } from '@/lib/domain/services';
import { FieldlineError } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import type { StreamPlace } from '@/lib/ports/stream-copy';
import type { Runtime, SiteRuntime } from '../contract';
import { closePorts, testTarget } from './check';
import { copyGroup, copyStreams, verifyStreams } from './copy-streams';
import { copyTable, verifyTable } from './copy-tables';
import { copyVolume, verifyVolume } from './copy-volumes';
import { createStreamCopy } from './doors';
import { noteFound } from './found';
import type { JobPlan, Step } from './job-board';
import { prepareSteps } from './prepare';
import { configWithDrafts, draftOf, previousOf, save, targetInUse, trialConfig } from './targets';

/** Edges that are configured here or whose topics HQ has. */
export async function edgesOf(runtime: Runtime, ports: SitePorts): Promise<string[]> {
  const topics = await ports.streams.topics('replicated');
  const known = topics.map(({ ref }) => edgeOfTopic(ref.topic)).filter((edge) => edge !== null);
  const configured = runtime.config.sites.filter((site) => site.role === 'edge').map((site) => site.id);
  return [...new Set([...configured, ...known.filter((edge) => SITE_ID_PATTERN.test(edge))])].sort();
}

/**
 * Takes everything of HQ to its draft, and lets it go on there. Until the switch, which is one durable write, HQ stands on what it stood
 * on, and a move that failed or was killed leaves it there; run again, it copies what is missing. Files go first while the services still
 * work, for the time without them to be short.
 */
export async function movePlan(runtime: Runtime, hq: SiteRuntime): Promise<JobPlan> {
  const { id, target } = draftOf(runtime.config, hq.id);
  const trial = trialConfig(runtime.config, hq.id, target);
  const next = configWithDrafts(runtime.config, [hq.id]);
  const edges = await edgesOf(runtime, hq.ports);
  const to = runtime.openPorts(trial.config, trial.site);
  const parties = { from: hq.ports, to };
  const copies = { from: createStreamCopy(runtime.config, hq.config), to: createStreamCopy(trial.config, trial.site) };
  const streams = { ...copies, target: to.streams };
  const tables = Object.values(TABLES);
  const volumes = [VOLUMES.assets, ...edges.map(VOLUMES.outbound)];
  let places: StreamPlace[] = [];
  let stopped = false;

  const check: Step = {
    title: 'Every door of the new fabric answers',
    async run({ tell }) {
      const { doors } = await testTarget(runtime, hq.config, target);
      const bad = doors.find(({ state }) => state === 'failed');
      if (bad)
        throw new FieldlineError('UNAVAILABLE', `${bad.title}: ${bad.reason}`, { remedy: bad.remedy ?? undefined });
      tell(doors.map(({ title }) => title).join('; '));
      return 'done';
    },
  };
  const halt: Step = {
    title: `The services of ${hq.id} stop`,
    async run() {
      stopped = true;
      await hq.supervisor.stop();
      return 'done';
    },
  };
  const files = (title: (volume: string) => string): Step[] =>
    volumes.map((volume) => ({ title: title(volume), run: (context) => copyVolume(parties, volume, context) }));
  const rows: Step[] = tables.map((table) => ({
    title: `Rows of the table ${table}`,
    run: (context) => copyTable({ from: hq.ports.tables, to: to.tables }, table, context),
  }));
  const records: Step = {
    title: 'Records of all topics, at the same offsets',
    async run(context) {
      const copied = await copyStreams(streams, context);
      places = copied.places;
      return copied.outcome;
    },
  };
  const groups: Step = {
    title: 'Where the services had read to',
    async run({ tell }) {
      let commits = 0;
      for (const service of servicesOf(hq.role)) {
        const group = serviceGroup(runtime.config.mission, hq.id, service);
        commits += await copyGroup(hq.ports.streams, to.streams, group, places);
        tell(`${commits} positions`);
      }
      return 'done';
    },
  };
  const verify: Step = {
    title: 'Everything is the same there',
    async run({ tell, signal }) {
      let fileCount = 0;
      for (const volume of volumes) fileCount += await verifyVolume(parties, volume);
      let rowCount = 0;
      for (const table of tables) rowCount += await verifyTable({ from: hq.ports.tables, to: to.tables }, table);
      const recordCount = await verifyStreams(copies, places, signal);
      tell(`${recordCount} records, ${rowCount} rows, ${fileCount} files, by their digests`);
      return 'done';
    },
  };
  const elsewhere = edges.filter((edge) => !runtime.sites.has(edge));
  const switchOver: Step = {
    title: `${hq.id} goes over`,
    async run({ tell }) {
      const { config } = runtime;
      const connection = readConnection(config, hq.id);
      const before = connection.inUse ?? { id: 'configured', target: targetInUse(hq.config) };
      const previous = previousOf(connection, before, target);
      // Edges here that named the old HQ follow the new one. First: dialling the HQ of this installation, they are right on either side of the switch.
      const followed = next.sites.map((site) => (site.role === 'edge' ? following(site) : site));
      for (const site of followed) {
        if (site === next.sites.find((one) => one.id === site.id) || site.id === hq.id) continue;
        const edge = readConnection(config, site.id);
        await save(config, site.id, { ...edge, inUse: { id: 'follows', target: targetInUse(site) } });
      }
      await save(config, hq.id, { ...connection, inUse: { id, target }, draft: null, previous });
      await runtime.reconfigure(
        { ...next, sites: followed },
        followed.map((site) => site.id),
      );
      stopped = false;
      if (elsewhere.length > 0)
        tell(
          `Edges that run elsewhere still dial the old HQ: at ${elsewhere.join(', ')}, on the page Settings, change the connection: HQ is at ${placeOf(next, hq.id)} now`,
        );
      return 'done';
    },
  };
  return {
    kind: 'move',
    steps: [
      check,
      noteFound(runtime, hq.id, target),
      ...prepareSteps(hq, to, edges),
      ...files((volume) => `Files of the volume ${volume}`),
      halt,
      ...files((volume) => `Files of ${volume} that came meanwhile`),
      ...rows,
      records,
      groups,
      verify,
      switchOver,
    ],
    async finally() {
      await Promise.allSettled([closePorts(to), copies.from.close(), copies.to.close()]);
      // It did not come to the switch: the services go on where they were.
      if (stopped) await runtime.reconfigure(runtime.config, [hq.id]);
    },
  };
}

/** What an edge has to be told of where HQ is. */
function placeOf({ sites }: FieldlineConfig, id: string): string {
  const fabric = sites.find((site) => site.id === id)!.fabric;
  if (fabric.kind === 'kafka') return `${fabric.brokers.join(', ')} with the bucket ${fabric.s3.bucket}`;
  return fabric.kind === 'embedded'
    ? `port ${fabric.restPort} of ${fabric.advertisedHost ?? fabric.host}`
    : fabric.host;
}

/** An edge in this installation dials the HQ that is in it; one that named an address named the old one. */
function following(edge: SiteConfig): SiteConfig {
  if (edge.upstream === undefined || edge.fabric.kind === 'datafabric') return edge;
  return withTarget(edge, { fabric: edge.fabric });
}
