import { FieldlineError } from '@/lib/errors';
import type { TopicStore } from '../../log/types';
import type { KafkaCluster, RemoteTopic } from '../client/cluster';
import type { LinkContext, LinkRecord } from '../context';
import { isExact, matches, topicPrefix } from '../patterns';

/** HQ's topics that the inbound direction carries, by Kafka name. Fails with UNSUPPORTED where the two streams have different paths. */
export async function inboundTopics(
  { record: recordOf, store }: LinkContext,
  cluster: KafkaCluster,
): Promise<Map<string, RemoteTopic>> {
  const record = recordOf();
  const patterns = record.inbound ?? [];
  const prefix = topicPrefix(record.replicaPath);
  if (prefix !== topicPrefix(record.path))
    throw new FieldlineError('UNSUPPORTED', 'A stream and its replica need the same path', {
      remedy: `Set up ${record.path} at both sites`,
    });
  // By name where all are named: the list of everything costs the link.
  const names = patterns.every(isExact) ? patterns.map((pattern) => `${prefix}${pattern}`) : null;
  const topics = await cluster.topics(names);
  for (const name of topics.keys()) {
    const short = name.startsWith(prefix) ? name.slice(prefix.length) : null;
    const local = store.get(name);
    // A pattern never takes over what this site writes itself; an exact name says it is HQ's.
    const own = local !== undefined && !local.replica && !patterns.includes(short ?? '');
    if (short === null || !matches(patterns, short) || own) topics.delete(name);
  }
  return topics;
}

/** The topics here that hold what was brought from HQ; also one that is named as HQ's and was written here. */
export function broughtTopics({ inbound, path }: LinkRecord, store: TopicStore): string[] {
  const patterns = inbound ?? [];
  const prefix = topicPrefix(path);
  return store
    .list()
    .filter(({ name, replica }) => {
      const short = name.startsWith(prefix) ? name.slice(prefix.length) : null;
      return short !== null && (patterns.includes(short) || (replica && matches(patterns, short)));
    })
    .map(({ name }) => name);
}
