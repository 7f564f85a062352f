import { messageOf, RollcallError } from "../../platform/errors.js";
import { formatType, parseType } from "../googlesql/types.js";
import type { Column, QueryResult, Row, Warehouse } from "../port.js";
import { didYouMean } from "../project/suggest.js";
import { valueProblem, within } from "../project/typed-value.js";
import type { Fixture, FixtureRow } from "./fixture.js";
import type { StandIns } from "./stand-ins.js";

/** Rows of fixtures, held against the tables they are for. */
export interface FixtureReader {
  /** Throws INPUT_INVALID when there is no such table. */
  columnsOf(id: string, fixture: Fixture): Promise<readonly Column[]>;
  /** Throws INPUT_INVALID with file and line for every column that is not among `columns` and every wrong value. */
  read(id: string, fixture: Fixture, columns: readonly Column[]): Promise<readonly ReadRow[]>;
}

export interface ReadRow {
  readonly values: Row;
  readonly place: string;
}

export interface FixtureReaderDeps {
  readonly warehouse: Warehouse;
  readonly standIns: StandIns;
}

export function createFixtureReader({ warehouse, standIns }: FixtureReaderDeps): FixtureReader {
  async function columnsOf(id: string, fixture: Fixture): Promise<readonly Column[]> {
    try {
      return await standIns.columns(id);
    } catch (error) {
      if (error instanceof RollcallError && error.code === "INPUT_INVALID")
        throw invalid([`${fixture.place}: ${error.message}`]);
      throw error;
    }
  }

  async function read(id: string, fixture: Fixture, columns: readonly Column[]): Promise<readonly ReadRow[]> {
    if (fixture.kind === "sql") return readQuery(id, fixture, columns);
    const problems = fixture.rows.flatMap((row) => rowProblems(id, row, columns));
    if (problems.length > 0) throw invalid(problems);
    return fixture.rows;
  }

  async function readQuery(
    id: string,
    { sql, place }: Fixture & { kind: "sql" },
    columns: readonly Column[],
  ): Promise<readonly ReadRow[]> {
    let result: QueryResult;
    try {
      result = await warehouse.query(sql, {}, { origin: `${id} at ${place}` });
    } catch (error) {
      throw new RollcallError("INPUT_INVALID", `${place}: ${id}: ${messageOf(error)}`, {
        isRetriable: false,
        cause: error,
      });
    }
    const problems = queryProblems(result, columns).map((problem) => `${place}: ${id}${problem}`);
    if (problems.length > 0) throw invalid(problems);
    return result.rows.map((values) => ({ values, place }));
  }

  return { columnsOf, read };
}

function rowProblems(id: string, { values, place, cellPlaces }: FixtureRow, columns: readonly Column[]): string[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return Object.entries(values).flatMap(([name, value]) => {
    const at = cellPlaces[name] ?? place;
    const type = types.get(name);
    if (type === undefined) return [`${at}: ${id} has no column ${name}${didYouMean(name, [...types.keys()])}`];
    const problem = valueProblem(value, parseType(type));
    return problem === null ? [] : [`${at}: ${within(`${id}.${name}`, problem)}`];
  });
}

const NUMBERS: ReadonlySet<string> = new Set(["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"]);

/** A NULL or an empty array has no type of its own, and a whole number may stand for any kind of number. */
function queryProblems({ columns: given, rows }: QueryResult, columns: readonly Column[]): string[] {
  const types = new Map(columns.map(({ name, type }) => [name, formatType(parseType(type))]));
  return given.flatMap(({ name, type }) => {
    const wanted = types.get(name);
    if (wanted === undefined) return [` has no column ${name}${didYouMean(name, [...types.keys()])}`];
    const written = formatType(parseType(type));
    if (written === wanted || (NUMBERS.has(written) && NUMBERS.has(wanted))) return [];
    const isUntyped = rows.every((row) => {
      const value = row[name];
      return value === null || (Array.isArray(value) && value.length === 0);
    });
    return isUntyped ? [] : [`.${name} is ${wanted}, and ${written} in the query: CAST it`];
  });
}

function invalid(problems: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", problems.join("\n"), { isRetriable: false });
}
