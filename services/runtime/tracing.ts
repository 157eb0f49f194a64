import { type FieldlineConfig, readSecret } from '@/lib/config';
import { FieldlineError } from '@/lib/errors';
import { createTracer, type Tracer } from '@/lib/tracing';
import packageJson from '@/package.json';

/** The tracer of this process. OpenTelemetry's exporter is loaded only where an endpoint is configured. */
export async function createProcessTracer(config: FieldlineConfig): Promise<Tracer> {
  const { mission, sites, telemetry } = config;
  const { otlpEndpoint, otlpHeadersFile, spansKept, sampleRatio } = telemetry;
  if (!otlpEndpoint) return createTracer({ spansKept, sampleRatio });
  const { createOtlpExporter } = await import('@/lib/tracing/otlp');
  const exporter = createOtlpExporter({
    endpoint: otlpEndpoint,
    headers: otlpHeadersFile ? parseHeaders(readSecret(config, otlpHeadersFile)) : {},
    resource: {
      'service.name': 'fieldline',
      'service.namespace': mission,
      'service.version': packageJson.version,
      'service.instance.id': sites.map(({ id }) => id).join('+'),
    },
  });
  return createTracer({ spansKept, sampleRatio, exporter });
}

/** `name: value` lines. Fails with CONFIG_INVALID, without saying what the file holds. */
function parseHeaders(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line, index) => {
      const match = /^([A-Za-z0-9-]+)\s*:\s*(\S.*)$/.exec(line);
      if (!match)
        throw new FieldlineError(
          'CONFIG_INVALID',
          `Line ${index + 1} of telemetry.otlpHeadersFile is no "name: value"`,
        );
      return [match[1]!.toLowerCase(), match[2]!.trim()];
    }),
  );
}
