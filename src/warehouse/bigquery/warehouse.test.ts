import { describeWarehouse } from "../contract.js";
import { createRig } from "./testing/support.js";

describeWarehouse("BigQuery", async () => {
  const { fake, open } = await createRig();
  fake.setPolls(1);
  const warehouse = await open();
  return {
    ...warehouse,
    async close() {
      await warehouse.close();
      await fake.close();
    },
  };
});
