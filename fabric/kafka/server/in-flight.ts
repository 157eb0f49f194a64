/** Counts the bytes of requests that are not answered yet, over all connections. */
import { TOTAL_IN_FLIGHT_BYTES_MAX } from './limits';

export class InFlight {
  #bytes = 0;

  constructor(readonly bytesMax = TOTAL_IN_FLIGHT_BYTES_MAX) {}

  /** False, and nothing counted, when that is too much. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
