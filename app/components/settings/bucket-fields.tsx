import type { FormState } from './form-state';
import { CA_HELP, CheckField, FieldGroup, PemField, SecretField, TextField } from './inputs';

/** An S3 bucket, at `s3` of a form. */
export const BucketFields = ({
  form,
  kept,
  title,
  help,
}: {
  form: FormState;
  kept: { hasSecretAccessKey: boolean; hasCa: boolean } | undefined;
  title: string;
  /** What is to be known of the bucket. */
  help: string;
}) => (
  <FieldGroup title={title}>
    <TextField form={form} path="s3.endpoint" label="Endpoint" placeholder="https://s3.example" />
    <TextField form={form} path="s3.bucket" label="Bucket" help={help} />
    <TextField form={form} path="s3.accessKeyId" label="Access key" />
    <SecretField form={form} path="s3.secretAccessKey" label="Secret key" kept={kept?.hasSecretAccessKey ?? false} />
    <TextField form={form} path="s3.region" label="Region" help="Servers of one’s own mostly want us-east-1" />
    <CheckField
      checked={form.text('s3.pathStyle') === 'true'}
      onChange={(on) => form.set('s3.pathStyle', on)}
      label="Bucket in the path"
      help="endpoint/bucket/key. Off: bucket.endpoint/key"
    />
    {form.text('s3.endpoint').startsWith('https:') && (
      <PemField form={form} path="s3.ca" label="Authority" help={CA_HELP} kept={kept?.hasCa ?? false} />
    )}
  </FieldGroup>
);
