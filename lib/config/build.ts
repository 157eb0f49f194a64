/** Where `next dev` and `next build` put their output, from FIELDLINE_DIST_DIR, so that several can work in one tree; default `.next`. */
export const distDirectory = (): string => process.env.FIELDLINE_DIST_DIR ?? '.next';

/** The development server, not a build. */
export const isDevelopment = (): boolean => process.env.NODE_ENV === 'development';
