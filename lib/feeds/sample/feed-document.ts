import type { JsonFeedDocument } from '../json-form';
import { type Pass, recentPasses } from './passes';
import type { SampleLibrary, Scene } from './scenes';
import { grouped, SAMPLE_CREDIT } from './sheet';

/** The sample feed at `now` (ms since the epoch), in the documented JSON form. */
export function sampleFeedDocument(library: SampleLibrary, now: number): JsonFeedDocument {
  return {
    title: 'Sample imagery',
    items: recentPasses(now, library.scenes.length).map((pass) => itemOf(library.scenes[pass.scene]!, pass)),
  };
}

function itemOf(scene: Scene, pass: Pass): JsonFeedDocument['items'][number] {
  return {
    id: `${scene.id}/${pass.number}`,
    version: String(pass.number),
    title: `${scene.name}, pass ${grouped(pass.number)}`,
    description: `${scene.name} (${scene.region}). Composed by Fieldline over NASA's Blue Marble; the pass and its time are simulated.`,
    kind: 'image',
    keywords: [...scene.keywords, ...scene.region.toLowerCase().split(', '), 'sample'],
    credit: SAMPLE_CREDIT,
    acquiredAt: new Date(pass.at).toISOString(),
    place: scene.centre,
    link: scenePath(scene.id, pass.number),
    mediaType: 'image/jpeg',
  };
}

/** Relative to the feed's own address, /sample/feed.json. */
const scenePath = (scene: string, pass: number) => `scenes/${scene}/${pass}.jpg`;
