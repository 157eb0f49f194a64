/** What the panels of a picture share: their colours, and how an element is made. */
export const HEADER_PX = 30;

/** Grafana's names of colours, in tones that this picture's ground carries. */
const COLOURS = { green: '#4cc38a', yellow: '#f0b429', red: '#f2555a', blue: '#5b9dff', text: '#d8dee9' };
/** Lines in the order of their series; neighbours differ in hue and in lightness. */
const PALETTE = ['#4cc38a', '#5b9dff', '#f0b429', '#e879b9', '#45c8d6', '#ff8b3e', '#a58bff', '#c6d65a', '#f2555a'];

export const colourOf = (name) => COLOURS[name] ?? name;
export const lineColour = (index) => PALETTE[index % PALETTE.length];

export function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
