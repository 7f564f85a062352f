import { afterEach, beforeEach, describe } from "vitest";
import type { ChildModule } from "../testing/child.js";
import { findingTests } from "./contract-find.js";
import { writingTests } from "./contract-write.js";
import type { Documents } from "./port.js";

/** Documents of their own for one test. */
export interface DocumentsSubject {
  /** Opens the same documents once more, as another process would. */
  open(): Promise<Documents>;
  /** Opens the same documents in a process of its own; exports `openForChild(config)`. */
  readonly child: ChildModule;
  /** Removes everything; all that was opened is closed by then. */
  dispose(): Promise<void>;
}

/** What the tests of one area work with. */
export interface Fixture {
  /** Closed after the test. */
  open(): Promise<Documents>;
  readonly subject: DocumentsSubject;
}

/** The contract of documents: every adapter passes it. */
export function describeDocuments(name: string, create: () => Promise<DocumentsSubject>): void {
  describe(`documents: ${name}`, () => {
    let subject: DocumentsSubject;
    let opened: Documents[] = [];

    beforeEach(async () => {
      subject = await create();
    });
    afterEach(async () => {
      await Promise.all(opened.map((documents) => documents.close()));
      opened = [];
      await subject.dispose();
    });

    const fixture: Fixture = {
      get subject() {
        return subject;
      },
      open: async () => {
        const documents = await subject.open();
        opened.push(documents);
        return documents;
      },
    };
    writingTests(fixture);
    findingTests(fixture);
  });
}
