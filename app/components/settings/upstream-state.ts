/** HQ as an edge reaches it, in a form: brokers are one list there, which the connection of an embedded edge has in one text. */
import { useState } from 'react';
import type { FabricView, UpstreamView } from '@/lib/api/connections';
import { useFormState, type Values, withoutMarks } from './form-state';

export type Dial = 'here' | 'address' | 'cluster';

const dialOf = (known: UpstreamView | null): Dial =>
  known === null ? 'here' : 'address' in known ? 'address' : 'cluster';

function startValues(dial: Dial, known: UpstreamView | null): Values {
  if (known && dialOf(known) === dial) {
    const { kafka, ...values } = withoutMarks(known) as Values & { kafka?: string };
    return kafka === undefined ? values : { ...values, brokers: kafka.split(',') };
  }
  return dial === 'cluster' ? { brokers: [], s3: { region: 'us-east-1', pathStyle: true } } : {};
}

export function useUpstreamState(known: UpstreamView | null) {
  const [dial, setDial] = useState(dialOf(known));
  const { form, setValues, setErrors } = useFormState(startValues(dial, known));
  return {
    dial,
    form,
    setErrors,
    choose(next: Dial) {
      setDial(next);
      setErrors({});
      setValues(startValues(next, known));
    },
    /** As the API takes it of an edge on this kind of fabric; undefined: the HQ of the same installation. */
    entered(kind: FabricView['kind']): Values | undefined {
      if (dial === 'here' || kind === 'datafabric') return undefined;
      const { brokers, ...rest } = form.values;
      return dial === 'cluster' && kind === 'embedded'
        ? { ...rest, kafka: (brokers as string[]).join(',') }
        : form.values;
    },
  };
}
