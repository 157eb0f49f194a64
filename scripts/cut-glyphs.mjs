/**
 * Cuts the letters of the sample imagery out of two font files into public/sample/glyphs.json, as outlines and advance widths.
 * Containers often hold no font at all; with outlines the text over a scene looks the same everywhere, and no font library runs with the product.
 *
 *   npm install --prefix DIR opentype.js @fontsource/ibm-plex-serif @fontsource/ibm-plex-sans-condensed
 *   node scripts/cut-glyphs.mjs DIR
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const CHARACTERS = ` ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;/()'’-–·°′+©éèüöíáúóãçñÉÈÜÖÍÁÚÓÃÇÑ`;
const FACES = {
  serif: 'ibm-plex-serif/files/ibm-plex-serif-latin-500-normal.woff',
  sans: 'ibm-plex-sans-condensed/files/ibm-plex-sans-condensed-latin-500-normal.woff',
};
/** Outlines are kept in thousandths of an em, whole numbers: finer than a pixel at any size drawn here. */
const UNITS_PER_EM = 1000;
/** Kerning below this, in thousandths of an em, is not seen. */
const KERNING_MIN = 8;

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error('Usage: node scripts/cut-glyphs.mjs DIR   (DIR holds node_modules with opentype.js and the fonts)');
  process.exit(2);
}
const modules = path.resolve(directory, 'node_modules');
const opentype = await import(pathToFileURL(path.join(modules, 'opentype.js/dist/opentype.mjs')));

const faces = {};
for (const [name, file] of Object.entries(FACES)) {
  const bytes = await readFile(path.join(modules, '@fontsource', file));
  faces[name] = cut(opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)));
}
const target = path.resolve(import.meta.dirname, '../public/sample/glyphs.json');
await writeFile(target, `${JSON.stringify(faces)}\n`);
for (const [name, face] of Object.entries(faces))
  console.log(`${name}: ${Object.keys(face.glyphs).length} glyphs, ${Object.keys(face.kerning).length} kerning pairs`);

/** One face: `glyphs` by character as [advance, SVG path with y downwards], `kerning` by pair of characters. */
function cut(font) {
  const scale = UNITS_PER_EM / font.unitsPerEm;
  const found = [...CHARACTERS].filter((character) => font.charToGlyphIndex(character) > 0);
  const glyphs = {};
  for (const character of found) {
    const glyph = font.charToGlyph(character);
    glyphs[character] = [Math.round(glyph.advanceWidth * scale), pathData(glyph.getPath(0, 0, UNITS_PER_EM))];
  }
  const kerning = {};
  for (const left of found)
    for (const right of found) {
      const value = Math.round(font.getKerningValue(font.charToGlyph(left), font.charToGlyph(right)) * scale);
      if (Math.abs(value) >= KERNING_MIN) kerning[left + right] = value;
    }
  return { capHeight: Math.round(font.tables.os2.sCapHeight * scale), glyphs, kerning };
}

/** Whole numbers, always a space between two of them. */
function pathData(path) {
  const operands = ({ x1, y1, x2, y2, x, y }) =>
    [x1, y1, x2, y2, x, y].filter((value) => value !== undefined).map(Math.round);
  return path.commands.map((command) => command.type + operands(command).join(' ')).join('');
}
