import { useId } from 'react';
import type { FabricView, UpstreamView } from '@/lib/api/connections';
import { BucketFields } from './bucket-fields';
import type { FormState } from './form-state';
import { FieldGroup, TextField } from './inputs';
import { BrokersField } from './list-field';
import { SecurityFields } from './security-fields';
import type { Dial } from './upstream-state';

const DIALS: { value: Dial; label: string; help: string }[] = [
  { value: 'here', label: 'In this installation', help: 'This site follows it, wherever it goes' },
  { value: 'address', label: 'Embedded, elsewhere', help: 'A fabric of Fieldline’s own on another machine' },
  { value: 'cluster', label: 'On Kafka and S3, elsewhere', help: 'Its brokers, and the bucket with its files' },
];

/** HQ as an edge reaches it. */
export function UpstreamFields({
  form,
  kept,
  kind,
  dial,
  onDial,
}: {
  form: FormState;
  kept: UpstreamView | null;
  kind: FabricView['kind'];
  dial: Dial;
  onDial: (dial: Dial) => void;
}) {
  const name = useId();
  const isEmbedded = kind === 'embedded';
  return (
    <>
      <fieldset>
        <legend className="mb-1.5 text-sm font-semibold">HQ, as this site dials it</legend>
        <div className="grid gap-2 md:grid-cols-3">
          {DIALS.filter(({ value }) => isEmbedded || value !== 'address').map(({ value, label, help }) => (
            <label
              key={value}
              className="flex cursor-pointer items-start gap-2 rounded-md border border-line p-2.5 hover:border-line-strong has-checked:border-accent has-checked:bg-raised"
            >
              <input
                type="radio"
                name={name}
                value={value}
                checked={dial === value}
                onChange={() => onDial(value)}
                className="mt-0.5 accent-accent"
              />
              <span>
                <span className="block text-sm font-medium">{label}</span>
                <span className="block text-2xs text-ink-faint">{help}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {dial === 'address' && (
        <FieldGroup title="HQ’s doors">
          <TextField
            form={form}
            path="address"
            label="Address"
            placeholder="hq.example:18443"
            help="host:port of its REST door"
          />
          <SecurityFields form={form} kept={kept} label="TLS to HQ" named />
        </FieldGroup>
      )}
      {dial === 'cluster' && (
        <>
          <FieldGroup title="HQ’s Kafka">
            <BrokersField form={form} />
            <SecurityFields form={form} kept={kept} named={isEmbedded} />
          </FieldGroup>
          <BucketFields
            form={form}
            kept={kept && 's3' in kept ? kept.s3 : undefined}
            title="HQ’s S3 bucket"
            help="A key that may list and read it is enough"
          />
        </>
      )}
    </>
  );
}
