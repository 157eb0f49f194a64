import type { SpanData } from './types';

/** The last spans of this process, by trace. Bounded: the oldest span goes when a new one comes. */
export class SpanRing {
  readonly #byTrace = new Map<string, SpanData[]>();
  readonly #slots: (SpanData | undefined)[];
  #next = 0;

  constructor(readonly spansMax: number) {
    this.#slots = new Array(spansMax);
  }

  add(span: SpanData): void {
    if (this.spansMax === 0) return;
    const evicted = this.#slots[this.#next];
    if (evicted) this.#forget(evicted);
    this.#slots[this.#next] = span;
    this.#next = (this.#next + 1) % this.spansMax;
    const spans = this.#byTrace.get(span.traceId);
    if (spans) spans.push(span);
    else this.#byTrace.set(span.traceId, [span]);
  }

  /** By their beginning. */
  of(traceId: string): SpanData[] {
    return [...(this.#byTrace.get(traceId) ?? [])].sort((a, b) => a.startMs - b.startMs);
  }

  /** Spans leave in the order they came, so that the evicted one is the first of its trace. */
  #forget(span: SpanData): void {
    const spans = this.#byTrace.get(span.traceId);
    spans?.shift();
    if (spans?.length === 0) this.#byTrace.delete(span.traceId);
  }
}
