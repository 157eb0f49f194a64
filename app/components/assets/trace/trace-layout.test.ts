import { describe, expect, it } from 'vitest';
import type { TraceSpan } from '@/lib/api/schemas';
import { layoutTrace } from './trace-layout';

const BASE = Date.UTC(2026, 0, 2);
const span = (spanId: string, parentSpanId: string | null, from: number, durationMs: number): TraceSpan => ({
  spanId,
  parentSpanId,
  name: spanId,
  kind: 'internal',
  site: 'hq',
  service: null,
  startedAt: new Date(BASE + from).toISOString(),
  durationMs,
  error: null,
  attributes: {},
  links: [],
});

describe('the layout of a trace', () => {
  it('is empty for none', () => expect(layoutTrace([])).toEqual({ rows: [], gaps: [], totalMs: 0 }));

  it('puts children below their parents and keeps proportions where there is no gap', () => {
    const { rows, gaps } = layoutTrace([span('a', null, 0, 100), span('b', 'a', 50, 50), span('c', 'b', 75, 25)]);
    expect(rows.map(({ depth }) => depth)).toEqual([0, 1, 2]);
    expect(rows.map(({ left }) => Math.round(left))).toEqual([0, 50, 75]);
    expect(rows.map(({ width }) => Math.round(width))).toEqual([100, 50, 25]);
    expect(gaps).toEqual([]);
  });

  it('shortens the day between a broadcast and a request, and says how long it was', () => {
    const day = 86_400_000;
    const { rows, gaps, totalMs } = layoutTrace([span('a', null, 0, 100), span('b', 'a', day, 100)]);
    expect(gaps.map(({ ms }) => ms)).toEqual([day - 100]);
    expect(rows[0]!.width).toBeGreaterThan(40);
    expect(rows[1]!.left).toBeGreaterThan(rows[0]!.width);
    expect(rows[1]!.left + rows[1]!.width).toBeCloseTo(100);
    expect(totalMs).toBe(day + 100);
  });

  it('marks a step whose parent is elsewhere, and survives a circle of parents', () => {
    expect(layoutTrace([span('b', 'elsewhere', 0, 1)]).rows[0]).toMatchObject({ orphan: true, depth: 0 });
    expect(layoutTrace([span('a', 'b', 0, 1), span('b', 'a', 0, 1)]).rows).toHaveLength(2);
  });

  it('draws steps that took no time at all', () => {
    const { rows } = layoutTrace([span('a', null, 0, 0), span('b', 'a', 0, 0)]);
    expect(rows.every(({ left, width }) => left >= 0 && width >= 0 && Number.isFinite(left))).toBe(true);
  });
});
