import type { ServiceState } from '@/lib/domain/services';

/**
 * The lifecycle of a service as one pure, total table: what happens in every state on every event. SPEC.md has its invariants.
 *
 * - `start`, `stop`: an order, from the reconcile loop or an operator
 * - `started`: the current attempt to start succeeded
 * - `failed`: the current attempt could not start, or the running service ended by itself
 * - `stopped`: the stop is finished, or its deadline has passed
 * - `retry`: the backoff is over
 */
export const LIFECYCLE_EVENTS = ['start', 'stop', 'started', 'failed', 'stopped', 'retry'] as const;
export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

/** What the runner does on the way into the next state. */
export type Effect = 'none' | 'begin-start' | 'begin-stop' | 'begin-backoff' | 'end-backoff';

export interface Transition {
  readonly to: ServiceState;
  readonly effect: Effect;
}

const stay = (to: ServiceState): Transition => ({ to, effect: 'none' });

export const LIFECYCLE: Readonly<Record<ServiceState, Readonly<Record<LifecycleEvent, Transition>>>> = {
  stopped: {
    start: { to: 'starting', effect: 'begin-start' },
    stop: stay('stopped'),
    started: stay('stopped'),
    failed: stay('stopped'),
    stopped: stay('stopped'),
    retry: stay('stopped'),
  },
  starting: {
    start: stay('starting'),
    stop: { to: 'stopping', effect: 'begin-stop' },
    started: { to: 'running', effect: 'none' },
    failed: { to: 'faulted', effect: 'begin-backoff' },
    stopped: stay('starting'),
    retry: stay('starting'),
  },
  running: {
    start: stay('running'),
    stop: { to: 'stopping', effect: 'begin-stop' },
    started: stay('running'),
    failed: { to: 'faulted', effect: 'begin-backoff' },
    stopped: stay('running'),
    retry: stay('running'),
  },
  stopping: {
    // An order to start again is kept as the desired state; the loop looks at it once the service is stopped.
    start: stay('stopping'),
    stop: stay('stopping'),
    started: stay('stopping'),
    failed: { to: 'stopped', effect: 'none' },
    stopped: { to: 'stopped', effect: 'none' },
    retry: stay('stopping'),
  },
  faulted: {
    // An operator who orders a start does not want to wait for the backoff.
    start: { to: 'starting', effect: 'begin-start' },
    stop: { to: 'stopped', effect: 'end-backoff' },
    started: stay('faulted'),
    failed: stay('faulted'),
    stopped: stay('faulted'),
    retry: { to: 'starting', effect: 'begin-start' },
  },
};

/** The transition for an event; always defined. */
export const transition = (state: ServiceState, event: LifecycleEvent): Transition => LIFECYCLE[state][event];
