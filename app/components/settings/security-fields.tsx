import type { FormState } from './form-state';
import { CA_HELP, CheckField, ChoiceField, PemField, SecretField, TextField } from './inputs';

const MECHANISMS = [
  { value: 'plain', label: 'PLAIN' },
  { value: 'scram-sha-256', label: 'SCRAM-SHA-256' },
  { value: 'scram-sha-512', label: 'SCRAM-SHA-512' },
];

/** TLS and SASL towards a cluster, at `tls` and `sasl` of a form. `named`: the certificate may be for another name than is dialled. */
export const SecurityFields = ({
  form,
  kept,
  label = 'TLS to the brokers',
  named = false,
}: {
  form: FormState;
  kept: { tls?: { hasCa: boolean }; sasl?: { hasPassword: boolean } } | null;
  label?: string;
  named?: boolean;
}) => (
  <>
    <CheckField checked={form.has('tls')} onChange={(on) => form.set('tls', on ? {} : undefined)} label={label} />
    {form.has('tls') && (
      <>
        <PemField form={form} path="tls.ca" label="Authority" help={CA_HELP} kept={kept?.tls?.hasCa ?? false} />
        {named && (
          <TextField
            form={form}
            path="tls.serverName"
            label="Name in the certificate"
            help="Where it is not the host that is dialled"
          />
        )}
      </>
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
  </>
);
