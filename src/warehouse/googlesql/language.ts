import type { AnalyzerServer } from "./server.js";

/**
 * The dialect: everything the analyzer knows, less what BigQuery does not have, plus what it calls still in development
 * though BigQuery has it.
 */
const FEATURES_OF_OTHERS = new Set([
  "FEATURE_TIMESTAMP_NANOS",
  "FEATURE_PROTO_BASE",
  "FEATURE_V_1_4_SQL_MACROS",
  "FEATURE_SPANNER_LEGACY_DDL",
  "FEATURE_DISALLOW_GROUP_BY_FLOAT",
  "FEATURE_DISABLE_OUTER_JOIN_ARRAY",
  "FEATURE_STRICT_FUNCTION_DEFAULT_ARG_TYPE_COERCION",
  "FEATURE_DISALLOW_LEGACY_UNICODE_COLLATION",
  "FEATURE_DISALLOW_NULL_PRIMARY_KEYS",
  "FEATURE_DISALLOW_PRIMARY_KEY_UPDATES",
]);

const FEATURES_OF_BIGQUERY = [
  "FEATURE_INTERVAL_TYPE",
  "FEATURE_TIME_BUCKET_FUNCTIONS",
  "FEATURE_V_1_4_GROUPING_BUILTIN",
  "FEATURE_V_1_4_GROUPING_SETS",
  "FEATURE_V_1_4_BARE_ARRAY_ACCESS",
  "FEATURE_V_1_4_SINGLE_TABLE_NAME_ARRAY_PATH",
  "FEATURE_V_1_4_ARRAY_AGGREGATION_FUNCTIONS",
  "FEATURE_V_1_4_CORRESPONDING",
  "FEATURE_V_1_4_LIKE_ANY_SOME_ALL_ARRAY",
  "FEATURE_JSON_MUTATOR_FUNCTIONS",
  "FEATURE_JSON_CONSTRUCTOR_FUNCTIONS",
  "FEATURE_JSON_LAX_VALUE_EXTRACTION_FUNCTIONS",
  "FEATURE_CREATE_TABLE_CLONE",
  "FEATURE_ALTER_COLUMN_SET_DATA_TYPE",
  "FEATURE_V_1_3_COLLATION_SUPPORT",
  "FEATURE_V_1_4_COLLATION_IN_EXPLICIT_CAST",
];

/** What the analyzer rewrites into plainer nodes before we see it: the less kinds of node, the less to translate. */
const REWRITES = [
  "REWRITE_FLATTEN",
  "REWRITE_PIVOT",
  "REWRITE_UNPIVOT",
  "REWRITE_ARRAY_FILTER_TRANSFORM",
  "REWRITE_ARRAY_INCLUDES",
  "REWRITE_TYPEOF_FUNCTION",
  "REWRITE_WITH_EXPR",
  "REWRITE_INLINE_SQL_FUNCTIONS",
  "REWRITE_NULLIFERROR_FUNCTION",
  "REWRITE_LIKE_ANY_ALL",
  "REWRITE_BUILTIN_FUNCTION_INLINER",
  "REWRITE_SET_OPERATION_CORRESPONDING",
];

export type AnalyzerOptions = Readonly<Record<string, unknown>> & { readonly languageOptions: unknown };

/** The analyzer's options for BigQuery's GoogleSQL, in UTC. */
export async function bigqueryOptions(server: AnalyzerServer): Promise<AnalyzerOptions> {
  const maximum = await server.call("getLanguageOptions", { maximumFeatures: true });
  const features = Array.isArray(maximum.enabledLanguageFeatures) ? maximum.enabledLanguageFeatures.map(String) : [];
  const languageOptions = {
    ...maximum,
    enabledLanguageFeatures: [
      ...new Set([...features.filter((feature) => !FEATURES_OF_OTHERS.has(feature)), ...FEATURES_OF_BIGQUERY]),
    ],
    productMode: "PRODUCT_EXTERNAL",
    nameResolutionMode: "NAME_RESOLUTION_DEFAULT",
    // BigQuery accepts QUALIFY without WHERE, GROUP BY or HAVING beside it: only so does the analyzer.
    reservedKeywords: ["QUALIFY"],
    supportedStatementKinds: [],
  };
  return {
    languageOptions,
    defaultTimezone: "UTC",
    errorMessageMode: "ERROR_MESSAGE_ONE_LINE",
    parseLocationRecordType: "PARSE_LOCATION_RECORD_CODE_SEARCH",
    enabledRewrites: REWRITES,
    pruneUnusedColumns: true,
  };
}
