/**
 * Cuts the base pictures of the sample imagery out of NASA's Blue Marble into public/sample: one WebP a scene, and scenes.json.
 * Each picture is resampled to an equal-area projection around its centre, so that shapes look right at every latitude.
 *
 *   npm pack three-globe && tar xzf three-globe-*.tgz
 *   node scripts/cut-scenes.mjs package/example/img/earth-blue-marble.jpg
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { importTypeScript } from './import-typescript.mjs';
import { SCENES } from './scene-list.mjs';

const root = path.resolve(import.meta.dirname, '..');
const WIDTH_PX = 960;
const HEIGHT_PX = 640;
const WEBP_QUALITY = 88;

const [source] = process.argv.slice(2);
if (!source) {
  console.error('Usage: node scripts/cut-scenes.mjs EQUIRECTANGULAR_IMAGE');
  process.exit(2);
}
// The projection is the product's own, so that the graticule drawn later fits these pictures exactly.
const { equalAreaAround, planeRadius, EARTH_RADIUS_KM } = await importTypeScript('lib/feeds/sample/projection.ts');
const world = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true });
const folder = path.join(root, 'public/sample/base');
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const scenes = [];
let bytesTotal = 0;
for (const [id, name, region, lat, lon, spanDegrees, keywords] of SCENES) {
  const kmPerPx = (2 * planeRadius(spanDegrees / 2) * EARTH_RADIUS_KM) / WIDTH_PX;
  const { pixels, bounds } = resample({ lat, lon }, kmPerPx / EARTH_RADIUS_KM);
  const file = path.join(folder, `${id}.webp`);
  await sharp(pixels, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } })
    .linear(1.06, 8)
    .sharpen({ sigma: 1.4, m1: 0.3, m2: 1.6 })
    .webp({ quality: WEBP_QUALITY, effort: 6, smartSubsample: true })
    .toFile(file);
  bytesTotal += (await stat(file)).size;
  scenes.push({
    id,
    name,
    region,
    centre: { lat, lon },
    bounds,
    kmPerPx: Number(kmPerPx.toFixed(4)),
    width: WIDTH_PX,
    height: HEIGHT_PX,
    keywords: keywords.split(' '),
  });
}
await writeFile(path.join(root, 'public/sample/scenes.json'), `${JSON.stringify({ scenes }, null, 1)}\n`);
console.log(`${scenes.length} scenes, ${(bytesTotal / 1e6).toFixed(2)} MB`);

/** One scene, and the degrees it spans (west may exceed east across the antimeridian; no scene holds a pole). */
function resample(centre, radiiPerPx) {
  const projection = equalAreaAround(centre);
  const pixels = Buffer.alloc(WIDTH_PX * HEIGHT_PX * 3);
  const bounds = { south: 90, north: -90, west: 0, east: 0 };
  for (let row = 0; row < HEIGHT_PX; row++) {
    for (let column = 0; column < WIDTH_PX; column++) {
      const x = (column + 0.5 - WIDTH_PX / 2) * radiiPerPx;
      const y = (HEIGHT_PX / 2 - row - 0.5) * radiiPerPx;
      const { lat, lon } = projection.inverse({ x, y });
      bounds.south = Math.min(bounds.south, lat);
      bounds.north = Math.max(bounds.north, lat);
      const east = ((((lon - centre.lon + 180) % 360) + 360) % 360) - 180;
      bounds.west = Math.min(bounds.west, east);
      bounds.east = Math.max(bounds.east, east);
      bicubic(lon, lat, pixels, (row * WIDTH_PX + column) * 3);
    }
  }
  const degrees = (value) => Number(value.toFixed(3));
  return {
    pixels,
    bounds: {
      south: degrees(bounds.south),
      north: degrees(bounds.north),
      west: degrees(centre.lon + bounds.west),
      east: degrees(centre.lon + bounds.east),
    },
  };
}

/** Catmull-Rom: keeps edges crisper than linear sampling where a source pixel becomes several. */
function bicubic(lon, lat, target, at) {
  const { width, height } = world.info;
  const u = ((lon + 180) / 360) * width - 0.5;
  const v = ((90 - lat) / 180) * height - 0.5;
  const [u0, v0] = [Math.floor(u), Math.floor(v)];
  const [wu, wv] = [weights(u - u0), weights(v - v0)];
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    for (let j = 0; j < 4; j++) {
      const y = Math.min(height - 1, Math.max(0, v0 + j - 1)) * width;
      for (let i = 0; i < 4; i++) {
        const x = (((u0 + i - 1) % width) + width) % width;
        sum += wu[i] * wv[j] * world.data[(y + x) * 3 + channel];
      }
    }
    target[at + channel] = Math.min(255, Math.max(0, Math.round(sum)));
  }
}

function weights(t) {
  return [
    ((-0.5 * t + 1) * t - 0.5) * t,
    (1.5 * t - 2.5) * t * t + 1,
    ((-1.5 * t + 2) * t + 0.5) * t,
    (0.5 * t - 0.5) * t * t,
  ];
}
