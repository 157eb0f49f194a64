/** Remembers where some offsets lie, so that readers who follow the end or read on find their place without a search. */

const HINTS_MAX = 256;

interface Place {
  segmentBaseOffset: number;
  position: number;
}

export class PositionHints {
  /** The batches appended last. */
  readonly #appended = new Map<number, Place>();
  /** Where reads ended: where those readers go on. */
  readonly #readEnds = new Map<number, Place>();

  noteAppended(offset: number, segmentBaseOffset: number, position: number): void {
    remember(this.#appended, offset, { segmentBaseOffset, position });
  }

  noteReadEnd(offset: number, segmentBaseOffset: number, position: number): void {
    remember(this.#readEnds, offset, { segmentBaseOffset, position });
  }

  /** The position of the batch that begins with `offset`, where it is known. */
  find(offset: number, segmentBaseOffset: number): number | undefined {
    const place = this.#appended.get(offset) ?? this.#readEnds.get(offset);
    return place?.segmentBaseOffset === segmentBaseOffset ? place.position : undefined;
  }
}

function remember(map: Map<number, Place>, offset: number, place: Place): void {
  map.delete(offset);
  map.set(offset, place);
  if (map.size > HINTS_MAX) map.delete(map.keys().next().value!);
}
