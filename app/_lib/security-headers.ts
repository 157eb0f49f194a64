/**
 * What a page may load and do. Scripts run by this answer's nonce, and what those load; style elements take it too, and style attributes
 * have no effect, so that what depends on a figure is drawn in the browser, by script (see `useDrawn`). Pictures come from here, as data in descriptions (tiny previews), or as blobs (charts).
 */
export function pagePolicy(nonce: string, { development, secure }: { development: boolean; secure: boolean }): string {
  return [
    "default-src 'none'",
    // The development server's tools evaluate; a build does not.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    // The development server's modules bring their styles in elements without a nonce; a build links them.
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(secure ? ['upgrade-insecure-requests'] : []),
  ].join('; ');
}

/** Two years, as browsers' lists ask; only where the app is reached by TLS, and not for names beside its own. */
export const TRANSPORT_POLICY = 'max-age=63072000';
