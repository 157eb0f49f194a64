'use client';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { Service } from '@/lib/api/schemas';
import { useServiceChange } from '@/lib/queries/services';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Switch } from '../ui/switch';

/** Sets the desired state: starts at once, stops after asking; a start that hangs can be cancelled. */
export function ServiceSwitch({ service }: { service: Service }) {
  const [asking, setAsking] = useState(false);
  const change = useServiceChange(service.site);
  const refusal = useRefusal('operator');
  const desired = (next: Service['desired']) =>
    change.mutate(
      { service: service.id, desired: next },
      {
        onError: (error) =>
          showFailure(`${service.title} could not be ${next === 'running' ? 'started' : 'stopped'}`, error),
      },
    );
  const isOn = service.desired === 'running';
  return (
    <div className="flex items-center gap-2">
      {service.state === 'starting' && isOn && (
        <Button size="sm" icon={X} onClick={() => desired('stopped')} pending={change.isPending} unavailable={refusal}>
          Cancel start
        </Button>
      )}
      <Switch
        aria-label={`${service.title} at ${service.site}`}
        data-testid={`switch-${service.id}`}
        checked={isOn}
        unavailable={refusal}
        aria-busy={change.isPending || undefined}
        onCheckedChange={(on) => {
          if (on) desired('running');
          else if (service.state === 'starting' || service.state === 'stopped') desired('stopped');
          else setAsking(true);
        }}
      />
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Stop ${service.title} at ${service.site}?`}
        action="Stop it"
        onConfirm={() => desired('stopped')}
      >
        <p>{service.does}: this waits until it is started again. What is in hand is finished; nothing is lost.</p>
      </Confirm>
    </div>
  );
}
