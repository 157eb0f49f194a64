/** Answers for the sample feed and its pictures; app/sample holds the routes. */
import path from 'node:path';
import { FieldlineError } from '@/lib/errors';
import { composePass } from './compose';
import { sampleFeedDocument } from './feed-document';
import { latestPass, passAt } from './passes';
import { openSampleLibrary, type SampleLibrary } from './scenes';

/** Pictures composed at once, and requests that may wait for that: each takes a tenth of a second of one core. */
const COMPOSING_MAX = 2;
const WAITING_MAX = 32;

let library: Promise<SampleLibrary> | null = null;

/** The library of the installation, opened at first use. A failure is not kept: the next request tries again. */
export function installedLibrary(): Promise<SampleLibrary> {
  library ??= openSampleLibrary(path.join(process.cwd(), 'public', 'sample')).catch((error: unknown) => {
    library = null;
    throw error;
  });
  return library;
}

/** The feed, with an ETag that changes with every pass. */
export function serveSampleFeed(request: Request, samples: SampleLibrary, now: number): Response {
  const etag = `"pass-${latestPass(now)}"`;
  const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'application/json' };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(JSON.stringify(sampleFeedDocument(samples, now)), { headers });
}

/** The picture of one pass, `<scene>/<number>.jpg`. Fails with NOT_FOUND for a pass that is not of that scene, or yet to come; UNAVAILABLE when too many wait. */
export async function serveSamplePass(
  samples: SampleLibrary,
  scene: string,
  file: string,
  now: number,
): Promise<Response> {
  const number = /^(\d{1,12})\.jpg$/.exec(file)?.[1];
  const pass = number === undefined ? null : passAt(Number(number), samples.scenes.length);
  if (!pass || pass.number > latestPass(now) || samples.scenes[pass.scene]?.id !== scene)
    throw new FieldlineError('NOT_FOUND', 'There was no such pass');
  const picture = await turns.run(() => composePass(samples, pass.number));
  return new Response(new Uint8Array(picture), {
    headers: {
      'content-type': 'image/jpeg',
      'content-length': String(picture.length),
      'content-disposition': `inline; filename="${scene}-${pass.number}.jpg"`,
      // The same for ever, but small to make again and never asked for twice.
      'cache-control': 'no-store',
    },
  });
}

/** At most COMPOSING_MAX at once, in the order of asking. */
const turns = {
  running: 0,
  waiting: [] as (() => void)[],
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= COMPOSING_MAX) {
      if (this.waiting.length >= WAITING_MAX)
        throw new FieldlineError('UNAVAILABLE', 'Too many sample pictures are being asked for at once');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  },
};
