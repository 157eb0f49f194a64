/** A reason, before another sentence: errors and what a fabric gives as reasons end without a full stop. */
export const asSentence = (reason: string): string => (/[.!?]$/.test(reason) ? reason : `${reason}.`);
