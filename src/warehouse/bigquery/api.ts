/**
 * The parts of BigQuery's REST resources that are read or written here. Numbers of 64 bits are text, as the API sends them.
 * https://cloud.google.com/bigquery/docs/reference/rest/v2
 */

export interface ErrorProto {
  readonly reason?: string;
  readonly message?: string;
}

export interface FieldSchema {
  readonly name: string;
  /** "INTEGER" and "RECORD" where older clients made the table, "INT64" and "STRUCT" elsewhere. */
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly FieldSchema[];
}

export interface TableSchema {
  readonly fields?: readonly FieldSchema[];
}

export interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

export interface TableResource {
  readonly tableReference: TableReference;
  /** TABLE, VIEW, MATERIALIZED_VIEW, EXTERNAL, SNAPSHOT. */
  readonly type?: string;
  readonly schema?: TableSchema;
}

export interface TableList {
  readonly tables?: readonly TableResource[];
  readonly nextPageToken?: string;
}

export interface DatasetList {
  readonly datasets?: readonly { readonly datasetReference: { readonly datasetId: string } }[];
  readonly nextPageToken?: string;
}

export interface ParameterType {
  readonly type: string;
  readonly arrayType?: ParameterType;
  readonly structTypes?: readonly { readonly name: string; readonly type: ParameterType }[];
}

/** Exactly one of the three, or none for a NULL array or struct. */
export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
}

export interface QueryParameter {
  readonly name: string;
  readonly parameterType: ParameterType;
  readonly parameterValue: ParameterValue;
}

export interface QueryConfiguration {
  readonly query: string;
  readonly useLegacySql: false;
  readonly parameterMode?: "NAMED";
  readonly queryParameters?: readonly QueryParameter[];
  readonly maximumBytesBilled?: string;
  readonly defaultDataset?: { readonly projectId: string; readonly datasetId: string };
}

export interface LoadConfiguration {
  readonly sourceFormat: "NEWLINE_DELIMITED_JSON";
  readonly destinationTable: TableReference;
  readonly schema: TableSchema;
  readonly createDisposition: "CREATE_IF_NEEDED";
  readonly writeDisposition: "WRITE_TRUNCATE";
}

export interface JobConfiguration {
  readonly labels?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly jobTimeoutMs?: string;
  readonly query?: QueryConfiguration;
  readonly load?: LoadConfiguration;
}

export interface QueryStage {
  readonly recordsRead?: string;
  readonly inputStages?: readonly string[];
  readonly steps?: readonly { readonly kind?: string; readonly substeps?: readonly string[] }[];
}

export interface QueryStatistics {
  readonly statementType?: string;
  readonly numDmlAffectedRows?: string;
  readonly totalBytesProcessed?: string;
  readonly totalBytesBilled?: string;
  readonly queryPlan?: readonly QueryStage[];
}

export interface StackFrame {
  readonly startLine?: number;
  readonly startColumn?: number;
}

export interface JobStatistics {
  readonly startTime?: string;
  readonly endTime?: string;
  readonly totalBytesProcessed?: string;
  readonly numChildJobs?: string;
  readonly query?: QueryStatistics;
  /** Of a child job: where in the script it stands, the innermost frame first. */
  readonly scriptStatistics?: { readonly stackFrames?: readonly StackFrame[] };
}

export interface Job {
  readonly jobReference?: { readonly jobId: string; readonly location?: string };
  readonly configuration?: JobConfiguration;
  readonly status?: {
    readonly state?: string;
    readonly errorResult?: ErrorProto;
    readonly errors?: readonly ErrorProto[];
  };
  readonly statistics?: JobStatistics;
}

export interface JobList {
  readonly jobs?: readonly Job[];
  readonly nextPageToken?: string;
}

/** A cell; lists are cells of cells, structs rows. */
export interface Cell {
  readonly v: unknown;
}

export interface ResultRow {
  readonly f: readonly Cell[];
}

export interface QueryResultsPage {
  readonly jobComplete?: boolean;
  readonly schema?: TableSchema;
  readonly rows?: readonly ResultRow[];
  readonly pageToken?: string;
}
