/** What `npm run test:helm` uses and `npm run package:helm` packages with, and where it lies. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
export const CACHE = path.join(root, '.cache/helm');
export const CHART = path.join(root, 'helm/fieldline');

/** Programs of the Go module proxy: name, package, version. */
export const PROGRAMS = [
  { name: 'helm', from: 'helm.sh/helm/v3/cmd/helm', version: 'v3.22.0' },
  { name: 'kubeconform', from: 'github.com/yannh/kubeconform/cmd/kubeconform', version: 'v0.8.0' },
];
export const programFile = ({ name, version }) => path.join(CACHE, 'bin', `${name}-${version}`);

/** Modules that carry the schemas of what the chart renders, and the files in them. */
export const SCHEMA_MODULES = [
  { module: 'k8s.io/kubernetes', version: 'v1.37.2', swagger: 'api/openapi-spec/swagger.json' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    crds: [
      'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
      'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml',
    ],
  },
  {
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.6.3',
    crds: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  },
  { module: 'istio.io/api', version: 'v1.32.0', crds: ['kubernetes/customresourcedefinitions.gen.yaml'] },
];
export const schemaDirectory = path.join(
  CACHE,
  'schemas',
  SCHEMA_MODULES.map(({ module, version }) => `${path.posix.basename(module)}-${version}`).join('_'),
);

/** The version that renderings are made for; what the chart asks for is in its Chart.yaml. */
export const KUBERNETES_VERSION = '1.37.2';

export const helm = programFile(PROGRAMS[0]);
export const kubeconform = programFile(PROGRAMS[1]);
export const hasHelm = existsSync(helm);
export const hasSchemas = existsSync(kubeconform) && existsSync(schemaDirectory);

/** Runs Helm on the chart. Resolves with what it printed; fails with what it said. */
export function runHelm(args, input = '') {
  try {
    return execFileSync(helm, args, {
      encoding: 'utf8',
      input,
      stdio: 'pipe',
      env: { HOME: CACHE, PATH: '/usr/bin:/bin' },
    });
  } catch (error) {
    throw new Error(String(error.stderr || error.message).trim(), { cause: error });
  }
}
