/**
 * Topics have two names here: the Kafka name, and `/path/of/stream:topic` as an HPE Data Fabric cluster's proxy has it ("Kafka REST
 * Proxy", HPE documentation). An answer names a topic as the client did.
 */
import { Regex } from '@/lib/ojai/regex/regex';
import { kafkaName, topicPrefix } from '../admin';
import { refusal } from './errors';

/** A topic, and how the client calls it. */
export interface NamedTopic {
  kafka: string;
  shown: string;
}

/** Finds the Kafka name of a topic. `/mapr/<cluster>/...` also names a stream of this cluster. Fails with REQUEST_INVALID. */
export function topicNamed(shown: string, siteId: string): NamedTopic {
  if (!shown.startsWith('/')) return { shown, kafka: shown };
  const { path, rest } = splitStream(shown, siteId);
  return { shown, kafka: kafkaName(path, rest) };
}

/**
 * A pattern of topics: of Kafka names, or `/path/of/stream:pattern` of one stream's. The whole name has to match, as with Kafka's own
 * pattern subscriptions. Fails with REQUEST_INVALID; never takes long, whatever the pattern.
 */
export function topicPattern(shown: string, siteId: string): (kafka: string) => NamedTopic | null {
  const inStream = shown.startsWith('/') ? splitStream(shown, siteId) : null;
  const prefix = inStream ? topicPrefix(inStream.path) : '';
  const regex = compile(inStream?.rest ?? shown);
  return (kafka) => {
    if (!kafka.startsWith(prefix)) return null;
    const topic = kafka.slice(prefix.length);
    if (!regex.test(topic)) return null;
    return { kafka, shown: inStream ? `${inStream.named}:${topic}` : kafka };
  };
}

function splitStream(shown: string, siteId: string): { named: string; path: string; rest: string } {
  const colon = shown.indexOf(':');
  const named = shown.slice(0, colon);
  const own = `/mapr/${siteId}/`;
  const path = named.startsWith(own) ? named.slice(own.length - 1) : named;
  if (colon < 2 || path.startsWith('/mapr/'))
    throw refusal('topicNotFound', `"${shown.slice(0, 300)}" names no topic of this cluster: /path/of/stream:topic`);
  return { named, path, rest: shown.slice(colon + 1) };
}

function compile(pattern: string): Regex {
  try {
    return new Regex(`^(?:${pattern})$`);
  } catch (cause) {
    throw refusal('invalid', `The topic pattern can not be read: ${(cause as Error).message}`);
  }
}
