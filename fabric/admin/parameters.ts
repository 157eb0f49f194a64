import { FieldlineError } from '@/lib/errors';

const PARAMETER_LENGTH_MAX = 4096;
const TRUE = new Set(['true', '1', 'yes']);
const FALSE = new Set(['false', '0', 'no']);

/** The parameters of a command: all in the query string, also of a POST. What is wrong fails with REQUEST_INVALID (EINVAL). */
export class Parameters {
  constructor(private readonly query: URLSearchParams) {}

  /** Undefined when absent or empty. */
  text(name: string): string | undefined {
    const value = this.query.get(name);
    if (value === null || value === '') return undefined;
    if (value.length > PARAMETER_LENGTH_MAX) throw invalid(`The value of ${name} is too long`);
    return value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw invalid(`The parameter ${name} is missing`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (TRUE.has(value)) return true;
    if (FALSE.has(value)) return false;
    throw invalid(`The value of ${name} is neither true nor false`);
  }

  integer(name: string, bounds: { min: number; max: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < bounds.min || number > bounds.max)
      throw invalid(`The value of ${name} is not a whole number from ${bounds.min} to ${bounds.max}`);
    return number;
  }
}

export const invalid = (message: string) => new FieldlineError('REQUEST_INVALID', message);
