import type { Row, Warehouse } from "../warehouse/port.js";
import { boundedQuery } from "./bounded-query.js";
import type { Printable } from "./print.js";
import { withheldFailure } from "./withheld.js";

export interface AskDeps {
  readonly warehouse: Pick<Warehouse, "stream">;
  /** The rows of a query without personal values. */
  readonly mask: (sql: string, rows: readonly Row[]) => Promise<readonly Row[]>;
}

export interface Question {
  readonly sql: string;
  readonly unmask: boolean;
}

/** The answer to a query. Unless `unmask`, neither its rows nor the message of its failure hold personal values. */
export async function ask({ warehouse, mask }: AskDeps, { sql, unmask }: Question): Promise<Printable> {
  if (unmask) return boundedQuery(warehouse, sql);
  try {
    const { columns, rows } = await boundedQuery(warehouse, sql);
    return { columns, rows: await mask(sql, rows) };
  } catch (error) {
    throw withheldFailure(error);
  }
}
