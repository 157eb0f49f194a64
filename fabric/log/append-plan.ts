/** Decides, before anything is written, what each append of a group becomes: its offsets, a duplicate, or a refusal. Pure. */
import { FieldlineError } from '@/lib/errors';
import { type BatchHeader, patchPosition } from '../kafka/record-batch';
import type { AppendResult, PendingAppend } from './append-queue';
import type { ProducerState } from './producer-state';

/** One node, so there is never another leader; clients take part in no truncation. */
export const LEADER_EPOCH = 0;

export type AppendRefusal = 'out-of-order' | 'stale-epoch' | 'old-duplicate';

const REFUSAL_MESSAGES: Record<AppendRefusal, string> = {
  'out-of-order': "A batch does not follow its producer's last one",
  'stale-epoch': 'A newer instance of this producer has taken over',
  'old-duplicate': 'This batch was stored long ago, and its offset is forgotten',
};

/** An idempotent producer's batch that may not be appended. */
export class AppendRefusedError extends FieldlineError {
  constructor(readonly reason: AppendRefusal) {
    super('CONFLICT', REFUSAL_MESSAGES[reason]);
  }
}

export interface AppendPlan {
  /** To write, in order. */
  buffers: Buffer[];
  /** Of what is written, with the offset each gets. */
  written: { header: BatchHeader; baseOffset: number }[];
  producers: ProducerState;
  /** To tell once written. */
  outcomes: { append: PendingAppend; result: AppendResult | Error }[];
}

export function planAppends(group: readonly PendingAppend[], logEnd: number, known: ProducerState): AppendPlan {
  const ids = group.flatMap((append) => append.batches.map((batch) => batch.header.producerId));
  const plan: AppendPlan = { buffers: [], written: [], producers: known.fork(ids), outcomes: [] };
  let next = logEnd;
  for (const append of group) {
    const before = next;
    let result: AppendResult | Error | undefined;
    for (const batch of append.batches) {
      const verdict = append.keepOffsets ? replicaVerdict(batch.header, next) : producedVerdict(batch.header, plan);
      if (verdict instanceof Error) {
        result = verdict;
        break;
      }
      if (verdict !== 'append') {
        result ??= verdict === 'skip' ? undefined : { baseOffset: verdict.duplicateOf };
        continue;
      }
      const baseOffset = append.keepOffsets ? batch.header.baseOffset : next;
      patchPosition(batch.bytes, baseOffset, LEADER_EPOCH);
      plan.producers.record(batch.header, baseOffset);
      plan.buffers.push(batch.bytes);
      plan.written.push({ header: batch.header, baseOffset });
      result ??= { baseOffset };
      next = baseOffset + (batch.header.lastOffset - batch.header.baseOffset) + 1;
    }
    plan.outcomes.push({ append, result: result ?? { baseOffset: before } });
  }
  return plan;
}

function producedVerdict(header: BatchHeader, plan: AppendPlan): 'append' | { duplicateOf: number } | Error {
  const verdict = plan.producers.judge(header);
  if (verdict.kind === 'append') return 'append';
  if (verdict.kind === 'duplicate') return { duplicateOf: verdict.baseOffset };
  return new AppendRefusedError(verdict.kind);
}

function replicaVerdict(header: BatchHeader, next: number): 'append' | 'skip' | Error {
  if (header.baseOffset >= next) return 'append';
  if (header.lastOffset < next) return 'skip';
  return new FieldlineError(
    'LINK_DIVERGED',
    `A batch with the offsets ${header.baseOffset} to ${header.lastOffset} lies across the end of the replica, ${next}`,
    { remedy: 'The replica was written by somebody else: delete it and let the link bring it again' },
  );
}
