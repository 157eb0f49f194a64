/** Turns what Kubernetes publishes of its API (OpenAPI) and custom resource definitions into strict JSON schemas, one a kind, for kubeconform. */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Types that JSON writes in more than one way; OpenAPI calls them strings. */
const LOOSE_TYPES = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};
const DEFINITION = '#/definitions/';

/** Writes the schemas of these modules into `directory`, all or none. */
export function writeSchemas(modules, directory) {
  mkdirSync(path.dirname(directory), { recursive: true });
  const place = mkdtempSync(`${directory}.`);
  for (const { directory: source, swagger, crds = [] } of modules) {
    if (swagger) writeKinds(JSON.parse(readFileSync(path.join(source, swagger), 'utf8')).definitions, place);
    for (const file of crds) writeCustomKinds(readFileSync(path.join(source, file), 'utf8'), place);
  }
  renameSync(place, directory);
}

/** As kubeconform names `{{.ResourceKind}}{{.KindSuffix}}`: the first label of the group, then the version. */
const write = (place, { group, version, kind }, schema) => {
  const parts = [kind, ...(group ? [group.split('.')[0]] : []), version];
  writeFileSync(path.join(place, `${parts.join('-').toLowerCase()}.json`), JSON.stringify(schema));
};

function writeKinds(definitions, place) {
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = definition['x-kubernetes-group-version-kind'] ?? [];
    if (kinds.length !== 1 || !definition.properties?.apiVersion) continue;
    const reachable = {};
    const visit = (wanted) => {
      if (reachable[wanted]) return;
      reachable[wanted] = LOOSE_TYPES[wanted] ?? strict(definitions[wanted]);
      for (const [, next] of JSON.stringify(reachable[wanted]).matchAll(/"#\/definitions\/([^"]+)"/g)) visit(next);
    };
    visit(name);
    write(place, kinds[0], { $ref: `${DEFINITION}${name}`, definitions: reachable });
  }
}

function writeCustomKinds(text, place) {
  for (const document of parseAllDocuments(text)) {
    const { kind, spec } = document.toJS() ?? {};
    if (kind !== 'CustomResourceDefinition') continue;
    for (const { name: version, schema, served } of spec.versions) {
      if (!served) continue;
      const of = { group: spec.group, version, kind: spec.names.kind };
      const { properties, ...rest } = strict(schema.openAPIV3Schema);
      write(place, of, {
        ...rest,
        properties: {
          ...properties,
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: { type: 'object' },
        },
      });
    }
  }
}

/** Closes every object that lists its fields: a misspelt one is an error. Extensions say where that would be wrong. */
function strict(schema) {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (schema['x-kubernetes-int-or-string']) return { type: ['string', 'integer'] };
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties !== undefined;
  const kept = Object.entries(schema).filter(
    ([key]) => !key.startsWith('x-') && key !== 'description' && key !== 'format',
  );
  const result = Object.fromEntries(
    kept.map(([key, value]) => [key, key === 'properties' ? strictProperties(value) : strict(value)]),
  );
  return schema.properties && !open ? { ...result, additionalProperties: false } : result;
}

/** Fields may have any name, also `description`. */
const strictProperties = (properties) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strict(schema)]));
