import { describe, expect, it } from 'vitest';
import { matches, parsePatterns, topicPrefix } from './patterns';

describe('topic patterns', () => {
  it.each([
    ['ASSET_BROADCAST', 'ASSET_BROADCAST', true],
    ['ASSET_BROADCAST', 'ASSET_BROADCAST2', false],
    ['*', 'anything.at-all', true],
    ['ASSET_*', 'ASSET_REQUEST.alpha', true],
    ['ASSET_*', 'OTHER', false],
    ['*.alpha', 'ASSET_REQUEST.alpha', true],
    ['*.alpha', 'ASSET_REQUEST.alphabet', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['a**a', 'aa', true],
  ])('%s on %s: %s', (pattern, topic, expected) => {
    expect(matches([pattern], topic)).toBe(expected);
  });

  it('stays fast on a pattern made to be slow', () => {
    expect(matches([`${'*a'.repeat(100)}*b`], 'a'.repeat(240))).toBe(false);
  });

  it('parses a list, and refuses what is no topic name', () => {
    expect(parsePatterns('A, B.*,')).toEqual(['A', 'B.*']);
    expect(() => parsePatterns('A,B/C')).toThrow('no topic name');
  });

  it('takes the Kafka names from the stream path', () => {
    expect(topicPrefix('/missionx/replicated')).toBe('missionx.replicated.');
  });
});
