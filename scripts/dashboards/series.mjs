/** Prometheus' answers as what a panel shows: names, colours, values at the same moments. */

/** As Grafana's legend: `{{label}}` filled in; without a format, the series as Prometheus writes it. */
export function legendOf(metric, format) {
  if (format) return format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? '');
  const { __name__: name = '', ...labels } = metric;
  const inside = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}${inside.length > 0 || name === '' ? `{${inside.join(', ')}}` : ''}`;
}

/**
 * The colour of a value: of the last step that it reaches. Steps go up; the first has no value.
 * @param {number} value
 * @param {{ color: string, value: number | null }[]} [steps]
 */
export function thresholdColour(value, steps = [{ color: 'text', value: null }]) {
  return steps.findLast((step) => step.value === null || value >= step.value)?.color ?? 'text';
}

/** What a panel's overrides fix for the series of this name; `byName` and `byRegexp` (`/pattern/`), as in Grafana. */
export function overridesOf(name, overrides = []) {
  const properties = {};
  for (const { matcher, properties: set } of overrides)
    if (matches(name, matcher)) for (const { id, value } of set) properties[id] = value;
  return properties;
}

function matches(name, { id, options }) {
  if (id === 'byName') return name === options;
  if (id !== 'byRegexp') throw new Error(`An override matches "${id}"; only byName and byRegexp are known here`);
  const [, pattern, flags] = /^\/(.*)\/([a-z]*)$/.exec(options) ?? [null, `^${options}$`, ''];
  return new RegExp(pattern, flags).test(name);
}

/** Several series on one axis of moments; null where a series has nothing, so that its line has a gap there. */
export function align(series, { from, to, stepSeconds }) {
  const count = Math.floor((to - from) / stepSeconds) + 1;
  const times = Array.from({ length: count }, (_, n) => from + n * stepSeconds);
  const columns = series.map((points) => {
    const column = new Array(count).fill(null);
    for (const [time, value] of points) {
      const at = Math.round((time - from) / stepSeconds);
      // NaN is a quotient of nothing (a percentile of no work): a gap too.
      if (at >= 0 && at < count && Number.isFinite(value)) column[at] = value;
    }
    return column;
  });
  return [times, ...columns];
}

/** "30m", "2h", "1d" in seconds. */
export function parseDuration(text) {
  const match = /^(\d+)(s|m|h|d)$/.exec(text);
  if (!match) throw new Error(`"${text}" is no duration such as 90s, 30m, 6h or 1d`);
  return Number(match[1]) * { s: 1, m: 60, h: 3600, d: 86_400 }[match[2]];
}
