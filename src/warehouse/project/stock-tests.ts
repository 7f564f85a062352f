import type { DataformSession, SessionTest } from "./module-loader.js";

/** The stock test that an error of Dataform's is about. */
export interface TestOfError {
  readonly name: string;
  readonly fileName: string;
}

/** What Dataform's compiler itself says of such a test, had it not broken off. */
export const TEST_OF_NOTHING = "Tests must operate upon a specified dataset.";
/** Dataform finds every ref to that model ambiguous then. */
export const TEST_LIKE_MODEL = "A test has the name of an action.";

/**
 * Keeps apart what stock tests do wrong, before the session is compiled: Dataform tells it of the files of their models, or breaks off.
 * The map is filled while the session compiles: by the place of an error among all.
 */
export function followStockTests(session: DataformSession): ReadonlyMap<number, TestOfError> {
  const testOf = new Map<number, TestOfError>();
  const count = (): number => session.graphErrors.compilationErrors.length;
  const taken = new Set(session.actions.map(keyOf));
  session.tests = session.tests.filter((test) => {
    const about = { name: test.proto.name, fileName: test.getFileName() };
    const wrong = test.testTarget == null ? TEST_OF_NOTHING : taken.has(keyOf(test)) ? TEST_LIKE_MODEL : null;
    if (wrong !== null) {
      testOf.set(count(), about);
      session.compileError(new Error(wrong), about.fileName);
      return false;
    }
    follow(test, (from, to) => {
      for (let at = from; at < to; at += 1) testOf.set(at, about);
    });
    return true;
  });

  function follow(test: SessionTest, onErrors: (from: number, to: number) => void): void {
    const compile = test.compile.bind(test);
    test.compile = () => {
      const from = count();
      try {
        const compiled = compile();
        onErrors(from, count());
        return compiled;
      } catch (error) {
        // The session puts what is thrown behind the others.
        onErrors(from, count() + 1);
        throw error;
      }
    };
  }

  return testOf;
}

function keyOf(action: DataformSession["actions"][number]): string {
  const { schema, name } = action.getTarget();
  return `${schema}.${name}`;
}

/** Whether a file holds nothing but a stock test, by its config: for one that Dataform cannot read. */
export function isStockTestFile(fileName: string, source: string): boolean {
  return fileName.endsWith(".sqlx") && TEST_CONFIG.test(source);
}

/** Braces stand in braces at most once: `dataset: { schema: "gold", name: "profiles" }`. */
const TEST_CONFIG = /\bconfig\s*\{(?:[^{}]|\{[^{}]*\})*\btype\s*:\s*["'`]test["'`]/;
