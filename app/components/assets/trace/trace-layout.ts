import type { TraceSpan } from '@/lib/api/schemas';

/** Between two steps nothing may happen for days; such a gap is drawn this wide, as a share of all that did happen. */
const GAP_SHARE_MAX = 0.08;

export interface TraceRow {
  span: TraceSpan;
  depth: number;
  /** True when the step before it that is named as its parent is not here. */
  orphan: boolean;
  /** Per cent of the whole width. */
  left: number;
  width: number;
}
export interface TraceGap {
  /** Per cent of the whole width, where the gap is in the middle. */
  at: number;
  ms: number;
}
export interface TraceLayout {
  rows: TraceRow[];
  /** Gaps that are drawn shorter than they were. */
  gaps: TraceGap[];
  /** From the first beginning to the last end, in ms. */
  totalMs: number;
}

interface Piece {
  from: number;
  to: number;
  /** Where it begins on the drawing, in ms of drawn time, and how long it is there. */
  drawnFrom: number;
  drawn: number;
}

/** Places the steps of a trace: depth by parent, position by time, with long idle gaps shortened. Pure. */
export function layoutTrace(spans: readonly TraceSpan[]): TraceLayout {
  const times = new Map(spans.map((span) => [span.spanId, timesOf(span)]));
  const starts = [...times.values()];
  if (starts.length === 0) return { rows: [], gaps: [], totalMs: 0 };
  const pieces = piecesOf(starts);
  const drawnTotal = pieces.reduce((sum, piece) => sum + piece.drawn, 0) || 1;
  const place = (ms: number) => {
    const piece = pieces.find(({ to }) => ms <= to) ?? pieces.at(-1)!;
    const share = piece.to > piece.from ? (ms - piece.from) / (piece.to - piece.from) : 0;
    return ((piece.drawnFrom + share * piece.drawn) / drawnTotal) * 100;
  };
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const rows = spans.map((span) => {
    const { from, to } = times.get(span.spanId)!;
    const left = place(from);
    return { span, depth: depthOf(span, byId), orphan: isOrphan(span, byId), left, width: place(to) - left };
  });
  const gaps = pieces
    .filter((piece) => piece.drawn < piece.to - piece.from)
    .map(({ from, to, drawnFrom, drawn }) => ({ at: ((drawnFrom + drawn / 2) / drawnTotal) * 100, ms: to - from }));
  return { rows, gaps, totalMs: Math.max(...starts.map(({ to }) => to)) - Math.min(...starts.map(({ from }) => from)) };
}

const timesOf = ({ startedAt, durationMs }: TraceSpan) => {
  const from = Date.parse(startedAt);
  return { from, to: from + durationMs };
};

/** Stretches in which something happened, and the gaps between them, in order. */
function piecesOf(times: readonly { from: number; to: number }[]): Piece[] {
  const busy: { from: number; to: number }[] = [];
  for (const { from, to } of [...times].sort((a, b) => a.from - b.from)) {
    const last = busy.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else busy.push({ from, to });
  }
  const gapMax = Math.max(1, busy.reduce((sum, { from, to }) => sum + to - from, 0) * GAP_SHARE_MAX);
  const pieces: Piece[] = [];
  let drawnFrom = 0;
  const add = (from: number, to: number, drawn: number) => {
    pieces.push({ from, to, drawnFrom, drawn });
    drawnFrom += drawn;
  };
  for (const [index, { from, to }] of busy.entries()) {
    const before = busy[index - 1];
    if (before) add(before.to, from, Math.min(from - before.to, gapMax));
    add(from, to, to - from);
  }
  return pieces;
}

const isOrphan = ({ parentSpanId }: TraceSpan, byId: ReadonlyMap<string, TraceSpan>) =>
  parentSpanId !== null && !byId.has(parentSpanId);

function depthOf(span: TraceSpan, byId: ReadonlyMap<string, TraceSpan>): number {
  let depth = 0;
  let parent = byId.get(span.parentSpanId ?? '');
  while (parent && depth < byId.size) {
    depth++;
    parent = byId.get(parent.parentSpanId ?? '');
  }
  return depth;
}
