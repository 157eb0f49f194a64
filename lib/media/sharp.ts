/** sharp as this product uses it: everything that decodes or draws pictures imports it from here. */
import sharp from 'sharp';

// The app shares its machine with two fabrics and is idle most of the time: no decoded pixels are kept, and one picture uses one core.
sharp.cache(false);
sharp.concurrency(1);

export { sharp };
