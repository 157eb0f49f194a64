/** The two forms in which Prometheus takes metrics: OpenMetrics 1.0, and its own older text. */
import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';

export interface MetricsText {
  contentType: string;
  text: string;
}

/** OpenMetrics where the caller names it, as Prometheus does; else the older text, which anything reads. */
export const wantsOpenMetrics = (accept: string | null) => /application\/openmetrics-text/i.test(accept ?? '');

/** All metrics of several registries, as one text. */
export async function renderText(registries: readonly Registry[], openMetrics: boolean): Promise<MetricsText> {
  const all = new Registry<OpenMetricsContentType>();
  all.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  // What it returns are the metrics themselves; its type says less.
  for (const registry of registries)
    for (const metric of registry.getMetricsAsArray()) all.registerMetric(metric as unknown as Metric);
  const text = await all.metrics();
  if (openMetrics) return { contentType: all.contentType, text };
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text: asPrometheusText(text) };
}

/**
 * prom-client words a counter differently in its two forms: `x_total` in one, `x` in the other, and takes the ending off a metric that it
 * has once written as OpenMetrics. A query must not depend on who scraped, so there is one writer, and the older form is made of its text.
 */
function asPrometheusText(text: string): string {
  const counters = new Set([...text.matchAll(/^# TYPE (\S+) counter$/gm)].map((match) => match[1]));
  return text
    .replace(/^# EOF\n/m, '')
    .replace(/^# (HELP|TYPE) (\S+)/gm, (line, word: string, name: string) =>
      counters.has(name) ? `# ${word} ${name}_total` : line,
    );
}
