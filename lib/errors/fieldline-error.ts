import { ERROR_CODES, type ErrorCode } from './codes';

export interface FieldlineErrorOptions {
  /** The error underneath; kept for logs, never shown to a user. */
  cause?: unknown;
  /** What a person can do about it, as a sentence. */
  remedy?: string;
  /** Overrides the code's default where this occurrence differs. */
  retriable?: boolean;
  /** Facts for the log and the problem document: ids, hosts, sizes. Never a secret. */
  details?: Record<string, string | number | boolean>;
}

/** Marks an error of the family across copies of this module. */
const FAMILY = Symbol.for('fieldline.error');

/** The one error family. Callers branch on `code`, never on the text; the text is for people: cause first, then remedy. */
export class FieldlineError extends Error {
  readonly [FAMILY] = true;
  readonly code: ErrorCode;
  readonly retriable: boolean;
  readonly remedy: string | undefined;
  readonly details: Record<string, string | number | boolean>;

  constructor(code: ErrorCode, message: string, options: FieldlineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FieldlineError';
    this.code = code;
    this.retriable = options.retriable ?? ERROR_CODES[code].retriable;
    this.remedy = options.remedy;
    this.details = options.details ?? {};
  }

  /**
   * Next compiles instrumentation.ts and each route handler as separate bundles, each with its own copy of this class: an error that a
   * driver threw in one is of the family in every other. Subclasses are told apart as usual.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: the class on the right of `instanceof`, which may be a subclass.
    if (this !== FieldlineError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === 'object' && value !== null && FAMILY in value;
  }

  get httpStatus(): number {
    return ERROR_CODES[this.code].httpStatus;
  }
}

export function isFieldlineError(error: unknown, ...codes: ErrorCode[]): error is FieldlineError {
  return error instanceof FieldlineError && (codes.length === 0 || codes.includes(error.code));
}

/** Wraps anything thrown so that it carries a code; an error of the family passes through unchanged. */
export function asFieldlineError(error: unknown, code: ErrorCode = 'INTERNAL'): FieldlineError {
  if (error instanceof FieldlineError) return error;
  return new FieldlineError(code, errorMessage(error), { cause: error });
}

/** The message of anything thrown, with the innermost cause where that says more (fetch hides `ECONNREFUSED` in `cause`). */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && error.cause.message !== error.message ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}

/** The message for a person: an error of the family says all in its own words, its cause is for logs. */
export const shownMessage = (error: unknown): string =>
  error instanceof FieldlineError ? error.message : errorMessage(error);
