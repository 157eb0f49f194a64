import type { Admin, Consumer, ConsumerRunConfig, EachBatchPayload, Kafka } from 'kafkajs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readTail } from './tail';

const TOPIC = { mission: 'm', name: 'm.pipeline.T', ref: { stream: 'pipeline', topic: 'T' } } as const;
const GONE = 'Consumer group was not initialized, consumer#run must be called first';

/** Kafka with three records in one partition, whose consumer does what `run` says; as kafkajs's, it can not seek once it is gone. */
function brokerWith(run: (read: () => Promise<void>) => Promise<void>, isLost = false) {
  let isThere = true;
  const messages = [0, 1, 2].map((n) => ({ offset: String(n), value: Buffer.from(`v${n}`), timestamp: String(n) }));
  const batch = { partition: 0, topic: TOPIC.name, messages, lastOffset: () => '2' };
  const consumer = {
    on: () => undefined,
    connect: async () => undefined,
    subscribe: async () => undefined,
    run: ({ eachBatch }: ConsumerRunConfig) => run(async () => eachBatch?.({ batch } as unknown as EachBatchPayload)),
    seek: vi.fn(() => {
      if (!isThere || isLost) throw new Error(GONE);
    }),
    disconnect: async () => {
      isThere = false;
    },
  };
  const kafka = { consumer: () => consumer as unknown as Consumer } as unknown as Kafka;
  const admin = {
    fetchTopicOffsets: async () => [{ partition: 0, low: '0', high: '3' }],
    deleteGroups: async () => [],
  } as unknown as Admin;
  return { seek: consumer.seek, tail: () => readTail(kafka, admin, TOPIC, 2) };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('reading the last records', () => {
  afterEach(() => vi.useRealTimers());

  it('begins where they begin', async () => {
    const { tail, seek } = brokerWith(async (read) => void setImmediate(read));
    expect((await tail()).map(({ value }) => value)).toEqual(['v1', 'v2']);
    expect(seek).toHaveBeenCalledExactlyOnceWith({ topic: TOPIC.name, partition: 0, offset: '1' });
  });

  it('seeks nothing any more when everything was read before the consumer said that it runs', async () => {
    let running = (): void => undefined;
    const { tail, seek } = brokerWith(async (read) => {
      await read();
      await new Promise<void>((resolve) => {
        running = resolve;
      });
    });
    expect((await tail()).map(({ value }) => value)).toEqual(['v1', 'v2']);
    running();
    await turns();
    expect(seek).not.toHaveBeenCalled();
  });

  it('seeks nothing any more when the consumer runs only after the time was up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    let running = (): void => undefined;
    const { tail, seek } = brokerWith(
      () =>
        new Promise<void>((resolve) => {
          running = resolve;
        }),
    );
    const reading = expect(tail()).rejects.toMatchObject({ code: 'TIMEOUT' });
    await turns();
    await vi.runAllTimersAsync();
    await reading;
    running();
    await turns();
    expect(seek).not.toHaveBeenCalled();
  });

  it('fails with what kafkajs says when the consumer is lost as it begins', async () => {
    await expect(brokerWith(async () => undefined, true).tail()).rejects.toThrow(GONE);
  });
});
