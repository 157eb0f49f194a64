import type { SpanData } from './types';

/**
 * The last spans of this process. Bounded: the oldest span goes when a new one comes. They are looked through when a person asks for a
 * trace, so that a busy pipeline pays for no index.
 */
export class SpanRing {
  readonly #slots: SpanData[] = [];
  #next = 0;

  constructor(readonly spansMax: number) {}

  add(span: SpanData): void {
    if (this.spansMax === 0) return;
    this.#slots[this.#next] = span;
    this.#next = (this.#next + 1) % this.spansMax;
  }

  /** By their beginning. */
  of(traceId: string): SpanData[] {
    return this.#slots.filter((span) => span.traceId === traceId).sort((a, b) => a.startMs - b.startMs);
  }
}
