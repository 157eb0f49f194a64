/** The frame of a map sheet: a neatline, a border that alternates with the graticule, and the degrees outside it. */

import type { Crossing, Graticule } from './graticule';
import { type Lettering, textPath } from './lettering';
import { wrapLongitude } from './projection';
import type { Scene } from './scenes';
import { INK, PAPER, SHEET } from './sheet-style';

/** Distance of the border from the picture, and its width, in pixels. */
const GAP = 3;
const BAR = 5;
const LABEL_SIZE = 13;
/** A label nearer to a corner than this would run into the other side's. */
const CORNER_CLEARANCE = 16;
/** Crossings closer together than this, on one side, are labelled once. */
const LABEL_DISTANCE = 54;

export function borderOf(scene: Scene, graticule: Graticule, lettering: Lettering): string {
  const { left, top } = SHEET.picture;
  const [x0, y0, x1, y1] = [left - GAP - BAR, top - GAP - BAR, left + scene.width + GAP, top + scene.height + GAP];
  const bars = (['top', 'bottom', 'left', 'right'] as const).map((side) => {
    const horizontal = side === 'top' || side === 'bottom';
    const length = horizontal ? scene.width : scene.height;
    return segments(graticule, side, length)
      .filter((segment) => segment.dark)
      .map(({ from, to }) =>
        horizontal
          ? `<rect x="${px(left + from)}" y="${side === 'top' ? y0 : y1}" width="${px(to - from)}" height="${BAR}"/>`
          : `<rect x="${side === 'left' ? x0 : x1}" y="${px(top + from)}" width="${BAR}" height="${px(to - from)}"/>`,
      )
      .join('');
  });
  const outline = (inset: number) =>
    `<rect x="${x0 - inset}" y="${y0 - inset}" width="${x1 - x0 + BAR + 2 * inset}" height="${y1 - y0 + BAR + 2 * inset}"/>`;
  return [
    `<g fill="${PAPER}" fill-opacity="0.78">${bars.join('')}</g>`,
    `<g fill="none" stroke="${PAPER}" stroke-opacity="0.78" stroke-width="1">${outline(0.5)}`,
    `<rect x="${left - GAP + 0.5}" y="${top - GAP + 0.5}" width="${scene.width + 2 * GAP - 1}" height="${scene.height + 2 * GAP - 1}"/></g>`,
    labels(scene, graticule, lettering),
  ].join('');
}

/** Stretches of one side between its crossings, alternately dark, in step with the side opposite. */
function segments(graticule: Graticule, side: Crossing['side'], length: number) {
  const step = side === 'top' || side === 'bottom' ? graticule.stepLon : graticule.stepLat;
  const sorted = graticule.crossings.filter((crossing) => crossing.side === side).sort((a, b) => a.along - b.along);
  const found: { from: number; to: number; dark: boolean }[] = [];
  let from = 0;
  for (const [index, crossing] of [...sorted, null].entries()) {
    const to = crossing?.along ?? length;
    // The stretch before a line belongs to the degrees on its far side, so that the pattern is the same seen from either end.
    const degrees = crossing ?? sorted[index - 1];
    const ascending = side === 'top' || side === 'bottom';
    const cell = degrees
      ? Math.round(degrees.degrees / step) - (crossing && ascending ? 1 : 0) - (!crossing && !ascending ? 1 : 0)
      : 0;
    found.push({ from, to, dark: Math.abs(cell % 2) === 1 });
    from = to;
  }
  return found;
}

function labels(scene: Scene, graticule: Graticule, lettering: Lettering): string {
  const { left, top } = SHEET.picture;
  const outside = GAP + BAR + 8;
  const drawn: string[] = [];
  for (const side of ['top', 'left', 'right', 'bottom'] as const) {
    const horizontal = side === 'top' || side === 'bottom';
    const length = horizontal ? scene.width : scene.height;
    let last = Number.NEGATIVE_INFINITY;
    for (const crossing of graticule.crossings.filter((c) => c.side === side).sort((a, b) => a.along - b.along)) {
      const nearCorner = crossing.along < CORNER_CLEARANCE || crossing.along > length - CORNER_CLEARANCE;
      if (nearCorner || crossing.along - last < LABEL_DISTANCE) continue;
      last = crossing.along;
      const text = horizontal ? longitude(crossing.degrees) : latitude(crossing.degrees);
      const middle = LABEL_SIZE * 0.34;
      const [x, y, anchor] = {
        top: [left + crossing.along, top - outside, 'middle'] as const,
        bottom: [left + crossing.along, top + scene.height + outside + LABEL_SIZE * 0.7, 'middle'] as const,
        left: [left - outside, top + crossing.along + middle, 'end'] as const,
        right: [left + scene.width + outside, top + crossing.along + middle, 'start'] as const,
      }[side];
      drawn.push(
        textPath(lettering, text, x, y, { face: 'sans', size: LABEL_SIZE, tracking: 0.02, anchor, fill: INK.soft }),
      );
    }
  }
  return drawn.join('');
}

const px = (value: number) => value.toFixed(1);

export function longitude(degrees: number, digits = 0): string {
  const wrapped = wrapLongitude(degrees);
  const size = Math.abs(wrapped).toFixed(digits);
  if (wrapped === -180) return '180°';
  return wrapped === 0 ? '0°' : `${size}°${wrapped > 0 ? 'E' : 'W'}`;
}

export function latitude(degrees: number, digits = 0): string {
  return degrees === 0 ? '0°' : `${Math.abs(degrees).toFixed(digits)}°${degrees > 0 ? 'N' : 'S'}`;
}
