/** The configuration of topics under Kafka's names. */

import { DEFAULT_TOPIC_CONFIG } from '../../log/config';
import type { TopicConfig, TopicMeta } from '../../log/types';
import { BATCH_BYTES_MAX } from '../server/limits';

export interface ConfigChange {
  name: string;
  value: string | null;
}

/** What can be set. */
const SETTABLE: Readonly<Record<string, keyof TopicConfig>> = {
  'retention.ms': 'retentionMs',
  'retention.bytes': 'retentionBytes',
  'segment.bytes': 'segmentBytes',
};
/** What holds here always: a client may name it, with this value. */
const FIXED: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'compression.type': 'producer',
  'max.message.bytes': String(BATCH_BYTES_MAX),
  'message.timestamp.type': 'CreateTime',
  'min.insync.replicas': '1',
};
const REPLICA = 'fieldline.replica';

export interface TopicConfigEntry {
  name: string;
  value: string;
  readOnly: boolean;
  isDefault: boolean;
}

export function topicConfigEntries(topic: TopicMeta): TopicConfigEntry[] {
  const settable = Object.entries(SETTABLE).map(([name, field]) => ({
    name,
    value: String(topic.config[field]),
    readOnly: false,
    isDefault: topic.config[field] === DEFAULT_TOPIC_CONFIG[field],
  }));
  const fixed = Object.entries(FIXED).map(([name, value]) => ({ name, value, readOnly: true, isDefault: true }));
  const replica = { name: REPLICA, value: String(topic.replica), readOnly: true, isDefault: !topic.replica };
  return [...settable, ...fixed, replica];
}

/** Our configuration from Kafka's entries; null as value means the default. `problem` says which entry can not be. */
export function topicConfigFrom(changes: readonly ConfigChange[]): {
  config: Partial<TopicConfig>;
  problem: string | null;
} {
  const config: Partial<TopicConfig> = {};
  for (const { name, value } of changes) {
    const field = SETTABLE[name];
    if (field) {
      if (value !== null && !/^-?\d{1,16}$/.test(value.trim()))
        return { config, problem: `${name} must be a whole number, not "${value}"` };
      config[field] = value === null ? DEFAULT_TOPIC_CONFIG[field] : Number(value);
    } else if (!(name in FIXED)) {
      return { config, problem: `This fabric has no setting ${name}; it knows ${Object.keys(SETTABLE).join(', ')}` };
    } else if (value !== null && value !== FIXED[name]) {
      return { config, problem: `${name} can only be "${FIXED[name]}" here` };
    }
  }
  return { config, problem: null };
}
