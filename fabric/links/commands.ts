/**
 * `stream/replica/*`, `stream/upstream/*` of the admin API, and our `link/*`.
 *
 * A link belongs to the edge, which dials: both directions are set up, paused and listed at its door. The direction of a call is
 * `path` to `replica`, so a pair from HQ to here is paused here although HQ is its source.
 */
import { systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { LinkConditions, LinkDirectionName } from '@/lib/ports/links';
import { type AdminCommands, type CommandResult, invalid, MUTATION, type Parameters, READ } from '../admin';
import type { FabricLinks } from './links';
import { parsePatterns } from './patterns';
import { replicaRow, upstreamRow } from './replica-rows';
import { parseStreamPath } from './stream-path';
import type { Dialer } from './types';
import type { UpstreamControl } from './upstream';

/** Every topic of the stream that the other side does not write. */
const ALL_TOPICS = ['*'];
const BYTES_PER_SECOND_MAX = 1_000_000_000;
const LATENCY_MS_MAX = 10_000;

/** What these commands add to the documented API. */
export const LINK_EXTENSIONS = ['link.info', 'link.anew', 'link.takeback', 'link.conditioner', 'stream.replica.topics'];

export interface LinkCommandParts {
  siteId: string;
  links: FabricLinks;
  dialer: Dialer;
  upstream: UpstreamControl;
}

/** A pair of streams as a call names it, seen from here. */
interface Pair {
  local: string;
  cluster: string;
  remote: string;
  direction: LinkDirectionName;
}

export function registerLinkCommands(commands: AdminCommands, parts: LinkCommandParts): void {
  const { links } = parts;
  // Old clusters take GET for these, current ones POST.
  const both = (name: string, run: (parameters: Parameters) => Promise<CommandResult>) =>
    commands.register(name, { methods: READ, run });

  both('stream/replica/autosetup', (parameters) => setUp(parts, parameters));
  both('stream/replica/add', async (parameters) => {
    const pair = pairOf(parts, parameters, 'path', 'replica');
    await declare(parts, pair, [pair.direction], parameters);
    return {};
  });
  both('stream/replica/edit', async (parameters) => {
    const pair = existing(parts, pairOf(parts, parameters, 'path', 'replica'));
    await declare(parts, pair, [], parameters);
    return {};
  });
  both('stream/replica/remove', async (parameters) => {
    const pair = existing(parts, pairOf(parts, parameters, 'path', 'replica'));
    await links.remove(pair.local, pair.direction);
    return {};
  });
  both('stream/replica/pause', (parameters) => setPaused(parts, parameters, true));
  both('stream/replica/resume', (parameters) => setPaused(parts, parameters, false));
  commands.register('stream/replica/list', { methods: READ, run: (parameters) => listReplicas(parts, parameters) });

  both('stream/upstream/add', async (parameters) => {
    const pair = pairOf(parts, parameters, 'upstream', 'path');
    await declare(parts, pair, [pair.direction], parameters);
    return {};
  });
  both('stream/upstream/remove', async (parameters) => {
    const pair = existing(parts, pairOf(parts, parameters, 'upstream', 'path'));
    await links.remove(pair.local, pair.direction);
    return {};
  });
  commands.register('stream/upstream/list', {
    methods: READ,
    run: (parameters) => {
      const { cluster, path } = parseStreamPath(parameters.required('path'), parts.siteId);
      const record = cluster === null ? links.get(path)?.record : undefined;
      return { data: record?.inbound ? [upstreamRow(record)] : [] };
    },
  });

  registerOwnCommands(commands, parts);
}

/** `link/info`, `link/anew`, `link/takeback`, `link/conditioner`: what the documented API has no words for. */
function registerOwnCommands(commands: AdminCommands, { links, dialer }: LinkCommandParts): void {
  commands.register('link/info', {
    methods: READ,
    run: async (parameters) => ({ data: [{ ...(await links.status(parameters.required('path'))) }] }),
  });
  commands.register('link/anew', {
    methods: MUTATION,
    run: async (parameters) => {
      await links.bringAnew(parameters.required('path'));
      return {};
    },
  });
  commands.register('link/takeback', {
    methods: MUTATION,
    run: async (parameters) => {
      await links.takeBack(parameters.required('path'));
      return {};
    },
  });
  commands.register('link/conditioner', { methods: READ, run: () => ({ data: [{ ...dialer.conditions() }] }) });
  commands.register('link/conditioner/set', {
    methods: MUTATION,
    run: (parameters) => {
      const conditions: LinkConditions = {
        cut: parameters.flag('cut') ?? false,
        // 0 or absent: no limit.
        bytesPerSecond: parameters.integer('bytesPerSecond', { min: 0, max: BYTES_PER_SECOND_MAX }) || null,
        latencyMs: parameters.integer('latencyMs', { min: 0, max: LATENCY_MS_MAX }) ?? 0,
      };
      links.setConditions(conditions);
      return { data: [{ ...conditions }] };
    },
  });
}

async function setUp(parts: LinkCommandParts, parameters: Parameters): Promise<CommandResult> {
  const pair = pairOf(parts, parameters, 'path', 'replica');
  const directions: LinkDirectionName[] = parameters.flag('multimaster') ? ['inbound', 'outbound'] : [pair.direction];
  const link = parts.links.get(pair.local);
  // In the words of a cluster, which programs look for (seen on one; not documented).
  if (link && directions.every((direction) => link.has(direction)))
    throw new FieldlineError(
      'UNSUPPORTED',
      `Failed to set up replication of ${pair.local}: DC_NOT_SUPPORTED: it is paired already`,
      { remedy: 'Use stream/replica/list to see it, stream/replica/edit to change its topics' },
    );
  await declare(parts, pair, directions, parameters);
  return { messages: [`Successfully set up replication of ${pair.local} with ${pair.remote} at ${pair.cluster}`] };
}

/** Declares `directions`, and gives the topics named by the call to every direction they are named for. */
async function declare(
  { links }: LinkCommandParts,
  pair: Pair,
  directions: readonly LinkDirectionName[],
  parameters: Parameters,
): Promise<void> {
  const topicsOf = (direction: LinkDirectionName) => {
    const text = parameters.text(direction);
    if (text !== undefined) return parsePatterns(text);
    return directions.includes(direction) ? ALL_TOPICS : undefined;
  };
  await links.declare({
    path: pair.local,
    cluster: pair.cluster,
    replicaPath: pair.remote,
    inbound: topicsOf('inbound'),
    outbound: topicsOf('outbound'),
    paused: parameters.flag('paused') ?? false,
  });
}

async function setPaused(parts: LinkCommandParts, parameters: Parameters, paused: boolean): Promise<CommandResult> {
  const pair = existing(parts, pairOf(parts, parameters, 'path', 'replica'));
  await parts.links.get(pair.local)!.setPaused(pair.direction, paused);
  return {};
}

async function listReplicas({ links, siteId }: LinkCommandParts, parameters: Parameters): Promise<CommandResult> {
  const source = parseStreamPath(parameters.required('path'), siteId);
  const direction: LinkDirectionName = source.cluster === null ? 'outbound' : 'inbound';
  const rows: Record<string, unknown>[] = [];
  for (const record of links.list()) {
    const matching =
      direction === 'outbound'
        ? record.path === source.path
        : record.cluster === source.cluster && record.replicaPath === source.path;
    const link = links.get(record.path);
    if (!matching || !link?.has(direction)) continue;
    const status = await link.status();
    rows.push(replicaRow(siteId, record, direction, status[direction], systemClock.now()));
  }
  return { data: rows };
}

function pairOf({ siteId, upstream }: LinkCommandParts, parameters: Parameters, from: string, to: string): Pair {
  const source = parseStreamPath(parameters.required(from), siteId);
  const target = parseStreamPath(parameters.required(to), siteId);
  if ((source.cluster === null) === (target.cluster === null))
    throw invalid(`One of ${from} and ${to} has to be a stream of this cluster, the other one of another`);
  const [local, remote] = source.cluster === null ? [source, target] : [target, source];
  if (upstream.cluster !== remote.cluster)
    throw invalid(`Failed to set up replication: Cluster Gateways are not configured to ${remote.cluster}`);
  return {
    local: local.path,
    cluster: remote.cluster!,
    remote: remote.path,
    direction: source.cluster === null ? 'outbound' : 'inbound',
  };
}

function existing({ links }: LinkCommandParts, pair: Pair): Pair {
  if (links.get(pair.local)?.has(pair.direction)) return pair;
  throw new FieldlineError('NOT_FOUND', `No such replica: ${pair.local} and ${pair.remote} at ${pair.cluster}`);
}
