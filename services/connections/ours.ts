/** Whether a thing on a fabric is one that a mission makes: it has one of the names that the mission gives, not only their beginning. */
import { edgeOfTopic, SITE_ID_PATTERN, TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { EDGE_SERVICES, HQ_SERVICES } from '@/lib/domain/services';
import { topicRefOf } from '@/lib/drivers/kafka/naming';
import type { TopicRef } from '@/lib/ports';
import type { Inventory } from '@/lib/ports/inventory';

const SERVICES = [...HQ_SERVICES, ...EDGE_SERVICES];
const { assetFeed, assetDownloaded, assetBroadcast, assetResponse, deadLetter, retry } = TOPICS;
const FIXED_TOPICS = [assetFeed, assetDownloaded, assetBroadcast, assetResponse, deadLetter, ...SERVICES.map(retry)];

const isSite = (name: string | null) => name !== null && SITE_ID_PATTERN.test(name);

function isTopic({ stream, topic }: TopicRef): boolean {
  if (stream === 'replicated' && isSite(edgeOfTopic(topic))) return true;
  return FIXED_TOPICS.some((one) => one.stream === stream && one.topic === topic);
}

function isVolume(name: string): boolean {
  if (name === VOLUMES.assets || name === VOLUMES.inbound) return true;
  const edge = name.replace(VOLUMES.outbound(''), '');
  return isSite(edge) && name === VOLUMES.outbound(edge);
}

/** Of `<site>.<service>`, and what a service adds to it. */
function isGroup(name: string): boolean {
  const [site = '', service] = name.split('.');
  return isSite(site) && SERVICES.some((one) => one === service);
}

/** `name` as the inventory of these things lists it. */
export function isOurs(mission: string, what: Inventory['what'], name: string): boolean {
  const own = name.startsWith(`${mission}.`) ? name.slice(mission.length + 1) : null;
  switch (what) {
    case 'topics': {
      const ref = topicRefOf(mission, name);
      return ref !== null && isTopic(ref);
    }
    case 'consumer groups':
      return own !== null && isGroup(own);
    case 'volumes':
      return own !== null && isVolume(own);
    case 'tables':
      return Object.values<string>(TABLES).includes(name.replace(`/${mission}/`, ''));
    // These are asked for by their names, one by one.
    case 'streams':
    case 'connectors':
    case 'links':
      return true;
  }
}
