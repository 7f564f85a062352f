import type { Decoded } from "../../record.js";
import { decodeSegmentMessage, type SegmentContext } from "../segment/decode.js";

export function decodeWebsiteMessage(message: unknown, original: Buffer, ctx: Omit<SegmentContext, "table">): Decoded {
  return decodeSegmentMessage(message, original, { ...ctx, table: "website_events" });
}
