import { describe, expect, it } from 'vitest';
import { Positions, WaitingSince } from './positions';

describe('the position in a partition', () => {
  it('follows the end of the replica while nothing newer is written down', () => {
    const positions = new Positions();
    expect(positions.observe('p', { low: 0, end: 5, carried: null, replicaEnd: null })).toBe(0);
    expect(positions.observe('p', { low: 0, end: 5, carried: null, replicaEnd: 3 })).toBe(3);
    expect(positions.since('p', 3)).toBe(3);
    // Written down late, and less than is there.
    expect(positions.observe('p', { low: 0, end: 9, carried: 1, replicaEnd: 8 })).toBe(8);
  });

  it('begins at the oldest record that the source still has', () => {
    const positions = new Positions();
    expect(positions.observe('p', { low: 100, end: 120, carried: null, replicaEnd: null })).toBe(100);
    expect(positions.observe('p', { low: 100, end: 120, carried: null, replicaEnd: 7 })).toBe(107);
    // What was carried was deleted at the source since.
    expect(positions.observe('p', { low: 115, end: 120, carried: 104, replicaEnd: 7 })).toBe(115);
  });

  it('trusts what is written down alone where the two ends can not be compared yet', () => {
    const positions = new Positions();
    expect(positions.observe('p', { low: 0, end: 10, carried: 3, replicaEnd: 40 })).toBe(4);
    expect(positions.observe('p', { low: 0, end: 10, carried: 9, replicaEnd: 46 })).toBe(10);
    expect(positions.observe('p', { low: 0, end: 15, carried: 9, replicaEnd: 48 })).toBe(12);
  });

  it('is never beyond the end, whatever was carried twice, and mends itself', () => {
    const positions = new Positions();
    positions.observe('p', { low: 0, end: 10, carried: null, replicaEnd: null });
    expect(positions.observe('p', { low: 0, end: 10, carried: 4, replicaEnd: 13 })).toBe(10);
    expect(positions.observe('p', { low: 0, end: 10, carried: 9, replicaEnd: 13 })).toBe(10);
    expect(positions.observe('p', { low: 0, end: 20, carried: 9, replicaEnd: 15 })).toBe(12);
  });
});

describe('the age of what waits', () => {
  it('is that of the oldest record seen to wait', () => {
    const waiting = new WaitingSince();
    expect(waiting.observe(1000, 5, 5)).toBe(0);
    expect(waiting.observe(2000, 8, 5)).toBe(0);
    expect(waiting.observe(3000, 9, 5)).toBe(1000);
    expect(waiting.observe(5000, 9, 8)).toBe(2000);
    expect(waiting.observe(6000, 9, 9)).toBe(0);
    expect(waiting.observe(7000, 9, 9)).toBe(0);
  });
});
