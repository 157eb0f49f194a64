'use client';
import { useId } from 'react';
import type { Service } from '@/lib/api/schemas';
import { useServiceChange } from '@/lib/queries/services';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { NativeSelect } from '../ui/native-select';

const LEVELS: { value: Service['logLevel']; label: string }[] = [
  { value: 'off', label: 'Off' },
  { value: 'error', label: 'Errors' },
  { value: 'warn', label: 'Warnings' },
  { value: 'info', label: 'Info' },
  { value: 'debug', label: 'Debug' },
];

/** How much a service says in the log. */
export function LevelSwitch({ service }: { service: Service }) {
  const id = useId();
  const change = useServiceChange(service.site);
  const refusal = useRefusal('operator');
  return (
    <div className="flex items-center gap-1.5">
      <label htmlFor={id} className="text-xs text-ink-soft">
        {service.title}
      </label>
      <NativeSelect
        id={id}
        value={service.logLevel}
        unavailable={refusal}
        aria-busy={change.isPending || undefined}
        onChange={(event) =>
          change.mutate(
            { service: service.id, logLevel: event.target.value as Service['logLevel'] },
            { onError: (error) => showFailure(`The log level of ${service.title} was not set`, error) },
          )
        }
      >
        {LEVELS.map((level) => (
          <option key={level.value} value={level.value}>
            {level.label}
          </option>
        ))}
      </NativeSelect>
    </div>
  );
}
