/** File extensions by media type, the usual one first (IANA registrations and common use). */
const EXTENSIONS: Record<string, readonly string[]> = {
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/tiff': ['tif', 'tiff', 'gtiff'],
  'image/avif': ['avif'],
  'image/heic': ['heic', 'heif'],
  'image/jp2': ['jp2', 'jpx', 'j2k'],
  'image/jxl': ['jxl'],
  'image/bmp': ['bmp'],
  'image/nitf': ['ntf', 'nitf', 'nsf'],
  'image/svg+xml': ['svg'],
  'video/mp4': ['mp4', 'm4v'],
  'video/quicktime': ['mov', 'qt'],
  'video/webm': ['webm'],
  'video/x-matroska': ['mkv'],
  'video/x-msvideo': ['avi'],
  'video/mpeg': ['mpg', 'mpeg'],
  'video/mp2t': ['ts', 'm2ts', 'mts'],
  'video/x-flv': ['flv'],
  'video/ogg': ['ogv'],
  'video/3gpp': ['3gp'],
  'audio/mpeg': ['mp3'],
  'audio/mp4': ['m4a', 'm4b'],
  'audio/wav': ['wav'],
  'audio/flac': ['flac'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'application/pdf': ['pdf'],
  'application/json': ['json'],
  'application/geo+json': ['geojson', 'json'],
  'application/xml': ['xml', 'kml', 'gml', 'gpx'],
  'application/vnd.google-earth.kml+xml': ['kml'],
  'application/gpx+xml': ['gpx'],
  'application/vnd.google-earth.kmz': ['kmz'],
  'application/zip': ['zip'],
  'application/gzip': ['gz', 'tgz'],
  'application/x-7z-compressed': ['7z'],
  'application/x-hdf5': ['h5', 'hdf5', 'nc'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'text/plain': ['txt', 'log', 'md', 'csv', 'srt', 'vtt'],
  'text/csv': ['csv'],
  'text/markdown': ['md'],
  'text/vtt': ['vtt'],
  'text/html': ['html', 'htm'],
};

const TYPES = new Map<string, string>();
for (const [type, extensions] of Object.entries(EXTENSIONS))
  for (const extension of extensions) if (!TYPES.has(extension)) TYPES.set(extension, type);

/** Extensions (without dot) that fit a media type, the usual one first; empty for a type that is not listed. */
export const extensionsOf = (mediaType: string): readonly string[] => EXTENSIONS[mediaType] ?? [];
/** The media type an extension (without dot) stands for; undefined where it says nothing. */
export const mediaTypeOf = (extension: string): string | undefined => TYPES.get(extension.toLowerCase());
export const isMediaExtension = (extension: string): boolean => TYPES.has(extension.toLowerCase());
