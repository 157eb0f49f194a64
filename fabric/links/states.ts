/** The life of one direction of a link: a total table, without time or I/O. */
import type { LinkState } from '@/lib/ports/links';

/**
 * `connected`: HQ answers and both sides' logs agree. `lost`: HQ stopped answering. `unreachable`: an attempt to connect failed.
 * `retry`: the time to try again has come. `diverged`: the logs do not agree, only a person can say which is right.
 */
export type LinkEvent = 'pause' | 'resume' | 'retry' | 'connected' | 'lost' | 'unreachable' | 'diverged';

export const LINK_TRANSITIONS: Record<LinkState, Record<LinkEvent, LinkState>> = {
  paused: {
    pause: 'paused',
    resume: 'connecting',
    // What a stopped attempt still says changes nothing: an operator paused.
    retry: 'paused',
    connected: 'paused',
    lost: 'paused',
    unreachable: 'paused',
    diverged: 'paused',
  },
  connecting: {
    pause: 'paused',
    resume: 'connecting',
    retry: 'connecting',
    connected: 'up',
    lost: 'down',
    unreachable: 'down',
    diverged: 'failed',
  },
  up: {
    pause: 'paused',
    resume: 'up',
    retry: 'up',
    connected: 'up',
    lost: 'down',
    unreachable: 'down',
    diverged: 'failed',
  },
  down: {
    pause: 'paused',
    resume: 'connecting',
    retry: 'connecting',
    connected: 'up',
    lost: 'down',
    unreachable: 'down',
    diverged: 'failed',
  },
  failed: {
    pause: 'paused',
    resume: 'connecting',
    // Time alone heals no divergence.
    retry: 'failed',
    connected: 'failed',
    lost: 'failed',
    unreachable: 'failed',
    diverged: 'failed',
  },
};

export function nextLinkState(state: LinkState, event: LinkEvent): LinkState {
  return LINK_TRANSITIONS[state][event];
}
