import type { Producer } from 'kafkajs';
import { linkGroup } from '@/lib/domain/naming';
import { createKafkaClient } from '../kafka/client';
import { kafkaClientOf } from './ends';
import type { KafkaCluster } from './options';

export interface CarriedTo {
  topic: string;
  partition: number;
  /** The next offset of HQ's topic to be carried. */
  offset: number;
}

/**
 * Tells HQ how the edge's link does, as an embedded edge's link does it (docs/adr/003): offsets under the group `fieldline-link.<edge>`,
 * with the facts as their metadata. In a transaction of nothing else, which is the way to commit for a group without being a member.
 */
export class HqReport {
  readonly #kafka;
  #producer: Promise<Producer> | null = null;

  constructor(
    hq: KafkaCluster,
    private readonly link: { mission: string; site: string },
  ) {
    this.#kafka = createKafkaClient(kafkaClientOf(hq, `fieldline-link.${link.site}`));
  }

  /** Fails as Kafka does; what was told before stays. */
  async send(carried: readonly CarriedTo[], facts: Record<string, unknown>): Promise<void> {
    if (carried.length === 0) return;
    const { mission, site } = this.link;
    try {
      this.#producer ??= this.#connect(`fieldline-link.${mission}.${site}`);
      const transaction = await (await this.#producer).transaction();
      const metadata = JSON.stringify({ ...facts, site });
      const topics = [...new Set(carried.map(({ topic }) => topic))].map((topic) => ({
        topic,
        partitions: carried
          .filter((each) => each.topic === topic)
          // The metadata is sent on, though the types of kafkajs do not know it.
          .map(({ partition, offset }) => ({ partition, offset: String(offset), metadata })),
      }));
      try {
        await transaction.sendOffsets({ consumerGroupId: linkGroup(site), topics });
        await transaction.commit();
      } catch (error) {
        await transaction.abort().catch(ignore);
        throw error;
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    await producer?.then((connected) => connected.disconnect()).catch(ignore);
  }

  async #connect(transactionalId: string): Promise<Producer> {
    const producer = this.#kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    return producer;
  }
}

const ignore = () => undefined;
