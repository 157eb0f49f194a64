import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { FieldlineError } from '@/lib/errors';
import type { FoundDocuments } from './types';

const OPEN = Buffer.from('{"DocumentStream":[');
const CLOSE = Buffer.from(']}');
const COMMA = Buffer.from(',');
/** A client that takes nothing for this long is let go: its find holds memory here. */
const STALL_MS_MAX = 60_000;

/** Streams found documents as `{"DocumentStream":[...]}`, no faster than the client takes them. An error before the first portion is the caller's to answer. */
export async function sendDocuments(response: ServerResponse, portions: AsyncGenerator<FoundDocuments>): Promise<void> {
  try {
    const first = await portions.next();
    if (first.done || first.value.done) sendWhole(response, first.done ? Buffer.alloc(0) : first.value.bytes);
    else await stream(response, first.value.bytes, portions);
  } finally {
    // Also when nothing is left: a find counts as under way until its generator has ended.
    await portions.return(undefined);
  }
}

function sendWhole(response: ServerResponse, documents: Uint8Array): void {
  const body = Buffer.concat([OPEN, documents, CLOSE]);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

async function stream(
  response: ServerResponse,
  first: Uint8Array,
  rest: AsyncGenerator<FoundDocuments>,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(OPEN);
  response.write(first);
  for await (const portion of rest) {
    response.write(COMMA);
    if (!response.write(portion.bytes)) await drained(response);
    if (response.destroyed) return;
  }
  response.end(CLOSE);
}

async function drained(response: ServerResponse): Promise<void> {
  const signal = AbortSignal.timeout(STALL_MS_MAX);
  try {
    await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } catch (cause) {
    throw new FieldlineError('TIMEOUT', 'The client took no more of its answer', { cause });
  }
}
