import type { FabricView } from '@/lib/api/connections';
import type { FormState } from './form-state';
import { CheckField, FieldGroup, NumberField, PemField, SecretField, TextField } from './inputs';
import { ListField } from './list-field';

type ClusterView = Extract<FabricView, { kind: 'datafabric' }>;

/** A cluster of HPE Data Fabric. */
export function DataFabricFields({
  form,
  kept,
  role,
}: {
  form: FormState;
  kept: ClusterView | null;
  role: 'hq' | 'edge';
}) {
  return (
    <>
      <FieldGroup title="Cluster">
        <TextField form={form} path="cluster" label="Name of the cluster" placeholder="core.example" />
        <TextField
          form={form}
          path="host"
          label="Host"
          help="A node with the API server, the Data Access Gateway and the Kafka REST proxy"
        />
        <TextField form={form} path="username" label="User" />
        <SecretField form={form} path="password" label="Password" kept={kept?.hasPassword ?? false} />
        <NumberField form={form} path="adminPort" label="API server port" />
        <NumberField form={form} path="tablesPort" label="Data Access Gateway port" />
        <NumberField form={form} path="streamsPort" label="Kafka REST port" />
        <CheckField
          checked={form.text('tls') === 'true'}
          onChange={(on) => form.set('tls', on)}
          label="TLS"
          help="Off: a cluster that is not secured"
        />
        {form.text('tls') === 'true' && (
          <PemField
            form={form}
            path="ca"
            label="Authority of the cluster"
            help="PEM; empty for the authorities of the system"
            kept={kept?.hasCa ?? false}
          />
        )}
      </FieldGroup>
      {role === 'edge' && (
        <FieldGroup title="HQ’s cluster">
          <TextField form={form} path="upstream.cluster" label="Name of the cluster" />
          <ListField
            form={form}
            path="upstream.gateways"
            label="Gateways"
            placeholder="gw1.core.example, gw2.core.example"
            help="One or more, as nodes of this cluster reach them"
          />
        </FieldGroup>
      )}
    </>
  );
}
