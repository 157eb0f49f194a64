/** A panel of lines over time, and its legend. */
import uPlot from 'uplot';
import { axisSteps, formatValue } from '../units.mjs';
import { colourOf, element, lineColour } from './look.mjs';

const LEGEND_ROWS_MAX = 3;
const LEGEND_ROW_PX = 18;
const SIDE_PX = 12;
const VALUE_AXIS_PX = 78;
const TIME_AXIS_PX = 26;
const AXIS = { stroke: '#8b94a5', grid: { stroke: '#232833', width: 1 }, ticks: { show: false }, font: '11px Inter' };
const TIME_STEPS_SECONDS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800];
const DAY_SECONDS = 86_400;

export function drawLines(box, { names, colours, data, unit, min, style }, time, { width, height }) {
  const chart = element('div', 'chart');
  const strokes = names.map((_, n) => (colours[n] ? colourOf(colours[n]) : lineColour(n)));
  const legend = drawLegend(box, chart, names, strokes);
  const isLong = time.to - time.from > DAY_SECONDS;
  const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(...(isLong ? [5, 10] : [11, 16]));
  const fill = Math.round(((style?.fillOpacity ?? 0) / 100) * 255)
    .toString(16)
    .padStart(2, '0');
  const steps = axisSteps(unit);
  new uPlot(
    {
      width: width - SIDE_PX,
      height: height - legend.offsetHeight - 4,
      legend: { show: false },
      cursor: { show: false },
      // Marks of days are those of UTC, as the dashboards are.
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      scales: { x: { range: [time.from, time.to] }, y: { range: (_, low, high) => valueRange(low, high, min) } },
      axes: [
        { ...AXIS, size: TIME_AXIS_PX, space: 80, incrs: TIME_STEPS_SECONDS, values: (_, marks) => marks.map(clock) },
        {
          ...AXIS,
          size: VALUE_AXIS_PX,
          space: 34,
          ...(steps && { incrs: steps }),
          values: (_, marks) => marks.map((mark) => formatValue(mark, unit)),
        },
      ],
      series: [
        {},
        ...strokes.map((stroke) => ({
          stroke,
          width: (style?.lineWidth ?? 1) * 1.5,
          fill: `${stroke}${fill}`,
          points: { show: false },
          spanGaps: false,
        })),
      ],
    },
    data,
    chart,
  );
}

/** Nothing but one value still has an axis to be read from. */
function valueRange(low, high, min) {
  const bottom = min ?? low;
  if (low === null || high <= bottom) return [bottom, bottom + 1];
  const [under, over] = uPlot.rangeNum(bottom, high, 0.1, true);
  return [min ?? under, over];
}

/** Grafana's legend scrolls; a picture can not, so it says how many it does not name. */
function drawLegend(box, chart, names, strokes) {
  const legend = element('ul', 'legend');
  box.append(chart, legend);
  const entries = names.map((name, n) => {
    const entry = element('li', '', name);
    entry.style.setProperty('--colour', strokes[n]);
    return entry;
  });
  legend.append(...entries);
  const isTooHigh = () => legend.offsetHeight > LEGEND_ROWS_MAX * LEGEND_ROW_PX;
  if (!isTooHigh()) return legend;
  const more = element('li', 'more');
  legend.append(more);
  for (let hidden = 1; hidden < entries.length && isTooHigh(); hidden++) {
    entries.at(-hidden).remove();
    more.textContent = `and ${hidden} more`;
  }
  return legend;
}
