import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type FieldlineError, isFieldlineError } from '@/lib/errors';
import { sharp } from '@/lib/media/sharp';
import { itemOfJson, JsonFeedSchema } from '../json-form';
import { composePass } from './compose';
import { sampleFeedDocument } from './feed-document';
import { graticuleOf, scenePixel } from './graticule';
import { textPath, textWidth } from './lettering';
import { latestPass, PASS_PERIOD_SECONDS, PASSES_LISTED, passAt, recentPasses } from './passes';
import { equalAreaAround } from './projection';
import { openSampleLibrary, type SampleLibrary } from './scenes';
import { serveSampleFeed, serveSamplePass } from './serve';
import { sheetSvg } from './sheet';

const directory = path.resolve('public/sample');
const NOW = Date.UTC(2026, 5, 1, 12, 0, 7);
let library: SampleLibrary;
beforeAll(async () => {
  library = await openSampleLibrary(directory);
});

describe('the committed sample', () => {
  it('has about fifty scenes with unique ids and names, of 20 to 40 degrees', () => {
    expect(library.scenes.length).toBeGreaterThanOrEqual(50);
    expect(new Set(library.scenes.map((scene) => scene.id)).size).toBe(library.scenes.length);
    expect(new Set(library.scenes.map((scene) => scene.name)).size).toBe(library.scenes.length);
    for (const scene of library.scenes) {
      const degrees = (scene.kmPerPx * scene.width) / 111.2;
      expect(degrees).toBeGreaterThan(19);
      expect(degrees).toBeLessThan(41);
    }
  });

  it('is at most 6 MB, each picture of the size that scenes.json says and at most 1200 pixels wide', async () => {
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    const sizes = files.filter((file) => file.isFile()).map((file) => stat(path.join(file.parentPath, file.name)));
    expect((await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(6_000_000);
    for (const scene of library.scenes) {
      expect(await sharp(await library.basePicture(scene)).metadata()).toMatchObject({
        width: scene.width,
        height: scene.height,
      });
      expect(scene.width).toBeLessThanOrEqual(1200);
    }
  });
});

describe('the projection', () => {
  it('comes back to where it started', () => {
    for (const centre of [
      { lat: 0, lon: 0 },
      { lat: 65, lon: -19 },
      { lat: -41, lon: 172 },
    ]) {
      const projection = equalAreaAround(centre);
      const there = projection.forward({ lat: centre.lat + 9, lon: centre.lon + 13 })!;
      const back = projection.inverse(there)!;
      expect(back.lat).toBeCloseTo(centre.lat + 9, 9);
      expect(projection.forward(back)!.x).toBeCloseTo(there.x, 9);
    }
  });

  it('has no far side', () => {
    expect(equalAreaAround({ lat: 0, lon: 0 }).forward({ lat: 0, lon: 170 })).toBeNull();
    expect(equalAreaAround({ lat: 0, lon: 0 }).inverse({ x: 2, y: 2 })).toBeNull();
  });

  it('keeps areas: a degree cell at the centre has the area that a sphere gives it', () => {
    const { forward } = equalAreaAround({ lat: 50, lon: 10 });
    const [a, b, c] = [
      forward({ lat: 49.5, lon: 9.5 })!,
      forward({ lat: 49.5, lon: 10.5 })!,
      forward({ lat: 50.5, lon: 9.5 })!,
    ];
    const area = Math.abs((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y));
    const radian = Math.PI / 180;
    expect(area / (radian * (Math.sin(50.5 * radian) - Math.sin(49.5 * radian)))).toBeCloseTo(1, 1);
  });

  it('puts a scene’s centre in the middle of its picture, north up and east to the right', () => {
    const scene = library.scenes[0]!;
    const at = (dLat: number, dLon: number) => scenePixel(scene, scene.centre.lat + dLat, scene.centre.lon + dLon)!;
    expect(at(0, 0)).toEqual({ x: scene.width / 2, y: scene.height / 2 });
    expect(at(1, 0).y).toBeLessThan(scene.height / 2);
    expect(at(0, 1).x).toBeGreaterThan(scene.width / 2);
  });
});

describe('the picture shows what its coordinates say', () => {
  const colour = async (id: string, lat: number, lon: number) => {
    const scene = library.scenes.find((candidate) => candidate.id === id)!;
    const { x, y } = scenePixel(scene, lat, lon)!;
    const { data } = await sharp(await library.basePicture(scene))
      .extract({ left: Math.round(x) - 3, top: Math.round(y) - 3, width: 7, height: 7 })
      .resize(1, 1)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { red: data[0]!, green: data[1]!, blue: data[2]! };
  };

  it.each([
    ['nile-delta', 'the Mediterranean', 33.5, 28, 'water'],
    ['nile-delta', 'the Western Desert', 26, 27, 'land'],
    ['nile-delta', 'the Red Sea', 25, 35.7, 'water'],
    ['scandinavia', 'the Gulf of Bothnia', 62, 19.5, 'water'],
    ['scandinavia', 'central Sweden', 60.5, 14.5, 'land'],
    ['new-zealand', 'the Tasman Sea', -39, 165, 'water'],
    ['kamchatka', 'the Sea of Okhotsk', 54, 150, 'water'],
  ])('%s: %s', async (id, _, lat, lon, what) => {
    const { red, blue } = await colour(id, lat, lon);
    expect(blue > red ? 'water' : 'land').toBe(what);
  });
});

describe('passes', () => {
  it('follow from the time alone: a dozen at first sight, then one more each period', () => {
    const [before, after] = [recentPasses(NOW, 52), recentPasses(NOW + PASS_PERIOD_SECONDS * 1000, 52)];
    expect(before).toHaveLength(PASSES_LISTED);
    expect(recentPasses(NOW, 52)).toEqual(before);
    expect(after.slice(0, -1)).toEqual(before.slice(1));
    expect(before.at(-1)!.at).toBeLessThanOrEqual(NOW);
    expect(after.at(-1)!.at).toBeGreaterThan(NOW);
  });

  it.each([1, 2, 7, 50, 52, 60])('visit every one of %i scenes before any again', (scenes) => {
    const visited = Array.from({ length: scenes }, (_, index) => passAt(1000 + index, scenes).scene);
    expect(new Set(visited).size).toBe(scenes);
  });

  it('are none before the first', () => {
    expect(recentPasses(0, 52)).toEqual([]);
    expect(latestPass(0)).toBe(-1);
  });
});

describe('a sheet', () => {
  it('is drawn without any font: no text elements, only outlines', () => {
    const svg = sheetSvg(library.scenes[0]!, passAt(7, library.scenes.length), library.lettering);
    expect(svg).not.toMatch(/<text|font/);
    expect(svg).not.toMatch(/NaN|undefined|null/);
  });

  it('has letters for every name, region and figure that it writes', () => {
    const written = library.scenes.flatMap((scene) => [
      ['serif', scene.name] as const,
      ['sans', scene.region.toUpperCase()] as const,
    ]);
    for (const [face, text] of [...written, ['sans', '0123456789 °NSEW:.,()-'] as const])
      for (const character of text)
        expect(library.lettering[face].glyphs, `${character} of ${text}`).toHaveProperty([character]);
  });

  it('sets text between its ends', () => {
    const style = { face: 'sans', size: 10, fill: '#fff' } as const;
    expect(textWidth(library.lettering, 'Nile Delta', style)).toBeGreaterThan(
      textWidth(library.lettering, 'Nile', style),
    );
    expect(textPath(library.lettering, 'N', 50, 20, { ...style, anchor: 'start' })).toContain('translate(50.00 20.00)');
  });

  it('labels meridians along the top and parallels along the sides', () => {
    for (const scene of library.scenes) {
      const sides = new Set(graticuleOf(scene).crossings.map((crossing) => crossing.side));
      expect([...sides].sort(), scene.id).toEqual(['bottom', 'left', 'right', 'top']);
    }
  });
});

describe('the picture of a pass', () => {
  const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  it('is the same each time, and another for every pass over the same place', async () => {
    const count = library.scenes.length;
    const [one, again, next] = [
      await composePass(library, 500),
      await composePass(library, 500),
      await composePass(library, 500 + count),
    ];
    expect(passAt(500, count).scene).toBe(passAt(500 + count, count).scene);
    expect(sha(again)).toBe(sha(one));
    expect(sha(next)).not.toBe(sha(one));
    expect(await sharp(one).metadata()).toMatchObject({ format: 'jpeg', width: 1080, height: 812 });
  });
});

describe('the sample over HTTP', () => {
  const request = (headers: Record<string, string> = {}) => new Request('http://app/sample/feed.json', { headers });

  it('is a feed in the documented form whose links are there', async () => {
    const document = JsonFeedSchema.parse(await serveSampleFeed(request(), library, NOW).json());
    expect(document).toEqual(JsonFeedSchema.parse(sampleFeedDocument(library, NOW)));
    const item = itemOfJson(document.items.at(-1)!, 'http://app/sample/feed.json');
    const [, scene, file] = /^http:\/\/app\/sample\/scenes\/([^/]+)\/([^/]+)$/.exec(item.link!)!;
    const response = await serveSamplePass(library, scene!, file!, NOW);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(Number(response.headers.get('content-length'))).toBe((await response.arrayBuffer()).byteLength);
  });

  it('says that nothing changed within a pass', () => {
    const etag = serveSampleFeed(request(), library, NOW).headers.get('etag')!;
    expect(serveSampleFeed(request({ 'if-none-match': etag }), library, NOW + 1).status).toBe(304);
    expect(serveSampleFeed(request({ 'if-none-match': etag }), library, NOW + 15_000).status).toBe(200);
  });

  it('has no passes of other scenes, of the future, or of nonsense', async () => {
    const last = latestPass(NOW);
    const scene = (number: number) => library.scenes[passAt(number, library.scenes.length).scene]!.id;
    for (const [name, file] of [
      [scene(last + 1), `${last + 1}.jpg`],
      [scene(last), `${last - 1}.jpg`],
      [scene(last), `${last}.png`],
      ['../base', `${last}.jpg`],
      [scene(last), '-1.jpg'],
    ] as const)
      await expect(serveSamplePass(library, name, file, NOW)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('composes a few at once and turns a crowd away', async () => {
    const last = latestPass(NOW);
    const scene = library.scenes[passAt(last, library.scenes.length).scene]!.id;
    const crowd = await Promise.allSettled(
      Array.from({ length: 40 }, () => serveSamplePass(library, scene, `${last}.jpg`, NOW)),
    );
    const refused = crowd.filter((one) => one.status === 'rejected').map((one) => one.reason as FieldlineError);
    expect(refused).toHaveLength(6);
    expect(refused.every((error) => isFieldlineError(error, 'UNAVAILABLE'))).toBe(true);
    expect((await serveSamplePass(library, scene, `${last}.jpg`, NOW)).status).toBe(200);
  });
});
