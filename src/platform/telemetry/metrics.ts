import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Labels with few values each: routes, tables, outcomes. Never an id, and nothing personal. */
export type Labels<L extends string> = Readonly<Record<L, string>>;
/** A metric without labels is used without them. */
type LabelArgs<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];

export interface CounterMetric<L extends string> {
  /** Adds 1, or `by`. */
  add(...args: LabelArgs<L>): void;
  addMany(by: number, ...args: LabelArgs<L>): void;
}

export interface GaugeMetric<L extends string> {
  set(value: number, ...args: LabelArgs<L>): void;
}

export interface HistogramMetric<L extends string> {
  observe(value: number, ...args: LabelArgs<L>): void;
}

export interface MetricSpec<L extends string> {
  /** snake_case with the unit at its end: "rollcall_append_seconds", "rollcall_rows_total". */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

export interface Metrics {
  counter<L extends string = never>(spec: MetricSpec<L>): CounterMetric<L>;
  gauge<L extends string = never>(spec: MetricSpec<L>): GaugeMetric<L>;
  /** Upper bounds of the buckets, in the metric's unit, rising. */
  histogram<L extends string = never>(
    spec: MetricSpec<L> & { readonly buckets: readonly number[] },
  ): HistogramMetric<L>;
  /** The Prometheus text format, and the content type that goes with it. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface MetricsConfig {
  /** Also memory, processor and event loop of this process. Default false. */
  readonly withProcess?: boolean;
}

/** A registry of its own. Throws when two metrics take one name. */
export function createMetrics(config: MetricsConfig = {}): Metrics {
  const registry = new Registry();
  if (config.withProcess) collectDefaultMetrics({ register: registry });
  const common = <L extends string>({ name, help, labels }: MetricSpec<L>) => ({
    name,
    help,
    labelNames: [...(labels ?? [])],
    registers: [registry],
  });

  return {
    counter: (spec) => {
      const counter = new Counter<string>(common(spec));
      return {
        add: (labels?) => counter.inc({ ...labels }, 1),
        addMany: (by, labels?) => counter.inc({ ...labels }, by),
      };
    },
    gauge: (spec) => {
      const gauge = new Gauge<string>(common(spec));
      return { set: (value, labels?) => gauge.set({ ...labels }, value) };
    },
    histogram: (spec) => {
      const histogram = new Histogram<string>({ ...common(spec), buckets: [...spec.buckets] });
      return { observe: (value, labels?) => histogram.observe({ ...labels }, value) };
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
