import { type Batch, parseBatches } from '@/fabric/kafka/record-batch';
import { FieldlineError } from '@/lib/errors';
import { placeKey } from '../client/cluster';
import type { CarriedPartition, LinkContext } from '../context';
import type { AdaptiveSize } from './figures';
import { placeholders } from './placeholders';
import type { Sender } from './sender';

/** How long one wait for local records lasts; only bounds how long a forgotten waiter can live. */
const WAIT_MS = 60_000;

/** Sends one partition from its `next` on, as records become durable here. */
export class OutboundPump {
  constructor(
    private readonly context: LinkContext,
    private readonly sender: Sender,
    private readonly partition: CarriedPartition,
    private readonly size: AdaptiveSize,
    private readonly onProgress: () => void,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { log } = this.partition;
    let sent = this.partition.next;
    while (!signal.aborted) {
      if (log.highWatermark <= sent) {
        await log.waitBeyond(sent, WAIT_MS, signal);
        continue;
      }
      if (sent < log.logStart) sent = await this.#fill(sent, log.logStart);
      for (const batch of parseBatches(await log.read(sent, this.size.bytes))) {
        const { baseOffset, lastOffset } = batch.header;
        if (baseOffset > sent) sent = await this.#fill(sent, baseOffset);
        if (baseOffset < sent)
          throw new FieldlineError(
            'LINK_DIVERGED',
            `HQ's log of ${placeKey(this.partition)} ends at ${sent}, inside a batch of this site's`,
            { remedy: 'Delete the topic at HQ and resume the link' },
          );
        await this.#send(batch);
        sent = lastOffset + 1;
      }
    }
  }

  async #send(batch: Batch, count: { records: number; bytes: number } | null = null): Promise<void> {
    const { figures } = this.context;
    await this.sender.send(this.partition, batch, () => {
      this.partition.next = batch.header.lastOffset + 1;
      figures.outbound.carried(count?.records ?? batch.header.recordCount, count?.bytes ?? batch.bytes.length);
      this.onProgress();
    });
  }

  /**
   * Retention deleted records before HQ had them. A Kafka log has no holes, and its offsets must stay ours: empty records take their
   * places, marked as lost.
   */
  async #fill(from: number, until: number): Promise<number> {
    const { clock, figures, log } = this.context;
    const text = `${until - from} records of ${this.partition.topic} were deleted by retention here before HQ had them`;
    figures.outbound.lost(until - from, text, clock.now());
    log.warn(text, { topic: this.partition.topic, from, until });
    for (const batch of placeholders(from, until, clock.now())) await this.#send(batch, { records: 0, bytes: 0 });
    return until;
  }
}
