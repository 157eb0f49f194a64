/** Prometheus' HTTP API, as far as a dashboard asks it. https://prometheus.io/docs/prometheus/latest/querying/api/ */
const TIMEOUT_MS_MAX = 30_000;

export function prometheusAt(url) {
  const base = url.replace(/\/+$/, '');
  async function ask(call, parameters) {
    let answer;
    try {
      const response = await fetch(`${base}/api/v1/${call}?${new URLSearchParams(parameters)}`, {
        signal: AbortSignal.timeout(TIMEOUT_MS_MAX),
      });
      answer = await response.json();
    } catch (cause) {
      throw new Error(`Prometheus at ${base} does not answer: ${cause.cause?.message ?? cause.message}`, { cause });
    }
    if (answer.status !== 'success') throw new Error(`Prometheus refuses ${parameters.query ?? call}: ${answer.error}`);
    return answer.data;
  }
  const numbered = ([time, value]) => [time, Number(value)];
  return {
    /** `[{ metric, value }]` at one moment. */
    query: async (query, time) =>
      (await ask('query', { query, time })).result.map(({ metric, value }) => ({ metric, value: numbered(value)[1] })),
    /** `[{ metric, points: [[seconds, value]] }]`. */
    range: async (query, { from, to, stepSeconds }) =>
      (await ask('query_range', { query, start: from, end: to, step: stepSeconds })).result.map(
        ({ metric, values }) => ({
          metric,
          points: values.map(numbered),
        }),
      ),
    labelValues: (label, selector, { from, to }) =>
      ask(`label/${label}/values`, { start: from, end: to, ...(selector ? { 'match[]': selector } : {}) }),
    /** How often it reads its targets, in seconds; the shortest of its jobs. */
    scrapeSeconds: async () => {
      const { activeTargets } = await ask('targets', { state: 'active' });
      return Math.min(60, ...activeTargets.map(({ scrapeInterval }) => parseInterval(scrapeInterval)));
    },
  };
}

/** Go's way to write one: "15s", "1m30s". */
function parseInterval(text) {
  const parts = [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)];
  return parts.reduce((sum, [, n, unit]) => sum + Number(n) * { h: 3600, m: 60, s: 1, ms: 1e-3 }[unit], 0) || 15;
}
