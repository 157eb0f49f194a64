import type { FabricView } from '@/lib/api/connections';
import { BucketFields } from './bucket-fields';
import { type FormState, valueAt } from './form-state';
import { CA_HELP, CheckField, FieldGroup, NumberField, PemField, SecretField, TextField } from './inputs';
import { BrokersField } from './list-field';
import { SecurityFields } from './security-fields';

type KafkaView = Extract<FabricView, { kind: 'kafka' }>;
/** Apache Kafka, PostgreSQL and S3. */
export function KafkaFields({ form, kept, role }: { form: FormState; kept: KafkaView | null; role: 'hq' | 'edge' }) {
  // Emptied, the file goes with its provider: a connection has both or neither.
  const secrets = valueAt(form.values, 'connect.secrets') as object | undefined;
  return (
    <>
      <FieldGroup title="Streams: Apache Kafka">
        <BrokersField form={form} />
        <NumberField
          form={form}
          path="replicationFactor"
          label="Replication factor"
          help="Of new topics; the brokers’ default when empty"
        />
        <SecurityFields form={form} kept={kept} />
      </FieldGroup>
      <FieldGroup title="Tables: PostgreSQL">
        <TextField form={form} path="postgres.host" label="Host" placeholder="db.example" />
        <NumberField form={form} path="postgres.port" label="Port" />
        <TextField
          form={form}
          path="postgres.database"
          label="Database"
          help="It exists; the mission gets a schema in it"
        />
        <TextField form={form} path="postgres.user" label="User" />
        <SecretField form={form} path="postgres.password" label="Password" kept={kept?.postgres.hasPassword ?? false} />
        <CheckField
          checked={form.has('postgres.tls')}
          onChange={(on) => form.set('postgres.tls', on ? {} : undefined)}
          label="TLS to the database"
        />
        {form.has('postgres.tls') && (
          <PemField
            form={form}
            path="postgres.tls.ca"
            label="Authority"
            help={CA_HELP}
            kept={kept?.postgres.tls?.hasCa ?? false}
          />
        )}
      </FieldGroup>
      <BucketFields
        form={form}
        kept={kept?.s3}
        title="Volumes: S3"
        help="It exists; the mission’s keys begin with its name"
      />
      {role === 'edge' && (
        <FieldGroup title="Link: Kafka Connect">
          <TextField
            form={form}
            path="connect.url"
            label="Address"
            placeholder="http://connect.example:8083"
            help="Its MirrorMaker 2 carries the topics to and from HQ"
          />
          <TextField form={form} path="connect.username" label="User" help="Empty: without a user" />
          <SecretField
            form={form}
            path="connect.password"
            label="Password"
            kept={kept?.connect?.hasPassword ?? false}
          />
          <CheckField
            checked={form.has('connect.tls')}
            onChange={(on) => form.set('connect.tls', on ? {} : undefined)}
            label="An authority of its own (TLS)"
          />
          {form.has('connect.tls') && (
            <PemField
              form={form}
              path="connect.tls.ca"
              label="Authority"
              help={CA_HELP}
              kept={kept?.connect?.tls?.hasCa ?? false}
            />
          )}
          <TextField
            form={{ ...form, set: (_path, path) => form.set('connect.secrets', path && { ...secrets, path }) }}
            path="connect.secrets.path"
            label="Passwords file on the workers"
            placeholder="/etc/kafka/fieldline.properties"
            help="Empty: who may ask Connect can read the passwords of both clusters"
          />
        </FieldGroup>
      )}
    </>
  );
}
