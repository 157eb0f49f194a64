/** What a principal with limited grants may not do at each REST door, in words; null: it may. */
import type { RestRequest } from '../http/router';
import { topicNamed } from '../kafka-rest/names';
import { type VolumeStore, volumeAt } from '../volumes';
import { mayRead, mayReadVolume, mayWrite, type Principal } from './principal';

export const refusalAtTables = () => 'use the tables';

/** Its own outbound volume, to read. */
export const refusalAtFiles =
  (volumes: VolumeStore) =>
  ({ raw }: RestRequest, principal: Principal): string | null => {
    const reads = raw.method === 'GET' || raw.method === 'HEAD';
    const volume = volumeAt(volumes, raw.url ?? '');
    if (reads && volume !== null && mayReadVolume(principal, volume)) return null;
    return `${reads ? 'read' : 'write'} the files ${volume === null ? 'outside of its volume' : `of the volume ${volume}`}`;
  };

/** Who this is, and where its volume is mounted. */
export function refusalAtAdmin({ raw, query }: RestRequest, principal: Principal): string | null {
  const command = new URL(raw.url ?? '/', 'http://fabric').pathname.replace(/^\/rest\//, '').replace(/\/$/, '');
  if (command === 'dashboard/info') return null;
  const name = query.get('name');
  const isOwnVolume =
    command === 'volume/info' && !query.has('path') && name !== null && mayReadVolume(principal, name);
  return isOwnVolume ? null : `run the command ${command.slice(0, 100)}`;
}

/** To produce to its topics, and to look at those it may read. Consumers are for the Kafka door, where their groups are checked. */
export const refusalAtKafkaRest =
  (siteId: string) =>
  ({ raw, params }: RestRequest, principal: Principal): string | null => {
    if (params.topic === undefined) return 'use consumers or list topics over REST';
    const { kafka } = topicNamed(params.topic, siteId);
    if (raw.method === 'POST') return mayWrite(principal, kafka) ? null : `write the topic ${kafka}`;
    return mayRead(principal, kafka) ? null : `read the topic ${kafka}`;
  };
