export { ERROR_CODES, type ErrorCode } from './codes';
export {
  asFieldlineError,
  errorMessage,
  FieldlineError,
  type FieldlineErrorOptions,
  isFieldlineError,
  shownMessage,
} from './fieldline-error';
