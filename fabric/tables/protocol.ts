/** What the tables' main side and its two threads say to each other. */
import type { ErrorCode } from '@/lib/errors';
import type { FindParameters, WriteMode } from './types';

/** One thread writes, with all its fsyncs; the other reads, since a long find must not hold up a write. */
export type EngineRole = 'writer' | 'reader';
export interface EngineData {
  role: EngineRole;
  file: string;
  bytesMax: number | null;
}

/** A table's name inside the database; never used again after a drop. */
export type PhysicalTable = `t${number}`;

export type WriterOp =
  | { kind: 'create'; table: string }
  | { kind: 'drop'; table: string }
  | { kind: 'write'; table: PhysicalTable; body: string; mode: WriteMode; fieldAsKey?: string }
  | { kind: 'writeOne'; table: PhysicalTable; id: string; body: string; mode: WriteMode; condition?: string }
  | { kind: 'mutate'; table: PhysicalTable; id: string; mutation: string; condition?: string; upsert: boolean }
  | { kind: 'mutateMany'; table: PhysicalTable; body: string }
  | { kind: 'delete'; table: PhysicalTable; id: string; condition?: string }
  | { kind: 'index'; table: PhysicalTable; path: string };
export type ReaderOp =
  | { kind: 'find'; table: PhysicalTable; parameters: FindParameters; resume: FindPosition | null }
  | { kind: 'count'; table: PhysicalTable; parameters: FindParameters }
  | { kind: 'plan'; table: PhysicalTable; parameters: FindParameters }
  | { kind: 'info'; table: PhysicalTable };

/** Where the next portion of a find in the order of `_id` goes on: behind this id, with so many matches still to skip and to give. */
export interface FindPosition {
  after: string;
  skip: number;
  left: number | null;
}

export interface FindPortion {
  /** Documents separated by commas, UTF-8, each of about PORTION_BYTES; transferred, not copied. */
  chunks: { bytes: Uint8Array; count: number }[];
  next: FindPosition | null;
  /** Field paths that an index would help. */
  wishes: string[];
}

export interface Request {
  id: number;
  op: WriterOp | ReaderOp;
}
export type Reply =
  | { id: number; result: unknown }
  | { id: number; error: { code: ErrorCode; message: string; remedy?: string } };

export type ToEngine = { requests: Request[] } | { close: true };
export type FromEngine =
  | { ready: Record<string, PhysicalTable> }
  | { replies: Reply[] }
  | { failed: { code: ErrorCode; message: string; remedy: string | undefined } };
