import type { FormState } from './form-state';
import { CheckField, FieldGroup, NumberField, TextField } from './inputs';

export const EmbeddedFields = ({ form }: { form: FormState }) => (
  <FieldGroup title="Doors of the fabric">
    <TextField form={form} path="host" label="Host" help="Where its doors listen, or are reached" />
    <TextField
      form={form}
      path="advertisedHost"
      label="Advertised host"
      help="The name by which edges elsewhere reach it; the host when empty"
    />
    <NumberField form={form} path="kafkaPort" label="Kafka port" placeholder="19092" />
    <NumberField form={form} path="restPort" label="REST port" placeholder="18443" />
    <CheckField
      checked={form.text('managed') === 'true'}
      onChange={(managed) => form.set('managed', managed)}
      label="Started by Fieldline"
      help="From the next start of Fieldline on. Otherwise somebody else starts it."
    />
  </FieldGroup>
);
