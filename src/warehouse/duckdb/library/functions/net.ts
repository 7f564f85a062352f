import { isIP } from "node:net";
import { parse } from "tldts";
import { BYTES, INTEGER, type ScriptFunction, script, TEXT } from "./define.js";

/** NET.HOST: what stands where a URL has its host, as it is written; null when there is nothing. */
export function hostOf(url: string): string | null {
  const text = url.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "");
  const authority = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/([^/\\?#]*)/.exec(text)?.[1];
  const rest = (authority ?? text.split(/[/\\?#]/)[0] ?? "").replace(/^.*@/, "");
  const host = rest.startsWith("[") ? (/^\[[^\]]*\]/.exec(rest)?.[0] ?? rest) : (rest.split(":")[0] ?? "");
  return host === "" ? null : host;
}

/** By the public suffix list, ICANN part only; a suffix that is not on it is none. */
function suffixOf(host: string): { readonly suffix: string; readonly domain: string | null } | null {
  const found = parse(host.toLowerCase(), { allowPrivateDomains: false, validateHostname: false });
  if (found.isIp === true || found.isIcann !== true || found.publicSuffix === null) return null;
  return { suffix: found.publicSuffix, domain: found.domain };
}

/** The end of the host as it is written, which keeps its letter case. */
function tail(host: string, labels: string): string {
  const wanted = labels.split(".").length + (host.endsWith(".") ? 1 : 0);
  return host.split(".").slice(-wanted).join(".");
}

export function publicSuffix(url: string): string | null {
  const host = hostOf(url);
  const found = host === null ? null : suffixOf(host);
  return host === null || found === null ? null : tail(host, found.suffix);
}

export function registeredDomain(url: string): string | null {
  const host = hostOf(url);
  const domain = host === null ? null : (suffixOf(host)?.domain ?? null);
  return host === null || domain === null ? null : tail(host, domain);
}

/** Four or sixteen bytes; null when the text is no address. */
export function ipBytes(text: string): Uint8Array | null {
  const version = text.includes("%") ? 0 : isIP(text);
  if (version === 4) return Uint8Array.from(text.split("."), Number);
  if (version !== 6) return null;
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", rest] = plain.split("::");
  const groups = (side: string | undefined): number[] =>
    side === undefined || side === "" ? [] : side.split(":").map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = groups(rest);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]));
}

/** RFC 5952: the longest run of zero groups is "::", an IPv4 address in IPv6 keeps its dots. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new RangeError("an IP address has 4 or 16 bytes");
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${bytes.slice(12).join(".")}`;
  }
  const longest = longestZeros(groups);
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return longest.length < 2 ? hex(0, 8) : `${hex(0, longest.start)}::${hex(longest.start + longest.length, 8)}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** Keeps the first bits, and clears the rest. */
export function truncateIp(bytes: Uint8Array, bits: number): Uint8Array {
  if (bits < 0 || bits > bytes.length * 8) throw new RangeError("the prefix is longer than the address");
  return bytes.map((byte, index) => byte & (0xff << Math.min(8, Math.max(0, 8 - (bits - index * 8)))));
}

export const netFunctions: readonly ScriptFunction[] = [
  script("u_net_host", [TEXT], TEXT, hostOf),
  script("u_net_reg_domain", [TEXT], TEXT, registeredDomain),
  script("u_net_public_suffix", [TEXT], TEXT, publicSuffix),
  script("u_ip", [TEXT], BYTES, ipBytes),
  script("u_ip_text", [BYTES], TEXT, ipText),
  script("u_ip_trunc", [BYTES, INTEGER], BYTES, (bytes: Uint8Array, bits: bigint) => truncateIp(bytes, Number(bits))),
];
