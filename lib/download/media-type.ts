/** Compares what came with what the feed promised, and settles on one media type. */
import { wrongType } from './failures';
import type { AssetKind } from './types';

export interface TypeEvidence {
  /** Of the first bytes; null where they tell nothing. */
  readonly sniffed: string | null;
  /** Content-Type of the answer. */
  readonly declared: string | null;
  /** Media type of the feed. */
  readonly promised: string | null;
  readonly kind: AssetKind;
  readonly empty: boolean;
}

/** Containers and plain forms that a more exact type may stand on; an exact type counts only where it can be one of these. */
const REFINEMENTS: Record<string, RegExp> = {
  'application/zip':
    /^application\/(vnd\.openxmlformats-officedocument\.[\w.-]+|vnd\.oasis\.opendocument\.[\w.-]+|epub\+zip|vnd\.google-earth\.kmz)$/,
  'application/json': /^application\/([\w.-]+\+json|geo\+json)$/,
  'application/xml': /^application\/((?!xhtml)[\w.-]+\+xml)$/,
  'text/plain': /^(text\/(csv|markdown|tab-separated-values|vtt)|application\/(x-subrip|x-ndjson|yaml))$/,
  'application/x-ole-storage': /^application\/(msword|vnd\.ms-[\w.-]+)$/,
  'video/mp4': /^(video\/3gpp2?|audio\/mp4)$/,
};
/** Types that bytes without a signature may claim: data, and nothing that a browser would run or show as a page. */
const OPAQUE =
  /^(application\/(?!javascript|ecmascript|xhtml|x-javascript|x-shockwave)[\w.+-]+|audio\/[\w.+-]+|model\/[\w.+-]+)$/;
const FALLBACK = 'application/octet-stream';

const KIND_WORDS: Record<AssetKind, string> = {
  image: 'an image',
  video: 'a video',
  document: 'a document',
  other: 'a file',
};

/** `type/subtype` of a header or a feed, without parameters, in lower case; null where it is none. */
export function plainMediaType(text: string | null | undefined): string | null {
  const type = text?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9][\w.+-]{0,62}\/[a-z0-9][\w.+-]{0,62}$/.test(type) ? type : null;
}

/** The media type of what came. Fails with ASSET_WRONG_TYPE. */
export function settleMediaType(evidence: TypeEvidence): string {
  const { sniffed, declared, promised, kind } = evidence;
  if (evidence.empty) throw wrongType('The file is empty');
  const pageWanted = promised === 'text/html' && (kind === 'document' || kind === 'other');
  if (sniffed === 'text/html' && !pageWanted)
    throw wrongType(
      `The feed promises ${KIND_WORDS[kind]}, but what came is a web page (HTML), often a sign-in or error page`,
    );
  if ((kind === 'image' || kind === 'video') && !sniffed?.startsWith(`${kind}/`))
    throw wrongType(
      `The feed promises ${KIND_WORDS[kind]}, but what came is ${sniffed ? `of type ${sniffed}` : 'of no known format'}`,
    );
  const exact = [promised, declared].find((type) => type !== null && refines(type, sniffed));
  return exact ?? sniffed ?? FALLBACK;
}

function refines(type: string, sniffed: string | null): boolean {
  if (sniffed === null) return OPAQUE.test(type);
  return REFINEMENTS[sniffed]?.test(type) ?? false;
}
