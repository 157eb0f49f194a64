/** Characters of an enrolment token: the certificate of an authority is the largest part of it. */
export const ENROLMENT_TOKEN_LENGTH_MAX = 16 * 1024;
