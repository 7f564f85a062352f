/**
 * A second process for the contract: writes one numbered document after the other and prints the id of each once it is
 * acknowledged. Arguments: the module that opens the documents, its config, the collection, how many.
 */
import type { Documents } from "./port.js";

/** What the module of an adapter exports for this. */
export interface DocumentsChildModule {
  openForChild(config: string): Promise<Documents>;
}

const [module = "", config = "", name = "", count = "0"] = process.argv.slice(2);
const { openForChild } = (await import(module)) as DocumentsChildModule;
const documents = await openForChild(config);
const collection = await documents.collection<{ readonly _id: string; readonly number: number }>({ name });

for (let number = 0; number < Number(count); number++) {
  await collection.put([{ _id: `child-${number}`, number }]);
  console.log(`child-${number}`);
}
await documents.close();
