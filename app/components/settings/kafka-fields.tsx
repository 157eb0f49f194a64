import { useId } from 'react';
import type { FabricView } from '@/lib/api/connections';
import type { FormState } from './form-state';
import {
  CheckField,
  ChoiceField,
  FieldGroup,
  NumberField,
  PemField,
  SecretField,
  TextField,
  TextInput,
} from './inputs';

type KafkaView = Extract<FabricView, { kind: 'kafka' }>;
const MECHANISMS = [
  { value: 'plain', label: 'PLAIN' },
  { value: 'scram-sha-256', label: 'SCRAM-SHA-256' },
  { value: 'scram-sha-512', label: 'SCRAM-SHA-512' },
];
const CA_HELP = 'PEM of the authority that signed the certificate; empty for the authorities of the system';

/** Apache Kafka, PostgreSQL and S3. */
export function KafkaFields({ form, kept, role }: { form: FormState; kept: KafkaView | null; role: 'hq' | 'edge' }) {
  return (
    <>
      <FieldGroup title="Streams: Apache Kafka">
        <Brokers form={form} />
        <NumberField
          form={form}
          path="replicationFactor"
          label="Replication factor"
          help="Of new topics; the brokers’ default when empty"
        />
        <CheckField
          checked={form.has('tls')}
          onChange={(on) => form.set('tls', on ? {} : undefined)}
          label="TLS to the brokers"
        />
        {form.has('tls') && (
          <PemField form={form} path="tls.ca" label="Authority" help={CA_HELP} kept={kept?.tls?.hasCa ?? false} />
        )}
        <CheckField
          checked={form.has('sasl')}
          onChange={(on) => form.set('sasl', on ? { mechanism: 'scram-sha-512' } : undefined)}
          label="Sign in (SASL)"
        />
        {form.has('sasl') && (
          <>
            <ChoiceField form={form} path="sasl.mechanism" label="Mechanism" options={MECHANISMS} />
            <TextField form={form} path="sasl.username" label="User" />
            <SecretField form={form} path="sasl.password" label="Password" kept={kept?.sasl?.hasPassword ?? false} />
          </>
        )}
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
      <FieldGroup title="Volumes: S3">
        <TextField form={form} path="s3.endpoint" label="Endpoint" placeholder="https://s3.example" />
        <TextField
          form={form}
          path="s3.bucket"
          label="Bucket"
          help="It exists; the mission’s keys begin with its name"
        />
        <TextField form={form} path="s3.accessKeyId" label="Access key" />
        <SecretField
          form={form}
          path="s3.secretAccessKey"
          label="Secret key"
          kept={kept?.s3.hasSecretAccessKey ?? false}
        />
        <TextField form={form} path="s3.region" label="Region" help="Servers of one’s own mostly want us-east-1" />
        <CheckField
          checked={form.text('s3.pathStyle') === 'true'}
          onChange={(on) => form.set('s3.pathStyle', on)}
          label="Bucket in the path"
          help="endpoint/bucket/key. Off: bucket.endpoint/key"
        />
        {form.text('s3.endpoint').startsWith('https:') && (
          <PemField form={form} path="s3.ca" label="Authority" help={CA_HELP} kept={kept?.s3.hasCa ?? false} />
        )}
      </FieldGroup>
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
        </FieldGroup>
      )}
    </>
  );
}

/** A list in one field, as people write it. */
function Brokers({ form }: { form: FormState }) {
  const id = useId();
  const error = form.errors.brokers;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        Brokers
      </label>
      <TextInput
        id={id}
        defaultValue={form.text('brokers')}
        placeholder="kafka-1.example:9092, kafka-2.example:9092"
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-help`}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) =>
          form.set(
            'brokers',
            event.target.value.split(/[\s,]+/).filter((broker) => broker !== ''),
          )
        }
      />
      <p id={`${id}-help`} className={error ? 'text-2xs text-failed' : 'text-2xs text-ink-faint'}>
        {error ?? 'host:port, one or more; they tell of the others'}
      </p>
    </div>
  );
}
