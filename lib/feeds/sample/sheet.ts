/** A map sheet over a scene as SVG: all that is drawn, without the picture itself. */
import { borderOf, latitude, longitude } from './border';
import { graticuleOf, type PixelPoint } from './graticule';
import { type Lettering, type TextStyle, textPath, textWidth } from './lettering';
import type { Pass } from './passes';
import type { Scene } from './scenes';
import { GROUND, INK, PAPER, PASS_COLOUR, SHEET } from './sheet-style';

export const SAMPLE_CREDIT = 'NASA Earth Observatory, Blue Marble: Next Generation (Reto Stöckli)';

const NAME_SIZE = 36;
/** A longer name is set smaller, so that it ends before the scale bar. */
const NAME_WIDTH_MAX = 430;

export function sheetSvg(scene: Scene, pass: Pass, lettering: Lettering): string {
  const { left, top } = SHEET.picture;
  const graticule = graticuleOf(scene);
  const lines = graticule.lines.map((line) => `<path d="${pathOf(line)}"/>`).join('');
  const track = groundTrack(scene, pass);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SHEET.width}" height="${SHEET.height}" viewBox="0 0 ${SHEET.width} ${SHEET.height}">`,
    `<defs><clipPath id="picture"><rect width="${scene.width}" height="${scene.height}"/></clipPath></defs>`,
    `<path fill="${GROUND}" fill-rule="evenodd" d="M0 0H${SHEET.width}V${SHEET.height}H0ZM${left} ${top}V${top + scene.height}H${left + scene.width}V${top}Z"/>`,
    `<g transform="translate(${left} ${top})" clip-path="url(#picture)" fill="none">`,
    `<g stroke="${GROUND}" stroke-opacity="0.22" stroke-width="2.4">${lines}</g>`,
    `<g stroke="${PAPER}" stroke-opacity="0.5" stroke-width="0.9">${lines}</g>${track}</g>`,
    borderOf(scene, graticule, lettering),
    collar(scene, pass, lettering),
    '</svg>',
  ].join('');
}

/** Where the satellite went over, invented from the pass number: near the centre, at the slant of a sun-synchronous orbit. */
function groundTrack(scene: Scene, pass: Pass): string {
  const spread = ((pass.number * 0.754877) % 1) - 0.5;
  const middle = scene.width * (0.5 + spread * 0.5);
  const lean =
    (Math.tan((12 * Math.PI) / 180) * scene.height) / 2 / Math.max(0.5, Math.cos((scene.centre.lat * Math.PI) / 180));
  const descending = pass.number % 2 === 0;
  const [from, to] = descending
    ? [
        { x: middle + lean, y: 0 },
        { x: middle - lean, y: scene.height },
      ]
    : [
        { x: middle + lean, y: scene.height },
        { x: middle - lean, y: 0 },
      ];
  const swath = scene.width * 0.21;
  const edge = (shift: number) =>
    pathOf([
      { ...from, x: from.x + shift },
      { ...to, x: to.x + shift },
    ]);
  const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  const at = { x: from.x + (to.x - from.x) * 0.86, y: from.y + (to.y - from.y) * 0.86 };
  return [
    `<path d="${pathOf([from, to])}" stroke="${GROUND}" stroke-opacity="0.5" stroke-width="4"/>`,
    `<g stroke="${PASS_COLOUR}"><path d="${pathOf([from, to])}" stroke-width="1.6" stroke-dasharray="9 5"/>`,
    `<path d="${edge(-swath)}${edge(swath)}" stroke-opacity="0.75" stroke-width="1.4" stroke-dasharray="1.5 6"/></g>`,
    `<path stroke="${GROUND}" stroke-opacity="0.6" transform="translate(${at.x.toFixed(1)} ${at.y.toFixed(1)}) rotate(${angle.toFixed(1)})" fill="${PASS_COLOUR}" d="M10 0L-8 7L-4 0L-8 -7Z"/>`,
  ].join('');
}

/** Below the picture: the name on the left, the scale in the middle, the facts of the pass on the right. */
function collar(scene: Scene, pass: Pass, lettering: Lettering): string {
  const { left } = SHEET.picture;
  const right = left + scene.width;
  const base = SHEET.nameBaseline;
  const write = (text: string, x: number, y: number, style: TextStyle) => textPath(lettering, text, x, y, style);
  const caps: TextStyle = { face: 'sans', size: 12, tracking: 0.12, fill: INK.faint };
  const full: TextStyle = { face: 'serif', size: NAME_SIZE, fill: INK.strong };
  const name = { ...full, size: NAME_SIZE * Math.min(1, NAME_WIDTH_MAX / textWidth(lettering, scene.name, full)) };
  const facts: [string, string, string][] = [
    ['ACQUIRED', acquisition(pass), INK.strong],
    ['CENTRE', `${latitude(scene.centre.lat, 1)}  ${longitude(scene.centre.lon, 1)}`, INK.soft],
    ['PASS', grouped(pass.number), PASS_COLOUR],
  ];
  const factsLeft = right - 272;
  return [
    write(scene.name, left - 2, base, name),
    write(scene.region.toUpperCase(), left, base + 21, caps),
    write(`Image ${SAMPLE_CREDIT}. Pass and time are simulated.`, left, base + 38, {
      face: 'sans',
      size: 10.5,
      tracking: 0.02,
      fill: INK.faint,
    }),
    ...facts.flatMap(([label, value, fill], index) => {
      const y = base - 19 + index * 20;
      return [
        write(label, factsLeft, y, caps),
        write(value, right, y, { face: 'sans', size: 15, tracking: 0.03, anchor: 'end', fill }),
      ];
    }),
    scaleBar(scene, lettering, factsLeft - 76, base - 16),
    northMark(lettering, factsLeft - 28, base - 6),
  ].join('');
}

/** An alternating bar of a round number of kilometres, its right end at `right`. */
function scaleBar(scene: Scene, lettering: Lettering, right: number, top: number): string {
  const km = [200, 500, 1000, 2000].findLast((length) => length / scene.kmPerPx <= 230) ?? 200;
  const length = km / scene.kmPerPx;
  const quarter = length / 4;
  const x = right - length;
  const bars = [0, 2].map(
    (index) => `<rect x="${(x + index * quarter).toFixed(1)}" y="${top}" width="${quarter.toFixed(1)}" height="5"/>`,
  );
  const label = (text: string, at: number) =>
    textPath(lettering, text, at, top + 20, {
      face: 'sans',
      size: 12,
      tracking: 0.03,
      anchor: 'middle',
      fill: INK.soft,
    });
  return [
    `<g fill="${PAPER}" fill-opacity="0.78">${bars.join('')}</g>`,
    `<rect x="${x.toFixed(1)}" y="${top}" width="${length.toFixed(1)}" height="5" fill="none" stroke="${PAPER}" stroke-opacity="0.78"/>`,
    label('0', x),
    label(String(km / 2), x + length / 2),
    label(`${km} km`, right),
  ].join('');
}

function northMark(lettering: Lettering, x: number, y: number): string {
  return [
    `<path fill="${PAPER}" d="M${x} ${y - 22}L${x - 6} ${y + 8}L${x} ${y + 3}Z"/>`,
    `<path fill="none" stroke="${PAPER}" stroke-linejoin="round" d="M${x} ${y - 22}L${x + 6} ${y + 8}L${x} ${y + 3}Z"/>`,
    textPath(lettering, 'N', x, y + 24, { face: 'sans', size: 12, anchor: 'middle', fill: INK.soft }),
  ].join('');
}

/** `22 NOV 2026  17:58:15 UTC`. */
function acquisition(pass: Pass): string {
  const [, day, month, year, time] = new Date(pass.at).toUTCString().split(' ');
  return `${day} ${month?.toUpperCase()} ${year}  ${time} UTC`;
}

/** Thousands apart by a space: `1 873 402`. */
export const grouped = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');

function pathOf(points: PixelPoint[]): string {
  return points.map((point, index) => `${index ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('');
}
