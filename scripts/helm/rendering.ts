/** What the chart's tests render, and what they look for in it. */
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CHART, KUBERNETES_VERSION, runHelm } from './tools.mjs';

export const TESTS = path.resolve(CHART, '../tests');

export interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: a manifest has the shape that Kubernetes' schemas say, which kubeconform checks.
  [field: string]: any;
}

/** Renders a chart (a folder or a package) with values as a file's name or as an object. Fails with Helm's own sentence. */
export function render(values: string | object, chart = CHART): string {
  const from = typeof values === 'string' ? ['--values', values] : ['--values', '-'];
  return runHelm(
    ['template', 'test', chart, '--namespace', 'mission', '--kube-version', KUBERNETES_VERSION, ...from],
    typeof values === 'string' ? '' : JSON.stringify(values),
  );
}

/**
 * What Helm says after an installation. `helm template` leaves that out and `helm install` wants a cluster, so the notes are rendered as a
 * manifest of a copy of the chart.
 */
export function renderNotes(values: string): string {
  const copy = path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-notes-')), 'fieldline');
  cpSync(CHART, copy, { recursive: true });
  renameSync(path.join(copy, 'templates/NOTES.txt'), path.join(copy, 'notes.txt'));
  const manifest = 'kind: Notes\nmetadata: {name: notes}\ntext: {{ tpl (.Files.Get "notes.txt") . | toJson }}\n';
  writeFileSync(path.join(copy, 'templates/notes.yaml'), manifest);
  const notes = oneOf(manifestsOf(render(values, copy)), 'Notes').text as string;
  rmSync(path.dirname(copy), { recursive: true });
  return notes;
}

export const manifestsOf = (rendered: string): Manifest[] =>
  parseAllDocuments(rendered)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

export const oneOf = (manifests: readonly Manifest[], kind: string, name?: string): Manifest => {
  const found = manifests.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} of kind ${kind}`);
  return found[0]!;
};

/** Specs of all pods: those of workloads, and bare ones. */
export const podsOf = (manifests: readonly Manifest[]) =>
  manifests.flatMap((one) =>
    one.kind === 'Pod' ? [one.spec] : one.spec?.template?.spec?.containers ? [one.spec.template.spec] : [],
  );
