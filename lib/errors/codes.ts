/**
 * Every error code of Fieldline. `docs/errors.md` explains each one to an operator; a test keeps the two equal.
 *
 * `retriable` says whether doing the same again can succeed without a person changing something first.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: { retriable: false, httpStatus: 500 },
  PORT_TAKEN: { retriable: false, httpStatus: 500 },
  DATA_DIR_LOCKED: { retriable: false, httpStatus: 500 },
  DATA_DIR_UNUSABLE: { retriable: false, httpStatus: 500 },
  REQUEST_INVALID: { retriable: false, httpStatus: 400 },
  UNAUTHENTICATED: { retriable: false, httpStatus: 401 },
  NOT_FOUND: { retriable: false, httpStatus: 404 },
  METHOD_NOT_ALLOWED: { retriable: false, httpStatus: 405 },
  FORBIDDEN: { retriable: false, httpStatus: 403 },
  CONFLICT: { retriable: false, httpStatus: 409 },
  REQUEST_TOO_LARGE: { retriable: false, httpStatus: 413 },
  MEDIA_TYPE_UNSUPPORTED: { retriable: false, httpStatus: 415 },
  RANGE_UNSATISFIABLE: { retriable: false, httpStatus: 416 },
  UNSUPPORTED: { retriable: false, httpStatus: 501 },
  UNAVAILABLE: { retriable: true, httpStatus: 503 },
  TIMEOUT: { retriable: true, httpStatus: 504 },
  ABORTED: { retriable: true, httpStatus: 503 },
  AUTH_FAILED: { retriable: false, httpStatus: 502 },
  PROTOCOL: { retriable: false, httpStatus: 502 },
  MESSAGE_INVALID: { retriable: false, httpStatus: 422 },
  FEED_INVALID: { retriable: false, httpStatus: 422 },
  FEED_UNAVAILABLE: { retriable: true, httpStatus: 502 },
  ASSET_NO_LINK: { retriable: false, httpStatus: 422 },
  ASSET_HTTP_STATUS: { retriable: true, httpStatus: 502 },
  ASSET_UNREACHABLE: { retriable: true, httpStatus: 502 },
  ASSET_WRONG_TYPE: { retriable: false, httpStatus: 422 },
  ASSET_TOO_LARGE: { retriable: false, httpStatus: 422 },
  ASSET_TIMEOUT: { retriable: true, httpStatus: 504 },
  ASSET_ADDRESS_REFUSED: { retriable: false, httpStatus: 422 },
  ASSET_DIGEST_MISMATCH: { retriable: true, httpStatus: 502 },
  DIGEST_MISMATCH: { retriable: true, httpStatus: 422 },
  PATH_OUTSIDE_VOLUME: { retriable: false, httpStatus: 400 },
  VOLUME_READ_ONLY: { retriable: false, httpStatus: 403 },
  DISK_FULL: { retriable: true, httpStatus: 507 },
  CONDITION_INVALID: { retriable: false, httpStatus: 400 },
  MUTATION_INVALID: { retriable: false, httpStatus: 400 },
  LINK_DIVERGED: { retriable: false, httpStatus: 409 },
  MIRROR_RUNNING: { retriable: false, httpStatus: 409 },
  SERVICE_FAULTED: { retriable: true, httpStatus: 500 },
  INTERNAL: { retriable: false, httpStatus: 500 },
} as const satisfies Record<string, { retriable: boolean; httpStatus: number }>;

export type ErrorCode = keyof typeof ERROR_CODES;
