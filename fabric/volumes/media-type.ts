import path from 'node:path';

/** What a browser may show by itself. Nothing that can carry a script (HTML, SVG): a file is somebody else's. */
const MEDIA_TYPES: Record<string, string> = {
  '.avif': 'image/avif',
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.txt': 'text/plain; charset=utf-8',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
};

/** By the extension; bytes without a kind otherwise. */
export const mediaTypeOf = (file: string) =>
  MEDIA_TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
