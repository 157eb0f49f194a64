/** Asks Prometheus everything that a dashboard shows: its variables, then the queries of each panel. */
import { align, legendOf, overridesOf, thresholdColour } from './series.mjs';
import { builtIn, fillIn, parseLabelValues, variableValue } from './variables.mjs';

/** Points across a panel, at most: about one for each pixel of the widest would tell no more. */
const POINTS_MAX = 400;

/**
 * The dashboard as it is to be drawn. `range`: seconds up to `to` (seconds since 1970); `chosen`: values of its variables, `{ site: ['alpha'] }`.
 * Fails with a sentence where Prometheus refuses, or the dashboard has what is not known here.
 */
export async function readDashboard(dashboard, prometheus, { range, to, chosen = {} }) {
  const scrapeSeconds = await prometheus.scrapeSeconds();
  const stepSeconds = Math.max(scrapeSeconds, Math.ceil(range / POINTS_MAX));
  // As Grafana does: moments are multiples of the step, so that a picture a moment later has the same ones.
  const last = Math.floor(to / stepSeconds) * stepSeconds;
  const time = { from: last - Math.floor(range / stepSeconds) * stepSeconds, to: last, stepSeconds };
  const { variables, choices } = await readVariables(dashboard, prometheus, time, chosen);
  const values = { ...builtIn({ stepSeconds, scrapeSeconds, rangeSeconds: range }), ...variables };
  const { uid, title, description } = dashboard;
  return {
    uid,
    title,
    description,
    time,
    choices,
    panels: await Promise.all(dashboard.panels.map((panel) => readPanel(panel, prometheus, time, values))),
  };
}

async function readVariables(dashboard, prometheus, time, chosen) {
  const variables = {};
  const choices = [];
  // One after the other: a query may name the variables before it.
  for (const variable of dashboard.templating.list.filter(({ type }) => type === 'query')) {
    const { selector, label } = parseLabelValues(fillIn(variable.definition, variables));
    const known = await prometheus.labelValues(label, selector, time);
    variables[variable.name] = variableValue(variable, chosen[variable.name], known);
    choices.push({ label: variable.label ?? variable.name, value: chosen[variable.name]?.join(', ') ?? 'All' });
  }
  return { variables, choices };
}

async function readPanel(panel, prometheus, time, variables) {
  const { type, title, description, gridPos } = panel;
  const { unit, min, thresholds, custom } = panel.fieldConfig.defaults;
  const shown = { type, title, description, gridPos, unit, min, style: custom };
  if (type === 'stat') return { ...shown, ...(await readStat(panel, prometheus, time, variables, thresholds)) };
  if (type === 'timeseries') return { ...shown, ...(await readLines(panel, prometheus, time, variables)) };
  throw new Error(`The panel "${title}" is a ${type}; only stat and timeseries are known here`);
}

async function readStat({ targets, options, fieldConfig }, prometheus, time, variables, thresholds) {
  const answers = await Promise.all(
    targets.map(async ({ expr, legendFormat }) =>
      (await prometheus.query(fillIn(expr, variables), time.to)).map(({ metric, value }) => {
        const name = legendOf(metric, legendFormat);
        const { color } = overridesOf(name, fieldConfig.overrides);
        return { name, value, colour: color?.fixedColor ?? thresholdColour(value, thresholds?.steps) };
      }),
    ),
  );
  const values = answers.flat().toSorted((one, other) => one.name.localeCompare(other.name));
  return { textMode: options.textMode, values };
}

async function readLines({ targets, fieldConfig }, prometheus, time, variables) {
  const answers = await Promise.all(
    targets.map(async ({ expr, legendFormat }) =>
      (await prometheus.range(fillIn(expr, variables), time)).map(({ metric, points }) => ({
        name: legendOf(metric, legendFormat),
        points,
      })),
    ),
  );
  const lines = answers.flat();
  return {
    names: lines.map(({ name }) => name),
    colours: lines.map(({ name }) => overridesOf(name, fieldConfig.overrides).color?.fixedColor ?? null),
    data: align(
      lines.map(({ points }) => points),
      time,
    ),
  };
}
