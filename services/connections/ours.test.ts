import { describe, expect, it } from 'vitest';
import { serviceGroup, TABLES, TOPICS, VOLUMES } from '@/lib/domain/naming';
import { kafkaTopic } from '@/lib/drivers/kafka/naming';
import { isOurs } from './ours';

const topic = (ref: Parameters<typeof kafkaTopic>[1]) => kafkaTopic('m', ref);

describe('of a mission are', () => {
  it('the topics that it makes', () => {
    const refs = [TOPICS.assetFeed, TOPICS.assetBroadcast, TOPICS.request('alpha-2'), TOPICS.receipt('b')];
    for (const ref of [...refs, TOPICS.deadLetter, TOPICS.retry('listener')])
      expect(isOurs('m', 'topics', topic(ref))).toBe(true);
  });
  it('its groups, by site and service', () => {
    for (const more of ['', '.retry', '.requests'])
      expect(isOurs('m', 'consumer groups', `${serviceGroup('m', 'alpha', 'viewer')}${more}`)).toBe(true);
  });
  it('its tables and volumes, as each fabric names them', () => {
    for (const table of [TABLES.assets, '/m/dead-letters']) expect(isOurs('m', 'tables', table)).toBe(true);
    for (const volume of [VOLUMES.assets, VOLUMES.inbound, VOLUMES.outbound('alpha')])
      expect(isOurs('m', 'volumes', `m.${volume}`)).toBe(true);
  });
});

it.each([
  ['topics', 'm.pipeline.THEIRS'],
  ['topics', 'm.pipeline.ASSET_BROADCAST'],
  ['topics', 'm.replicated.ASSET_REQUEST.'],
  ['topics', 'm.replicated.ASSET_REQUEST.Not A Site'],
  ['topics', 'm.pipeline.RETRY.theirs'],
  ['topics', 'other.pipeline.ASSET_FEED'],
  ['consumer groups', 'm.theirs'],
  ['consumer groups', 'm.alpha.theirs'],
  ['consumer groups', 'm2.alpha.viewer'],
  ['tables', 'theirs'],
  ['tables', '/other/assets'],
  ['volumes', 'm.theirs'],
  ['volumes', 'm.outbound-'],
  ['volumes', 'm.outbound-Not a site'],
  ['volumes', 'm2.assets'],
] as const)('the %s of a mission do not have %s among them', (what, name) => {
  expect(isOurs('m', what, name)).toBe(false);
});
