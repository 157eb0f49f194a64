/** Text as outlines, so that a picture looks the same on a machine without any font (glyphs.json; scripts/cut-glyphs.mjs). */
import { z } from 'zod';

const FaceSchema = z.object({
  capHeight: z.number(),
  /** By character: advance width, and an SVG path with y downwards; thousandths of an em. */
  glyphs: z.record(z.string(), z.tuple([z.number(), z.string()])),
  /** By pair of characters. */
  kerning: z.record(z.string(), z.number()),
});
export const LetteringSchema = z.object({ serif: FaceSchema, sans: FaceSchema });
export type Lettering = z.infer<typeof LetteringSchema>;

const UNITS_PER_EM = 1000;

export interface TextStyle {
  face: keyof Lettering;
  /** Pixels per em. */
  size: number;
  /** Extra space after each letter, in em. */
  tracking?: number;
  anchor?: 'start' | 'middle' | 'end';
  fill: string;
}

/** Width in pixels. */
export function textWidth(lettering: Lettering, text: string, style: TextStyle): number {
  return (layOut(lettering, text, style).advance * style.size) / UNITS_PER_EM;
}

/** An SVG group with `text` on the baseline at (x, y). Characters that the face lacks are drawn as spaces. */
export function textPath(lettering: Lettering, text: string, x: number, y: number, style: TextStyle): string {
  const { placed, advance } = layOut(lettering, text, style);
  const scale = style.size / UNITS_PER_EM;
  const shift = { start: 0, middle: advance / 2, end: advance }[style.anchor ?? 'start'] * scale;
  const letters = placed
    .map(({ at, path }) => `<path transform="translate(${Math.round(at)} 0)" d="${path}"/>`)
    .join('');
  return `<g fill="${style.fill}" transform="translate(${(x - shift).toFixed(2)} ${y.toFixed(2)}) scale(${scale.toFixed(5)})">${letters}</g>`;
}

function layOut(lettering: Lettering, text: string, style: TextStyle) {
  const face = lettering[style.face];
  const tracking = (style.tracking ?? 0) * UNITS_PER_EM;
  const placed: { at: number; path: string }[] = [];
  let advance = 0;
  let previous = '';
  for (const character of text) {
    advance += previous ? (face.kerning[previous + character] ?? 0) + tracking : 0;
    const [width, path] = face.glyphs[character] ?? face.glyphs[' '] ?? [UNITS_PER_EM / 4, ''];
    if (path) placed.push({ at: advance, path });
    advance += width;
    previous = character;
  }
  return { placed, advance };
}
