/** Measures (pixels) and colours of a map sheet. */
export const SHEET = {
  width: 1080,
  height: 812,
  picture: { left: 60, top: 46 },
  /** Baseline of the place's name. */
  nameBaseline: 764,
} as const;

export const GROUND = '#0b151d';
export const PAPER = '#efe6d0';
export const INK = { strong: '#f6efdf', soft: '#c9c2b0', faint: '#87887f' } as const;
/** What belongs to this pass and not to the place. */
export const PASS_COLOUR = '#ffb454';
