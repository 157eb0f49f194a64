import { FieldlineError } from '@/lib/errors';
import type { Outage } from './outage';
import type { MirrorSource, SourceContent, SourceFile } from './source';
import type { MirrorTarget } from './target';

/** A content that arrives complete but with another digest is begun anew this often. */
const DIGEST_ATTEMPTS_MAX = 3;

export interface BringContext {
  source: MirrorSource;
  target: MirrorTarget;
  outage: Outage;
  signal: AbortSignal;
  /** Bytes more (or, begun anew, less) of a content. */
  onBytes(sha256: string, delta: number): void;
}

export type Brought = { kind: 'complete' } | Exclude<SourceContent, { kind: 'content' }>;

/**
 * Brings the content of `file` aside, going on where what is kept ends, across cuts of the link.
 * `complete` means kept and its digest checked. Fails with DIGEST_MISMATCH, DISK_FULL, PROTOCOL, or UNAVAILABLE after a long outage.
 */
export async function bring(file: SourceFile, context: BringContext): Promise<Brought> {
  for (let attempt = 1; ; attempt += 1) {
    const piece = await context.outage.persist(() => bringPiece(file, context));
    if (piece.kind !== 'complete') return piece;
    if (await storing(context.target, context.target.verify(file, context.signal))) return piece;
    context.onBytes(file.sha256, -file.bytes);
    if (attempt >= DIGEST_ATTEMPTS_MAX)
      throw new FieldlineError(
        'DIGEST_MISMATCH',
        `"${file.path}" arrived damaged ${attempt} times; it was not made visible`,
        {
          retriable: false,
        },
      );
  }
}

async function bringPiece(file: SourceFile, context: BringContext): Promise<Brought> {
  const { target } = context;
  const part = await storing(target, target.append(file));
  try {
    const { have } = part;
    if (have === file.bytes) return { kind: 'complete' };
    const answer = await context.source.read(file, have, context.signal);
    if (answer.kind !== 'content') return answer;
    let bytes = have;
    for await (const chunk of answer.stream as AsyncIterable<Buffer>) {
      if (bytes + chunk.length > file.bytes)
        throw new FieldlineError('PROTOCOL', `The source sends more of "${file.path}" than it listed`);
      await storing(target, part.write(chunk));
      bytes += chunk.length;
      context.outage.progress();
      context.onBytes(file.sha256, chunk.length);
    }
    if (bytes < file.bytes)
      throw new FieldlineError('UNAVAILABLE', `The connection ended in the middle of "${file.path}"`);
    return { kind: 'complete' };
  } finally {
    await part.close();
  }
}

/** Trouble with this site's own storage is no outage of the link: trying again at once would not mend it. */
async function storing<T>(target: MirrorTarget, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message, remedy } = target.failure(error);
    throw new FieldlineError(code, message, { cause: error, retriable: false, remedy });
  }
}
