/** A feed of a test's own, over real HTTP: small distinct pictures, and items that misbehave on request. */
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

/** How an item's link behaves; `hang`: never answers; `stall`: sends half of its picture, and then nothing. */
export type Behaviour = 'picture' | 'no-link' | 'missing' | 'html' | 'hang' | 'stall';

export interface FeedServer {
  /** `127.0.0.1:port`, for `allowPrivateHosts`. */
  host: string;
  /** The feed's definition; its own address is allowed to its links. */
  definition: object;
  /** Publishes one more item; returns its source id. */
  publish(title: string, behaviour?: Behaviour): string;
  /** From now on, this item's link answers with its picture. */
  repair(sourceId: string): void;
  /** SHA-256 of the picture behind an item, as served. */
  digest(sourceId: string): string;
  /** How often each item's picture was served in full. */
  served(sourceId: string): number;
  /** How often each item's link was asked for, whatever came of it. */
  asked(sourceId: string): number;
  close(): Promise<void>;
}

interface Item {
  sourceId: string;
  title: string;
  behaviour: Behaviour;
  picture: Buffer;
  served: number;
  asked: number;
}

export async function startFeedServer(id = 'field'): Promise<FeedServer> {
  const items = new Map<string, Item>();
  const pictures = await Promise.all(Array.from({ length: 60 }, (_, n) => drawPicture(n)));
  const server = createServer((request, response) => {
    if (request.url === '/feed.json') return sendJson(response, feedDocument([...items.values()]));
    const item = items.get(decodeURIComponent(request.url?.replace(/^\/pictures\/(.*)\.png$/, '$1') ?? ''));
    if (!item) return sendStatus(response, 404);
    item.asked += 1;
    if (item.behaviour === 'missing') return sendStatus(response, 404);
    if (item.behaviour === 'hang') return;
    if (item.behaviour === 'html') {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.end('<!doctype html><title>Please sign in</title>');
      return;
    }
    response.writeHead(200, { 'content-type': 'image/png', 'content-length': item.picture.length });
    if (item.behaviour === 'stall') {
      response.write(item.picture.subarray(0, item.picture.length / 2));
      return;
    }
    response.end(item.picture, () => {
      item.served += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const known = (sourceId: string): Item => {
    const item = items.get(sourceId);
    if (!item) throw new Error(`No item ${sourceId}`);
    return item;
  };
  return {
    host,
    definition: { id, kind: 'json', url: `http://${host}/feed.json`, intervalSeconds: 2, allowPrivateHosts: [host] },
    publish(title, behaviour = 'picture') {
      const sourceId = `item-${items.size}`;
      const picture = pictures[items.size];
      if (!picture) throw new Error('The feed server has run out of pictures');
      items.set(sourceId, { sourceId, title, behaviour, picture, served: 0, asked: 0 });
      return sourceId;
    },
    repair(sourceId) {
      known(sourceId).behaviour = 'picture';
    },
    digest: (sourceId) => createHash('sha256').update(known(sourceId).picture).digest('hex'),
    served: (sourceId) => known(sourceId).served,
    asked: (sourceId) => known(sourceId).asked,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };

  function feedDocument(published: Item[]) {
    return {
      items: published.map(({ sourceId, title, behaviour }) => ({
        id: sourceId,
        title,
        kind: 'image',
        ...(behaviour === 'no-link' ? {} : { link: `http://${host}/pictures/${sourceId}.png` }),
      })),
    };
  }
}

/** A picture of some 100 kB that differs from every other: noise over a colour of its own. */
async function drawPicture(n: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
  const grain = await sharp({ create: { width: 240, height: 160, channels: 3, background: '#000', noise } })
    .png()
    .toBuffer();
  const tint = { r: (n * 67) % 256, g: (n * 131) % 256, b: (n * 29) % 256 };
  return sharp({ create: { width: 240, height: 160, channels: 3, background: tint } })
    .composite([{ input: grain, blend: 'overlay' }])
    .png()
    .toBuffer();
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function sendStatus(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end('no such thing');
}
