import { RollcallError } from "../../src/platform/errors.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { canonicalResult, difference, type Result } from "./compare.js";
import { ABSORBING, DIFFERENT, type Exclusion, OURS_ACCEPTS, OURS_RAISES } from "./exclusions.js";
import { createFixtures, type Fixture, fixtureSql } from "./fixtures.js";
import { createRandom } from "./random.js";
import { createReference, type Reference } from "./reference.js";

/** What came of one query on both engines. */
export type Outcome =
  | { readonly kind: "same" | "both raise" }
  /** Ours does not know the construct and says so. */
  | { readonly kind: "refused"; readonly construct: string }
  /** The reference evaluator cannot run it, or GoogleSQL does not accept it. */
  | { readonly kind: "no reference"; readonly message: string }
  | { readonly kind: "different"; readonly detail: string }
  /** Ours fails where the reference has rows. */
  | { readonly kind: "ours raises"; readonly detail: string }
  /** Ours has rows where the reference fails. */
  | { readonly kind: "ours accepts"; readonly detail: string }
  /** Not the same, as docs/googlesql-differences.md says, or because BigQuery is not what this build of the reference is. */
  | { readonly kind: "documented"; readonly reason: string };

export interface Question {
  readonly sql: string;
  /** What the reference is asked instead. */
  readonly reference?: string;
  readonly isOrdered: boolean;
}

/** The two engines with the same tables. */
export interface Engines {
  readonly reference: Reference;
  readonly warehouse: Warehouse;
  readonly fixtures: readonly Fixture[];
  compare(question: Question): Promise<Outcome>;
  close(): Promise<void>;
}

const DATASET = "campaign";

export async function openEngines(seed: number): Promise<Engines> {
  const fixtures = createFixtures(createRandom(seed));
  const reference = await createReference();
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", defaultDataset: DATASET, threads: 1 });
  await warehouse.execute(`CREATE SCHEMA ${DATASET}`);
  for (const fixture of fixtures) {
    const rows = fixtureSql(fixture);
    await reference.addTable(fixture.name, rows);
    await warehouse.execute(`CREATE TABLE ${DATASET}.${fixture.name} AS ${rows}`);
  }
  return {
    reference,
    warehouse,
    fixtures,
    compare: (question) => compare(reference, warehouse, question),
    async close() {
      await warehouse.close();
      reference.close();
    },
  };
}

async function compare(reference: Reference, warehouse: Warehouse, question: Question): Promise<Outcome> {
  const answer = await reference.evaluate(question.reference ?? question.sql);
  if (answer.kind === "unable") return { kind: "no reference", message: answer.message };
  let found: Result;
  try {
    found = canonicalResult(await warehouse.query(question.sql));
  } catch (error) {
    if (answer.kind === "failed") return { kind: "both raise" };
    if (error instanceof RollcallError && error.code === "SQL_UNSUPPORTED") {
      return { kind: "refused", construct: String(error.details.construct) };
    }
    const message = error instanceof Error ? error.message : String(error);
    const excluded = exclusion(message, question.sql, OURS_RAISES);
    return excluded ?? { kind: "ours raises", detail: message };
  }
  if (answer.kind === "failed") {
    const excluded = exclusion(answer.message, question.sql, OURS_ACCEPTS) ?? absorbed(found, question.sql);
    const rows = JSON.stringify(found.rows).slice(0, 200);
    return excluded ?? { kind: "ours accepts", detail: `${answer.message}, ours ${rows}` };
  }
  const detail = difference(answer.result, found, question.isOrdered);
  if (detail === null) return { kind: "same" };
  return exclusion(detail, question.sql, DIFFERENT) ?? { kind: "different", detail };
}

/** NULL, where the reference computed another argument first, and failed at that. */
function absorbed(found: Result, sql: string): Outcome | null {
  const isAllNull = found.rows.every((row) => row.at(-1) === null);
  return isAllNull && ABSORBING.test(sql) ? { kind: "documented", reason: "which of two is computed first" } : null;
}

function exclusion(message: string, sql: string, known: readonly Exclusion[]): Outcome | null {
  const found = known.find((one) => (one.message?.test(message) ?? true) && (one.sql?.test(sql) ?? true));
  return found === undefined ? null : { kind: "documented", reason: found.reason };
}
