/**
 * A second process for the contract: appends one numbered record after the other and prints the place of each once it is
 * acknowledged. Arguments: the module that opens the log, its config, the topic, how many.
 */
import type { EventLog } from "./port.js";

/** What the module of an adapter exports for this. */
export interface EventLogChildModule {
  openForChild(config: string): Promise<EventLog>;
}

const [module = "", config = "", topic = "", count = "0"] = process.argv.slice(2);
const { openForChild } = (await import(module)) as EventLogChildModule;
const log = await openForChild(config);

for (let number = 0; number < Number(count); number++) {
  const [position] = await log.append(topic, [{ key: `child-${number % 8}`, value: Buffer.from(`child ${number}`) }]);
  console.log(JSON.stringify({ ...position, value: `child ${number}` }));
}
await log.close();
