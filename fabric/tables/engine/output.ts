import { FieldlineError } from '@/lib/errors';
import { type ParsedFind, present } from './query';

/** Text of a portion handed to the door at once; also bounds how long one find keeps the reader from the others. */
export const PORTION_BYTES = 1024 * 1024;
/** An ordered result has to be known as a whole before its first document. */
const ORDERED_CHARACTERS_MAX = 128 * 1024 * 1024;

/** Collects documents as the client gets them, in chunks of about PORTION_BYTES. */
export class Output {
  readonly #find: ParsedFind;
  readonly #chunks: { bytes: Uint8Array; count: number }[] = [];
  #texts: string[] = [];
  pendingBytes = 0;

  constructor(find: ParsedFind) {
    this.#find = find;
  }

  add(doc: string, special: boolean): void {
    const text = present(doc, special, this.#find.projection, this.#find.withTags);
    this.#texts.push(text);
    this.pendingBytes += text.length;
    if (this.pendingBytes >= 2 * PORTION_BYTES) this.#flush();
  }

  chunks(): { bytes: Uint8Array; count: number }[] {
    this.#flush();
    return this.#chunks;
  }

  #flush(): void {
    if (this.#texts.length === 0) return;
    this.#chunks.push({ bytes: new TextEncoder().encode(this.#texts.join(',')), count: this.#texts.length });
    this.#texts = [];
    this.pendingBytes = 0;
  }
}

/** Fails with REQUEST_INVALID when an ordered result grows too large to hold. */
export class OrderedBound {
  #characters = 0;

  add(characters: number): void {
    this.#characters += characters;
    if (this.#characters > ORDERED_CHARACTERS_MAX)
      throw new FieldlineError('REQUEST_INVALID', 'The ordered result is too large', {
        remedy: 'Ask with a limit, with a narrower condition, or without an order',
      });
  }
}
