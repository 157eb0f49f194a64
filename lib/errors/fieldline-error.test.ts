import { expect, test, vi } from 'vitest';
import { asFieldlineError, errorMessage, FieldlineError, isFieldlineError } from './fieldline-error';

test('an error of another copy of the module is of the family', async () => {
  vi.resetModules();
  const other = await import('./fieldline-error');
  expect(other.FieldlineError).not.toBe(FieldlineError);
  const error = new other.FieldlineError('UNAVAILABLE', 'alpha answers nothing');
  expect(error).toBeInstanceOf(FieldlineError);
  expect(isFieldlineError(error, 'UNAVAILABLE')).toBe(true);
  expect(asFieldlineError(error)).toBe(error);
});

test('a subclass has its own instances only', () => {
  class Refused extends FieldlineError {}
  expect(new Refused('CONFLICT', 'no')).toBeInstanceOf(FieldlineError);
  expect(new Refused('CONFLICT', 'no')).toBeInstanceOf(Refused);
  expect(new FieldlineError('CONFLICT', 'no')).not.toBeInstanceOf(Refused);
});

test.each([null, 'UNAVAILABLE', {}, new Error('plain')])('%s is not of the family', (value) => {
  expect(isFieldlineError(value)).toBe(false);
  expect(asFieldlineError(value)).toMatchObject({ code: 'INTERNAL', cause: value });
});

test('the message of anything thrown names its cause where that says more', () => {
  expect(errorMessage(new Error('fetch failed', { cause: new Error('ECONNREFUSED') }))).toBe(
    'fetch failed: ECONNREFUSED',
  );
  expect(errorMessage('text')).toBe('text');
});
