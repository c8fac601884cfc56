// What a supervisor does to work and agents, for every part of the live page; and what is being dragged.
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import type { DragEvent, ReactNode } from "react";
import { createContext, useContext, useMemo, useState } from "react";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi } from "../context";
import type { Interaction } from "../gen/switchboard/crm/v1/types_pb";
import { InteractionState } from "../gen/switchboard/crm/v1/types_pb";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import type { AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import { newId } from "../lib/id";
import { useNames } from "../parts/names";
import { t } from "../strings";

const DRAGGED = "application/x-switchboard-interaction";

export const isWaiting = (interaction: Interaction): boolean =>
  interaction.state === InteractionState.QUEUED || interaction.state === InteractionState.OFFERED;

/** What can be given to somebody else: it waits, or an agent holds it. */
export const isMovable = (interaction: Interaction): boolean =>
  isWaiting(interaction) || interaction.state === InteractionState.ASSIGNED || interaction.state === InteractionState.CONNECTED;

/** A call that is not over. */
export const isCall = (interaction: Interaction): boolean =>
  interaction.channel === Channel.VOICE && interaction.state !== InteractionState.WRAP_UP && interaction.state !== InteractionState.CLOSED;

export interface Supervision {
  dragged?: Interaction;
  drag: (interaction: Interaction | undefined) => void;
  /** The interaction whose move is being chosen by keyboard or menu. */
  moving?: Interaction;
  move: (interaction: Interaction | undefined) => void;
  toQueue: (interaction: Interaction, queue: string, keepPlace: boolean) => Promise<boolean>;
  toAgent: (interaction: Interaction, agentId: string, ringing: boolean) => Promise<boolean>;
  setPriority: (interaction: Interaction, priority: number) => Promise<boolean>;
  setStatus: (agentId: string, status: AgentStatus, reason?: string) => Promise<boolean>;
  closeQueue: (queue: string, closed: boolean) => Promise<boolean>;
  closeHours: (hours: string, closed: boolean) => Promise<boolean>;
}

const Context = createContext<Supervision | undefined>(undefined);

export function useSupervision(): Supervision {
  const supervision = useContext(Context);
  if (!supervision) throw new Error("no Supervise above");
  return supervision;
}

export function Supervise({ children }: { children: ReactNode }) {
  const api = useApi();
  const names = useNames();
  const queries = useQueryClient();
  const [dragged, drag] = useState<Interaction>();
  const [moving, move] = useState<Interaction>();

  const supervision = useMemo<Supervision>(() => {
    const done = async (work: () => Promise<unknown>, said: string): Promise<boolean> => {
      try {
        await work();
        notifications.show({ color: "teal", message: said });
        return true;
      } catch (error) {
        notifications.show({ color: "red", message: sayError(error) });
        return false;
      } finally {
        for (const key of ["open-interactions", "router-queues", "centre", "explain"]) void queries.invalidateQueries({ queryKey: [key] });
      }
    };
    const label = (interaction: Interaction) => interaction.customerName || t.unknownCustomer;
    const requestId = newId;
    return {
      dragged,
      drag,
      moving,
      move,
      toQueue: ({ interactionId, ...interaction }, queue, keepPlace) =>
        done(
          () => api.router.transferInteraction({ interactionId, queue, keepPlace, requestId: requestId() }, ask),
          t.supervise.movedToQueue(label(interaction as Interaction), names.queue(queue)),
        ),
      toAgent: (interaction, agentId, ringing) => {
        const request = { interactionId: interaction.interactionId, agentId, requestId: requestId() };
        return done(
          () =>
            !isWaiting(interaction)
              ? api.router.transferInteraction({ interactionId: request.interactionId, toAgentId: agentId, keepPlace: true, requestId: request.requestId }, ask)
              : ringing
                ? api.router.assignInteraction(request, ask)
                : api.router.pullInteraction(request, ask),
          t.supervise.movedToAgent(label(interaction), names.agent(agentId)),
        );
      },
      setPriority: (interaction, priority) =>
        done(
          () => api.router.changePriority({ interactionId: interaction.interactionId, priority, requestId: requestId() }, ask),
          t.supervise.prioritySet(label(interaction), priority),
        ),
      setStatus: (agentId, status, reason = "") =>
        done(
          () => api.router.setAgentStatus({ agentId, status, auxCode: reason, requestId: requestId() }, ask),
          t.supervise.statusSet(names.agent(agentId), t.supervise.statusName[status] ?? ""),
        ),
      closeQueue: (queue, closed) =>
        done(
          async () => {
            await api.administration.setClosure({ target: { case: "queue", value: queue }, closed, requestId: requestId() }, ask);
            // What was closed in the router's own log is lifted there.
            if (!closed) await api.router.setQueueClosure({ queue, closed, requestId: requestId() }, ask);
          },
          closed ? t.supervise.closed(names.queue(queue)) : t.supervise.opened(names.queue(queue)),
        ),
      closeHours: (hours, closed) =>
        done(
          () => api.administration.setClosure({ target: { case: "hours", value: hours }, closed, requestId: requestId() }, ask),
          closed ? t.supervise.closed(hours) : t.supervise.opened(hours),
        ),
    };
  }, [api, dragged, moving, names, queries]);

  return <Context value={supervision}>{children}</Context>;
}

/** What makes a row something to drag. */
export function dragSource(supervision: Supervision, interaction: Interaction) {
  if (!isMovable(interaction)) return {};
  return {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(DRAGGED, interaction.interactionId);
      event.dataTransfer.effectAllowed = "move";
      supervision.drag(interaction);
    },
    onDragEnd: () => supervision.drag(undefined),
  };
}

/** What makes a thing a place to drop on; `over` tells it to show so. */
export function useDropTarget(onDrop: (interaction: Interaction) => void) {
  const { dragged, drag } = useSupervision();
  const [over, setOver] = useState(false);
  const props = {
    "data-drop": dragged ? (over ? "over" : "here") : undefined,
    onDragOver: (event: DragEvent) => {
      if (!dragged) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      if (dragged) onDrop(dragged);
      drag(undefined);
    },
  };
  return props;
}
