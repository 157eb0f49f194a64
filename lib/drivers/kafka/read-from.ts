import type { Consumer, EachBatchHandler, TopicPartitionOffset } from 'kafkajs';

export interface Reading {
  consumer: Consumer;
  eachBatch: EachBatchHandler;
  /** Where to go on, asked once the consumer has joined its group: batches of other offsets may come before. */
  positions: () => TopicPartitionOffset[];
  /** Whether the reader has what it wanted, or has given up. It may disconnect the consumer from then on, which then takes no position. */
  isOver: () => boolean;
}

/** Lets a consumer that is subscribed read from given positions, committing nothing. Resolves once they are set; fails as kafkajs does. */
export async function readFrom({ consumer, eachBatch, positions, isOver }: Reading): Promise<void> {
  await consumer.run({ autoCommit: false, eachBatch });
  // The first batches are handled before `run` resolves: they may have been all there is.
  if (isOver()) return;
  for (const position of positions()) consumer.seek(position);
}
