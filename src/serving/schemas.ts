import { z } from "zod";
import { profileSchema } from "./fields.js";
import { PROBLEM_CODES } from "./problem.js";

/** Requests and answers of the Profile API. The OpenAPI document is made from these, and requests are parsed by them. */
const timestamp = z.iso.datetime({ precision: 6 });
const cursor = z.string().min(1).max(1000);

export const profileIdSchema = z.string().regex(/^p_[A-Za-z0-9_-]{22}$/);
export const segmentNameSchema = z.string().regex(/^[a-z0-9_]{1,64}$/);

export const eventsQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: cursor.optional().describe("`next_cursor` of the page before."),
});

export const membersQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: cursor.optional().describe("`next_cursor` of the page before."),
});

export const lookupSchema = z
  .object({
    type: z.string().min(1).max(40).describe("The kind of identifier: email, phone, student_number and so on."),
    value: z.string().min(1).max(320),
    namespace: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^|]+$/)
      .optional()
      .describe("Whose numbering the value belongs to. Every known one when absent."),
  })
  .strict();

export const lookupAnswerSchema = z.object({
  profiles: z.array(profileSchema).describe("Empty when nobody is found; several when the value names several people."),
});

export const eventSchema = z.object({
  event_key: z.string(),
  source: z.string().nullable(),
  event_type: z.string().nullable(),
  event_name: z.string().nullable(),
  category: z.string().nullable(),
  programme: z.string().nullable(),
  value: z.number().nullable(),
  properties: z.unknown().describe("What else the source said, without personal data."),
  occurred_at: timestamp,
  received_at: timestamp.nullable(),
});
export type ProfileEvent = z.infer<typeof eventSchema>;

export const eventsAnswerSchema = z.object({
  events: z.array(eventSchema).describe("Newest first."),
  next_cursor: z.string().nullable().describe("Null on the last page."),
});

export const segmentSchema = z.object({
  name: segmentNameSchema,
  description: z.string(),
  member_count: z.number().int().describe("Members at this moment."),
});

export const segmentsAnswerSchema = z.object({ segments: z.array(segmentSchema) });

export const memberSchema = z.object({
  profile_id: z.string(),
  member_from: timestamp,
  member_until: timestamp.nullable().describe("Null: without an end."),
  reason: z.string().nullable(),
});
export type SegmentMember = z.infer<typeof memberSchema>;

export const membersAnswerSchema = z.object({
  profiles: z.array(memberSchema).describe("By profile id."),
  next_cursor: z.string().nullable().describe("Null on the last page."),
});

export const statusSchema = z.object({ status: z.enum(["ok", "unavailable"]), detail: z.string().optional() });

export const problemSchema = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.enum(PROBLEM_CODES),
  request_id: z.string(),
});
