/** The chart's renderings: as they were last looked at, valid for Kubernetes, and with a configuration that Fieldline takes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfigFile } from '@/lib/config';
import { loadFeeds } from '@/lib/feeds';
import { type Manifest, manifestsOf, oneOf, podsOf, render, renderNotes, TESTS } from './rendering';
import { CHART, hasHelm, hasSchemas, KUBERNETES_VERSION, kubeconform, runHelm, schemaDirectory } from './tools.mjs';

const cases = readdirSync(path.join(TESTS, 'values')).map((file) => path.basename(file, '.yaml'));
const valuesOf = (name: string) => path.join(TESTS, 'values', `${name}.yaml`);

/** Lays the settings volume as a node does, with something in each file of a Secret, and reads the configuration as the launcher does. */
function mountedConfig(manifests: readonly Manifest[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-chart-'));
  const set = oneOf(manifests, 'StatefulSet');
  const settings = set.spec.template.spec.volumes.find((volume: { name: string }) => volume.name === 'settings');
  for (const { configMap, secret } of settings.projected.sources)
    for (const item of (configMap ?? secret).items) {
      const text = configMap ? oneOf(manifests, 'ConfigMap', configMap.name).data[item.key] : 'something';
      const file = path.join(folder, item.path);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  enrolWhereAsked(folder, set);
  return { config: readConfigFile(path.join(folder, 'fieldline.json')), folder };
}

/** A pod that enrols itself has an upstream only afterwards: what HQ would give is laid into a data directory of its own. */
function enrolWhereAsked(folder: string, set: Manifest): void {
  const [container] = set.spec.template.spec.containers;
  const args: string[] = container.args ?? [];
  expect(args.slice(-2)).toEqual(args.length > 0 ? ['--config', '/etc/fieldline/fieldline.json'] : []);
  const at = args.indexOf('--enrol');
  if (at < 0) return;
  const token = path.join(folder, path.relative('/etc/fieldline', args[at + 1]!));
  expect(readFileSync(token, 'utf8')).toBe('something');
  const file = path.join(folder, 'fieldline.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  const dataDir = path.join(folder, 'data');
  writeFileSync(file, JSON.stringify({ ...config, dataDir }));
  const enrolment = { version: 1, mission: config.mission, upstream: { address: 'hq.example:18443' } };
  mkdirSync(path.join(dataDir, 'enrolment'), { recursive: true });
  writeFileSync(path.join(dataDir, 'enrolment', `${config.sites[0].id}.json`), JSON.stringify(enrolment));
}

describe.skipIf(!hasHelm)('the chart', () => {
  it('passes lint, where a warning is an error', () => {
    for (const name of cases)
      runHelm(['lint', '--strict', CHART, '--kube-version', KUBERNETES_VERSION, '--values', valuesOf(name)]);
  });

  it('is of the same version as the project', () => {
    const { version } = JSON.parse(readFileSync(path.resolve(CHART, '../../package.json'), 'utf8'));
    expect(readFileSync(path.join(CHART, 'Chart.yaml'), 'utf8')).toContain(`appVersion: "${version}"`);
  });

  describe.each(cases)('%s', (name) => {
    const rendered = render(valuesOf(name));
    const manifests = manifestsOf(rendered);

    it('is rendered as it was looked at', async () => {
      await expect(rendered).toMatchFileSnapshot(path.join(TESTS, 'golden', `${name}.yaml`));
    });

    it.skipIf(!hasSchemas)('is valid for Kubernetes', () => {
      expect(validate(rendered)).toEqual([]);
    });

    it('has a configuration that Fieldline takes, with every file it names', async () => {
      const { config, folder } = mountedConfig(manifests);
      expect(config.logs).toBe('output');
      const own = config.feeds.filter((feed) => feed.startsWith(folder));
      const options = { appBaseUrl: 'http://127.0.0.1:3000', allowPrivateHosts: [] };
      expect((await loadFeeds(own, options)).problems).toEqual([]);
    });

    it('gives its pods no rights, no token, and a root they can not write', () => {
      const pods = podsOf(manifests);
      expect(pods.length).toBeGreaterThan(0);
      for (const pod of pods) {
        expect(pod.automountServiceAccountToken).toBe(false);
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        expect(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC).toBeUndefined();
        for (const container of pod.containers) {
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(container.resources.requests).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) });
          expect(container.resources.limits.memory).toBeTruthy();
          expect(container.image).toMatch(/:[\d.]+$|@sha256:/);
          expect(container.env).toBeUndefined();
        }
      }
    });

    it('asks the real health calls, and starts again with another configuration', () => {
      const { template } = oneOf(manifests, 'StatefulSet').spec;
      const [container] = template.spec.containers;
      const { config } = mountedConfig(manifests);
      const exec = (what: string) => ({
        command: ['/usr/local/bin/node', '/app/main.mjs', 'probe', config.sites[0]!.id, what],
      });
      // The node reaches a pod from outside, where access control lets it ask for liveness only.
      const live = config.access.mode === 'on' ? { httpGet: { path: '/api/health/live' } } : { exec: exec('live') };
      expect(container.startupProbe).toMatchObject(live);
      expect(container.livenessProbe).toMatchObject(live);
      expect(container.readinessProbe.exec).toEqual(exec('ready'));
      expect(template.metadata.annotations['checksum/config']).toMatch(/^[0-9a-f]{64}$/);
    });

    it('tells what to open and what to check', () => {
      const notes = renderNotes(valuesOf(name));
      expect(notes).toMatch(/https?:\/\//);
      expect(notes).toContain('rollout status statefulset/test-fieldline');
      // The first administrator's token, wherever it is; never the token itself.
      const token = name === 'hq-loopback' ? /may do everything/ : /secret fieldline-setup|access\/setup-token/;
      expect(notes).toMatch(token);
    });
  });

  it('has another checksum for another configuration, and the same for the same', () => {
    const checksum = (values: object) =>
      oneOf(manifestsOf(render(values)), 'StatefulSet').spec.template.metadata.annotations['checksum/config'];
    expect(checksum({ logLevel: 'debug' })).not.toBe(checksum({}));
    expect(checksum({ podLabels: { team: 'a' } })).toBe(checksum({}));
  });

  it('holds a misspelt field to be invalid', () => {
    if (!hasSchemas) return;
    const misspelt = render(valuesOf('hq-full')).replace('readOnlyRootFilesystem', 'readonlyRootFilesystem');
    expect(validate(misspelt).join()).toContain('readonlyRootFilesystem');
    expect(validate(render(valuesOf('ezua')).replace('rewrite:', 'rewritten:')).join()).toContain('rewritten');
  });
});

describe.skipIf(!hasHelm)('monitoring', () => {
  const monitoring = path.join(CHART, 'files/monitoring');
  const labels = { release: 'prometheus' };
  const rendered = render({
    metrics: { prometheusRule: { enabled: true, labels }, dashboards: { enabled: true } },
  });
  const manifests = manifestsOf(rendered);

  it('is valid for Kubernetes, and off by default', () => {
    if (hasSchemas) expect(validate(rendered)).toEqual([]);
    expect(render({})).not.toMatch(/PrometheusRule|ServiceMonitor|dashboard/);
  });

  it('has the rules that are tested with Prometheus, untouched', () => {
    const rule = oneOf(manifests, 'PrometheusRule');
    expect(rule.metadata.labels).toMatchObject(labels);
    expect(rule.spec).toEqual(parse(readFileSync(path.join(monitoring, 'alerts.yml'), 'utf8')));
  });

  it('has every dashboard, untouched, where the sidecar of Grafana finds it', () => {
    const { data, metadata } = oneOf(manifests, 'ConfigMap', 'test-fieldline-dashboards');
    expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    const files = readdirSync(path.join(monitoring, 'dashboards'));
    expect(Object.keys(data).toSorted()).toEqual(files.toSorted());
    for (const file of files)
      expect(JSON.parse(data[file])).toEqual(
        JSON.parse(readFileSync(path.join(monitoring, 'dashboards', file), 'utf8')),
      );
  });
});

describe.skipIf(!hasHelm)('for Ezmeral', () => {
  const manifests = manifestsOf(render(valuesOf('ezua')));

  it('labels the workload and its pods', () => {
    const labels = { 'hpe-ezua/type': 'vendor-service', 'hpe-ezua/app': 'test' };
    const set = oneOf(manifests, 'StatefulSet');
    expect(set.metadata.labels).toMatchObject(labels);
    expect(set.spec.template.metadata.labels).toMatchObject(labels);
  });

  it('leads the endpoint through the gateway and its sign-in to the service', () => {
    expect(oneOf(manifests, 'VirtualService').spec).toMatchObject({
      gateways: ['istio-system/ezaf-gateway'],
      hosts: ['fieldline.ua.example'],
      http: [{ route: [{ destination: { host: 'test-fieldline.mission.svc.cluster.local', port: { number: 80 } } }] }],
    });
    const policy = oneOf(manifests, 'AuthorizationPolicy');
    expect(policy.metadata.namespace).toBe('istio-system');
    expect(policy.spec).toMatchObject({ action: 'CUSTOM', provider: { name: 'oauth2-proxy' } });
  });

  it("believes the proxy's headers, and lets only the gateway's namespace in", () => {
    const { config } = mountedConfig(manifests);
    expect(config.access.trustedProxy?.roles).toEqual({ admin: 'admin', users: 'viewer' });
    expect(oneOf(manifests, 'NetworkPolicy').spec.ingress[0].from[0]).toEqual({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } },
    });
  });

  it('takes the values of its text box, once the platform has put its own in', () => {
    const box = readFileSync(path.join(CHART, 'ezmeral-values.yaml'), 'utf8');
    for (const registry of ['registry.ua.example', '']) {
      const file = path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-chart-')), 'values.yaml');
      writeFileSync(file, box.replace(/\$\{AIRGAP_REGISTRY\}/g, registry).replace(/\$\{DOMAIN_NAME\}/g, 'ua.example'));
      const rendered = render(file);
      if (hasSchemas) expect(validate(rendered)).toEqual([]);
      const [container] = oneOf(manifestsOf(rendered), 'StatefulSet').spec.template.spec.containers;
      expect(container.image).toMatch(registry ? /^registry\.ua\.example\/fieldline:/ : /^fieldline:/);
    }
  });

  it('is off by default', () => {
    expect(render({})).not.toMatch(/istio|hpe-ezua/);
  });
});

/** What kubeconform finds: one line for each manifest that is not valid, or has no schema. */
function validate(rendered: string): string[] {
  const location = `${schemaDirectory}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
  const args = ['-strict', '-output', 'json', '-schema-location', location];
  const output = (() => {
    try {
      return execFileSync(kubeconform, args, { input: rendered, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  })();
  return (JSON.parse(output).resources as { kind: string; msg: string }[]).map(({ kind, msg }) => `${kind}: ${msg}`);
}
