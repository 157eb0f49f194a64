import { describe, expect, it } from 'vitest';
import { LINK_TRANSITIONS, type LinkEvent, nextLinkState } from './states';

const STATES = Object.keys(LINK_TRANSITIONS) as (keyof typeof LINK_TRANSITIONS)[];
const EVENTS = Object.keys(LINK_TRANSITIONS.up) as LinkEvent[];

describe('the states of a link', () => {
  it('is total', () => {
    for (const state of STATES) expect(Object.keys(LINK_TRANSITIONS[state]).sort()).toEqual([...EVENTS].sort());
  });

  it('a pause always pauses, and only a resume ends it', () => {
    for (const state of STATES) expect(nextLinkState(state, 'pause')).toBe('paused');
    for (const event of EVENTS.filter((event) => event !== 'resume'))
      expect(nextLinkState('paused', event)).toBe('paused');
    expect(nextLinkState('paused', 'resume')).toBe('connecting');
  });

  it('only a person ends a failure', () => {
    for (const event of EVENTS.filter((event) => event !== 'resume' && event !== 'pause'))
      expect(nextLinkState('failed', event)).toBe('failed');
    expect(nextLinkState('failed', 'resume')).toBe('connecting');
  });

  it('a divergence fails whatever was not paused', () => {
    for (const state of STATES.filter((state) => state !== 'paused'))
      expect(nextLinkState(state, 'diverged')).toBe('failed');
  });

  it('is only up by having connected', () => {
    const ways = STATES.flatMap((state) =>
      EVENTS.filter((event) => state !== 'up' && nextLinkState(state, event) === 'up').map((event) => event),
    );
    expect(new Set(ways)).toEqual(new Set(['connected']));
  });

  it('goes down when lost, and tries again', () => {
    expect(nextLinkState('up', 'lost')).toBe('down');
    expect(nextLinkState('connecting', 'unreachable')).toBe('down');
    expect(nextLinkState('down', 'retry')).toBe('connecting');
  });
});
