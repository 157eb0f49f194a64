/** Text of strangers, made fit for a description: no control or direction-changing characters, one line of spaces, cut with an ellipsis. */
export function fitText(text: string, lengthMax: number): string {
  const clean = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cf}\p{Cs}\p{Co}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length <= lengthMax ? clean : `${cutWhole(clean, lengthMax - 1).trimEnd()}…`;
}

/** Never between the halves of a surrogate pair. */
function cutWhole(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** The same, or undefined where nothing is left. */
export const optionalText = (text: string | null | undefined, lengthMax: number): string | undefined =>
  (text && fitText(text, lengthMax)) || undefined;
