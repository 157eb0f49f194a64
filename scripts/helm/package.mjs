import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { CHART, runHelm } from './tools.mjs';

/** What an import wizard shows as a tile. */
const LOGO_PIXELS = 512;

/** Packages the chart, and draws its logo from the icon of the pages. Resolves with the two files. Needs Helm (scripts/helm/provision.mjs). */
export async function packageChart(root, directory) {
  mkdirSync(directory, { recursive: true });
  const said = runHelm(['package', CHART, '--destination', directory]);
  const logo = path.join(directory, 'fieldline.png');
  const icon = readFileSync(path.join(root, 'public/icon.svg'));
  const { width } = await sharp(icon).metadata();
  // Drawn at its final size, not enlarged: density is that of 72 per inch times the enlargement.
  await sharp(icon, { density: (72 * LOGO_PIXELS) / width })
    .resize(LOGO_PIXELS)
    .png({ compressionLevel: 9 })
    .toFile(logo);
  return { chart: String(/saved it to: (.*)$/m.exec(said)?.[1]), logo };
}
