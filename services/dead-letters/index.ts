export { DEAD_LETTERS_MAX, listDeadLetters, resendDeadLetter } from './list';
export { originOf } from './origin';
export { deadLetterId, type Refused, writeDeadLetters } from './write';
