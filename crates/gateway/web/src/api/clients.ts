// One client per public service, over one transport that adds the bearer token and renews it once when refused.
import type { Interceptor, Transport } from "@connectrpc/connect";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AnalyticsService } from "../gen/switchboard/analytics/v1/service_pb";
import { ChatService } from "../gen/switchboard/chat/v1/service_pb";
import { CrmService } from "../gen/switchboard/crm/v1/service_pb";
import { AdministrationService, DirectoryService, SessionService } from "../gen/switchboard/directory/v1/service_pb";
import { DesktopService } from "../gen/switchboard/gateway/v1/service_pb";
import { FlowService } from "../gen/switchboard/ivr/v1/service_pb";
import { OperationsService } from "../gen/switchboard/operations/v1/service_pb";
import { RouterService } from "../gen/switchboard/router/v1/service_pb";
import { DeviceService } from "../gen/switchboard/voice/v1/devices_pb";
import { RecordingService } from "../gen/switchboard/voice/v1/recordings_pb";
import { VoiceService } from "../gen/switchboard/voice/v1/service_pb";
import { SessionKeeper } from "./session";

export interface Api {
  session: SessionKeeper;
  desktop: ReturnType<typeof createClient<typeof DesktopService>>;
  router: ReturnType<typeof createClient<typeof RouterService>>;
  chat: ReturnType<typeof createClient<typeof ChatService>>;
  crm: ReturnType<typeof createClient<typeof CrmService>>;
  voice: ReturnType<typeof createClient<typeof VoiceService>>;
  recordings: ReturnType<typeof createClient<typeof RecordingService>>;
  devices: ReturnType<typeof createClient<typeof DeviceService>>;
  analytics: ReturnType<typeof createClient<typeof AnalyticsService>>;
  directory: ReturnType<typeof createClient<typeof DirectoryService>>;
  administration: ReturnType<typeof createClient<typeof AdministrationService>>;
  flows: ReturnType<typeof createClient<typeof FlowService>>;
  operations: ReturnType<typeof createClient<typeof OperationsService>>;
}

/** `open` makes the transport; the tests hand in one that ends in a fake centre. */
export function createApi(open: (interceptors: Interceptor[]) => Transport): Api {
  const session = new SessionKeeper(createClient(SessionService, open([])));

  const authorise: Interceptor = (next) => async (request) => {
    request.header.set("authorization", `Bearer ${session.accessToken()}`);
    try {
      return await next(request);
    } catch (error) {
      const refused = ConnectError.from(error).code === Code.Unauthenticated;
      if (request.stream || !refused || !(await session.refresh())) throw error;
      request.header.set("authorization", `Bearer ${session.accessToken()}`);
      return next(request);
    }
  };

  const transport = open([authorise]);
  return {
    session,
    desktop: createClient(DesktopService, transport),
    router: createClient(RouterService, transport),
    chat: createClient(ChatService, transport),
    crm: createClient(CrmService, transport),
    voice: createClient(VoiceService, transport),
    recordings: createClient(RecordingService, transport),
    devices: createClient(DeviceService, transport),
    analytics: createClient(AnalyticsService, transport),
    directory: createClient(DirectoryService, transport),
    administration: createClient(AdministrationService, transport),
    flows: createClient(FlowService, transport),
    operations: createClient(OperationsService, transport),
  };
}

const UNARY_DEADLINE_MS = 15_000;

/** The real centre, on the origin that served the page. */
export function centreTransport(interceptors: Interceptor[]): Transport {
  return createGrpcWebTransport({
    baseUrl: globalThis.location.origin,
    useBinaryFormat: true,
    interceptors,
    fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin" }),
  });
}

/** Deadline of a question that a person waits for. */
export const ask = { timeoutMs: UNARY_DEADLINE_MS };
