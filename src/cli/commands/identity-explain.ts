import pc from "picocolors";
import type { Explanation } from "../../identity/explain/answer.js";
import { historyText } from "../../identity/explain/history-text.js";
import { explanationText } from "../../identity/explain/text.js";
import { whatIfText } from "../../identity/explain/what-if-text.js";
import { withControl } from "../engine-access.js";

export interface ExplainCommand {
  readonly home: string;
  readonly json: boolean;
  readonly unmask: boolean;
}

/** Whether two are one profile, and by which evidence, or why not. */
export async function explain(a: string, b: string, options: ExplainCommand): Promise<void> {
  const explanation = await ask(a, b, options);
  process.stdout.write(
    options.json ? jsonText(explanation) : `${explanationText(explanation, pc)}\n${legend(explanation, options)}`,
  );
}

/** The same, asked the other way round. */
export async function explainNot(a: string, b: string, options: ExplainCommand): Promise<void> {
  const explanation = await ask(a, b, options);
  if (!options.json && explanation.answer === "one_profile") {
    process.stdout.write("Nothing keeps them apart: they are one profile.\n\n");
  }
  process.stdout.write(
    options.json ? jsonText(explanation) : `${explanationText(explanation, pc)}\n${legend(explanation, options)}`,
  );
}

function ask(a: string, b: string, { home, unmask }: ExplainCommand): Promise<Explanation> {
  return withControl({ home }, (control) => control.explainIdentity({ a, b, unmask }));
}

function legend({ answer }: Explanation, { unmask }: ExplainCommand): string {
  if (answer === "not_known" || unmask) return "";
  return `\n${pc.dim("[personal]: identifiers and what descriptions say are masked; --unmask shows them.")}\n`;
}

export interface WhatIfCommand {
  readonly home: string;
  readonly json: boolean;
  readonly dropEdge?: readonly string[];
  readonly disableRule?: readonly string[];
}

/** Who would be whom without some evidence. */
export async function whatIf(who: string, options: WhatIfCommand): Promise<void> {
  const { home, json, dropEdge = [], disableRule = [] } = options;
  const request = { who, dropEdges: dropEdge, disableRules: disableRule };
  const result = await withControl({ home }, (control) => control.whatIfIdentity(request));
  process.stdout.write(json ? jsonText(result) : `${whatIfText(result, pc)}\n`);
}

/** What happened to a profile. */
export async function history(who: string, { home, json }: { home: string; json: boolean }): Promise<void> {
  const result = await withControl({ home }, (control) => control.identityHistory({ who }));
  process.stdout.write(json ? jsonText(result) : `${historyText(result, pc)}\n`);
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
