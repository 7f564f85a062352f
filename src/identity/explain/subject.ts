import { RollcallError } from "../../platform/errors.js";

/** Whom somebody asks about, as it is written on a command line. */
export type Subject =
  | { readonly kind: "profile"; readonly id: string }
  | { readonly kind: "node"; readonly prefix: string }
  | { readonly kind: "handle"; readonly prefix: string }
  | { readonly kind: "identifier"; readonly type: string; readonly value: string };

const PROFILE = /^p_[\w-]{22}$/;
const NODE = /^[0-9a-f]{8,32}$/;
const HANDLE = /^i_[\w-]{6,22}$/;
const HANDLE_LENGTH = 10;
const NODE_LENGTH = 12;

const EXPECTED =
  "a profile id (p_...), a source identity (8 or more characters of a node id), an identifier as type:value, as in " +
  "email:ada@example.org, or an identifier's handle (i_...) as explain shows it";

/** Throws INPUT_INVALID without repeating the text: it may be somebody's address. */
export function parseSubject(text: string): Subject {
  if (PROFILE.test(text)) return { kind: "profile", id: text };
  if (HANDLE.test(text)) return { kind: "handle", prefix: text.slice("i_".length) };
  if (NODE.test(text)) return { kind: "node", prefix: text };
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) {
    throw new RollcallError("INPUT_INVALID", `Expected ${EXPECTED}.`, { isRetriable: false });
  }
  return { kind: "identifier", type: text.slice(0, colon), value: text.slice(colon + 1) };
}

/** Names an identifier without telling it; whoever reads it can give it back to any of these commands. */
export function handleOf(hmac: string): string {
  return `i_${hmac.slice(0, HANDLE_LENGTH)}`;
}

/** Enough of a node id to find it again. */
export function shortNode(nodeId: string): string {
  return nodeId.slice(0, NODE_LENGTH);
}

/** How whom somebody asked about is called in an answer: an identifier by its type alone. */
export function titleOf(subject: Subject): string {
  switch (subject.kind) {
    case "profile":
      return subject.id;
    case "node":
      return `source identity ${shortNode(subject.prefix)}`;
    case "handle":
      return `identifier i_${subject.prefix}`;
    case "identifier":
      return `this ${subject.type.replaceAll("_", " ")}`;
  }
}
