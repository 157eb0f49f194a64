/** The scenes of the sample imagery, as scripts/cut-scenes.mjs cut them into public/sample. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Lettering, LetteringSchema } from './lettering';

const degrees = z.number().min(-360).max(360);
export const SceneSchema = z.object({
  /** Also the name of its base picture, `base/<id>.webp`. */
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: z.string(),
  region: z.string(),
  centre: z.object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }),
  bounds: z.object({ south: degrees, north: degrees, west: degrees, east: degrees }),
  kmPerPx: z.number().positive(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  keywords: z.array(z.string()),
});
export type Scene = z.infer<typeof SceneSchema>;

export interface SampleLibrary {
  readonly scenes: readonly Scene[];
  readonly lettering: Lettering;
  /** The base picture of a scene, WebP. */
  basePicture(scene: Scene): Promise<Buffer>;
}

/** Reads scenes and letters from `directory` (public/sample), once; pictures are read when asked for and not kept. */
export async function openSampleLibrary(directory: string): Promise<SampleLibrary> {
  const [scenes, glyphs] = await Promise.all(
    ['scenes.json', 'glyphs.json'].map(async (name) => JSON.parse(await readFile(path.join(directory, name), 'utf8'))),
  );
  return {
    scenes: z.object({ scenes: z.array(SceneSchema).min(1) }).parse(scenes).scenes,
    lettering: LetteringSchema.parse(glyphs),
    basePicture: (scene) => readFile(path.join(directory, 'base', `${scene.id}.webp`)),
  };
}
