import { describe, expect, it } from 'vitest';
import { directionOf } from './cluster-status';

const NOW = Date.parse('2026-01-01T00:00:00Z');
/** The sample of the documentation of `stream replica list`, with what is known of its tail. */
const ROW = {
  cluster: 'my.cluster.com',
  stream: '/destVol',
  type: 'MapRStream',
  replicaPath: '/destVol',
  replicaState: 'REPLICA_STATE_REPLICATING',
  paused: false,
  isUptodate: true,
  minPendingTS: 0,
  maxPendingTS: 0,
  bytesPending: 0,
  putsPending: 0,
};

describe('directionOf', () => {
  it('is up without lag where the replica says so', () => {
    expect(directionOf(ROW, NOW)).toEqual({
      state: 'up',
      lagRecords: 0,
      lagBytes: 0,
      lagMs: 0,
      recordsTotal: 0,
      bytesTotal: 0,
      lastError: null,
      lastErrorAt: null,
    });
  });

  it.each([
    [{ paused: true }, 'paused'],
    [{ paused: 'true' }, 'paused'],
    [{ replicaState: 'REPLICA_STATE_CREATE_SCHEDULE' }, 'connecting'],
    [{ replicaState: 'REPLICA_STATE_COPY_IN_PROGRESS' }, 'connecting'],
    [{ replicaState: 'REPLICA_STATE_UNEXPECTED' }, 'failed'],
    [{ bytesPending: 'many' }, 'failed'],
  ])('%j is %s', (change, state) => {
    expect(directionOf({ ...ROW, ...change }, NOW).state).toBe(state);
  });

  it('puts errors in words, and tells weather from damage', () => {
    const errors = {
      Code: 'ErrAllGatewaysUnreachable',
      Host: 'node1',
      Msg: 'All configured gateways to cluster my.cluster.id are unreachable',
    };
    expect(directionOf({ ...ROW, errors }, NOW)).toMatchObject({
      state: 'down',
      lastError: 'ErrAllGatewaysUnreachable All configured gateways to cluster my.cluster.id are unreachable (node1)',
      lastErrorAt: NOW,
    });
    expect(directionOf({ ...ROW, errors: { Code: 'ErrPermission', Msg: 'denied' } }, NOW).state).toBe('failed');
  });

  it('reads what waits, also from strings, and its age in either unit', () => {
    const waiting = { ...ROW, isUptodate: false, putsPending: '3', bytesPending: '300' };
    for (const minPendingTS of [NOW - 5000, String((NOW - 5000) / 1000)])
      expect(directionOf({ ...waiting, minPendingTS }, NOW)).toMatchObject({
        state: 'up',
        lagRecords: 3,
        lagBytes: 300,
        lagMs: 5000,
      });
  });
});
