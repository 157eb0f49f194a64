import { TABLES } from '@/lib/domain/naming';
import type { ProduceRecord, TopicRef } from '@/lib/ports';
import type { ServiceContext } from '../contract';
import { HqAssetRow, isoTime } from '../rows';
import { produceTraced, traceOf } from './traced';

/** Rows taken from the outbox at once. */
const OUTBOX_ROWS_MAX = 200;

/** The message that a row of HQ's assets owes, and where it goes. */
export interface Outbox {
  readonly name: NonNullable<HqAssetRow['outbox']>;
  readonly topic: TopicRef;
  /** Null for a row that can not owe it. */
  message(row: HqAssetRow): ProduceRecord | null;
}

/** Writes what these rows owe, and clears their flag once it is durable. A crash between the two writes it again. */
export async function flushRows(context: ServiceContext, outbox: Outbox, rows: readonly HqAssetRow[]): Promise<void> {
  const { ports } = context;
  const records = rows.flatMap((row) => {
    const record = outbox.message(row);
    return record ? [{ ...record, parent: traceOf(row) }] : [];
  });
  if (records.length > 0) await produceTraced(context, outbox.topic, records);
  await ports.tables.updateMany(
    TABLES.assets,
    rows.map((row) => ({
      id: row._id,
      condition: { $eq: { outbox: outbox.name } },
      mutation: { $put: { outbox: null }, $increment: { rev: 1 } },
    })),
  );
}

/** Who changed a row announces it; only after this long is that taken for failed. Sooner, and everything would be announced twice. */
const IN_HAND_MS = 10_000;

/** A sweep of what rows still owe from before a crash or a failure, to be called now and then. Returns how many there were. */
export function createSweep(context: ServiceContext, outbox: Outbox): () => Promise<number> {
  // Nothing from before this service's start is in anybody's hand.
  const startedAtMs = context.clock.now();
  return () => sweepOutbox(context, outbox, Math.max(startedAtMs, context.clock.now() - IN_HAND_MS));
}

async function sweepOutbox(context: ServiceContext, outbox: Outbox, changedBeforeMs: number): Promise<number> {
  let swept = 0;
  for (;;) {
    const documents = await context.ports.tables.find(TABLES.assets, {
      condition: { $and: [{ $eq: { outbox: outbox.name } }, { $lt: { updatedAt: isoTime(changedBeforeMs) } }] },
      limit: OUTBOX_ROWS_MAX,
    });
    if (documents.length === 0) return swept;
    await flushRows(
      context,
      outbox,
      documents.map((document) => HqAssetRow.parse(document)),
    );
    swept += documents.length;
  }
}
