/** Composes the picture of one pass: the scene's base with the map sheet drawn over it. */
import { sharp } from '@/lib/media/sharp';
import { type Pass, passAt } from './passes';
import type { SampleLibrary } from './scenes';
import { SAMPLE_CREDIT, sheetSvg } from './sheet';
import { GROUND, SHEET } from './sheet-style';

const JPEG_QUALITY = 86;

/** The picture of pass `number` as JPEG: always the same bytes for the same pass, other bytes for every other. */
export async function composePass(library: SampleLibrary, number: number): Promise<Buffer> {
  const pass: Pass = passAt(number, library.scenes.length);
  const scene = library.scenes[pass.scene]!;
  const [base, overlay] = [await library.basePicture(scene), Buffer.from(sheetSvg(scene, pass, library.lettering))];
  return sharp({ create: { width: SHEET.width, height: SHEET.height, channels: 3, background: GROUND } })
    .composite([{ input: base, left: SHEET.picture.left, top: SHEET.picture.top }, { input: overlay }])
    .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' })
    .withExif({
      IFD0: {
        ImageDescription: `${scene.name}, pass ${pass.number} (simulated)`,
        Copyright: `Public domain; credit ${SAMPLE_CREDIT}`.replaceAll('ö', 'oe'),
        DateTime: new Date(pass.at).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' '),
      },
    })
    .toBuffer();
}
