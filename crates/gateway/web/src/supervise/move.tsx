// Where an interaction goes, chosen by keyboard: the same as dragging it.
import { Checkbox, Modal } from "@mantine/core";
import { useState } from "react";
import type { Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { Destination } from "../parts/destination";
import { t } from "../strings";
import { isWaiting, useSupervision } from "./context";

export function MoveDialog() {
  const { moving, move } = useSupervision();
  return (
    <Modal
      opened={moving !== undefined}
      onClose={() => move(undefined)}
      title={moving && t.supervise.moveTitle(moving.customerName || t.unknownCustomer)}
      centered
      closeButtonProps={{ "aria-label": t.shortcuts.close }}
    >
      {moving && <Choice key={moving.interactionId} moving={moving} />}
    </Modal>
  );
}

function Choice({ moving }: { moving: Interaction }) {
  const supervision = useSupervision();
  const [keep, setKeep] = useState(true);
  const [ring, setRing] = useState(true);
  return (
    <Destination
      onCancel={() => supervision.move(undefined)}
      onGo={(target) => (target.queue !== undefined ? supervision.toQueue(moving, target.queue, keep) : supervision.toAgent(moving, target.agentId, ring))}
      more={(kind) =>
        kind === "queue" ? (
          <Checkbox label={t.supervise.keepPlace} checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
        ) : (
          isWaiting(moving) && <Checkbox label={t.supervise.ringFirst} checked={ring} onChange={(event) => setRing(event.currentTarget.checked)} />
        )
      }
    />
  );
}
