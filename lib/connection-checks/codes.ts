/** Why a door can not be used, for a program; the sentence beside it is for a person. */
export const CHECK_CODES = [
  'name-not-resolved',
  'refused',
  'unreachable',
  'no-answer',
  'certificate-authority',
  'certificate-expired',
  'certificate-name',
  'wrong-service',
  'credentials',
  'not-authorised',
  'bucket-missing',
  'database-missing',
  'failed',
] as const;
export type CheckCode = (typeof CHECK_CODES)[number];
