// Gate 2, table by table: bronze = silver + duplicate + quarantined. A break does not commit.
for (const flow of conservation.flows) {
  assert(`${flow.bronze}_conserved`, {
    schema: "quality",
    description: `Gate 2: every row of bronze.${flow.bronze} that arrived is a fact in silver.${flow.silver}, a duplicate of one, or in quarantine. Severity error, owner data platform.`,
    tags: ["cycle", "gate_2", "owner:data_platform"],
  }).query((context) =>
    conservation.imbalance(
      flow,
      {
        bronze: context.ref("bronze", flow.bronze),
        silver: context.ref("silver", flow.silver),
        quarantine: context.ref("quality", "quarantine"),
      },
      (column) => window.arrived(column, true),
    ),
  );
}
