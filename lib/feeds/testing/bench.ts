import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { AssetDescriptionSchema } from '@/lib/domain/asset';
import { startTestServer, type TestServer } from '@/lib/download/testing/bad-server';
import type { FieldlineError } from '@/lib/errors';
import { loadFeeds } from '../load';
import type { Feed, FeedContext, FeedItem } from '../types';

export const TEST_CONTEXT: FeedContext = { appBaseUrl: 'http://127.0.0.1:3000', allowPrivateHosts: [] };

/** What a test of feeds stands on: a folder, a server that answers as the test says, and a clock moved by hand. */
export interface FeedBench {
  folder: string;
  server: TestServer;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  now: number;
  clock: Clock;
  /** The feed of a definition with the id `mine`, written to a file and loaded as the product does. */
  feedOf(definition: Record<string, unknown>): Promise<Feed>;
}

/** Sets one up before each test of the file, and takes it down after. */
export function setUpFeedBench(): FeedBench {
  const bench = {
    now: 0,
    // Waiting takes real time, and little.
    clock: { now: () => bench.now, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(20, signal) },
    async feedOf(definition: Record<string, unknown>) {
      const file = path.join(bench.folder, 'definition.json');
      await writeFile(file, JSON.stringify({ id: 'mine', ...definition }));
      const { feeds, problems } = await loadFeeds([file], TEST_CONTEXT, bench.clock);
      expect(problems).toEqual([]);
      return feeds[0]!;
    },
  } as FeedBench;
  beforeEach(async () => {
    bench.now = Date.UTC(2026, 0, 2);
    bench.folder = await mkdtemp(path.join(tmpdir(), 'feeds-'));
    bench.server = await startTestServer((request, response) => bench.answer(request, response));
  });
  afterEach(async () => {
    await bench.server.close();
    await rm(bench.folder, { recursive: true });
  });
  return bench;
}

/** One whole poll. */
export async function pollOnce(
  feed: Feed,
  signal = new AbortController().signal,
): Promise<{ items: FeedItem[]; errors: FieldlineError[] }> {
  const items: FeedItem[] = [];
  const errors: FieldlineError[] = [];
  for await (const entry of feed.poll(signal)) {
    if (entry.ok) items.push(entry.item);
    else errors.push(entry.error);
  }
  return { items, errors };
}

/** Every item must fit the message it travels in. */
export function expectDescribable(items: readonly FeedItem[]): void {
  for (const { link, mediaType, contentKey, ...description } of items) {
    expect(AssetDescriptionSchema.safeParse({ ...description, id: 'mine-1', feed: 'mine' }).error).toBeUndefined();
    expect(contentKey.length).toBeGreaterThan(0);
  }
}

export const sendJson = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
