// What went wrong, in the words of the catalogue.
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb";
import { t } from "../strings";

/** Machine-readable reason of a refusal: `OFFER_GONE`. */
export function reasonOf(error: unknown): string {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? "";
}

/** True when trying the same again later may help. */
export function isPassing(error: unknown): boolean {
  const code = ConnectError.from(error).code;
  return [Code.Unavailable, Code.DeadlineExceeded, Code.Unknown, Code.Aborted, Code.Canceled, Code.Internal, Code.ResourceExhausted].includes(code);
}

/** What happened and what to try, for people. */
export function sayError(error: unknown): string {
  const failure = ConnectError.from(error);
  const known = (t.errors.reasons as Record<string, string>)[reasonOf(failure)];
  if (known) return known;
  const violation = failure.findDetails(BadRequestSchema)[0]?.fieldViolations[0];
  if (violation) return t.errors.field(violation.field, violation.description);
  switch (failure.code) {
    case Code.Unauthenticated:
      return t.errors.unauthenticated;
    case Code.PermissionDenied:
      return t.errors.denied;
    case Code.NotFound:
      return t.errors.notFound;
    case Code.ResourceExhausted:
      return t.errors.tooMany;
    case Code.Unavailable:
    case Code.Unknown:
    case Code.DeadlineExceeded:
      return t.errors.unreachable;
    case Code.Internal:
      return t.errors.internal;
    default:
      return failure.rawMessage || t.errors.internal;
  }
}
