import { RollcallError } from "../platform/errors.js";

/**
 * The envelope around a record's personal part, wherever it cannot be deleted afterwards (event log, objects,
 * dead letters): `[version, 1 byte][length of the key id, 1 byte][key id][body]`.
 *
 * Version 0 is clear: no key id, the body as it is. The version byte stands in front of every sealed part, so that a
 * reader always knows how a body was written and never takes one form for another.
 */
const CLEAR = 0;
const HEADER_BYTES = 2;

export function clearEnvelope(body: Buffer): Buffer {
  const envelope = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  envelope[0] = CLEAR;
  envelope[1] = 0;
  body.copy(envelope, HEADER_BYTES);
  return envelope;
}

/**
 * The body of an envelope, as a view of the same bytes.
 * Throws INPUT_INVALID (not retriable) for a version this build does not know and for a broken envelope.
 */
export function openEnvelope(envelope: Buffer): Buffer {
  const version = envelope[0];
  const keyIdLength = envelope[1];
  if (version === undefined || keyIdLength === undefined) {
    throw refusal("The envelope is cut short: it has no header. Restore the record from a backup.");
  }
  if (version !== CLEAR) {
    throw refusal(
      `The envelope has version ${version}; this build reads version ${CLEAR}. Upgrade Rollcall before reading it.`,
    );
  }
  if (keyIdLength !== 0) {
    throw refusal("The envelope is broken: a clear one names no key. Restore the record from a backup.");
  }
  return envelope.subarray(HEADER_BYTES);
}

function refusal(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
