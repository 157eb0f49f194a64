/** Meridians and parallels over a scene, in its pixels (x to the right, y downwards, origin at the picture's top left). */
import { EARTH_RADIUS_KM, equalAreaAround } from './projection';
import type { Scene } from './scenes';

export interface PixelPoint {
  x: number;
  y: number;
}
/** Where a line leaves the picture: on which side, how far along it in pixels, and the line's degrees. */
export interface Crossing {
  side: 'top' | 'bottom' | 'left' | 'right';
  along: number;
  degrees: number;
}
export interface Graticule {
  /** Lines as points; they run on beyond the picture, so clip them. */
  lines: PixelPoint[][];
  /** Meridians cross top and bottom, parallels left and right; others are left out, since their labels would stand at a slant. */
  crossings: Crossing[];
  stepLon: number;
  stepLat: number;
}

const STEPS = [1, 2, 5, 10, 15, 20, 30];
/** About so many lines each way: enough to read a position from, few enough to leave the picture alone. */
const LINES_AIM = 6;
const POINTS_PER_LINE = 48;

/** Pixel of a place; null on the far side of the globe. */
export function scenePixel(scene: Scene, lat: number, lon: number): PixelPoint | null {
  const plane = equalAreaAround(scene.centre).forward({ lat, lon });
  const pxPerRadius = EARTH_RADIUS_KM / scene.kmPerPx;
  return plane && { x: scene.width / 2 + plane.x * pxPerRadius, y: scene.height / 2 - plane.y * pxPerRadius };
}

export function graticuleOf(scene: Scene): Graticule {
  const { south, north, west, east } = scene.bounds;
  const stepLon = niceStep(east - west);
  const stepLat = niceStep(north - south);
  const lines: PixelPoint[][] = [];
  const crossings: Crossing[] = [];
  for (const lon of multiples(west, east, stepLon)) {
    const line = sample(scene, south, north, (lat) => [lat, lon]);
    lines.push(line);
    crossings.push(
      ...crossingsAt(line, 'y', 0, scene.width, 'top', lon),
      ...crossingsAt(line, 'y', scene.height, scene.width, 'bottom', lon),
    );
  }
  for (const lat of multiples(south, north, stepLat)) {
    const line = sample(scene, west, east, (lon) => [lat, lon]);
    lines.push(line);
    crossings.push(
      ...crossingsAt(line, 'x', 0, scene.height, 'left', lat),
      ...crossingsAt(line, 'x', scene.width, scene.height, 'right', lat),
    );
  }
  return { lines, crossings, stepLon, stepLat };
}

function niceStep(span: number): number {
  return STEPS.find((step) => span / step <= LINES_AIM + 1) ?? 30;
}

function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, index) => (first + index) * step);
}

/** The line a little beyond its ends, so that it surely crosses the picture's edges. */
function sample(scene: Scene, from: number, to: number, place: (value: number) => [number, number]): PixelPoint[] {
  const margin = (to - from) * 0.05;
  const points: PixelPoint[] = [];
  for (let index = 0; index <= POINTS_PER_LINE; index++) {
    const [lat, lon] = place(from - margin + ((to - from + 2 * margin) * index) / POINTS_PER_LINE);
    const point = scenePixel(scene, Math.max(-90, Math.min(90, lat)), lon);
    if (point) points.push(point);
  }
  return points;
}

function crossingsAt(
  line: PixelPoint[],
  axis: 'x' | 'y',
  edge: number,
  length: number,
  side: Crossing['side'],
  degrees: number,
): Crossing[] {
  const other = axis === 'x' ? 'y' : 'x';
  const found: Crossing[] = [];
  for (let index = 1; index < line.length; index++) {
    const [a, b] = [line[index - 1]!, line[index]!];
    if (a[axis] < edge === b[axis] < edge) continue;
    const along = a[other] + ((edge - a[axis]) / (b[axis] - a[axis])) * (b[other] - a[other]);
    if (along >= 0 && along <= length) found.push({ side, along, degrees });
  }
  return found;
}
