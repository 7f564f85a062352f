/** What the API tells about itself: routes as patterns, never paths with ids. */
export interface ApiMetrics {
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** Everything this process measured, in the text format of Prometheus. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}
