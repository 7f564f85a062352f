import { messageOf } from "../../platform/errors.js";
import type { CompiledProject, StockTest } from "../project/action.js";
import { findTestFiles, type ModelTest, readModelTests } from "./test-file.js";

/** Every test of a project: the YAML files beside its models, and stock Dataform's own. */
export type ListedTest =
  | (Listed & { readonly kind: "model"; readonly test: ModelTest })
  | (Listed & { readonly kind: "stock"; readonly test: StockTest })
  /** A file that cannot be read is a test that fails, so that the others still run. */
  | (Listed & { readonly kind: "broken"; readonly error: string });

interface Listed {
  readonly name: string;
  /** Path inside the project. */
  readonly file: string;
  /** 1 where only the file is known. */
  readonly line: number;
  /** The models that run. */
  readonly models: readonly string[];
  /** The tables whose rows it looks at. */
  readonly tables: readonly string[];
}

/** In the order of their files, and there as they are written. */
export function listTests(project: CompiledProject): ListedTest[] {
  const listed = findTestFiles(project.root).flatMap((file) => readFile(project.root, file));
  const stock = project.tests.map((test) => ({
    kind: "stock" as const,
    name: test.name,
    file: test.fileName,
    line: 1,
    models: [],
    tables: [],
    test,
  }));
  const broken = project.brokenTests.map(({ name, fileName, problems }) => ({
    kind: "broken" as const,
    name,
    file: fileName,
    line: 1,
    models: [],
    tables: [],
    error: problems.join("\n"),
  }));
  return [...listed, ...stock, ...broken];
}

function readFile(root: string, file: string): ListedTest[] {
  try {
    return readModelTests(root, file).map((test) => ({
      kind: "model",
      name: test.name,
      file,
      line: Number(test.place.slice(test.place.lastIndexOf(":") + 1)),
      models: test.models,
      tables: Object.keys(test.expect),
      test,
    }));
  } catch (error) {
    return [{ kind: "broken", name: file, file, line: 1, models: [], tables: [], error: messageOf(error) }];
  }
}
