import { describe, expect, it } from 'vitest';
import { SERVICE_STATES, type ServiceState } from '@/lib/domain/services';
import { LIFECYCLE, LIFECYCLE_EVENTS, type LifecycleEvent, transition } from './lifecycle';

/** States reached from `from` by the given events, in any order. */
function reachable(from: ServiceState, events: readonly LifecycleEvent[]): Set<ServiceState> {
  const seen = new Set<ServiceState>([from]);
  for (const state of seen) for (const event of events) seen.add(transition(state, event).to);
  return seen;
}

describe('the lifecycle table', () => {
  it('is total', () => {
    for (const state of SERVICE_STATES)
      for (const event of LIFECYCLE_EVENTS) expect(SERVICE_STATES).toContain(LIFECYCLE[state][event].to);
  });

  it('leads from every state to running and to stopped', () => {
    for (const state of SERVICE_STATES) {
      expect(reachable(state, ['start', 'started', 'stopped', 'retry'])).toContain('running');
      expect(reachable(state, ['stop', 'stopped'])).toContain('stopped');
    }
  });

  it('enters running only from starting', () => {
    for (const state of SERVICE_STATES)
      for (const event of LIFECYCLE_EVENTS)
        if (transition(state, event).to === 'running' && state !== 'running')
          expect([state, event]).toEqual(['starting', 'started']);
  });

  it('does something on a change and nothing without one', () => {
    for (const state of SERVICE_STATES)
      for (const event of LIFECYCLE_EVENTS) {
        const { to, effect } = transition(state, event);
        if (to === state) expect(effect).toBe('none');
        if (to === 'starting' && state !== 'starting') expect(effect).toBe('begin-start');
        if (to === 'stopping' && state !== 'stopping') expect(effect).toBe('begin-stop');
        if (to === 'faulted' && state !== 'faulted') expect(effect).toBe('begin-backoff');
      }
  });
});
