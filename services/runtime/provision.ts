import { HQ_SITE_ID, TABLES, VOLUMES } from '@/lib/domain/naming';
import type { SiteRole } from '@/lib/domain/services';
import { type ErrorCode, FieldlineError, isFieldlineError, shownMessage } from '@/lib/errors';
import type { SitePorts, TopicRef } from '@/lib/ports';
import { topicsOf } from './site-topics';

/** One thing that a site's fabric must have. */
export interface ProvisionStep {
  door: 'streams' | 'tables' | 'volumes' | 'link' | 'mirror';
  /** What it is about, for a person: "Topic pipeline/ASSET_FEED". */
  title: string;
  isThere(): Promise<boolean>;
  /** Idempotent. */
  ensure(): Promise<unknown>;
}

/**
 * All that the services of a site use of its fabric, in an order in which each finds what it stands on. `comesHere`: for an edge that stands
 * elsewhere still.
 */
export function provisionSteps(
  site: { id: string; role: SiteRole },
  ports: SitePorts,
  options: { comesHere?: boolean } = {},
): ProvisionStep[] {
  const tables = site.role === 'hq' ? Object.values(TABLES) : [TABLES.assets, TABLES.services, TABLES.deadLetters];
  return [
    ...topicsOf(site).map(({ ref, retentionMs }) => topicStep(ports, ref, { partitions: 1, retentionMs })),
    ...tables.map((table) => tableStep(ports, table)),
    // After the edge's topics, so that the link finds them when it is declared.
    ...(site.role === 'hq' ? [volumeStep(ports, VOLUMES.assets)] : edgeSteps(ports, site.id, options)),
  ];
}

export const topicStep = (
  { streams }: SitePorts,
  ref: TopicRef,
  options: { partitions: number; retentionMs?: number },
): ProvisionStep => ({
  door: 'streams',
  title: `Topic ${ref.stream}/${ref.topic}`,
  isThere: async () => (await streams.topics(ref.stream)).some((info) => info.ref.topic === ref.topic),
  ensure: () => streams.ensureTopic(ref, options),
});

const tableStep = ({ tables }: SitePorts, table: string): ProvisionStep => ({
  door: 'tables',
  title: `Table ${table}`,
  isThere: () => isFound(() => tables.get(table, 'any')),
  ensure: () => tables.ensureTable(table),
});

export const volumeStep = ({ volumes }: SitePorts, volume: string): ProvisionStep => ({
  door: 'volumes',
  title: `Volume ${volume}`,
  isThere: () => isFound(() => volumes.list(volume, 'none/')),
  ensure: () => volumes.ensureVolume(volume),
});

function edgeSteps(
  { volumes, links }: SitePorts,
  edge: string,
  { comesHere = false }: { comesHere?: boolean },
): ProvisionStep[] {
  const { inbound } = VOLUMES;
  const source = VOLUMES.outbound(edge);
  const mirror: ProvisionStep = {
    door: 'mirror',
    title: `Mirror ${inbound} of ${source} at HQ`,
    // CONFLICT: a volume that is no mirror (yet), as a bucket says of one that is not there.
    isThere: () => isFound(() => volumes.mirrorStatus(inbound), 'CONFLICT'),
    ensure: () => volumes.ensureMirror(inbound, { volume: source, site: HQ_SITE_ID }),
  };
  if (!links) return [mirror];
  const link: ProvisionStep = {
    door: 'link',
    title: `Link with HQ: ${links.madeOf}`,
    isThere: () => links.isDeclared(),
    ensure: () => (comesHere ? links.prepareLink() : links.ensureLink()),
  };
  return [link, mirror];
}

/** UNSUPPORTED: a fabric that can not be asked; what is ensured then is as well. `missing`: other codes that say that it is not there. */
async function isFound(ask: () => Promise<unknown>, ...missing: ErrorCode[]): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (isFieldlineError(error, 'NOT_FOUND', 'UNSUPPORTED', ...missing)) return false;
    throw error;
  }
}

/** Makes sure that a site's fabric has all that its services use. Idempotent; may stop halfway and be done again. Fails as the ports do. */
export async function provision(site: { id: string; role: SiteRole }, ports: SitePorts): Promise<void> {
  const steps = provisionSteps(site, ports);
  const behind = (step: ProvisionStep) => step.door === 'link' || step.door === 'mirror';
  const at = (door: ProvisionStep['door']) => steps.filter((step) => step.door === door).map((step) => step.ensure());
  await eachDoor({ streams: at('streams'), tables: at('tables'), volumes: at('volumes') });
  for (const step of steps.filter(behind)) await step.ensure();
}

/** Waits for all. Fails with the first failure, or where several doors fail differently, with each door's first. */
async function eachDoor(work: Record<string, Promise<unknown>[]>): Promise<void> {
  const failures = new Map<string, unknown>();
  await Promise.all(
    Object.entries(work).map(async ([door, parts]) => {
      const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected');
      if (failed) failures.set(door, failed.reason);
    }),
  );
  if (failures.size === 0) return;
  const [first] = failures.values();
  if (new Set([...failures.values()].map(shownMessage)).size === 1) throw first;
  const words = [...failures]
    .sort()
    .map(([door, reason]) => `${door}: ${shownMessage(reason)}`)
    .join('; ');
  throw new FieldlineError('UNAVAILABLE', words, { cause: first });
}
