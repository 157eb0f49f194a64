/** Runs in the browser: lays a dashboard that was read (../read.mjs) out on Grafana's grid and draws its panels. */

import { formatValue } from '../units.mjs';
import { drawLines } from './lines.mjs';
import { colourOf, element, HEADER_PX } from './look.mjs';

/** Grafana's grid: 24 columns, rows of 30 pixels. */
const COLUMNS = 24;
const ROW_PX = 30;
const GAP_PX = 8;
/** From here on a panel has room for its description beside its title. */
const WIDE_COLUMNS = 8;
/** A tile that is narrower does not show its name. */
const TILE_PX_MIN = 150;
const NAME_PX = 14;
const VALUE_PX = { min: 16, max: 36 };

/** Draws into the document's body. */
function draw({ title, description, time, choices, panels }) {
  const header = element('header', '');
  header.append(element('h1', '', title), element('p', 'about', description ?? ''));
  for (const { label, value } of choices) {
    const choice = element('span', 'choice');
    choice.append(element('b', '', label), ` ${value}`);
    header.append(choice);
  }
  const [from, to] = [time.from, time.to].map((seconds) => new Date(seconds * 1000).toISOString().slice(0, 16));
  header.append(element('span', 'choice', `${from.replace('T', ' ')} to ${to.slice(11)} UTC`));
  const grid = element('main', '');
  document.body.append(header, grid);
  const rows = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  grid.style.height = `${rows * (ROW_PX + GAP_PX)}px`;
  for (const panel of panels) drawPanel(grid, panel, time);
}

function drawPanel(grid, panel, time) {
  const { x, y, w, h } = panel.gridPos;
  const columnPx = (grid.clientWidth + GAP_PX) / COLUMNS;
  const [width, height] = [w * columnPx - GAP_PX, h * (ROW_PX + GAP_PX) - GAP_PX];
  const box = element('section', '');
  const place = { left: x * columnPx, top: y * (ROW_PX + GAP_PX), width, height };
  for (const [property, pixels] of Object.entries(place)) box.style[property] = `${pixels}px`;
  const heading = element('h2', '', panel.title);
  // A narrow panel has its description behind an icon in Grafana, too.
  if (panel.description && w >= WIDE_COLUMNS) heading.append(element('small', '', panel.description));
  box.append(heading);
  grid.append(box);
  const room = { width, height: height - HEADER_PX };
  const isEmpty = panel.type === 'stat' ? panel.values.length === 0 : panel.names.length === 0;
  if (isEmpty) box.append(element('p', 'empty', 'No data'));
  else if (panel.type === 'stat') drawStat(box, panel, room);
  else drawLines(box, panel, time, room);
}

/** One tile a value, in as many columns as keep them readable. */
function drawStat(box, { values, unit, textMode }, { width, height }) {
  const columns = Math.min(values.length, Math.max(1, Math.floor(width / TILE_PX_MIN)));
  const tiles = element('div', 'tiles');
  tiles.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  const rowPx = height / Math.ceil(values.length / columns);
  const isName = textMode === 'name';
  const sizePx = isName ? NAME_PX : Math.max(VALUE_PX.min, Math.min(VALUE_PX.max, rowPx * 0.42));
  for (const { name, value, colour } of values) {
    const tile = element('div', 'tile');
    if (textMode === 'value_and_name') tile.append(element('span', 'name', name));
    const shown = element('span', 'value', isName ? name : formatValue(value, unit));
    shown.style.color = colourOf(colour);
    shown.style.fontSize = `${sizePx}px`;
    tile.append(shown);
    tiles.append(tile);
  }
  box.append(tiles);
}

globalThis.drawDashboard = draw;
